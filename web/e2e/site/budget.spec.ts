// How much script and style a visit costs, compressed.
import type { Page } from '@playwright/test';
import { expect, test } from './test';

/**
 * kB, gzip. `first` is what the page's own markup asks for, before it shows
 * its data; of that SvelteKit and Svelte are 28, style is 6. `all` is what has
 * been fetched when everything is there: the cards below the balance; the
 * Markdown of an answer. Colours of code come with the first code.
 */
const BUDGETS = {
	'/dashboard/credits': { first: 45, all: 58 },
	'/dashboard/chat': { first: 57, all: 75 }
};

/** Sizes of the scripts and styles that a page fetches, by path, in bytes. */
function weigh(page: Page) {
	const sizes = new Map<string, Promise<number>>();
	page.on('response', (response) => {
		const { pathname } = new URL(response.url());
		if (!/\.(js|css)$/.test(pathname)) return;
		// nginx sends the file that was compressed when it was built
		sizes.set(pathname, response.headerValue('content-length').then(Number));
	});
	return sizes;
}

async function kilobytes(sizes: Map<string, Promise<number>>) {
	const all = await Promise.all(sizes.values());
	expect(all.every((size) => size > 0)).toBe(true);
	return all.reduce((a, b) => a + b, 0) / 1000;
}

for (const [path, budget] of Object.entries(BUDGETS)) {
	test(`${path}: ${budget.first} kB of script and style, and ${budget.all} in all`, async ({
		page
	}) => {
		const sizes = weigh(page);
		const markup = await (await page.goto(path))?.text();
		await expect(page.getByText('12,345').filter({ visible: true }).first()).toBeVisible();
		await expect(page.getByText('@example.com').filter({ visible: true })).toBeVisible();
		if (path === '/dashboard/chat') {
			await page.locator('textarea').fill('Hello?');
			await page.keyboard.press('Enter');
			await expect(page.locator('.markdown')).toBeVisible();
		} else {
			await expect(page.locator('[id^=tx-]').first()).toBeVisible();
		}

		const linked = new Map([...sizes].filter(([file]) => markup?.includes(`"${file}"`)));
		const first = await kilobytes(linked);
		const all = await kilobytes(sizes);
		test.info().annotations.push({
			type: 'size',
			description: `${path}: ${first.toFixed(1)} kB, ${all.toFixed(1)} kB`
		});
		expect(linked.size).toBeGreaterThan(5);
		expect(first).toBeLessThanOrEqual(budget.first);
		expect(all).toBeLessThanOrEqual(budget.all);
	});
}
