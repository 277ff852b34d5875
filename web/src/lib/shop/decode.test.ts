import { describe, expect, it } from 'vitest';
import { DecodeError } from '$lib/api/fields';
import { decodeCheckout, decodeProducts } from './decode';

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
