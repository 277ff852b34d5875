// A test of the whole product, in the hands of somebody new to it.
import { randomUUID } from 'node:crypto';
import type { Locator, Page } from '@playwright/test';
import { test as base, expect, type Fixtures } from '../base';
import { baseUrl, idOf } from './product';

/** Somebody with an address of their own, and what they do on the pages. */
export class Visitor {
	email = `${randomUUID()}@example.com`;
	readonly password = randomUUID();
	readonly page: Page;
	readonly word: Fixtures['word'];

	constructor(page: Page, word: Fixtures['word']) {
		this.page = page;
		this.word = word;
	}

	/** known once they have signed up */
	get id(): string {
		return idOf(this.email);
	}

	get field(): Locator {
		return this.page.getByRole('textbox', { name: this.word('输入消息', 'Message') });
	}

	get badge(): Locator {
		return this.page.getByRole('main').locator('a[data-level]');
	}

	get lastAnswer(): Locator {
		return this.page.getByRole('log').locator('article[data-state]').last();
	}

	/** Fills in the form of signing up, where the page is. */
	async signUp() {
		const { page, word } = this;
		await page.getByLabel(word('姓名', 'Name')).fill('Ada');
		await page.getByLabel(word('邮箱', 'Email')).fill(this.email);
		await page.getByLabel(word('密码', 'Password'), { exact: true }).fill(this.password);
		await page
			.getByRole('main')
			.getByRole('button', { name: word('注册', 'Sign up') })
			.click();
	}

	async signIn(password: string) {
		const { page, word } = this;
		await page.getByLabel(word('邮箱', 'Email')).fill(this.email);
		await page.getByLabel(word('密码', 'Password'), { exact: true }).fill(password);
		await page
			.getByRole('main')
			.getByRole('button', { name: word('登录', 'Sign in') })
			.click();
	}

	/** Follows the alert's way to the shop, pays, and waits for the credits. */
	async buy(product: string, credits: string) {
		const { page, word } = this;
		await page
			.getByRole('alert')
			.getByRole('link', { name: word('购买积分', 'Buy credits') })
			.click();
		await page.getByRole('button', { name: word(`购买 ${product}`, `Buy ${product}`) }).click();
		await page.getByRole('button', { name: word('支付', 'Pay') }).click();
		await expect(
			page.getByText(word(`已到账 +${credits} 积分`, `${credits} credits added`))
		).toBeVisible();
	}

	async ask(question: string) {
		await this.field.fill(question);
		await this.field.press('Enter');
		await expect(this.page.getByRole('log')).toContainText(question);
	}

	/** A link of the sidebar, or of the tab bar. */
	async visit(href: string) {
		await this.page
			.getByRole('navigation')
			.locator(`a[href="${href}"]`)
			.filter({ visible: true })
			.click();
		await expect(this.page).toHaveURL(href);
	}

	async signOut() {
		const { page, word } = this;
		const button = page.getByRole('button', { name: word('退出登录', 'Sign out') });
		if ((await button.filter({ visible: true }).count()) === 0) {
			await page.getByRole('button', { name: word('账户', 'Account') }).click();
		}
		await button.filter({ visible: true }).click();
		await expect(page).toHaveURL('/sign-in');
	}
}

export const test = base.extend<{ visitor: Visitor }>({
	baseURL: async ({}, use) => use(baseUrl()),
	visitor: async ({ page, word }, use) => use(new Visitor(page, word))
});

export { expect };
