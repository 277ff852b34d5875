// What every state of every page has to pass: in both themes, wide and narrow.
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { expect, type Page } from '@playwright/test';
import type { AxeResults, RunOptions } from 'axe-core';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
// all that another theme can break
const COLOURS = ['color-contrast', 'link-in-text-block'];

export const WIDE = { width: 1280, height: 800 };
export const NARROW = { width: 390, height: 844 };

const themes = ['light', 'dark'] as const;

/** The rules of accessibility that the page breaks, and where. */
async function violations(page: Page, rules: string[]): Promise<string[]> {
	// through the debugger, which no policy of the page binds
	await page.evaluate(`window.axe || (() => { ${axe} })()`);
	const results = await page.evaluate(
		(options) =>
			(window as unknown as { axe: { run(options: unknown): Promise<AxeResults> } }).axe.run(
				options
			),
		{ runOnly: rules, resultTypes: ['violations'] } satisfies RunOptions
	);

	return results.violations.flatMap(({ id, help, nodes }) =>
		nodes.map(({ target, any }) => `${id} (${help}) at ${String(target)}: ${any[0]?.message ?? ''}`)
	);
}

/** Colours are what they will be: no transition is under way. */
async function atRest(page: Page) {
	await page.evaluate(() =>
		Promise.all(
			document
				.getAnimations()
				.filter((it) => it instanceof CSSTransition)
				.map((it) => it.finished.catch(() => undefined))
		)
	);
}

/** What can be scrolled sideways: the page, or a part of it that is not code. */
export function overflow(page: Page): Promise<string[]> {
	return page.evaluate(() =>
		[...document.querySelectorAll('*')]
			.filter((it) => it.scrollWidth > it.clientWidth && !it.closest('pre, .markdown'))
			.filter(
				(it) =>
					it === document.documentElement || /auto|scroll/.test(getComputedStyle(it).overflowX)
			)
			.map((it) => `${it.localName}.${it.className}: ${it.scrollWidth - it.clientWidth} px`)
	);
}

/**
 * The page as it is: accessible, and within the window, in both themes, wide
 * and narrow. SCREENSHOTS=dir keeps a picture of each.
 */
export async function inspect(page: Page, name: string) {
	const pictures = process.env['SCREENSHOTS'];

	for (const viewport of [WIDE, NARROW]) {
		await page.setViewportSize(viewport);
		for (const theme of themes) {
			const look = `${name}, ${theme}, ${viewport.width}`;

			await page.emulateMedia({ colorScheme: theme });
			await atRest(page);
			if (pictures) await page.screenshot({ path: `${pictures}/${look}.png` });
			expect.soft(await violations(page, theme === 'light' ? RULES : COLOURS), look).toEqual([]);
			expect.soft(await overflow(page), `${look}: overflow`).toEqual([]);
		}
	}
}
