import { describe, expect, it } from 'vitest';
import { byExpiry, creditsFor, levelOf } from './credits';
import { aPackage } from './fixtures';

describe('levelOf', () => {
	it.each([
		[101, 'healthy'],
		[100, 'low'],
		[1, 'low'],
		[0, 'empty'],
		[-5, 'empty']
	] as const)('%i is %s', (balance, level) => {
		expect(levelOf(balance)).toBe(level);
	});
});

describe('creditsFor', () => {
	it.each([
		[0, 0],
		[1, 1],
		[1000, 1],
		[1001, 2],
		[15234, 16]
	])('%i tokens cost %i', (tokens, credits) => {
		expect(creditsFor(tokens)).toBe(credits);
	});
});

describe('byExpiry', () => {
	it('puts the earliest expiry first, never last, and the older of two equals first', () => {
		const never = aPackage({ id: 'never' });
		const newer = aPackage({ id: 'newer', createdAt: new Date('2026-02-01') });
		const late = aPackage({ id: 'late', expiresAt: new Date('2027-01-01') });
		const soon = aPackage({ id: 'soon', expiresAt: new Date('2026-12-01') });

		const order = [newer, never, late, soon].sort(byExpiry).map(({ id }) => id);
		expect(order).toEqual(['soon', 'late', 'never', 'newer']);
	});
});
