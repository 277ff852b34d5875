// What is seen before the data is there, and while it comes.
import type { Page } from '@playwright/test';
import { Gate } from './api';
import { expect, test } from './test';

declare global {
	interface Window {
		/** of layout shifts */
		shifts: number;
		seen: boolean;
	}
}

const ALARM = '积分不足|Out of credits|已用完|Used up';

/** The sum of layout shifts, as the browser reports them (CLS), from the first paint on. */
function watchShifts(page: Page) {
	return page.addInitScript(() => {
		window.shifts = 0;
		new PerformanceObserver((list) => {
			for (const entry of list.getEntries() as (PerformanceEntry & { value: number })[]) {
				window.shifts += entry.value;
			}
		}).observe({ type: 'layout-shift', buffered: true });
	});
}

/** After two frames, all that has moved is known. */
function shifts(page: Page): Promise<number> {
	return page.evaluate(
		() =>
			new Promise<number>((resolve) => {
				requestAnimationFrame(() => requestAnimationFrame(() => resolve(window.shifts)));
			})
	);
}

for (const locale of ['zh-CN', 'en-US']) {
	for (const viewport of [
		{ width: 1280, height: 800 },
		{ width: 390, height: 844 }
	]) {
		test.describe(`${locale}, ${viewport.width}`, () => {
			test.use({ locale, viewport });

			test('the credits move nothing when they come', async ({ page, api }) => {
				const gate = new Gate();
				api.hold(gate, '/api/credits', '/api/credits/transactions', '/api/auth/get-session');
				await watchShifts(page);
				await page.goto('/dashboard/credits');
				await expect(page.locator('main [aria-busy=true]').first()).toBeVisible();
				gate.open();
				await expect(page.getByTestId('balance')).toBeVisible();
				await expect(page.locator('[id^=tx-]').filter({ visible: true })).toHaveCount(20);
				expect(await shifts(page)).toBeLessThan(0.05);
			});

			test('the chat moves nothing when its data comes', async ({ page, api }) => {
				const gate = new Gate();
				api.hold(gate, '/api/credits', '/api/auth/get-session');
				await watchShifts(page);
				await page.goto('/dashboard/chat');
				await expect(page.locator('textarea')).toBeVisible();
				gate.open();
				await expect(page.getByRole('main').getByText('12,345')).toBeVisible();
				expect(await shifts(page)).toBeLessThan(0.05);
			});
		});
	}
}

for (const path of ['/dashboard/chat', '/dashboard/credits']) {
	test(`${path} never says that there are no credits before it knows`, async ({ page, api }) => {
		const gate = new Gate();
		api.hold(gate, '/api/credits');
		await page.addInitScript((alarm) => {
			window.seen = false;
			const look = () => {
				// what is folded away says nothing
				const text = document.querySelector('main')?.innerText ?? '';
				window.seen ||= new RegExp(alarm).test(text);
			};
			new MutationObserver(look).observe(document, {
				subtree: true,
				childList: true,
				characterData: true
			});
		}, ALARM);

		await page.goto(path);
		await expect(page.getByRole('main')).toBeVisible();
		await expect.poll(() => api.count('/api/credits')).toBeGreaterThan(0);
		expect(await page.getByRole('main').innerText()).not.toMatch(new RegExp(ALARM));
		gate.open();
		await expect(page.getByRole('main').getByText('12,345').first()).toBeVisible();
		expect(await page.evaluate(() => window.seen)).toBe(false);
	});
}

test.describe('another language than that of the markup', () => {
	test.use({ locale: 'en-US' });

	test('is not seen before it is translated', async ({ page }) => {
		const scripts = new Gate();
		await page.route('**/_app/immutable/**/*.js', async (route) => {
			await scripts.opened;
			await route.continue();
		});
		const loaded = page.goto('/shop', { waitUntil: 'commit' });
		await expect(page.locator('html')).toHaveAttribute('lang', 'en');
		await expect(page.locator('body')).toHaveCSS('visibility', 'hidden');
		scripts.open();
		await loaded;
		await expect(page.getByRole('heading', { level: 1 })).toHaveText('Buy credits');
		await expect(page.locator('body')).toHaveCSS('visibility', 'visible');
	});
});

test.describe('without scripts', () => {
	test.use({ javaScriptEnabled: false });

	for (const [path, text] of [
		['/', 'AI 对话，用多少付多少'],
		['/sign-in', '登录'],
		['/shop', '购买积分'],
		['/dashboard/credits', '我的积分'],
		['/dashboard/chat', '对话']
	] as const) {
		test(`${path} has its text`, async ({ page, faults }) => {
			// the scripts that the page would load
			faults.expect('forbidden');
			await page.goto(path);
			await expect(page.getByRole('heading', { level: 1 })).toHaveText(text);
			await expect(page.getByRole('main')).not.toContainText(/积分不足/);
		});
	}
});
