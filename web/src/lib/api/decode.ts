import { array, instant, integer, object, oneOf, text } from './fields';
import type { CreditPackage, Credits, PackageStatus, User } from './types';

const statuses: readonly PackageStatus[] = ['active', 'depleted', 'expired', 'refunded'];

function decodePackage(value: unknown): CreditPackage {
	const it = object(value, 'package');
	return {
		id: text(it, 'id'),
		source: text(it, 'source'),
		credits: integer(it, 'credits'),
		remainingCredits: integer(it, 'remainingCredits'),
		status: oneOf(it, 'status', statuses),
		expiresAt: it['expiresAt'] === null ? null : instant(it, 'expiresAt'),
		createdAt: instant(it, 'createdAt')
	};
}

/** GET /api/credits */
export function decodeCredits(value: unknown): Credits {
	const it = object(value, 'credits');
	return {
		balance: integer(it, 'balance'),
		held: integer(it, 'held'),
		debt: integer(it, 'debt'),
		available: integer(it, 'available'),
		packages: array(it['packages'], 'packages').map(decodePackage)
	};
}

/** GET /api/auth/get-session; null: nobody is signed in */
export function decodeSession(value: unknown): User | null {
	if (value === null) return null;
	const user = object(object(value, 'session')['user'], 'user');
	return { id: text(user, 'id'), name: text(user, 'name'), email: text(user, 'email') };
}
