import { expect, it } from 'vitest';
import { arrived } from './arrival';
import { aPackage } from './fixtures';

const now = new Date('2026-11-22T12:00:00Z');
const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000);

it('counts the packages that were not there before', () => {
	const packages = [
		aPackage({ id: 'old' }),
		aPackage({ id: 'new', credits: 1000, createdAt: minutesAgo(500) }),
		aPackage({ id: 'gift', source: 'manual' })
	];
	expect(arrived(packages, ['old'], now)).toBe(1000);
	expect(arrived(packages, ['old', 'new'], now)).toBe(0);
});

it('takes the packages of the last minutes, where nobody remembers', () => {
	const fresh = aPackage({ source: 'subscription', credits: 70, createdAt: minutesAgo(14) });
	expect(arrived([fresh, aPackage({ createdAt: minutesAgo(16) })], undefined, now)).toBe(70);
});
