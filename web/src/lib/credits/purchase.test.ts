import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { rememberPackages, rememberedPackages, waits } from './arrival';
import { aPackage } from './fixtures';
import { Purchase } from './purchase.svelte';
import { Wallet } from './wallet.svelte';

const stored = new Map<string, string>();
let packages = [aPackage({ id: 'old' })];

beforeEach(() => {
	vi.useFakeTimers();
	vi.stubGlobal('sessionStorage', {
		getItem: (key: string) => stored.get(key) ?? null,
		setItem: (key: string, value: string) => stored.set(key, value),
		removeItem: (key: string) => stored.delete(key)
	});
	vi.stubGlobal('fetch', () =>
		Promise.resolve(Response.json({ balance: 0, held: 0, debt: 0, available: 0, packages }))
	);
	packages = [aPackage({ id: 'old' })];
	rememberPackages(packages);
});

afterEach(() => {
	vi.useRealTimers();
	vi.unstubAllGlobals();
	stored.clear();
});

it('looks until the new package is there, and says how much it brought', async () => {
	const purchase = new Purchase(new Wallet());
	const watching = purchase.watch();
	await vi.advanceTimersByTimeAsync(2_000);
	expect(purchase.state).toBe('waiting');

	packages = [...packages, aPackage({ id: 'new', credits: 1000 })];
	await vi.advanceTimersByTimeAsync(4_000);
	await watching;
	expect([purchase.state, purchase.credits]).toEqual(['arrived', 1000]);
	expect(rememberedPackages()).toBeUndefined();
});

it('gives up after the last wait', async () => {
	const purchase = new Purchase(new Wallet());
	const watching = purchase.watch();
	await vi.advanceTimersByTimeAsync(waits.reduce((sum, wait) => sum + wait, 0) - 1);
	expect(purchase.state).toBe('waiting');
	await vi.advanceTimersByTimeAsync(1);
	await watching;
	expect(purchase.state).toBe('slow');
});

it('ends with the page', async () => {
	const purchase = new Purchase(new Wallet());
	const watching = purchase.watch();
	await vi.advanceTimersByTimeAsync(1_000);
	purchase.stop();
	await watching;
	expect(purchase.state).toBe('waiting');
});
