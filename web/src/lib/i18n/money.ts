import { tags, type Locale } from './dictionary';

/** minor: in the currency's smallest unit, as Polar has it: 1000, usd → $10.00 */
export function money(minor: number, currency: string, locale: Locale): string {
	const format = new Intl.NumberFormat(tags[locale], {
		style: 'currency',
		currency,
		currencyDisplay: 'narrowSymbol'
	});
	const digits = format.resolvedOptions().maximumFractionDigits ?? 2;

	return format.format(minor / 10 ** digits);
}
