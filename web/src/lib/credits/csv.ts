import type { Transaction } from '$lib/api/types';

const columns: [name: string, value: (it: Transaction) => string | number | undefined][] = [
	['id', ({ id }) => id],
	['createdAt', ({ createdAt }) => createdAt.toISOString()],
	['type', ({ type }) => type],
	['description', ({ description }) => description ?? ''],
	['model', ({ metadata }) => metadata.model],
	['promptTokens', ({ metadata }) => metadata.promptTokens],
	['completionTokens', ({ metadata }) => metadata.completionTokens],
	['totalTokens', ({ metadata }) => metadata.totalTokens],
	['amount', ({ amount }) => amount],
	['estimated', ({ metadata }) => (metadata.estimated ? 'true' : 'false')]
];

/** One field (RFC 4180). A text that a spreadsheet would run as a formula gets a ' before it. */
function field(value: string | number | undefined): string {
	if (typeof value !== 'string') return `${value ?? ''}`;
	const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
	return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** The history as CSV: UTF-8 with the mark that spreadsheets want, CRLF. */
export function toCsv(transactions: Transaction[]): string {
	const rows = [
		columns.map(([name]) => name),
		...transactions.map((it) => columns.map(([, value]) => field(value(it))))
	];
	return `\ufeff${rows.map((row) => row.join(',')).join('\r\n')}\r\n`;
}
