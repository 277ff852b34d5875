// From signing up to signing out, with the real ledger behind it: what the
// pages say is what was charged.
import { readFile } from 'node:fs/promises';
import type { Locator } from '@playwright/test';
import { balance, ledger, openGate, sql } from './product';
import { expect, test, type Visitor } from './test';

const number = (value: number) => value.toLocaleString('en');

/** The answer's cost line is the newest row of the ledger. */
async function costs({ id, word, lastAnswer, badge }: Visitor) {
	const line = lastAnswer.locator('[data-charge=settled]');
	await expect(line).toBeVisible();

	const [entry] = ledger(id);
	if (!entry) throw new Error('the ledger has no row');
	const { amount, input, output, estimated } = entry;
	const [c, t, i, o] = [amount, input + output, input, output].map(number) as [
		string,
		string,
		string,
		string
	];

	await expect(line).toContainText(
		word(
			`消耗 ${c} 积分 · ${t} tokens（输入 ${i} + 输出 ${o}）`,
			`${c} ${amount === 1 ? 'credit' : 'credits'} · ${t} tokens (${i} in + ${o} out)`
		)
	);
	expect((await line.innerText()).includes(word('估算', 'estimated'))).toBe(estimated);
	await expect(line.getByRole('link')).toHaveAttribute('href', `/dashboard/credits#tx-${entry.id}`);
	await expect(badge).toContainText(number(balance(id)));
	return entry;
}

/** The rows of the history that are on the screen, as [amount, id]. */
function shown(page: Visitor['page']): Promise<[string, string][]> {
	return page
		.locator('[id^=tx-]')
		.filter({ visible: true })
		.evaluateAll((rows) =>
			rows.map((row): [string, string] => [
				/−[\d,]+/.exec(row.textContent)?.[0] ?? '',
				row.id.slice('tx-'.length)
			])
		);
}

async function download(button: Locator): Promise<string[]> {
	const started = button.page().waitForEvent('download');
	await button.click();
	const text = await readFile(await (await started).path(), 'utf8');
	return text.trim().split('\r\n').slice(1);
}

for (const { locale, viewport } of [
	{ locale: 'zh-CN', viewport: { width: 1280, height: 800 } },
	{ locale: 'en-US', viewport: { width: 390, height: 844 } }
]) {
	test.describe(locale, () => {
		test.use({ locale, viewport });

		test('from signing up to signing out', async ({ page, visitor, faults, word }) => {
			const { field, badge, lastAnswer } = visitor;
			const outOfCredits = page.getByRole('button', { name: word('积分不足', 'Out of credits') });

			await test.step('a guest is asked to sign in, and signs up', async () => {
				faults.expect(401);
				await page.goto('/dashboard/chat');
				await expect(page).toHaveURL('/sign-in?next=%2Fdashboard%2Fchat');
				await page
					.getByRole('main')
					.getByRole('link', { name: word('注册', 'Sign up') })
					.click();
				await visitor.signUp();
				await expect(page).toHaveURL('/dashboard/chat');
			});

			await test.step('without credits nothing can be asked', async () => {
				await expect(field).toBeDisabled();
				await expect(outOfCredits).toBeDisabled();
				await expect(badge).toContainText('0');
				await expect(page.getByRole('alert')).toContainText(
					word('积分已用完', 'You are out of credits')
				);
			});

			await test.step('100 credits are bought', async () => {
				await visitor.buy('100 credits', '100');
				await expect(page.getByTestId('balance')).toHaveText('100');
				await page.getByRole('link', { name: word('返回对话', 'Back to the chat') }).click();
				await expect(field).toBeEnabled();
				await expect(badge).toContainText('100');
			});

			const { id } = visitor;

			await test.step('an answer, streamed, and what it cost', async () => {
				await visitor.ask(
					word(
						`什么是积分？ [provider gate=8 tag=${id}-1]`,
						`What is a credit? [provider gate=8 tag=${id}-1]`
					)
				);
				await expect(lastAnswer).toHaveAttribute('data-state', 'streaming');
				await openGate(`${id}-1`);
				await expect(lastAnswer.locator('pre')).toContainText('Math.ceil');
				await expect(lastAnswer.getByRole('listitem')).toHaveCount(3);
				const entry = await costs(visitor);
				expect(entry.amount).toBeGreaterThan(0);
				expect(balance(id)).toBe(100 - entry.amount);
			});

			await test.step('an answer that is stopped costs what there was of it', async () => {
				await visitor.ask(`[provider gate=12 chunks=40 tag=${id}-2]`);
				await expect(lastAnswer).toHaveAttribute('data-state', 'streaming');
				await page.getByRole('button', { name: word('停止', 'Stop') }).click();
				await expect(lastAnswer).toContainText(
					word('已停止 · 按已生成内容计费', 'Stopped · charged for what was generated')
				);
				const entry = await costs(visitor);
				expect(entry.estimated).toBe(true);
				expect((await lastAnswer.locator('.markdown').innerText()).length).toBeGreaterThan(0);
				await openGate(`${id}-2`);
			});

			const draft = word('下一个问题', 'The next question');

			await test.step('the last credits are used; the draft of the next question stays', async () => {
				const rest = balance(id);
				await visitor.ask(`[provider gate=4 usage=1000+${(rest - 1) * 1000} tag=${id}-3]`);
				await expect(lastAnswer).toHaveAttribute('data-state', 'streaming');
				await field.fill(draft);
				await openGate(`${id}-3`);
				expect((await costs(visitor)).amount).toBe(rest);
				await expect(field).toBeDisabled();
				await expect(field).toHaveValue(draft);
				await expect(outOfCredits).toBeDisabled();
			});

			await test.step('10,000 more, and on with the draft', async () => {
				await visitor.buy('10,000 credits', '10,000');
				await visitor.visit('/dashboard/chat');
				await expect(field).toBeEnabled();
				await expect(field).toHaveValue(draft);
				await field.press('Enter');
				await expect(page.getByRole('log')).toContainText(draft);
				await costs(visitor);
				await expect(badge).toContainText(word('充足', 'Healthy'));
			});

			await test.step('the credits page and the file have what the ledger has', async () => {
				await lastAnswer.locator('[data-charge] a').click();
				const entries = ledger(id);
				expect(entries).toHaveLength(4);
				await expect(page.locator(`#tx-${entries[0]?.id ?? ''}`)).toBeInViewport();
				await expect(page.getByTestId('balance')).toHaveText(number(balance(id)));
				expect(await shown(page)).toEqual(
					entries.map(({ id, amount }) => [`−${number(amount)}`, id])
				);

				const packages = page.getByRole('main').getByRole('progressbar');
				await expect(packages.filter({ visible: true })).toHaveCount(1);
				await page.getByText(word('历史（1）', 'Past (1)')).click();
				await expect(packages.filter({ visible: true })).toHaveCount(2);
				await expect(page.getByText(word('已用完', 'Used up'), { exact: true })).toBeVisible();

				const lines = await download(
					page.getByRole('button', { name: word('导出 CSV', 'Export CSV') })
				);
				expect(lines.map((line) => line.split(',')[0])).toEqual(entries.map(({ id }) => id));
				expect(lines.map((line) => Number(line.split(',').at(-2)))).toEqual(
					entries.map(({ amount }) => amount)
				);
			});

			await test.step('a session that has expired leads to signing in, and back', async () => {
				await page.goto('/dashboard/credits?range=7d');
				await expect(page.getByTestId('balance')).toBeVisible();
				sql(`UPDATE session SET "expiresAt" = now() - interval '1 hour' WHERE "userId" = :'id';`, {
					id
				});
				// nginx knows a session for some seconds
				await expect(async () => {
					await page
						.getByRole('button', { name: word('刷新', 'Refresh') })
						.click({ timeout: 1000 });
					await expect(page).toHaveURL(/\/sign-in/, { timeout: 1000 });
				}).toPass();

				await visitor.signIn('not the password');
				await expect(page.getByRole('alert')).toHaveText(
					word('邮箱或密码不正确', 'Wrong email or password')
				);
				await visitor.signIn(visitor.password);
				await expect(page).toHaveURL('/dashboard/credits?range=7d');
				await expect(page.getByTestId('balance')).toHaveText(number(balance(id)));
			});

			await test.step('and out', async () => {
				await visitor.signOut();
				await page.goto('/dashboard/credits');
				await expect(page).toHaveURL('/sign-in?next=%2Fdashboard%2Fcredits');
				await expect(page.getByText(number(balance(id)))).toHaveCount(0);
			});
		});
	});
}
