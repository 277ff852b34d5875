import { array, instant, integer, object, oneOf, text } from './fields';
import type { Transaction, TransactionMetadata, TransactionPage, TransactionType } from './types';

const types: readonly TransactionType[] = ['chat', 'image', 'other'];

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
