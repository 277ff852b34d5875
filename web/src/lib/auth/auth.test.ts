import { describe, expect, it } from 'vitest';
import { ApiError } from '$lib/api/http';
import { explain } from './failure';
import { nextPath, signInPath } from './next';
import { texts } from './texts';

const origin = 'https://site.example';

describe('nextPath', () => {
	it.each([
		['?next=/dashboard/credits?range=7d%23tx-1', '/dashboard/credits?range=7d#tx-1'],
		['?next=%2Fshop', '/shop'],
		['', '/dashboard/chat'],
		['?next=', '/dashboard/chat'],
		['?next=//evil.example', '/dashboard/chat'],
		['?next=/%5Cevil.example', '/dashboard/chat'],
		['?next=/%09/evil.example', '/dashboard/chat'],
		['?next=https://evil.example', '/dashboard/chat'],
		['?next=javascript:alert(1)', '/dashboard/chat']
	])('%s leads to %s', (search, path) => {
		expect(nextPath(search, origin)).toBe(path);
	});

	it('leads back where signInPath came from', () => {
		const url = new URL('/dashboard/credits?type=chat&range=7d#tx-1', origin);
		const { search } = new URL(signInPath(url), origin);
		expect(nextPath(search, origin)).toBe('/dashboard/credits?type=chat&range=7d#tx-1');
	});
});

describe('explain', () => {
	const words = (status: number, code?: string, retryAfter?: number) =>
		explain(new ApiError(status, code, retryAfter), texts.en.errors, String);

	it('has words for what can go wrong', () => {
		expect(words(401)).toBe('Wrong email or password');
		expect(words(429, undefined, 12)).toBe('Too many tries; wait 12 s');
		expect(words(422)).toContain('already has an account');
		expect(words(400, 'INVALID_EMAIL')).toContain('not a valid email');
		expect(words(400, 'PASSWORD_TOO_SHORT')).toContain('8 characters');
		expect(words(0)).toContain('Could not reach');
		expect(words(500)).toContain('try again later');
		expect(explain(new Error(), texts.en.errors, String)).toContain('try again later');
	});
});
