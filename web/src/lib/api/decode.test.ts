import { describe, expect, it } from 'vitest';
import { decodeCredits, decodeSession } from './decode';
import { decodeTransactions } from './decode-transactions';
import { DecodeError } from './fields';

const credits = {
	balance: 1105,
	held: 5,
	debt: 0,
	available: 1100,
	packages: [
		{
			id: 'order:1',
			source: 'order',
			credits: 1000,
			remainingCredits: 5,
			status: 'active',
			expiresAt: '2026-12-01T00:00:00.000Z',
			createdAt: '2026-11-01T00:00:00.000Z'
		}
	]
};

describe('decodeCredits', () => {
	it('reads what the server says', () => {
		expect(decodeCredits(credits).packages[0]?.expiresAt).toEqual(new Date('2026-12-01'));
	});

	it.each([
		[null],
		[[]],
		[{ ...credits, balance: '1' }],
		[{ ...credits, balance: 1.5 }],
		[{ ...credits, held: 2 ** 53 }],
		[{ ...credits, packages: [{ ...credits.packages[0], status: 'new' }] }],
		[{ ...credits, packages: [{ ...credits.packages[0], createdAt: 'today' }] }]
	])('refuses %j', (value) => {
		expect(() => decodeCredits(value)).toThrow(DecodeError);
	});
});

describe('decodeTransactions', () => {
	const entry = {
		id: 'a',
		type: 'chat',
		description: null,
		amount: 16,
		packages: [{ packageId: 'order:1', amount: 16 }],
		metadata: { totalTokens: 15234, model: 7, estimated: true, later: {} },
		createdAt: '2026-11-22T13:27:31.430Z'
	};

	it('keeps of the metadata what it knows', () => {
		const page = decodeTransactions({ transactions: [entry], nextCursor: 'x' });
		expect(page.transactions[0]?.metadata).toEqual({ totalTokens: 15234, estimated: true });
		expect(page.nextCursor).toBe('x');
	});

	it('does without metadata', () => {
		const transactions = [{ ...entry, metadata: null }];
		expect(decodeTransactions({ transactions, nextCursor: null }).transactions).toHaveLength(1);
	});
});

describe('decodeSession', () => {
	it('is null where nobody is signed in', () => {
		expect(decodeSession(null)).toBeNull();
		const user = { id: 'u', name: 'Ann', email: 'a@example.com', image: null };
		expect(decodeSession({ session: {}, user })).toEqual({
			id: 'u',
			name: 'Ann',
			email: 'a@example.com'
		});
	});
});
