import { perLocale } from './dictionary';

export const formats = perLocale((tag) => {
	const number = new Intl.NumberFormat(tag);
	const date = new Intl.DateTimeFormat(tag, { dateStyle: 'medium' });
	const dayMonth = new Intl.DateTimeFormat(tag, { month: 'numeric', day: 'numeric' });
	const time = new Intl.DateTimeFormat(tag, { timeStyle: 'medium' });
	const full = new Intl.DateTimeFormat(tag, { dateStyle: 'full', timeStyle: 'long' });

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
		full: (value: Date) => full.format(value)
	};
});
