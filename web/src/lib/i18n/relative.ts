import { perLocale, type Locale } from './dictionary';
import { formats } from './format';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const relatives = perLocale(
	(tag) => new Intl.RelativeTimeFormat(tag, { numeric: 'auto', style: 'short' })
);

/** 2 min. ago; a date when it is more than a week away. */
export function relative(value: Date, now: Date, locale: Locale): string {
	const format = relatives(locale);
	const distance = value.getTime() - now.getTime();
	const size = Math.abs(distance);

	if (size < MINUTE) return format.format(0, 'second');
	if (size < HOUR) return format.format(Math.trunc(distance / MINUTE), 'minute');
	if (size < DAY) return format.format(Math.trunc(distance / HOUR), 'hour');
	if (size < 7 * DAY) return format.format(Math.trunc(distance / DAY), 'day');
	return formats(locale).date(value);
}
