import { array, fail, integer, object, oneOf, text } from '$lib/api/fields';
import type { Product, Validity } from '$lib/api/types';

const units = { d: 'day', m: 'month', y: 'year' } as const;

/** 365 (days), "12m", "1y", "90d"; nothing: a year */
function decodeValidity(value: unknown): Validity {
	const word = typeof value === 'number' ? `${value}` : (value ?? '1y');
	const match = typeof word === 'string' ? /^(\d{1,5})([dmy]?)$/.exec(word) : null;
	const count = Number(match?.[1]);
	if (!match || count === 0) return fail('validity_period');
	return { count, unit: units[(match[2] || 'd') as keyof typeof units] };
}

function decodeProduct(value: unknown): Product | null {
	const it = object(value, 'product');
	const metadata = object(it['metadata'] ?? {}, 'metadata');
	const credits = Number(metadata['credits']);
	const price = array(it['prices'], 'prices')
		.map((entry) => object(entry, 'price'))
		.find((entry) => entry['amount_type'] === 'fixed');

	// products that this page cannot sell: no credits, or another kind of price
	if (it['is_archived'] === true || !Number.isSafeInteger(credits) || credits <= 0 || !price) {
		return null;
	}
	return {
		id: text(it, 'id'),
		name: text(it, 'name'),
		description: typeof it['description'] === 'string' ? it['description'] : null,
		interval:
			it['is_recurring'] === true
				? oneOf(it, 'recurring_interval', ['month', 'year'] as const)
				: null,
		credits,
		validity: decodeValidity(metadata['validity_period']),
		price: { amount: integer(price, 'price_amount'), currency: text(price, 'price_currency') }
	};
}

/** GET /api/products */
export function decodeProducts(value: unknown): Product[] {
	return array(object(value, 'products')['items'], 'items')
		.map(decodeProduct)
		.filter((product) => product !== null);
}

/** GET /api/checkout: where to pay */
export function decodeCheckout(value: unknown): URL {
	const url = text(object(value, 'checkout'), 'url');
	return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol) ? new URL(url) : fail('url');
}
