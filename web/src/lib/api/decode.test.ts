import { describe, expect, it } from 'vitest';
import {
	decodeCheckout,
	decodeCredits,
	decodeProducts,
	decodeSession,
	decodeTransactions
} from './decode';
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

describe('decodeProducts', () => {
	const product = {
		id: '11111111-1111-4111-8111-111111111111',
		name: 'Starter',
		description: null,
		is_recurring: false,
		recurring_interval: null,
		is_archived: false,
		metadata: { credits: 1000, validity_period: 365 },
		prices: [{ amount_type: 'fixed', price_amount: 1000, price_currency: 'usd' }]
	};
	const one = (differs: object) => decodeProducts({ items: [{ ...product, ...differs }] })[0];

	it('reads a product', () => {
		expect(one({})).toEqual({
			id: product.id,
			name: 'Starter',
			description: null,
			interval: null,
			credits: 1000,
			validity: { count: 365, unit: 'day' },
			price: { amount: 1000, currency: 'usd' }
		});
		expect(one({ is_recurring: true, recurring_interval: 'month' })?.interval).toBe('month');
	});

	it.each([
		['365', { count: 365, unit: 'day' }],
		['90d', { count: 90, unit: 'day' }],
		['12m', { count: 12, unit: 'month' }],
		['1y', { count: 1, unit: 'year' }],
		[undefined, { count: 1, unit: 'year' }]
	])('a validity of %j', (validity_period, validity) => {
		expect(one({ metadata: { credits: '5', validity_period } })?.validity).toEqual(validity);
	});

	it.each(['0', 'soon', '-1', {}])('refuses a validity of %j', (validity_period) => {
		expect(() => one({ metadata: { credits: 5, validity_period } })).toThrow(DecodeError);
	});

	it.each([
		{ is_archived: true },
		{ metadata: {} },
		{ metadata: { credits: 0 } },
		{ metadata: { credits: 'many' } },
		{ prices: [{ amount_type: 'free' }] }
	])('does not offer what it cannot sell: %j', (differs) => {
		expect(one(differs)).toBeUndefined();
	});
});

describe('decodeCheckout', () => {
	it('wants an address of the web', () => {
		expect(decodeCheckout({ url: 'https://polar.sh/c/1' }).host).toBe('polar.sh');
		expect(() => decodeCheckout({ url: 'javascript:alert(1)' })).toThrow(DecodeError);
		expect(() => decodeCheckout({ url: 'nowhere' })).toThrow(DecodeError);
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
