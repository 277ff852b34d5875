import { tags, type Locale } from './dictionary';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function build(locale: Locale) {
	const tag = tags[locale];
	const number = new Intl.NumberFormat(tag);
	const date = new Intl.DateTimeFormat(tag, { dateStyle: 'medium' });
	const dayMonth = new Intl.DateTimeFormat(tag, { month: 'numeric', day: 'numeric' });
	const time = new Intl.DateTimeFormat(tag, { timeStyle: 'medium' });
	const full = new Intl.DateTimeFormat(tag, { dateStyle: 'full', timeStyle: 'long' });
	const relative = new Intl.RelativeTimeFormat(tag, { numeric: 'auto', style: 'short' });

	return {
		/** 12345 → 12,345 */
		number: (value: number) => number.format(value),
		/** An amount that was taken, with a true minus sign: 2 → −2 */
		debit: (value: number) => `${value > 0 ? '−' : ''}${number.format(value)}`,
		/** Nov 22, 2026 · 2026年11月22日 */
		date: (value: Date) => date.format(value),
		/** 11/22 */
		dayMonth: (value: Date) => dayMonth.format(value),
		/** 1:27:31 PM */
		time: (value: Date) => time.format(value),
		/** With the weekday and the time zone, for a tooltip. */
		full: (value: Date) => full.format(value),
		/** 2 min. ago; a date when it is more than a week away. */
		relative: (value: Date, now: Date) => {
			const distance = value.getTime() - now.getTime();
			const size = Math.abs(distance);
			if (size < MINUTE) return relative.format(0, 'second');
			if (size < HOUR) return relative.format(Math.trunc(distance / MINUTE), 'minute');
			if (size < DAY) return relative.format(Math.trunc(distance / HOUR), 'hour');
			if (size < 7 * DAY) return relative.format(Math.trunc(distance / DAY), 'day');
			return date.format(value);
		},
		/** minor: in the currency's smallest unit, as Polar has it: 1000, usd → $10.00 */
		money: (minor: number, currency: string) => {
			const format = new Intl.NumberFormat(tag, {
				style: 'currency',
				currency,
				currencyDisplay: 'narrowSymbol'
			});
			const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
			return format.format(minor / 10 ** digits);
		}
	};
}

type Formats = ReturnType<typeof build>;

const built = new Map<Locale, Formats>();

export function formats(locale: Locale): Formats {
	let found = built.get(locale);
	if (!found) {
		found = build(locale);
		built.set(locale, found);
	}
	return found;
}
