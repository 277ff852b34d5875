import type { CreditPackage } from '$lib/api/types';
import { byExpiry } from './credits';

export const DAY = 86_400_000;

/** Before an expiry, in days: so long it is named, and so long unused credits are. */
const NAMED = 7;
const WARNED = 30;

/** Longer than this is no forecast any more, in days. */
const HORIZON = 365;

export interface Forecast {
	/** whole days until nothing is left; undefined without use, or beyond a year */
	days: number | undefined;
	/** when that is */
	until: Date | undefined;
	/** per package: credits that will expire at this pace; only where it is soon */
	unused: ReadonlyMap<string, number>;
}

/**
 * Spends the packages in their order at a constant pace.
 *
 * pace: credits per day, not negative
 */
export function forecast(packages: CreditPackage[], pace: number, now: Date): Forecast {
	const unused = new Map<string, number>();
	let time = 0;

	for (const it of packages.filter(isUsable(now)).sort(byExpiry)) {
		const end = it.expiresAt ? (it.expiresAt.getTime() - now.getTime()) / DAY : Infinity;
		const spent = pace > 0 ? Math.min(it.remainingCredits, Math.max(0, end - time) * pace) : 0;
		const left = Math.floor(it.remainingCredits - spent + 1e-6);
		if (pace > 0) time += spent / pace;
		if (left > 0 && end <= WARNED) unused.set(it.id, left);
	}

	const known = pace > 0 && time <= HORIZON;
	return {
		days: known ? Math.floor(time + 1e-6) : undefined,
		until: known ? new Date(now.getTime() + time * DAY) : undefined,
		unused
	};
}

/** Whether credits can still be taken from it. */
export function isUsable(now: Date): (it: CreditPackage) => boolean {
	return ({ status, remainingCredits, expiresAt }) =>
		status === 'active' && remainingCredits > 0 && (!expiresAt || expiresAt > now);
}

/** Days, at least 1, until a package expires, if that is near enough to be named. */
export function expiresSoon({ expiresAt }: CreditPackage, now: Date): number | undefined {
	if (!expiresAt) return undefined;
	const days = Math.ceil((expiresAt.getTime() - now.getTime()) / DAY);
	return days >= 0 && days <= NAMED ? Math.max(1, days) : undefined;
}
