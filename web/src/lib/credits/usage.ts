import type { Transaction } from '$lib/api/types';

/** One local day of the chart. */
export interface Day {
	/** its midnight */
	date: Date;
	credits: number;
	requests: number;
}

/** The days of the chart, and those of them that the forecast looks at. */
export const CHART_DAYS = 14;
const PACE_DAYS = 7;

/** Paid for an answer; not a repayment, a refund or an act of an operator. */
export function isUsage({ metadata }: Transaction): boolean {
	return metadata.kind === undefined && metadata.reason !== 'debt_repaid';
}

/** Local midnight, so many days before now; days have 23 or 25 hours, too. */
export function midnight(now: Date, daysAgo = 0): Date {
	return new Date(now.getFullYear(), now.getMonth(), now.getDate() - daysAgo);
}

/** The last days, oldest first, today last; transactions in any order. */
export function byDay(transactions: Transaction[], now: Date, days = CHART_DAYS): Day[] {
	const result = Array.from({ length: days }, (_, i) => ({
		date: midnight(now, days - 1 - i),
		credits: 0,
		requests: 0
	}));
	const index = new Map(result.map((day) => [day.date.getTime(), day]));

	for (const transaction of transactions.filter(isUsage)) {
		const day = index.get(midnight(transaction.createdAt).getTime());
		if (!day) continue;
		day.credits += transaction.amount;
		day.requests += 1;
	}
	return result;
}

/** Credits per day over the last days, today included. */
export function pace(days: Day[]): number {
	const last = days.slice(-PACE_DAYS);
	return last.reduce((sum, { credits }) => sum + credits, 0) / Math.max(1, last.length);
}
