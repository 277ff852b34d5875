// What every state of every page has to pass: in both themes, wide and narrow.
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { expect, type Page } from '@playwright/test';
import type { AxeResults, RunOptions } from 'axe-core';

declare global {
	interface Window {
		axe: { run(options: RunOptions): Promise<AxeResults> };
	}
}

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// a window of another width may show other things: all of them for each width
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
// all that another theme can break; they alone take a third of the time of all
const COLOURS = ['color-contrast', 'link-in-text-block'];

export const WIDE = { width: 1280, height: 800 };
export const NARROW = { width: 390, height: 844 };

const themes = ['light', 'dark'] as const;

/**
 * axe, for as long as the document is open: it is half a megabyte, so once for
 * all looks. Through the debugger, which no policy of the page binds.
 */
async function inject(page: Page) {
	const client = await page.context().newCDPSession(page);
	await client.send('Runtime.evaluate', { expression: axe });
	await client.detach();
}

/** Colours become what they will be: transitions end, and those that follow from them. */
function settle(page: Page) {
	return page.evaluate(() => {
		const running = () => document.getAnimations().filter((it) => it instanceof CSSTransition);
		for (let found = running(); found.length > 0; found = running()) {
			for (const it of found) it.finish();
		}
	});
}

/** The rules of accessibility that the page breaks, and where. */
function violations(page: Page, rules: string[]): Promise<string[]> {
	return page.evaluate(async (rules) => {
		const { violations } = await window.axe.run({
			runOnly: rules,
			reporter: 'no-passes',
			// media and style sheets, for rules that have nothing to look at here
			preload: false
		});
		return violations.flatMap(({ id, help, nodes }) =>
			nodes.map(
				({ target, any }) => `${id} (${help}) at ${String(target)}: ${any[0]?.message ?? ''}`
			)
		);
	}, rules);
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

	await inject(page);
	for (const viewport of [WIDE, NARROW]) {
		await page.setViewportSize(viewport);
		for (const theme of themes) {
			const look = `${name}, ${theme}, ${viewport.width}`;

			await page.emulateMedia({ colorScheme: theme });
			await settle(page);
			if (pictures) await page.screenshot({ path: `${pictures}/${look}.png` });
			expect.soft(await violations(page, theme === 'light' ? RULES : COLOURS), look).toEqual([]);
			expect.soft(await overflow(page), `${look}: overflow`).toEqual([]);
		}
	}
}
