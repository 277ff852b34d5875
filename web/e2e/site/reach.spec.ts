// Small windows, other colours, less motion, input methods, the keyboard, and
// what the visitor chose.
import { overflow } from '../inspect';
import { Gate } from './api';
import { expect, test } from './test';

const PAGES = ['/', '/sign-in', '/sign-up', '/shop', '/dashboard/credits', '/dashboard/chat'];

for (const locale of ['zh-CN', 'en-US']) {
	test.describe(locale, () => {
		test.use({ locale, viewport: { width: 320, height: 640 } });

		for (const path of PAGES) {
			test(`${path} fits into 320 pixels`, async ({ page, api }) => {
				if (/sign/.test(path)) api.user = null;
				await page.goto(path);
				await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
				if (path.includes('/dashboard')) {
					await expect(page.getByText('12,345').filter({ visible: true }).first()).toBeVisible();
				}
				expect(await overflow(page)).toEqual([]);
			});
		}
	});
}

test('200 %: half the window, twice the size', async ({ page }) => {
	await page.setViewportSize({ width: 640, height: 400 });
	for (const path of PAGES.slice(3)) {
		await page.goto(path);
		await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
		expect(await overflow(page), path).toEqual([]);
	}
});

test('with forced colours, what is on is still told apart', async ({ page }) => {
	await page.emulateMedia({ forcedColors: 'active' });
	await page.goto('/dashboard/credits');
	const [on, off] = [
		page.getByRole('button', { pressed: true }).first(),
		page.getByRole('button', { pressed: false }).first()
	];
	await expect(on).toHaveCSS('outline-style', 'solid');
	await expect(off).toHaveCSS('outline-style', 'none');
	await expect(off).toHaveCSS('border-style', 'solid');
	await expect(page.getByRole('progressbar').first()).toBeVisible();
});

test('who wants less motion gets none', async ({ page, api }) => {
	await page.emulateMedia({ reducedMotion: 'reduce' });
	api.hold(new Gate(), '/api/credits');
	await page.goto('/dashboard/credits');
	await expect(page.locator('main [aria-busy=true]').first()).toBeVisible();
	const running = () =>
		page.evaluate(
			() => document.getAnimations().filter(({ playState }) => playState === 'running').length
		);
	await expect.poll(running).toBe(0);

	await page.emulateMedia({ reducedMotion: 'no-preference' });
	await expect.poll(running, 'the skeleton, for everybody else').toBeGreaterThan(0);
});

test('an input method has Enter for itself', async ({ page, api }) => {
	await page.goto('/dashboard/chat');
	await page.locator('textarea').focus();
	const client = await page.context().newCDPSession(page);
	await client.send('Input.imeSetComposition', {
		text: 'ni hao',
		selectionStart: 6,
		selectionEnd: 6
	});
	// as Windows and Linux say it, and as macOS does
	for (const key of ['Process', 'Enter']) {
		await client.send('Input.dispatchKeyEvent', {
			type: 'rawKeyDown',
			windowsVirtualKeyCode: 229,
			key,
			code: 'Enter'
		});
	}
	await client.send('Input.insertText', { text: '你好' });
	await expect(page.locator('textarea')).toHaveValue('你好');
	expect(api.count('/api/chat')).toBe(0);

	await page.keyboard.press('Enter');
	await expect(page.getByRole('log')).toContainText('Hello.');
	expect(api.count('/api/chat')).toBe(1);
});

test('Shift+Enter is a new line', async ({ page, api }) => {
	await page.goto('/dashboard/chat');
	await page.locator('textarea').focus();
	await page.keyboard.type('a');
	await page.keyboard.press('Shift+Enter');
	await page.keyboard.type('b');
	await expect(page.locator('textarea')).toHaveValue('a\nb');
	expect(api.count('/api/chat')).toBe(0);
});

test('the first Tab skips to the content', async ({ page }) => {
	await page.goto('/dashboard/credits');
	await expect(page.getByTestId('balance')).toBeVisible();
	await page.keyboard.press('Tab');
	const skip = page.getByRole('link', { name: /跳到主要内容|Skip to content/ });
	await expect(skip).toBeFocused();
	await expect(skip).toBeInViewport();
	await expect(skip).toHaveCSS('outline-width', '2px');
	await page.keyboard.press('Enter');
	await expect(page.getByRole('main')).toBeFocused();
});

test.describe('what the visitor chose', () => {
	test.use({ locale: 'en-US', colorScheme: 'light' });

	test('the language holds, for texts, numbers and the page', async ({ page }) => {
		await page.goto('/dashboard/credits');
		await expect(page.locator('html')).toHaveAttribute('lang', 'en');
		await expect(page).toHaveTitle(/My credits/);
		await page.getByText('中文').first().click();
		await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN');
		await expect(page).toHaveTitle(/我的积分/);
		await page.reload();
		await expect(page.getByRole('heading', { level: 1 })).toHaveText('我的积分');
		await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN');
	});

	test('the theme holds, and the system is followed until then', async ({ page }) => {
		await page.goto('/');
		const ground = () =>
			page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
		const light = await ground();
		await page.emulateMedia({ colorScheme: 'dark' });
		await expect.poll(ground).not.toBe(light);
		await page.getByText('Light', { exact: true }).first().click({ force: true });
		await expect.poll(ground).toBe(light);
		await page.reload();
		expect(await ground()).toBe(light);
	});
});

test('targets of the tab bar are as large as a thumb', async ({ page }) => {
	await page.setViewportSize({ width: 390, height: 844 });
	await page.goto('/dashboard/chat');
	const links = page.getByRole('navigation').filter({ visible: true }).getByRole('link');
	await expect(links).toHaveCount(2);
	for (const link of await links.all()) {
		const box = await link.boundingBox();
		expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(44);
	}
});

test('a new version of the site is offered', async ({ page }) => {
	await page.clock.install();
	await page.goto('/dashboard/credits');
	await expect(page.getByTestId('balance')).toBeVisible();
	await page.route('**/_app/version.json', (route) =>
		route.fulfill({ json: { version: 'newer' } })
	);
	await page.clock.fastForward(61_000);
	await expect(page.getByText(/有新版本|New version/)).toBeVisible();
});
