// The chat of the whole product by keyboard alone, and a frozen account.
import type { Locator } from '@playwright/test';
import { ledger, openGate, sql } from './product';
import { expect, test } from './test';

/** Tab, until it has the focus; more stops than the page has are too many. */
async function tabTo(target: Locator) {
	const focused = () => target.evaluate((it) => it === document.activeElement);
	for (let stops = 0; stops < 60 && !(await focused()); stops += 1) {
		await target.page().keyboard.press('Tab');
	}
	await expect(target).toBeFocused();
	// it is seen where the focus is
	await expect(target).toBeInViewport();
}

test.use({ locale: 'en-US', permissions: ['clipboard-read', 'clipboard-write'] });

test('by keyboard alone', async ({ page, visitor }) => {
	const { keyboard } = page;
	const { field, lastAnswer } = visitor;

	await test.step('sign up', async () => {
		await page.goto('/sign-up');
		for (const [label, text] of [
			['Name', 'Ada'],
			['Email', visitor.email],
			['Password', visitor.password]
		] as const) {
			await tabTo(page.getByLabel(label, { exact: true }));
			await keyboard.type(text);
		}
		await keyboard.press('Enter');
		await expect(page).toHaveURL('/dashboard/chat');
		sql(`SELECT credit_grant(:'id', 500, '1 year', 'test', :'id');`, { id: visitor.id });
		await page.reload();
		await expect(visitor.badge).toContainText('500');
	});

	const { id } = visitor;

	await test.step('choose another model, ask, and stop with Escape', async () => {
		await tabTo(page.getByRole('combobox', { name: 'Model' }));
		await keyboard.press('ArrowDown');
		await expect(page.getByRole('combobox', { name: 'Model' })).toHaveValue('gpt-4o');
		await tabTo(field);
		await keyboard.type(`[provider gate=12 chunks=40 tag=${id}]`);
		await keyboard.press('Enter');
		await expect(lastAnswer).toHaveAttribute('data-state', 'streaming');
		await keyboard.press('Escape');
		await expect(lastAnswer).toHaveAttribute('data-state', 'stopped');
		await openGate(id);
	});

	await test.step('ask again, copy, and follow the cost', async () => {
		await tabTo(field);
		await keyboard.type('What is a credit?');
		await keyboard.press('Enter');
		await expect(lastAnswer).toHaveAttribute('data-state', 'done');
		await expect(lastAnswer.locator('[data-charge=settled]')).toBeVisible();

		const copy = lastAnswer.getByRole('button', { name: 'Copy' }).last();
		await tabTo(copy);
		await expect(copy).toHaveCSS('outline-style', 'solid');
		await keyboard.press('Enter');
		await expect(lastAnswer.getByRole('button', { name: 'Copied' })).toHaveCount(1);
		expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('**Credits**');
	});

	await test.step('a new chat, and back to the earlier one', async () => {
		const newChat = page.getByRole('button', { name: 'New chat' });
		await tabTo(newChat);
		await keyboard.press('Enter');
		await expect(field).toBeFocused();

		const earlier = page.getByRole('button', { name: 'Earlier chats' });
		await tabTo(earlier);
		await keyboard.press('Enter');
		await expect(page.getByRole('dialog')).toBeVisible();
		await keyboard.press('Escape');
		await expect(page.getByRole('dialog')).toBeHidden();
		await expect(earlier).toBeFocused();

		await keyboard.press('Enter');
		await tabTo(page.getByRole('dialog').getByRole('listitem').getByRole('button').first());
		await keyboard.press('Enter');
		await expect(lastAnswer).toContainText('pay for every answer');
		expect(ledger(id)).toHaveLength(2);
	});

	await test.step('sign out', async () => {
		await tabTo(page.getByRole('button', { name: 'Sign out' }));
		await keyboard.press('Enter');
		await expect(page).toHaveURL('/sign-in');
	});
});

test('a frozen account is told so, and is charged nothing', async ({ page, visitor, faults }) => {
	faults.expect(403);
	await page.goto('/sign-up');
	await visitor.signUp();
	await expect(page).toHaveURL('/dashboard/chat');
	sql(
		`SELECT credit_grant(:'id', 500, '1 year', 'test', :'id');
		 SELECT credit_freeze(:'id', 'test');`,
		{ id: visitor.id }
	);
	await page.reload();
	await visitor.ask('What is a credit?');
	await expect(visitor.lastAnswer).toContainText('Your account is frozen; please contact support');
	expect(ledger(visitor.id)).toEqual([]);
});
