import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError, getJson, isAbort, onUnauthorized, request, retryAfterOf } from './http';

const fetched = vi.fn<typeof fetch>();
const unauthorized = vi.fn();

beforeEach(() => {
	vi.stubGlobal('fetch', fetched);
	onUnauthorized(unauthorized);
});

afterEach(() => {
	vi.clearAllMocks();
	vi.unstubAllGlobals();
});

async function failure(call: Promise<unknown>): Promise<ApiError> {
	const error: unknown = await call.then(
		() => undefined,
		(reason: unknown) => reason
	);
	if (!(error instanceof ApiError)) throw new Error('no ApiError');
	return error;
}

describe('request', () => {
	it("reads an error of OpenAI's shape", async () => {
		const error = { message: 'm', code: 'insufficient_credits', available: 3 };
		fetched.mockResolvedValueOnce(Response.json({ error }, { status: 402 }));
		const { status, code, details } = await failure(request('/x'));
		expect([status, code, details['available']]).toEqual([402, 'insufficient_credits', 3]);
	});

	it("reads an error of Better Auth's shape", async () => {
		fetched.mockResolvedValueOnce(
			Response.json({ code: 'INVALID_EMAIL' }, { status: 400, headers: { 'X-Retry-After': '9' } })
		);
		const { code, retryAfter } = await failure(request('/x'));
		expect([code, retryAfter]).toEqual(['INVALID_EMAIL', 9]);
	});

	it('reads an error that is no JSON', async () => {
		fetched.mockResolvedValueOnce(new Response('<html>', { status: 502 }));
		expect((await failure(request('/x'))).status).toBe(502);
	});

	it('has status 0 without an answer', async () => {
		fetched.mockRejectedValueOnce(new TypeError('Failed to fetch'));
		expect((await failure(request('/x'))).status).toBe(0);
	});

	it('lets an abort be one', async () => {
		fetched.mockRejectedValueOnce(new DOMException('', 'AbortError'));
		const error: unknown = await request('/x').catch((reason: unknown) => reason);
		expect(isAbort(error)).toBe(true);
	});

	it('leads to the sign-in on a 401, but not where that is an answer', async () => {
		fetched.mockImplementation(() => Promise.resolve(new Response(null, { status: 401 })));
		await failure(request('/x', { anonymous: true }));
		expect(unauthorized).not.toHaveBeenCalled();
		await failure(request('/x'));
		expect(unauthorized).toHaveBeenCalledOnce();
	});
});

describe('getJson', () => {
	it('has one kind of failure for what cannot be read', async () => {
		fetched.mockResolvedValueOnce(new Response('{'));
		expect((await failure(getJson('/x', String))).code).toBe('unreadable');
	});
});

describe('retryAfterOf', () => {
	const now = Date.parse('2026-11-22T12:00:00Z');

	it.each([
		[undefined, undefined],
		['7', 7],
		['Sun, 22 Nov 2026 12:00:30 GMT', 30],
		['Sun, 22 Nov 2026 11:00:00 GMT', 0],
		['soon', undefined]
	])('%s: %s s', (value, seconds) => {
		const headers = new Headers(value === undefined ? {} : { 'Retry-After': value });
		expect(retryAfterOf(headers, now)).toBe(seconds);
	});
});
