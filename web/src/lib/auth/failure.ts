import { ApiError } from '$lib/api/http';
import type { AuthTexts } from './texts';

/** Seconds, where a 429 does not say how long. */
const WAIT = 60;

/** What to tell somebody whose signing in or up failed. */
export function explain(
	error: unknown,
	texts: AuthTexts['errors'],
	number: (value: number) => string
): string {
	if (!(error instanceof ApiError)) return texts.other;
	switch (error.code) {
		case 'INVALID_EMAIL':
			return texts.invalidEmail;
		case 'PASSWORD_TOO_SHORT':
			return texts.shortPassword;
		case 'PASSWORD_TOO_LONG':
			return texts.longPassword;
	}
	switch (error.status) {
		case 0:
			return texts.unreachable;
		case 401:
			return texts.wrong;
		case 422:
			return texts.taken;
		case 429:
			return texts.tooMany(number(error.retryAfter ?? WAIT));
		default:
			return texts.other;
	}
}
