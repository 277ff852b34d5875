import { describe, expect, it } from 'vitest';
import { filtersOf, sinceOf, withFilters } from './filters';

const query = (text: string) => new URLSearchParams(text);

describe('filtersOf', () => {
	it('reads the query', () => {
		expect(filtersOf(query('type=image&range=7d'))).toEqual({ type: 'image', range: '7d' });
	});

	it('does not filter by words that it does not know', () => {
		expect(filtersOf(query('type=x&range=1y'))).toEqual({});
	});
});

describe('withFilters', () => {
	it('replaces its own part of the query', () => {
		expect(withFilters(query('a=b&type=chat&range=7d'), { type: 'other' })).toBe('?a=b&type=other');
	});

	it('reads back what it wrote', () => {
		const filters = { type: 'chat', range: 'today' } as const;
		expect(filtersOf(query(withFilters(query(''), filters)))).toEqual(filters);
	});
});

describe('sinceOf', () => {
	it.each([
		['today', 22],
		['7d', 16]
	] as const)('%s begins at the midnight of the %i.', (range, day) => {
		expect(sinceOf(range, new Date(2026, 10, 22, 23))).toEqual(new Date(2026, 10, day));
	});
});
