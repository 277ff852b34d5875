import { afterEach, describe, expect, it, vi } from 'vitest';
import { aTransaction } from './fixtures';
import { historyPath, mergeNewest, wholeHistory } from './history';

const ids = (...list: string[]) => list.map((id) => aTransaction({ id }));

afterEach(() => {
	vi.unstubAllGlobals();
});

describe('historyPath', () => {
	it('says only what is asked for', () => {
		expect(historyPath({ limit: 20 })).toBe('/api/credits/transactions?limit=20');
	});

	it('escapes', () => {
		const path = historyPath({ type: 'chat', since: new Date(0), cursor: 'a+b/c=' });
		const { searchParams } = new URL(path, 'http://localhost');
		expect(Object.fromEntries(searchParams)).toEqual({
			type: 'chat',
			since: '1970-01-01T00:00:00.000Z',
			cursor: 'a+b/c='
		});
	});
});

describe('wholeHistory', () => {
	it('follows the cursor to the end', async () => {
		const asked: string[] = [];
		vi.stubGlobal('fetch', (path: string) => {
			asked.push(path);
			const nextCursor = path.includes('cursor=') ? null : 'next';
			return Promise.resolve(
				Response.json({ transactions: ids(`entry-${asked.length}`), nextCursor })
			);
		});

		const all = await wholeHistory({ type: 'chat' }, new AbortController().signal);
		expect(all.map(({ id }) => id)).toEqual(['entry-1', 'entry-2']);
		expect(asked[1]).toBe('/api/credits/transactions?limit=200&type=chat&cursor=next');
	});
});

describe('mergeNewest', () => {
	it('puts what is new on top', () => {
		const merged = mergeNewest(ids('b', 'c', 'd'), ids('a', 'b', 'c'));
		expect(merged?.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd']);
	});

	it('refuses where entries between may be missing', () => {
		expect(mergeNewest(ids('c', 'd'), ids('a', 'b'))).toBeUndefined();
	});
});
