// The page with the balance, the packages and the history.
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import type { Word } from '../base';
import { reply, silence, unavailable, type Api } from './api';
import { expect, state, test } from './test';
import { at, DAY, pack, transaction } from './wire';

const PAGE = '/dashboard/credits';

/** Back from the checkout: whether the credits are there is asked for the first time. */
async function comeBack(page: Page, word: Word) {
	await page.clock.install();
	await page.goto(`${PAGE}?purchased=1&checkout_id=1`);
	await expect(page.getByText(word('正在确认付款…', 'Confirming your payment…'))).toBeVisible();
	await page.clock.runFor(1);
}

/** It is asked once more, when the wait is over. */
async function lookedAgain(page: Page, api: Api, wait: number) {
	// the last answer is there, so that now it waits
	await expect(page.getByRole('button', { name: /^(刷新|Refresh)/ })).toBeEnabled();
	const before = api.count('/api/credits');
	await page.clock.fastForward(wait);
	await expect.poll(() => api.count('/api/credits')).toBeGreaterThan(before);
}

state('credits, loading', async ({ page, api, word }) => {
	api.routes['/api/credits'] = api.routes['/api/credits/transactions'] = silence;
	await page.goto(PAGE);
	await expect(
		page.locator('[role=status]', { hasText: word('正在加载积分', 'Loading credits') })
	).toHaveCount(1);
	await expect(page.locator('main [aria-busy=true]').first()).toBeVisible();
});

state('credits', async ({ page, word }) => {
	await page.goto(PAGE);
	const balance = page.getByRole('region', { name: word('总积分余额', 'Total balance') });
	await expect(balance).toContainText('12,345');
	await expect(balance).toContainText(word('充足', 'Healthy'));
	await expect(balance).toContainText(word('按近 7 天用量，约可用', 'left at your 7-day pace'));
	await expect(balance).toContainText(word('今日消费', 'today'));
	await expect(
		balance.getByRole('link', { name: word('购买积分', 'Buy credits') })
	).toHaveAttribute('href', '/shop');

	await expect(
		page.getByRole('img', { name: word('近 14 天共消费', 'in the last 14 days') })
	).toBeVisible();
	const table = page.getByRole('table', { name: word('消费记录', 'Transactions') });
	await expect(table.getByRole('row')).toHaveCount(21);
	await expect(table).toContainText(word('退款', 'Refund'));
	await expect(table).toContainText(word('更正', 'Correction'));
	await expect(table.getByRole('cell', { name: '−985' })).toBeVisible();
});

test.describe('packages', () => {
	test.use({ locale: 'en-US' });
	test('in the order they are spent in, with what becomes of them', async ({ page }) => {
		await page.goto(PAGE);
		const usable = page
			.getByRole('main')
			.getByRole('listitem')
			.filter({ has: page.getByRole('progressbar') });
		await expect(usable.filter({ visible: true })).toHaveText([
			/Granted.*Used next.*Active.*3,200 of 5,000 left.*Expires.*Expires in 5 days.*About [\d,]+ may expire unused/,
			/Purchase.*Active.*6,000 of 10,000 left.*Expires/,
			/Subscription.*Active.*3,145 of 5,000 left.*Never expires/
		]);

		await page.getByText('Past (3)').click();
		await expect(usable.filter({ visible: true })).toHaveCount(6);
		for (const status of ['Used up', 'Expired', 'Refunded']) {
			await expect(usable.filter({ hasText: status })).toBeVisible();
		}
	});
});

state('credits, a new account', async ({ page, api, word }) => {
	api.credits = { balance: 0, held: 0, debt: 0, packages: [] };
	api.transactions = [];
	await page.goto(PAGE);
	await expect(page.getByText(word('还没有积分包', 'No packages yet'))).toBeVisible();
	await expect(page.getByText(word('购买后即可开始对话', 'buy one to start'))).toBeVisible();
	await expect(page.getByText(word('还没有消费记录', 'No transactions yet'))).toBeVisible();
	await expect(page.getByRole('link', { name: word('去对话', 'Start a chat') })).toBeVisible();
	await expect(page.getByText(word('近 7 天没有消费', 'No use in the last 7 days'))).toBeVisible();
});

state('credits, could not load', async ({ page, api, faults, word }) => {
	faults.expect(503);
	api.routes['/api/credits'] = unavailable;
	await page.goto(PAGE);
	const alert = page.getByRole('alert');
	await expect(alert).toContainText(word('加载失败，请重试', 'Could not load'));
	await expect(alert.getByRole('button', { name: word('重试', 'Retry') })).toBeVisible();
	await expect(page.getByRole('table', { name: word('消费记录', 'Transactions') })).toBeVisible();
});

state('credits, out of date', async ({ page, api, faults, word }) => {
	faults.expect(503);
	await page.goto(PAGE);
	await expect(page.getByTestId('balance')).toHaveText('12,345');
	await expect(page.getByRole('table')).toBeVisible();
	api.routes['/api/credits'] = api.routes['/api/credits/transactions'] = unavailable;
	await page.getByRole('button', { name: word('刷新', 'Refresh') }).click();
	await expect(page.getByText(word('数据可能不是最新', 'May be out of date'))).toBeVisible();
	await expect(page.getByTestId('balance')).toHaveText('12,345');
	await expect(page.getByRole('alert')).toHaveCount(1);
});

state('credits, the ledger does not answer', async ({ page, api, faults, word }) => {
	faults.expect(503);
	api.routes['/api/credits/transactions'] = unavailable;
	await page.goto(PAGE);
	await expect(page.getByTestId('balance')).toHaveText('12,345');
	await expect(page.getByRole('alert').first()).toContainText(
		word('加载失败，请重试', 'Could not load')
	);
	await expect(page.getByRole('alert').first().getByRole('button')).toBeVisible();
});

state('credits, running low', async ({ page, api, word }) => {
	api.credits = { balance: 42, held: 2, debt: 0, packages: [pack({ remainingCredits: 42 })] };
	await page.goto(PAGE);
	const balance = page.getByRole('region', { name: word('总积分余额', 'Total balance') });
	await expect(balance).toContainText(word('即将用完', 'Running low'));
	await expect(balance).toContainText(word('其中 2 积分进行中', '2 on hold'));
});

state('credits, nothing left', async ({ page, api, word }) => {
	api.credits = {
		balance: 0,
		held: 0,
		debt: 7,
		packages: [pack({ remainingCredits: 0, status: 'depleted' })]
	};
	await page.goto(PAGE);
	const balance = page.getByRole('region', { name: word('总积分余额', 'Total balance') });
	await expect(balance).toContainText(word('已用完', 'Empty'));
	await expect(balance).toContainText('7');
});

state('credits, many packages', async ({ page, api, word }) => {
	const usable = Array.from({ length: 40 }, (_, i) => pack({ expiresAt: at((i + 1) * DAY) }));
	const past = Array.from({ length: 60 }, () => pack({ status: 'depleted', remainingCredits: 0 }));
	api.credits = { balance: 1_234_567_890, held: 0, debt: 0, packages: [...usable, ...past] };
	await page.goto(PAGE);
	await page.getByText(word('历史（60）', 'Past (60)')).click();
	await expect(page.getByRole('main').getByRole('progressbar')).toHaveCount(100);
	await expect(page.getByTestId('balance')).toHaveText('1,234,567,890');
});

state('credits, filters that nothing matches', async ({ page, api, word }) => {
	api.transactions = api.transactions.filter(({ type }) => type === 'chat');
	await page.goto(`${PAGE}?type=image&range=today`);
	await expect(
		page.getByText(word('没有符合条件的记录', 'Nothing matches these filters'))
	).toBeVisible();
});

state('credits, details', async ({ page, word }) => {
	await page.goto(PAGE);
	await page.getByText(word('查看数据表', 'Show as table')).click();
	await page.getByText(word('历史（3）', 'Past (3)')).click();
	await page.getByRole('toolbar').getByRole('button').last().focus();
	await expect(page.getByRole('table')).toHaveCount(2);
});

state('credits, a payment is being confirmed', async ({ page, word }) => {
	await comeBack(page, word);
});

state('credits, a payment has arrived', async ({ page, api, word }) => {
	await comeBack(page, word);
	await lookedAgain(page, api, 2_000);
	await lookedAgain(page, api, 4_000);

	api.credits.packages.push(pack({ createdAt: at(0) }));
	api.credits.balance += 10_000;
	await lookedAgain(page, api, 8_000);
	await expect(page.getByText(word('已到账 +10,000 积分', '10,000 credits added'))).toBeVisible();
	await expect(page.getByTestId('balance')).toHaveText('22,345');
	await expect(page).toHaveURL(PAGE);
});

state('credits, a payment takes its time', async ({ page, api, word }) => {
	await comeBack(page, word);
	for (const wait of [2_000, 4_000, 8_000, 16_000]) await lookedAgain(page, api, wait);
	await expect(
		page.getByText(word('付款确认需要几分钟', 'This can take a few minutes'))
	).toBeVisible();
});

state('credits, offline', async ({ page, context, api, faults, word }) => {
	faults.expect('offline');
	await page.goto(PAGE);
	await expect(page.getByTestId('balance')).toHaveText('12,345');
	await context.setOffline(true);
	await expect(
		page.getByText(
			word('网络已断开，恢复后会自动刷新', 'You are offline; we will refresh when you are back')
		)
	).toBeVisible();
	await expect(page.getByTestId('balance')).toHaveText('12,345');
	expect(api.count('/api/credits')).toBeGreaterThan(0);
});

test('what came back online is refreshed', async ({ page, context, api, faults }) => {
	faults.expect('offline');
	await page.goto(PAGE);
	await expect(page.getByTestId('balance')).toHaveText('12,345');
	await context.setOffline(true);
	api.credits.balance = 11_111;
	await context.setOffline(false);
	await expect(page.getByTestId('balance')).toHaveText('11,111');
});

test.describe('the history', () => {
	test.use({ locale: 'en-US' });

	test('is filtered, and the address keeps the filters', async ({ page, api }) => {
		await page.goto(PAGE);
		const rows = page.getByRole('table', { name: 'Transactions' }).locator('tbody tr');
		await page.getByRole('button', { name: 'Other' }).click();
		await expect(rows).toHaveCount(2);
		await expect(page).toHaveURL(`${PAGE}?type=other`);
		await page.getByRole('button', { name: 'Today' }).click();
		await expect(page).toHaveURL(`${PAGE}?type=other&range=today`);
		await expect(page.getByText('Nothing matches these filters')).toBeVisible();
		await expect(page.getByRole('button', { name: 'Today' })).toHaveAttribute(
			'aria-pressed',
			'true'
		);

		api.calls = [];
		await page.reload();
		await expect(page.getByText('Nothing matches these filters')).toBeVisible();
		expect(api.calls.map(({ url }) => url.searchParams.get('type'))).toContain('other');
		await page.getByRole('button', { name: 'All' }).click();
		await page.getByRole('button', { name: '30 days' }).click();
		await expect(rows).toHaveCount(20);
	});

	test('goes on, and says how far', async ({ page }) => {
		await page.goto(PAGE);
		const rows = page.getByRole('table', { name: 'Transactions' }).locator('tbody tr');
		const more = page.getByRole('button', { name: 'Load more' });
		await expect(rows).toHaveCount(20);
		await more.focus();
		await page.keyboard.press('Enter');
		await expect(rows).toHaveCount(40);
		await expect(page.getByRole('status').filter({ hasText: '20 loaded' })).toHaveCount(1);
		await expect(more).toBeHidden();
	});

	test('keeps the focus on the button while there is more', async ({ page, api }) => {
		api.transactions = Array.from({ length: 70 }, (_, i) =>
			transaction({ createdAt: at(-i * DAY) })
		);
		await page.goto(PAGE);
		const more = page.getByRole('button', { name: 'Load more' });
		await more.focus();
		await page.keyboard.press('Enter');
		await expect(page.locator('tbody tr').filter({ visible: true })).toHaveCount(40);
		await expect(more).toBeFocused();
	});

	test('points out the entry that was linked to', async ({ page, api }) => {
		const entry = api.transactions[18];
		await page.goto(`${PAGE}#tx-${entry?.id ?? ''}`);
		await expect(page.locator(`#tx-${entry?.id ?? ''}`)).toBeInViewport();
	});

	test('is exported, all of it that passes the filters', async ({ page, api }) => {
		api.transactions = Array.from({ length: 450 }, (_, i) =>
			transaction({ amount: i + 1, createdAt: at(-i * 60_000) })
		);
		await page.goto(`${PAGE}?type=chat`);
		const started = page.waitForEvent('download');
		await page.getByRole('button', { name: 'Export CSV' }).click();
		const file = await started;
		const lines = (await readFile(await file.path(), 'utf8')).trim().split('\r\n');

		expect(file.suggestedFilename()).toMatch(/^credits-\d{4}-\d\d-\d\d\.csv$/);
		expect(lines).toHaveLength(451);
		expect(lines[0]).toContain('createdAt');
		expect(lines[450]).toContain(',450,');
	});
});

test('a purchase that was there before is not taken for the new one', async ({ page, api }) => {
	// bought a minute ago, in another tab
	api.credits.packages.push(pack({ createdAt: at(-60_000) }));
	await page.goto('/shop');
	await expect.poll(() => api.count('/api/credits')).toBe(1);
	const url = new URL(`${PAGE}?purchased=1&checkout_id=1`, page.url());
	api.routes['/api/checkout'] = reply({ id: '1', url }, 201);
	await page.getByRole('listitem').filter({ hasText: 'Standard' }).getByRole('button').click();
	await expect(page).toHaveURL(PAGE);
	await expect(page.getByText(/正在确认付款|Confirming your payment/)).toBeVisible();
	await expect.poll(() => api.count('/api/credits')).toBeGreaterThan(2);
	await expect(page.getByText(/正在确认付款|Confirming your payment/)).toBeVisible();
});
