import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { aTransaction } from './fixtures';
import { Ledger } from './ledger.svelte';

const fetched = vi.fn<(path: string) => Promise<Response>>();

beforeEach(() => {
	vi.stubGlobal('fetch', fetched);
});

afterEach(() => {
	fetched.mockReset();
	vi.unstubAllGlobals();
});

function answer(ids: string[], nextCursor: string | null = null) {
	const transactions = ids.map((id) => aTransaction({ id }));
	fetched.mockResolvedValueOnce(Response.json({ transactions, nextCursor }));
}

const shown = (ledger: Ledger) => ledger.items?.map(({ id }) => id);

it('adds page after page', async () => {
	const ledger = new Ledger();
	answer(['a', 'b'], 'next');
	await ledger.load({ type: 'chat' });
	expect(ledger.hasMore).toBe(true);

	answer(['c']);
	expect(await ledger.more()).toBe(1);
	expect(shown(ledger)).toEqual(['a', 'b', 'c']);
	expect(ledger.hasMore).toBe(false);
	expect(fetched.mock.lastCall?.[0]).toBe(
		'/api/credits/transactions?limit=20&type=chat&cursor=next'
	);
});

it('keeps what is shown over an error', async () => {
	const ledger = new Ledger();
	answer(['a']);
	await ledger.load({});
	fetched.mockRejectedValueOnce(new TypeError('network'));
	await ledger.refresh();
	expect([shown(ledger), ledger.failed, ledger.busy]).toEqual([['a'], true, false]);
});

it('refreshes without losing the pages that were added', async () => {
	const ledger = new Ledger();
	answer(['b', 'c'], 'next');
	await ledger.load({});
	answer(['d'], null);
	await ledger.more();
	answer(['a', 'b'], 'next');
	await ledger.refresh();
	expect(shown(ledger)).toEqual(['a', 'b', 'c', 'd']);
	expect(ledger.hasMore).toBe(false);
});
