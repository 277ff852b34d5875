import { expect, it } from 'vitest';
import { toCsv } from './csv';
import { aTransaction } from './fixtures';

const row = (text: string) => text.split('\r\n')[1];

it('has a head, one row per entry, and the mark of UTF-8', () => {
	expect(toCsv([aTransaction()])).toBe(
		'\ufeffid,createdAt,type,description,model,promptTokens,completionTokens,totalTokens,amount,estimated\r\n' +
			'request-1,2026-01-01T00:00:00.000Z,chat,AI Chat - 1234 tokens,gpt-4o-mini,34,1200,1234,2,false\r\n'
	);
});

it('quotes commas, quotes and line ends', () => {
	const csv = toCsv([aTransaction({ description: 'a "b", c\nd' })]);
	expect(csv).toContain('"a ""b"", c\nd"');
});

it.each(['=1+1', '+1', '-1', '@a', '\tx'])('does not let %j run as a formula', (description) => {
	expect(toCsv([aTransaction({ description })])).toContain(`'${description}`);
});

it('leaves empty what is not known', () => {
	const csv = toCsv([aTransaction({ description: null, metadata: { estimated: true } })]);
	expect(row(csv)).toBe('request-1,2026-01-01T00:00:00.000Z,chat,,,,,,2,true');
});
