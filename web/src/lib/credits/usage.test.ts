import { describe, expect, it } from 'vitest';
import { aTransaction } from './fixtures';
import { byDay, isUsage, midnight, pace } from './usage';

const now = new Date(2026, 10, 22, 15, 30);

describe('byDay', () => {
	it('adds up local days, oldest first, today last', () => {
		const days = byDay(
			[
				aTransaction({ amount: 5, createdAt: new Date(2026, 10, 22, 0, 0) }),
				aTransaction({ amount: 3, createdAt: new Date(2026, 10, 22, 15, 29) }),
				aTransaction({ amount: 7, createdAt: new Date(2026, 10, 21, 23, 59, 59) }),
				aTransaction({ amount: 9, createdAt: new Date(2026, 10, 19, 23, 59, 59) })
			],
			now,
			3
		);
		expect(days).toEqual([
			{ date: new Date(2026, 10, 20), credits: 0, requests: 0 },
			{ date: new Date(2026, 10, 21), credits: 7, requests: 1 },
			{ date: new Date(2026, 10, 22), credits: 8, requests: 2 }
		]);
	});

	it('leaves out what is no use', () => {
		const repaid = aTransaction({ createdAt: now, metadata: { reason: 'debt_repaid' } });
		const refund = aTransaction({ createdAt: now, metadata: { kind: 'refund' } });
		expect(byDay([repaid, refund], now, 1)[0]?.credits).toBe(0);
		expect(isUsage(aTransaction({ metadata: { reason: 'client_gone' } }))).toBe(true);
	});

	it('has each of the days once, whatever their length', () => {
		const dates = byDay([], now, 400).map(({ date }) => date.toDateString());
		expect(new Set(dates).size).toBe(400);
	});
});

describe('midnight', () => {
	it('goes over the ends of months and years', () => {
		expect(midnight(new Date(2026, 0, 1, 8), 1)).toEqual(new Date(2025, 11, 31));
	});
});

describe('pace', () => {
	const day = (credits: number) => ({ date: now, credits, requests: 1 });

	it('is the mean of the last seven days', () => {
		expect(pace([day(1000), ...Array.from({ length: 6 }, () => day(0)), day(14)])).toBe(2);
	});

	it('is nothing without days', () => {
		expect(pace([])).toBe(0);
	});
});
