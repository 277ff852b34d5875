import { array, instant, integer, object, oneOf, text } from './fields';
import type {
	CreditPackage,
	Credits,
	PackageStatus,
	Transaction,
	TransactionMetadata,
	TransactionPage,
	TransactionType,
	User
} from './types';

const statuses: readonly PackageStatus[] = ['active', 'depleted', 'expired', 'refunded'];
const types: readonly TransactionType[] = ['chat', 'image', 'other'];

function decodePackage(value: unknown): CreditPackage {
	const it = object(value, 'package');
	return {
		id: text(it, 'id'),
		source: text(it, 'source'),
		credits: integer(it, 'credits'),
		remainingCredits: integer(it, 'remainingCredits'),
		status: oneOf(it, 'status', statuses),
		expiresAt: it['expiresAt'] === null ? null : instant(it, 'expiresAt'),
		createdAt: instant(it, 'createdAt')
	};
}

/** GET /api/credits */
export function decodeCredits(value: unknown): Credits {
	const it = object(value, 'credits');
	return {
		balance: integer(it, 'balance'),
		held: integer(it, 'held'),
		debt: integer(it, 'debt'),
		available: integer(it, 'available'),
		packages: array(it['packages'], 'packages').map(decodePackage)
	};
}

/** What is absent or of another type is left out: metadata is only shown. */
function decodeMetadata(value: unknown): TransactionMetadata {
	const it = value === null || value === undefined ? {} : object(value, 'metadata');
	const result: TransactionMetadata = {};

	for (const key of ['promptTokens', 'completionTokens', 'totalTokens'] as const) {
		if (typeof it[key] === 'number') result[key] = it[key];
	}
	for (const key of ['model', 'reason', 'kind'] as const) {
		if (typeof it[key] === 'string') result[key] = it[key];
	}
	if (it['estimated'] === true) result.estimated = true;
	return result;
}

function decodeTransaction(value: unknown): Transaction {
	const it = object(value, 'transaction');
	return {
		id: text(it, 'id'),
		type: oneOf(it, 'type', types),
		description: it['description'] === null ? null : text(it, 'description'),
		amount: integer(it, 'amount'),
		packages: array(it['packages'], 'packages').map((part) => {
			const fields = object(part, 'package');
			return { packageId: text(fields, 'packageId'), amount: integer(fields, 'amount') };
		}),
		metadata: decodeMetadata(it['metadata']),
		createdAt: instant(it, 'createdAt')
	};
}

/** GET /api/credits/transactions */
export function decodeTransactions(value: unknown): TransactionPage {
	const it = object(value, 'transactions');
	return {
		transactions: array(it['transactions'], 'transactions').map(decodeTransaction),
		nextCursor: it['nextCursor'] === null ? null : text(it, 'nextCursor')
	};
}

/** GET /api/auth/get-session; null: nobody is signed in */
export function decodeSession(value: unknown): User | null {
	if (value === null) return null;
	const user = object(object(value, 'session')['user'], 'user');
	return { id: text(user, 'id'), name: text(user, 'name'), email: text(user, 'email') };
}
