// What an answer really cost: the ledger's row, once it is there.

import { decodeCredits } from '$lib/api/decode';
import { decodeTransactions } from '$lib/api/decode-transactions';
import { getJson, statusOf } from '$lib/api/http';
import type { Credits, Transaction } from '$lib/api/types';
import type { Answer, Charge } from './types';

export interface Ledger {
	credits(): Promise<Credits>;
	/** the newest ones */
	transactions(): Promise<Transaction[]>;
}

/** Nobody is sent to the sign-in page by what goes on unseen. */
const BACKGROUND = { anonymous: true };

export const ledger: Ledger = {
	credits: () => getJson('/api/credits', decodeCredits, BACKGROUND),
	transactions: async () => {
		const path = '/api/credits/transactions?limit=50';
		return (await getJson(path, decodeTransactions, BACKGROUND)).transactions;
	}
};

/**
 * Before each look, in ms. The end of an answer is in the ledger when the
 * browser sees it; a stopped one is read on for credits_drain, 2 s.
 */
const DELAYS: readonly number[] = [0, 500, 1_500, 2_000, 4_000, 8_000];
/** Of an answer that ended long ago. */
export const ONCE: readonly number[] = [0];

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

function settled({ amount, metadata }: Transaction): Charge {
	const { promptTokens: input = 0, completionTokens = 0, totalTokens = 0 } = metadata;

	return {
		state: 'settled',
		credits: amount,
		input,
		output: Math.max(completionTokens, totalTokens - input),
		estimated: metadata.estimated === true
	};
}

/**
 * One look. undefined: not known yet.
 *
 * That nothing was charged is believed only when nothing is set aside or owed
 * any more and there is no row; or, for a request whose id is not known, when
 * the balance is the same as before it. An answer that said something is
 * never believed to be free.
 */
async function look(answer: Answer, before: number | undefined, from: Ledger) {
	const { requestId } = answer;
	// in this order: what was set aside until now has its row by now
	const { balance, held, debt } = await from.credits();
	const rows = requestId === undefined ? [] : await from.transactions();

	const row = rows.find(({ id }) => id === requestId);
	if (row) return settled(row);

	const idle = held === 0 && debt === 0 && answer.text === '' && answer.usage === undefined;
	const none: Charge = { state: 'none' };
	return idle && (requestId !== undefined || balance === before) ? none : undefined;
}

/**
 * Asks the ledger until it knows. Never rejects: what stays unknown is the
 * usage as it was reported, or `unknown`.
 *
 * @param before the balance before the request, in credits, if it is known
 */
export async function reconcile(
	answer: Answer,
	before: number | undefined,
	delays: readonly number[] = DELAYS,
	from: Ledger = ledger,
	wait = sleep
): Promise<Charge> {
	for (const delay of delays) {
		await wait(delay);
		try {
			const charge = await look(answer, before, from);
			if (charge) return charge;
		} catch (error) {
			if (statusOf(error) === 401) break;
			// no answer this time: ask again
		}
	}
	return answer.charge.state === 'reported' ? answer.charge : { state: 'unknown' };
}
