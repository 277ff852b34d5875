import type { CreditPackage, Transaction } from '$lib/api/types';

/** For tests: a package of 100 credits that never expires, but for what is said. */
export function aPackage(differs: Partial<CreditPackage> = {}): CreditPackage {
	return {
		id: 'order:1',
		source: 'order',
		credits: 100,
		remainingCredits: 100,
		status: 'active',
		expiresAt: null,
		createdAt: new Date('2026-01-01T00:00:00Z'),
		...differs
	};
}

/** For tests: a chat that cost 2 credits, but for what is said. */
export function aTransaction(differs: Partial<Transaction> = {}): Transaction {
	return {
		id: 'request-1',
		type: 'chat',
		description: 'AI Chat - 1234 tokens',
		amount: 2,
		packages: [{ packageId: 'order:1', amount: 2 }],
		metadata: {
			promptTokens: 34,
			completionTokens: 1200,
			totalTokens: 1234,
			model: 'gpt-4o-mini'
		},
		createdAt: new Date('2026-01-01T00:00:00Z'),
		...differs
	};
}
