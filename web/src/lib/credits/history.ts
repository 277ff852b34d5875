import { decodeTransactions } from '$lib/api/decode-transactions';
import { getJson } from '$lib/api/http';
import type { Transaction, TransactionPage, TransactionType } from '$lib/api/types';

export interface HistoryQuery {
	type?: TransactionType;
	since?: Date;
	/** 1 to MOST_AT_ONCE */
	limit?: number;
	/** nextCursor of the page before */
	cursor?: string;
}

/** What the server gives at once, at most. */
const MOST_AT_ONCE = 200;

/** Beyond this a browser is not the place to add up or to export. */
const MOST = 10_000;

export function historyPath({ type, since, limit, cursor }: HistoryQuery): string {
	const query = new URLSearchParams();
	if (limit) query.set('limit', `${limit}`);
	if (type) query.set('type', type);
	if (since) query.set('since', since.toISOString());
	if (cursor) query.set('cursor', cursor);
	return `/api/credits/transactions?${query}`;
}

/** One page of the history. Throws an ApiError. */
export function historyPage(query: HistoryQuery, signal: AbortSignal): Promise<TransactionPage> {
	return getJson(historyPath(query), decodeTransactions, { signal });
}

/** All that matches, or the newest MOST of it. Throws an ApiError. */
export async function wholeHistory(
	query: HistoryQuery,
	signal: AbortSignal
): Promise<Transaction[]> {
	const result: Transaction[] = [];
	let cursor: string | null = null;
	do {
		const page = await historyPage(
			{ ...query, limit: MOST_AT_ONCE, ...(cursor !== null && { cursor }) },
			signal
		);
		result.push(...page.transactions);
		cursor = page.nextCursor;
	} while (cursor !== null && result.length < MOST);
	return result;
}

/** The newest page over what is shown already; undefined if there is a gap between. */
export function mergeNewest(
	shown: Transaction[],
	newest: Transaction[]
): Transaction[] | undefined {
	const known = new Set(shown.map(({ id }) => id));
	const added = newest.filter(({ id }) => !known.has(id));
	return added.length < newest.length ? [...added, ...shown] : undefined;
}
