import { array, fail, instant, integer, object, oneOf, text } from './fields';
import type {
	CreditPackage,
	Credits,
	PackageStatus,
	Product,
	Transaction,
	TransactionMetadata,
	TransactionPage,
	TransactionType,
	User,
	Validity
} from './types';

const statuses: readonly PackageStatus[] = ['active', 'depleted', 'expired', 'refunded'];
const types: readonly TransactionType[] = ['chat', 'image', 'other'];

function decodePackage(value: unknown): CreditPackage {
	const it = object(value, 'package');
	return {
		id: text(it, 'id'),
		source: text(it, 'source'),
		credits: integer(it, 'credits'),
		remainingCredits: integer(it, 'remainingCredits'),
		status: oneOf(it, 'status', statuses),
		expiresAt: it['expiresAt'] === null ? null : instant(it, 'expiresAt'),
		createdAt: instant(it, 'createdAt')
	};
}

/** GET /api/credits */
export function decodeCredits(value: unknown): Credits {
	const it = object(value, 'credits');
	return {
		balance: integer(it, 'balance'),
		held: integer(it, 'held'),
		debt: integer(it, 'debt'),
		available: integer(it, 'available'),
		packages: array(it['packages'], 'packages').map(decodePackage)
	};
}

/** What is absent or of another type is left out: metadata is only shown. */
function decodeMetadata(value: unknown): TransactionMetadata {
	const it = value === null || value === undefined ? {} : object(value, 'metadata');
	const result: TransactionMetadata = {};

	for (const key of ['promptTokens', 'completionTokens', 'totalTokens'] as const) {
		if (typeof it[key] === 'number') result[key] = it[key];
	}
	for (const key of ['model', 'reason', 'kind'] as const) {
		if (typeof it[key] === 'string') result[key] = it[key];
	}
	if (it['estimated'] === true) result.estimated = true;
	return result;
}

function decodeTransaction(value: unknown): Transaction {
	const it = object(value, 'transaction');
	return {
		id: text(it, 'id'),
		type: oneOf(it, 'type', types),
		description: it['description'] === null ? null : text(it, 'description'),
		amount: integer(it, 'amount'),
		packages: array(it['packages'], 'packages').map((part) => {
			const fields = object(part, 'package');
			return { packageId: text(fields, 'packageId'), amount: integer(fields, 'amount') };
		}),
		metadata: decodeMetadata(it['metadata']),
		createdAt: instant(it, 'createdAt')
	};
}

/** GET /api/credits/transactions */
export function decodeTransactions(value: unknown): TransactionPage {
	const it = object(value, 'transactions');
	return {
		transactions: array(it['transactions'], 'transactions').map(decodeTransaction),
		nextCursor: it['nextCursor'] === null ? null : text(it, 'nextCursor')
	};
}

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

/** GET /api/auth/get-session; null: nobody is signed in */
export function decodeSession(value: unknown): User | null {
	if (value === null) return null;
	const user = object(object(value, 'session')['user'], 'user');
	return { id: text(user, 'id'), name: text(user, 'name'), email: text(user, 'email') };
}
