// What the API says, as docs/api.md prints it, with values to begin with.

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** ISO 8601; milliseconds from now, negative for the past. */
export const at = (offset: number) => new Date(Date.now() + offset).toISOString();

export interface Package {
	id: string;
	source: string;
	credits: number;
	remainingCredits: number;
	status: 'active' | 'depleted' | 'expired' | 'refunded';
	expiresAt: string | null;
	createdAt: string;
}

export interface Credits {
	balance: number;
	held: number;
	debt: number;
	packages: Package[];
}

export interface Transaction {
	id: string;
	type: 'chat' | 'image' | 'other';
	description: string;
	amount: number;
	packages: { packageId: string; amount: number }[];
	metadata: Record<string, unknown>;
	createdAt: string;
}

let serial = 0;

/** A package that is spent first of those with a later expiry. */
export function pack(fields: Partial<Package> = {}): Package {
	serial += 1;
	return {
		id: `package-${serial}`,
		source: 'order',
		credits: 10_000,
		remainingCredits: 10_000,
		status: 'active',
		expiresAt: at(300 * DAY),
		createdAt: at(-65 * DAY),
		...fields
	};
}

export function transaction(fields: Partial<Transaction> = {}): Transaction {
	serial += 1;
	const { amount = 2 } = fields;
	return {
		id: `01a2b3c4-0000-7000-8000-${`${serial}`.padStart(12, '0')}`,
		type: 'chat',
		description: `AI Chat - ${amount * 1000 - 400} tokens`,
		amount,
		packages: [{ packageId: 'package-1', amount }],
		metadata: {
			promptTokens: 200,
			completionTokens: amount * 1000 - 600,
			totalTokens: amount * 1000 - 400,
			model: 'gpt-4o-mini'
		},
		createdAt: at(0),
		...fields
	};
}

/** Two packages, and 40 entries over the last days. */
export function plenty(): { credits: Credits; transactions: Transaction[] } {
	const packages = [
		pack({ source: 'manual', credits: 5_000, remainingCredits: 3_200, expiresAt: at(5 * DAY) }),
		pack({ remainingCredits: 6_000 }),
		pack({ source: 'subscription', credits: 5_000, remainingCredits: 3_145, expiresAt: null }),
		pack({ credits: 100, remainingCredits: 0, status: 'depleted', expiresAt: at(40 * DAY) }),
		pack({ credits: 200, remainingCredits: 15, status: 'expired', expiresAt: at(-3 * DAY) }),
		pack({ credits: 1_000, remainingCredits: 0, status: 'refunded', expiresAt: at(90 * DAY) })
	];
	const transactions = Array.from({ length: 40 }, (_, i) =>
		transaction({ amount: 9 + ((i * 37) % 101), createdAt: at(-i * 7 * HOUR) })
	);
	transactions.splice(
		3,
		4,
		transaction({ type: 'image', amount: 12, createdAt: at(-22 * HOUR) }),
		transaction({
			type: 'other',
			amount: 985,
			metadata: { kind: 'refund' },
			createdAt: at(-29 * HOUR)
		}),
		transaction({
			type: 'other',
			amount: 40,
			metadata: { kind: 'correction' },
			createdAt: at(-36 * HOUR)
		}),
		transaction({
			amount: 7,
			metadata: { totalTokens: 6_512, estimated: true, reason: 'client_gone', model: 'gpt-4o' },
			createdAt: at(-43 * HOUR)
		})
	);
	return { credits: { balance: 12_345, held: 0, debt: 0, packages }, transactions };
}

function product(id: string, name: string, credits: number | string, more: object) {
	return {
		id: `${id}-5b7d-4e93-8c60-1f2a3b4c5d6e`,
		name,
		description: null,
		is_recurring: false,
		recurring_interval: null,
		is_archived: false,
		metadata: { credits },
		prices: [{ amount_type: 'fixed', price_amount: 1000, price_currency: 'usd' }],
		...more
	};
}

export const products = [
	product('8a4f2c1e', 'Starter', 100, {
		description: 'To try it: some 100 short answers.',
		metadata: { credits: 100, validity_period: 30 },
		prices: [{ amount_type: 'fixed', price_amount: 200, price_currency: 'usd' }]
	}),
	// a text field of Polar's form gives strings
	product('b61d0e97', 'Standard', '10000', {
		metadata: { credits: '10000', validity_period: '12m' }
	}),
	product('e27b5f80', 'Monthly', 2000, { is_recurring: true, recurring_interval: 'month' }),
	product('00000000', 'Archived', 1, { is_archived: true })
];

// with an address that is longer than its place
export const user = {
	id: 'user-1',
	name: 'Ada Lovelace',
	email: 'augusta.ada.king.countess.of.lovelace@example.com'
};
