import { expect, it } from 'vitest';
import type { Transaction } from '$lib/api/types';
import { describe, sourceName } from './describe';
import { aPackage, aTransaction } from './fixtures';
import { texts } from './detail-texts';

it.each([
	[{}, '—'],
	[{ description: 'Words' }, 'Words'],
	[{ metadata: { model: 'gpt-4o' } }, 'gpt-4o'],
	[{ metadata: { kind: 'refund' } }, '退款'],
	[{ metadata: { kind: 'revocation' } }, '撤回'],
	[{ metadata: { kind: 'correction' } }, '更正'],
	[{ metadata: { reason: 'debt_repaid' } }, '抵扣欠款'],
	[{ metadata: { kind: 'of tomorrow' }, description: 'Words' }, 'Words']
] satisfies [Partial<Transaction>, string][])('%j is %s', (differs, words) => {
	const it = aTransaction({ description: null, metadata: {}, ...differs });
	expect(describe(it, texts.zh.history)).toBe(words);
});

it.each([
	['order', 'Purchase'],
	['subscription', 'Subscription'],
	['manual', 'Granted'],
	['constructor', 'Granted']
])('a package of %s is %s', (source, words) => {
	expect(sourceName(aPackage({ source }), texts.en.packages)).toBe(words);
});
