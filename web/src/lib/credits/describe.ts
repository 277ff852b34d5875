import type { CreditPackage, Transaction } from '$lib/api/types';
import type { DetailTexts } from './detail-texts';

/** Where a package came from, in words: bought, or given by somebody. */
export function sourceName({ source }: CreditPackage, t: DetailTexts['packages']): string {
	return source === 'order' || source === 'subscription' ? t.sources[source] : t.sources.granted;
}

/** What an entry was for: the model, or what was done. */
export function describe({ metadata, description }: Transaction, t: DetailTexts['history']) {
	const { kind, model, reason } = metadata;
	if (kind === 'refund' || kind === 'revocation' || kind === 'correction') return t.kinds[kind];
	if (reason === 'debt_repaid') return t.repaid;
	return model ?? description ?? '—';
}
