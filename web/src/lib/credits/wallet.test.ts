import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Wallet } from './wallet.svelte';

const credits = { balance: 120, held: 20, debt: 0, available: 100, packages: [] };
const fetched = vi.fn<typeof fetch>();

beforeEach(() => {
	vi.stubGlobal('fetch', fetched);
});

afterEach(() => {
	fetched.mockReset();
	vi.unstubAllGlobals();
});

function answer(body: unknown, status = 200) {
	fetched.mockImplementationOnce(() => Promise.resolve(Response.json(body, { status })));
}

describe('Wallet', () => {
	it('knows nothing before the server has spoken', () => {
		const wallet = new Wallet();
		expect(wallet.balance).toBeUndefined();
		expect(wallet.level).toBeUndefined();
		expect(wallet.stale).toBe(false);
	});

	it('shows the balance, not what a hold leaves of it', async () => {
		const wallet = new Wallet();
		answer(credits);
		await wallet.refresh();
		expect([wallet.balance, wallet.held, wallet.available]).toEqual([120, 20, 100]);
		expect(wallet.level).toBe('healthy');
		expect(wallet.busy).toBe(false);
	});

	it('keeps its numbers over an error, and says that they are old', async () => {
		const wallet = new Wallet();
		answer(credits);
		await wallet.refresh();
		answer({}, 503);
		await wallet.refresh();
		expect([wallet.balance, wallet.stale]).toEqual([120, true]);

		answer({ ...credits, balance: 50 });
		await wallet.refresh();
		expect([wallet.balance, wallet.stale, wallet.level]).toEqual([50, false, 'low']);
	});

	it('takes an answer that it cannot read for an error', async () => {
		const wallet = new Wallet();
		answer({ balance: '120' });
		await wallet.refresh();
		expect([wallet.balance, wallet.failed]).toEqual([undefined, true]);
	});

	it('lets a newer call win over an older one', async () => {
		const wallet = new Wallet();
		fetched.mockImplementationOnce(
			(_, init) =>
				new Promise((_, reject) => {
					init?.signal?.addEventListener('abort', () => {
						reject(new DOMException('', 'AbortError'));
					});
				})
		);
		const older = wallet.refresh();
		let arrive: (response: Response) => void = () => undefined;
		fetched.mockImplementationOnce(
			() =>
				new Promise((resolve) => {
					arrive = resolve;
				})
		);
		const newer = wallet.refresh();
		await older;
		expect(wallet.busy).toBe(true);

		arrive(Response.json({ ...credits, balance: 7 }));
		await newer;
		expect([wallet.balance, wallet.failed, wallet.busy]).toEqual([7, false, false]);
	});

	it('forgets everything for another user', async () => {
		const wallet = new Wallet();
		answer(credits);
		await wallet.refresh();
		wallet.clear();
		expect([wallet.balance, wallet.updatedAt]).toEqual([undefined, undefined]);
	});
});
