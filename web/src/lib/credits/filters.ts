import type { TransactionType } from '$lib/api/types';
import { midnight } from './usage';

export const types: readonly TransactionType[] = ['chat', 'image', 'other'];
export const ranges = ['today', '7d', '30d'] as const;
export type Range = (typeof ranges)[number];

/** What the history shows; a member that is absent does not filter. */
export interface Filters {
	type?: TransactionType;
	range?: Range;
}

const daysBefore: Record<Range, number> = { today: 0, '7d': 6, '30d': 29 };

/** The first moment of a range; local days. */
export function sinceOf(range: Range, now: Date): Date {
	return midnight(now, daysBefore[range]);
}

/** From the query of the page; words that it does not know do not filter. */
export function filtersOf(query: URLSearchParams): Filters {
	const type = types.find((word) => word === query.get('type'));
	const range = ranges.find((word) => word === query.get('range'));
	return { ...(type && { type }), ...(range && { range }) };
}

/** The query of the page with these filters; what else it says stays. */
export function withFilters(query: URLSearchParams, filters: Filters): string {
	const result = new URLSearchParams(query);
	for (const key of ['type', 'range'] as const) {
		const value = filters[key];
		if (value) result.set(key, value);
		else result.delete(key);
	}
	return `?${result}`;
}
