// What a refused or failed request means to the person who asked.

import { ApiError } from '$lib/api/http';
import type { FailureKind } from './types';

/** Refusals of a request for its size. */
const TOO_LONG = ['context_length_exceeded', 'string_above_max_length', 'request_too_large'];

function count(details: Record<string, unknown>, name: string): number {
	const value = details[name];

	return typeof value === 'number' ? value : 0;
}

function of402({ code, details }: ApiError): FailureKind {
	// it is the provider who was not paid: nothing that buying credits changes
	if (code !== 'insufficient_credits') return 'unavailable';

	const held = count(details, 'held');
	const enough = count(details, 'available') + held >= count(details, 'required');
	return held > 0 && enough ? 'held' : 'insufficient';
}

export function failureOf(error: unknown): FailureKind {
	if (!(error instanceof ApiError) || error.status === 0) return 'network';

	const { status, code = '' } = error;
	if (status === 413 || TOO_LONG.includes(code)) return 'too-long';
	if (status === 402) return of402(error);
	if (status === 403 && code === 'account_frozen') return 'frozen';
	if (status === 401 && code === 'unauthorized') return 'signed-out';
	// a quota of the provider's is not over in a moment
	if (status === 429 && code !== 'insufficient_quota') return 'busy';
	// another 401 is about the key to the provider
	if (status >= 500 || status === 401 || status === 429) return 'unavailable';
	return 'refused';
}

const FREE: readonly (FailureKind | undefined)[] = ['insufficient', 'held', 'frozen', 'signed-out'];

/** Refused before anything was set aside: it cost nothing, whatever the ledger is doing. */
export function isFree(failure: FailureKind | undefined): boolean {
	return FREE.includes(failure);
}
