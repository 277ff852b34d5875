// What every test here has.
import { test as base, expect } from '@playwright/test';
import { Faults } from './faults';

/** what it is in the language of the page */
export type Word = <T>(zh: T, en: T) => T;

export interface Fixtures {
	faults: Faults;
	word: Word;
}

export const test = base.extend<Fixtures>({
	faults: [
		async ({ page }, use) => {
			const faults = new Faults();
			faults.watch(page);
			await use(faults);
			faults.check();
		},
		{ auto: true }
	],
	word: async ({ locale }, use) => use((zh, en) => (locale?.startsWith('zh') ? zh : en))
});

export { expect };
