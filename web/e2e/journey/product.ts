// The product that e2e/run has brought up, seen from behind: its ledger, and
// the provider's stand-in.
import { query } from '../../../t/support/psql.mjs';

function setting(name: string): string {
	const value = process.env[name];
	if (value === undefined) throw new Error(`${name} is not set: start this with e2e/run`);
	return value;
}

export const baseUrl = () => setting('BASE_URL');

/** Rows as texts; the variables are psql's, used as :'name'. */
export const sql = (text: string, variables: Record<string, string | number> = {}) =>
	query(setting('DATABASE_URL'), text, variables);

export interface Entry {
	id: string;
	amount: number;
	input: number;
	output: number;
	estimated: boolean;
}

/** What a user was charged, newest first. */
export function ledger(user: string): Entry[] {
	return sql(
		`SELECT requestId, sum(amount), max(metadata::json->>'promptTokens'),
		        max(metadata::json->>'completionTokens'),
		        coalesce(max(metadata::json->>'estimated'), 'false')
		   FROM credit_transaction WHERE userId = :'user'
		  GROUP BY requestId ORDER BY max(createdAt) DESC;`,
		{ user }
	).map(([id = '', amount, input, output, estimated]) => ({
		id,
		amount: Number(amount),
		input: Number(input),
		output: Number(output),
		estimated: estimated === 'true'
	}));
}

export function balance(user: string): number {
	const [row] = sql(`SELECT credit_overview(:'user')::json->>'balance';`, { user });
	return Number(row?.[0]);
}

export function idOf(email: string): string {
	const [row] = sql(`SELECT id FROM "user" WHERE email = :'email';`, { email });
	return row?.[0] ?? '';
}

/** An answer that waits, ordered with `gate=n tag=<tag>`, goes on. */
export async function openGate(tag: string) {
	await fetch(`${setting('PROVIDER_URL')}/_gate?tag=${tag}`, { method: 'POST' });
}
