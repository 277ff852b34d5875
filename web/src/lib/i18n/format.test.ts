import { describe, expect, it } from 'vitest';
import { formats } from './format';
import { money } from './money';
import { relative } from './relative';

const now = new Date(2026, 10, 22, 12);
const before = (milliseconds: number) => new Date(now.getTime() - milliseconds);

describe('formats', () => {
	it('groups digits, and writes a debit with a minus sign', () => {
		expect(formats('zh').number(12345)).toBe('12,345');
		expect(formats('en').debit(1234)).toBe('−1,234');
		expect(formats('en').debit(0)).toBe('0');
	});

	it('writes money in the units of its currency', () => {
		expect(money(1050, 'usd', 'en')).toBe('$10.50');
		expect(money(1050, 'jpy', 'en')).toBe('¥1,050');
	});

	it.each([
		[5_000, '现在', 'now'],
		[3 * 60_000, '3分钟前', '3 min. ago'],
		[5 * 3_600_000, '5小时前', '5 hr. ago'],
		[86_400_000, '昨天', 'yesterday'],
		[8 * 86_400_000, '2026年11月14日', 'Nov 14, 2026']
	])('%i ms ago', (age, zh, en) => {
		expect(relative(before(age), now, 'zh')).toBe(zh);
		expect(relative(before(age), now, 'en')).toBe(en);
	});
});
