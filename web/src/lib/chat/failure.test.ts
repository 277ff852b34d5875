import { expect, it } from 'vitest';
import { ApiError } from '$lib/api/http';
import { failureOf } from './failure';

const error = (status: number, code?: string, details = {}) =>
	new ApiError(status, code, undefined, details);

it.each([
	['insufficient', error(402, 'insufficient_credits', { available: 0, held: 0, required: 5 })],
	['insufficient', error(402, 'insufficient_credits', { available: 1, held: 2, required: 5 })],
	['held', error(402, 'insufficient_credits', { available: 1, held: 4, required: 5 })],
	['unavailable', error(402, 'invalid_request_error')],
	['frozen', error(403, 'account_frozen')],
	['refused', error(403, 'unsupported_country')],
	['busy', error(429, 'rate_limit_exceeded')],
	['unavailable', error(429, 'insufficient_quota')],
	['too-long', error(413)],
	['too-long', error(400, 'context_length_exceeded')],
	['refused', error(400, 'invalid_body')],
	['refused', error(404, 'model_not_found')],
	['unavailable', error(401, 'invalid_api_key')],
	['signed-out', error(401, 'unauthorized')],
	['unavailable', error(503, 'service_unavailable')],
	['unavailable', error(502)],
	['network', error(0, 'network')],
	['network', new TypeError('?')]
])('%s: %s', (failure, given) => {
	expect(failureOf(given)).toBe(failure);
});
