import type { CreditPackage } from '$lib/api/types';

export const TOKENS_PER_CREDIT = 1000;

export type Level = 'healthy' | 'low' | 'empty';

/** The colour rule of the balance: over 100, 1 to 100, nothing. */
export function levelOf(balance: number): Level {
	if (balance > 100) return 'healthy';
	return balance > 0 ? 'low' : 'empty';
}

/** What so many tokens cost, at the price without weights. */
export function creditsFor(tokens: number): number {
	return Math.ceil(tokens / TOKENS_PER_CREDIT);
}

/** In the order of spending: the earliest expiry first, never last. */
export function byExpiry(a: CreditPackage, b: CreditPackage): number {
	const time = (it: CreditPackage) => it.expiresAt?.getTime() ?? Infinity;
	// two that never expire: Infinity − Infinity is no order
	if (time(a) !== time(b)) return time(a) - time(b);
	return a.createdAt.getTime() - b.createdAt.getTime();
}
