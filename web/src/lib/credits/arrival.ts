import type { CreditPackage } from '$lib/api/types';

const KEY = 'packages-before-purchase';
const SOURCES = ['order', 'subscription'];

/** Without a memory of the packages before: what came in this time, in milliseconds. */
const RECENT = 15 * 60_000;

/** Waits between looks at whether a purchase has arrived, in milliseconds. */
export const waits: readonly number[] = [2_000, 4_000, 8_000, 16_000];

/** Keeps, for the way back from the checkout, which packages there were. */
export function rememberPackages(packages: CreditPackage[] | undefined) {
	if (packages) sessionStorage.setItem(KEY, JSON.stringify(packages.map(({ id }) => id)));
}

/** The ids kept by rememberPackages; undefined if there are none. */
export function rememberedPackages(): string[] | undefined {
	const stored = sessionStorage.getItem(KEY);
	return stored === null ? undefined : (JSON.parse(stored) as string[]);
}

export function forgetPackages() {
	sessionStorage.removeItem(KEY);
}

/** The credits that a purchase brought, 0 while it has not arrived. */
export function arrived(
	packages: CreditPackage[],
	before: string[] | undefined,
	now: Date
): number {
	return packages
		.filter(({ source }) => SOURCES.includes(source))
		.filter(({ id, createdAt }) =>
			before ? !before.includes(id) : now.getTime() - createdAt.getTime() < RECENT
		)
		.reduce((sum, { credits }) => sum + credits, 0);
}
