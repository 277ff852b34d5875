/** What the server says, decoded: times are Dates, amounts are whole credits. */

export type PackageStatus = 'active' | 'depleted' | 'expired' | 'refunded';

export interface CreditPackage {
	id: string;
	source: string;
	credits: number;
	remainingCredits: number;
	status: PackageStatus;
	/** null: never */
	expiresAt: Date | null;
	createdAt: Date;
}

export interface Credits {
	balance: number;
	held: number;
	debt: number;
	/** balance − held − debt; may be negative */
	available: number;
	/** usable ones first, in the order they are spent in */
	packages: CreditPackage[];
}

export type TransactionType = 'chat' | 'image' | 'other';

export interface Transaction {
	id: string;
	type: TransactionType;
	description: string | null;
	amount: number;
	packages: { packageId: string; amount: number }[];
	metadata: TransactionMetadata;
	createdAt: Date;
}

export interface TransactionMetadata {
	promptTokens?: number;
	completionTokens?: number;
	totalTokens?: number;
	model?: string;
	/** the provider's usage was not to be had */
	estimated?: boolean;
	reason?: string;
	/** of type other: refund, revocation, correction */
	kind?: string;
}

export interface TransactionPage {
	transactions: Transaction[];
	nextCursor: string | null;
}

export interface Price {
	/** in the currency's smallest unit */
	amount: number;
	/** ISO 4217, lower case */
	currency: string;
}

export type Validity = { unit: 'day' | 'month' | 'year'; count: number };

export interface Product {
	id: string;
	name: string;
	description: string | null;
	/** of a subscription; null: bought once */
	interval: 'month' | 'year' | null;
	credits: number;
	validity: Validity;
	price: Price;
}

export interface User {
	id: string;
	name: string;
	email: string;
}
