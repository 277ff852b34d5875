// The chat, in whatever may become of a question.
import type { Page } from '@playwright/test';
import type { Word } from '../base';
import { Gate, refuse, reply, silence, unavailable } from './api';
import { expect, state, test } from './test';
import { pack } from './wire';

const PAGE = '/dashboard/chat';

const CODE = `Credits pay for **answers**, see [the docs](https://example.com/docs):

1. First
2. Second

| tokens | credits |
| --- | --- |
| 1,000 | 1 |

\`\`\`js
const credits = Math.ceil((input + output) / 1000); // rounded up, whatever it is that was asked
\`\`\`

> And \`inline\` code.`;

const field = (page: Page) => page.locator('textarea');
const badge = (page: Page) =>
	page.getByRole('main').locator('a[href="/dashboard/credits"]').first();
const answers = (page: Page) => page.getByRole('log').locator('article[data-state]');

/** Types a question and sends it; the page has known the balance before. */
async function ask(page: Page, text: string) {
	await field(page).fill(text);
	await field(page).press('Enter');
}

async function open(page: Page, balance = '12,345') {
	await page.goto(PAGE);
	await expect(badge(page)).toContainText(balance);
}

const sendButton = (page: Page, word: Word) =>
	page.getByRole('main').getByRole('button', { name: word('发送', 'Send'), exact: true });

state('chat, empty', async ({ page, word }) => {
	await open(page);
	await expect(badge(page)).toContainText(word('充足', 'Healthy'));
	await expect(
		page.getByRole('heading', { name: word('开始对话', 'Start a conversation') })
	).toBeVisible();

	const suggestions = page.getByRole('main').getByRole('listitem').getByRole('button');
	await expect(suggestions).toHaveCount(3);
	const text = await suggestions.first().innerText();
	await suggestions.first().click();
	await expect(field(page)).toHaveValue(text);
	await expect(field(page)).toBeFocused();
	await expect(sendButton(page, word)).toBeEnabled();
	await expect(answers(page)).toHaveCount(0);
	await expect(field(page)).toHaveAccessibleName(word('输入消息', 'Message'));
	await expect(field(page)).toHaveAccessibleDescription(
		word('Enter 发送 · Shift+Enter 换行', 'Enter to send · Shift+Enter for a new line')
	);
});

state('chat, balance unknown', async ({ page, api, word }) => {
	api.routes['/api/credits'] = silence;
	await open(page, '—');
	await field(page).fill('?');
	await expect(sendButton(page, word)).toBeEnabled();
	await expect(page.getByRole('alert')).toHaveCount(0);
});

state('chat, balance not to be had', async ({ page, api, faults, word }) => {
	faults.expect(503);
	api.routes['/api/credits'] = unavailable;
	await open(page, '—');
	await ask(page, '?');
	await expect(answers(page)).toContainText('Hello.');
	await expect(sendButton(page, word)).toBeVisible();
});

state('chat, a long draft', async ({ page }) => {
	await open(page);
	await field(page).fill(Array.from({ length: 30 }, (_, i) => `${i}`).join('\n'));
	const { height } = (await field(page).boundingBox()) ?? { height: 0 };
	expect(height, '8 lines and their padding').toBeLessThanOrEqual(8 * 24 + 32);
	expect(height).toBeGreaterThan(7 * 24);
});

state('chat, waiting', async ({ page, api, word }) => {
	const first = new Gate();
	api.routes['/api/chat'] = api.says('Late.', { first });
	await page.clock.install();
	await open(page);
	await ask(page, 'Are you there?');
	await expect(answers(page)).toHaveAttribute('aria-busy', 'true');
	await expect(page.getByRole('button', { name: word('停止', 'Stop') })).toBeVisible();
	await expect(
		page.getByRole('status').filter({ hasText: word('正在生成', 'Generating') })
	).toHaveCount(1);
	const still = page.getByText(word('仍在等待模型响应', 'Still waiting for the model'));
	await expect(still).toHaveCount(0);
	await page.clock.fastForward(15_000);
	await expect(still).toBeVisible();
});

state('chat, streaming', async ({ page, api, word }) => {
	const middle = new Gate();
	api.routes['/api/chat'] = api.says(CODE, { middle });
	await open(page);
	api.credits.held = 5;
	await ask(page, 'What is a credit?');
	await expect(answers(page)).toContainText('First');
	await expect(answers(page)).not.toContainText('inline');
	await expect(badge(page)).toContainText(word('（−5 进行中）', '(−5 on hold)'));
	await expect(badge(page)).toContainText('12,345');
});

state('chat, an answer', async ({ page, api, word }) => {
	api.routes['/api/chat'] = api.says(CODE, { usage: [1234, 14_000] });
	await open(page);
	await ask(page, 'What is a credit?');
	const answer = answers(page);
	await expect(answer.getByRole('table')).toBeVisible();
	await expect(answer.locator('.hljs-keyword')).toHaveText('const');
	await expect(answer.getByRole('button', { name: word('复制', 'Copy') }).first()).toBeVisible();

	const cost = answer.locator('[data-charge=settled]');
	await expect(cost).toHaveText(
		word(
			'消耗 16 积分 · 15,234 tokens（输入 1,234 + 输出 14,000）',
			'16 credits · 15,234 tokens (1,234 in + 14,000 out)'
		)
	);
	await expect(cost.getByRole('link')).toHaveAttribute('href', /^\/dashboard\/credits#tx-f3a1c2d4/);
	await expect(page.getByText(word('本次对话 16 积分', 'This chat: 16 credits'))).toBeVisible();
	await expect(badge(page)).toContainText('12,329');
	await expect(
		page.getByRole('status').filter({
			hasText: word(
				'回答已完成，消耗 16 积分，余额 12,329',
				'Answer ready, 16 credits, 12,329 left'
			)
		})
	).toHaveCount(1);
});

state('chat, settling', async ({ page, api, word }) => {
	api.routes['/api/chat'] = api.says('Some text.', { usage: null, charge: null });
	await page.clock.install();
	await open(page);
	api.credits.held = 5;
	await ask(page, 'How much?');
	await expect(answers(page).getByText(word('正在结算…', 'Settling…'))).toBeVisible();
});

state('chat, the charge stays unknown', async ({ page, api, word }) => {
	api.routes['/api/chat'] = api.says('Some text.', { usage: null, charge: null });
	await page.clock.install();
	await open(page);
	api.credits.held = 5;
	await ask(page, 'How much?');
	const unknown = answers(page).getByRole('link', {
		name: word('查看消费记录', 'See your transactions')
	});
	await expect(async () => {
		await page.clock.fastForward(8_000);
		await expect(unknown).toBeVisible({ timeout: 100 });
	}).toPass();
});

state('chat, running low', async ({ page, api, word }) => {
	api.credits = { balance: 42, held: 0, debt: 0, packages: [pack({ remainingCredits: 42 })] };
	await open(page, '42');
	await expect(badge(page)).toContainText(word('即将用完', 'Running low'));
	const notice = page.getByText(
		word('积分剩余 42，建议尽快购买', '42 credits left; consider buying more')
	);
	await expect(notice).toBeVisible();
	await expect(sendButton(page, word)).toBeVisible();
});

state('chat, out of credits', async ({ page, api, word }) => {
	await open(page);
	await field(page).fill('My draft.');
	api.credits = { balance: 0, held: 0, debt: 0, packages: [] };
	await page.reload();
	await expect(badge(page)).toContainText(word('已用完', 'Empty'));
	await expect(field(page)).toBeDisabled();
	await expect(field(page)).toHaveValue('My draft.');
	await expect(
		page.getByRole('button', { name: word('积分不足', 'Out of credits') })
	).toBeDisabled();

	const alert = page.getByRole('alert');
	await expect(alert).toContainText(
		word(
			'积分已用完 — 购买积分后即可继续对话，草稿和历史都会保留',
			'You are out of credits — buy more to go on; your draft and messages are kept'
		)
	);
	await expect(alert.getByRole('link', { name: word('购买积分', 'Buy credits') })).toHaveAttribute(
		'href',
		'/shop'
	);
	await expect(alert.getByRole('link', { name: word('查看积分', 'View credits') })).toBeVisible();
});

state('chat, 402 in the middle', async ({ page, api, faults, word }) => {
	faults.expect(402);
	api.credits = { balance: 3, held: 0, debt: 0, packages: [pack({ remainingCredits: 3 })] };
	await open(page, '3');
	await ask(page, 'The first question');
	await expect(answers(page)).toContainText('Hello.');
	await expect(badge(page)).toContainText('1');

	api.routes['/api/chat'] = refuse(402, 'insufficient_credits', {
		available: 1,
		required: 5,
		held: 0,
		purchase_url: '/shop'
	});
	await ask(page, 'The second question');
	const refused = answers(page).nth(1);
	await expect(refused).toContainText(word('未发送 · 未扣费', 'Not sent · not charged'));
	await expect(page.getByText('The second question')).toBeVisible();
	await expect(field(page)).toBeDisabled();
	await expect(page.getByText('A raw text of the server.')).toHaveCount(0);
});

state('chat, the credits are held by other answers', async ({ page, api, faults, word }) => {
	faults.expect(402);
	api.routes['/api/chat'] = refuse(402, 'insufficient_credits', {
		available: 0,
		required: 5,
		held: 12_345,
		purchase_url: '/shop'
	});
	await open(page);
	await ask(page, 'Another one');
	await expect(answers(page)).toContainText(word('进行中', 'in progress'));
});

state('chat, too many requests', async ({ page, api, faults, word }) => {
	faults.expect(429);
	api.routes['/api/chat'] = refuse(429, 'rate_limit_exceeded', {}, { 'Retry-After': '5000' });
	await open(page);
	await ask(page, 'Faster');
	await expect(
		page.getByRole('button', {
			name: word(
				/^请求过于频繁，[45],\d{3} 秒后重试$/,
				/^Too many requests; retry in [45],\d{3} s$/
			)
		})
	).toBeDisabled();
});

test('who may retry gets an answer', async ({ page, api, faults }) => {
	faults.expect(429);
	await page.clock.install();
	api.routes['/api/chat'] = refuse(429, 'rate_limit_exceeded', {}, { 'Retry-After': '30' });
	await open(page);
	await ask(page, 'Faster');
	await expect(answers(page).getByRole('button')).toBeDisabled();
	api.routes['/api/chat'] = api.says('At last.');
	await page.clock.fastForward(31_000);
	await answers(page).getByRole('button').click();
	await expect(answers(page)).toContainText('At last.');
	await expect(answers(page)).toHaveCount(1);
});

state('chat, no service', async ({ page, api, faults, word }) => {
	faults.expect(503);
	api.routes['/api/chat'] = unavailable;
	await open(page);
	await ask(page, 'Hello?');
	await expect(answers(page)).toContainText(
		word('服务暂时不可用 · 未扣费', 'Service unavailable · not charged')
	);
});

state('chat, no service, and the ledger is asked', async ({ page, api, faults, word }) => {
	faults.expect(502);
	await page.clock.install();
	await open(page);
	api.routes['/api/chat'] = refuse(502, 'bad_gateway');
	api.routes['/api/credits'] = silence;
	await ask(page, 'Hello?');
	await expect(answers(page)).toContainText(word('正在核对扣费', 'Checking the charge'));
});

state('chat, the connection is lost', async ({ page, api, faults, word }) => {
	faults.expect('cut');
	const middle = new Gate();
	api.routes['/api/chat'] = api.says('One two three four five six', { middle, cut: true });
	await open(page);
	await ask(page, 'Count');
	const answer = answers(page);
	await expect(answer).toContainText('One two three');
	middle.open();
	await expect(answer).toContainText(
		word('连接中断，回答可能不完整', 'Connection lost; the answer may be incomplete')
	);
	await expect(
		answer.getByRole('button', { name: word('重新生成', 'Regenerate') }).first()
	).toBeVisible();
});

state('chat, stopped', async ({ page, api, word }) => {
	const middle = new Gate();
	api.routes['/api/chat'] = api.says('One two three four five six', { middle });
	await open(page);
	await ask(page, 'Count');
	await expect(answers(page)).toContainText('One two three');
	await page.getByRole('button', { name: word('停止', 'Stop') }).click();
	await expect(answers(page)).toContainText('One two three');
	await expect(answers(page)).toContainText(
		word('已停止 · 按已生成内容计费', 'Stopped · charged for what was generated')
	);
});

state('chat, offline', async ({ page, context, faults, word }) => {
	faults.expect('offline');
	await open(page);
	await field(page).fill('A draft');
	await context.setOffline(true);
	await expect(page.getByRole('button', { name: word('网络已断开', 'Offline') })).toBeDisabled();
	await expect(field(page)).toHaveValue('A draft');
});

state('chat, frozen', async ({ page, api, faults, word }) => {
	faults.expect(403);
	api.routes['/api/chat'] = refuse(403, 'account_frozen');
	await open(page);
	await ask(page, 'Hello?');
	await expect(answers(page)).toContainText(
		word('账户已被冻结，请联系支持', 'Your account is frozen; please contact support')
	);
});

state('chat, earlier chats', async ({ page, word }) => {
	await open(page);
	await ask(page, 'The first chat');
	await expect(answers(page)).toContainText('Hello.');
	await page.getByRole('button', { name: word('新对话', 'New chat') }).click();
	await expect(answers(page)).toHaveCount(0);
	await page.getByRole('button', { name: word('历史对话', 'Earlier chats') }).click();
	await expect(
		page.getByRole('dialog').getByRole('button', { name: 'The first chat' }).first()
	).toBeVisible();
});

state('chat, a question is edited', async ({ page, word }) => {
	await open(page);
	await ask(page, 'A question with a typo');
	await expect(answers(page)).toContainText('Hello.');
	await page
		.getByRole('log')
		.getByRole('button', { name: word('编辑', 'Edit') })
		.click();
	await expect(page.getByRole('log').getByRole('textbox')).toBeFocused();
});

state('chat, a long one', async ({ page, api, word }) => {
	api.routes['/api/chat'] = api.says(
		Array.from({ length: 80 }, (_, i) => `Line ${i}\n\n`).join('')
	);
	await open(page);
	await ask(page, 'A long story, with averyverylongword'.padEnd(300, 'g'));
	await expect(answers(page)).toContainText('Line 79');
	await expect(answers(page).locator('[data-charge]')).toBeInViewport();
	await page.getByRole('log').evaluate((log) => log.scrollTo(0, 0));
	await expect(
		page.getByRole('button', { name: word('回到底部', 'Jump to latest') })
	).toBeVisible();
});

test('credits that arrive are noticed, and the draft goes on', async ({ page, api }) => {
	await page.clock.install();
	api.credits = { balance: 0, held: 0, debt: 0, packages: [] };
	await page.goto(PAGE);
	await expect(field(page)).toBeDisabled();
	api.credits = { balance: 500, held: 0, debt: 0, packages: [pack({ remainingCredits: 500 })] };
	await page.clock.fastForward(6_000);
	await page.evaluate(() => window.dispatchEvent(new Event('focus')));
	await expect(field(page)).toBeEnabled();
	await expect(field(page)).toBeFocused();
	await expect(
		page.getByRole('status').filter({ hasText: /积分已到账|Credits added/ })
	).toHaveCount(1);
	await expect(page.getByRole('alert')).toHaveCount(0);
});

test('the notice of a low balance comes once for each crossing', async ({ page, api }) => {
	const notice = page.getByText(/积分剩余|credits left; consider/);
	const set = (balance: number) => {
		api.credits = { balance, held: 0, debt: 0, packages: [pack({ remainingCredits: balance })] };
	};
	set(42);
	await page.goto(PAGE);
	await expect(notice).toBeVisible();
	await page.reload();
	await expect(badge(page)).toContainText('42');
	await expect(notice).toBeHidden();
	set(500);
	await page.reload();
	await expect(badge(page)).toContainText('500');
	set(41);
	await page.reload();
	await expect(notice).toBeVisible();
});

for (const sanitizer of ["the browser's own sanitizer", 'DOMPurify']) {
	test(`what the model says is drawn, not run: ${sanitizer}`, async ({ page, api }) => {
		if (sanitizer === 'DOMPurify') {
			await page.addInitScript(() => Reflect.deleteProperty(Element.prototype, 'setHTML'));
		}
		const evil = [
			'<img src=x onerror="window.hit = 1">',
			'<script>window.hit = 1</script>',
			'[a](javascript:window.hit=1)',
			'![b](https://example.com/pixel.png)',
			'<style>body { display: none }</style><form action="/x"><input name="password"></form>',
			'```js\n1\n```',
			'| a |\n|--:|\n| b |',
			'[docs](https://example.com/docs "t")',
			'Done.'
		].join('\n\n');
		api.routes['/api/chat'] = api.says(evil);
		await open(page);
		await ask(page, 'Attack');
		await expect(answers(page).locator('[data-charge=settled]')).toBeVisible();
		await expect(answers(page).locator('.markdown')).toContainText('Done.');
		await expect(
			answers(page).locator('img, script, style, form, input, a[href^="javascript"]')
		).toHaveCount(0);
		// and all that Markdown makes is still there
		for (const kept of [
			'.code-block .code-head button.code-copy[type=button]',
			'.code-block pre[tabindex="0"] code',
			'.table-scroll[tabindex="0"] td[align=right]',
			'a[href="https://example.com/docs"][title=t][target=_blank][rel~=noopener]'
		]) {
			await expect(answers(page).locator(kept), kept).toHaveCount(1);
		}
		expect(await page.evaluate(() => 'hit' in window)).toBe(false);
		expect(await page.evaluate(() => 'setHTML' in Element.prototype)).toBe(
			sanitizer !== 'DOMPurify'
		);
	});
}

test('the request asks for the stream and its usage, in the model that was chosen', async ({
	page,
	api
}) => {
	await open(page);
	await page.getByRole('combobox').selectOption('gpt-4o');
	await ask(page, 'Hello');
	await expect(answers(page)).toContainText('Hello.');
	const call = api.calls.find(({ url }) => url.pathname === '/api/chat');
	expect(JSON.parse(call?.body ?? '')).toEqual({
		model: 'gpt-4o',
		stream: true,
		stream_options: { include_usage: true },
		messages: [{ role: 'user', content: 'Hello' }]
	});
});

test('an answer goes on while another page is looked at', async ({ page, api }) => {
	const middle = new Gate();
	api.routes['/api/chat'] = api.says('One two three four', { middle });
	await open(page);
	await ask(page, 'Count');
	await expect(answers(page)).toContainText('One two');
	await page.locator('a[href="/dashboard/credits"]').filter({ visible: true }).first().click();
	await expect(page).toHaveURL('/dashboard/credits');
	middle.open();
	await expect(page.getByTestId('balance')).toHaveText('12,343');
	await page.locator('a[href="/dashboard/chat"]').filter({ visible: true }).first().click();
	await expect(answers(page)).toContainText('One two three four');
});

test('chats are kept in the browser, for this user only', async ({ page, api }) => {
	await open(page);
	await ask(page, 'A secret');
	await expect(answers(page)).toContainText('Hello.');
	await page.reload();
	await expect(page.getByRole('log')).toContainText('A secret');

	api.user = { id: 'user-2', name: 'Grace', email: 'grace@example.com' };
	await page.reload();
	await expect(page.getByText('grace@example.com').filter({ visible: true })).toHaveCount(1);
	await expect(page.getByText('A secret')).toHaveCount(0);
	await page.getByRole('button', { name: /历史对话|Earlier chats/ }).click();
	await expect(page.getByRole('dialog')).toContainText(/还没有历史对话|No earlier chats/);
});

test('an answer that is no stream is no answer', async ({ page, api }) => {
	api.routes['/api/chat'] = reply({ choices: [] });
	await open(page);
	await ask(page, 'Hello?');
	await expect(answers(page)).toHaveAttribute('data-state', 'cut');
});
