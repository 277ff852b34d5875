import { describe, expect, it } from 'vitest';
import { aPackage } from './fixtures';
import { DAY, expiresSoon, forecast, isUsable } from './forecast';

const now = new Date('2026-11-22T12:00:00Z');
const inDays = (days: number) => new Date(now.getTime() + days * DAY);

describe('forecast', () => {
	it('divides what is left by the pace', () => {
		const { days, until, unused } = forecast([aPackage()], 10, now);
		expect(days).toBe(10);
		expect(until).toEqual(inDays(10));
		expect(unused.size).toBe(0);
	});

	it('spends what expires first, and tells what that leaves unused', () => {
		const soon = aPackage({ id: 'soon', remainingCredits: 100, expiresAt: inDays(4) });
		const later = aPackage({ id: 'later', remainingCredits: 50, expiresAt: inDays(100) });

		// 4 days of 10 from the first, whose other 60 expire, then 5 days
		const { days, unused } = forecast([later, soon], 10, now);
		expect(days).toBe(9);
		expect([...unused]).toEqual([['soon', 60]]);
	});

	it('counts what a package loses while another one is spent', () => {
		const first = aPackage({ id: 'first', remainingCredits: 30, expiresAt: inDays(5) });
		const second = aPackage({ id: 'second', remainingCredits: 100, expiresAt: inDays(6) });
		expect([...forecast([first, second], 10, now).unused]).toEqual([['second', 70]]);
	});

	it('knows no day without use, but still what will expire soon', () => {
		const it = aPackage({ id: 'soon', expiresAt: inDays(20) });
		const { days, until, unused } = forecast([it], 0, now);
		expect([days, until]).toEqual([undefined, undefined]);
		expect(unused.get('soon')).toBe(100);
	});

	it('does not warn of an expiry that is far away', () => {
		expect(forecast([aPackage({ expiresAt: inDays(31) })], 0, now).unused.size).toBe(0);
	});

	it('looks no further than a year', () => {
		expect(forecast([aPackage({ remainingCredits: 10_000 })], 1, now).days).toBeUndefined();
	});

	it('says 0 days when nothing is left', () => {
		expect(forecast([], 10, now).days).toBe(0);
	});
});

describe('isUsable', () => {
	it.each([
		['active', 1, 1, true],
		['active', 0, 1, false],
		['active', 1, -1, false],
		['depleted', 1, 1, false],
		['refunded', 1, 1, false]
	] as const)('%s, %i left, expires in %i days: %s', (status, remainingCredits, days, usable) => {
		const it = aPackage({ status, remainingCredits, expiresAt: inDays(days) });
		expect(isUsable(now)(it)).toBe(usable);
	});
});

describe('expiresSoon', () => {
	it.each([
		[8, undefined],
		[7.5, undefined],
		[7, 7],
		[6.1, 7],
		[0.2, 1],
		[-1.5, undefined]
	])('%d days before: %s', (days, named) => {
		expect(expiresSoon(aPackage({ expiresAt: inDays(days) }), now)).toBe(named);
	});

	it('is never for what never expires', () => {
		expect(expiresSoon(aPackage(), now)).toBeUndefined();
	});
});
