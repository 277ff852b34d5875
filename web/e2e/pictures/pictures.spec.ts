// The pictures of the README: PICTURES=<dir> web/e2e/run --project=pictures
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from '../journey/product';
import { expect, test } from '../journey/test';

const DIRECTORY = process.env['PICTURES'] ?? '';
const LARGEST = 300_000; // bytes
const DAYS = 14;

test.use({
	locale: 'en-US',
	viewport: { width: 1280, height: 800 },
	deviceScaleFactor: 2
});

/** The same numbers at each run, at least 0 and below n. */
function dice(seed: number) {
	let state = seed;
	return (n: number) => {
		state = (state * 48_271) % 2_147_483_647;
		return state % n;
	};
}

/** Some answers a day, by day: less at the weekend. */
function history() {
	const roll = dice(7);
	const now = new Date();
	const models = ['gpt-4o-mini', 'gpt-4o-mini', 'gpt-4o', 'gpt-4.1'];

	return Array.from({ length: DAYS }, (_, daysAgo) => {
		const day = new Date(now.getFullYear(), now.getMonth(), now.getDate() - daysAgo);
		const count = [0, 6].includes(day.getDay()) ? 1 + roll(3) : 4 + roll(5);
		const length = daysAgo === 0 ? now.getTime() - day.getTime() : 24 * 3_600_000;

		return Array.from({ length: count }, () => {
			const promptTokens = 100 + roll(4_000);
			const completionTokens = 300 + roll(17_000);
			const totalTokens = promptTokens + completionTokens;
			return {
				at: new Date(day.getTime() + length * (0.35 + roll(600) / 1000)),
				amount: Math.ceil(totalTokens / 1000),
				metadata: {
					promptTokens,
					completionTokens,
					totalTokens,
					model: models[roll(models.length)]
				}
			};
		});
	}).flat();
}

function furnish(user: string) {
	sql(
		`SELECT credit_grant(:'user', 500, interval '19 days', 'demo', :'user' || '-1'),
		        credit_grant(:'user', 10000, interval '1 year', 'order', :'user' || '-2'),
		        credit_grant(:'user', 2000, interval '40 days', 'subscription', :'user' || '-3');

		 CREATE TEMP TABLE answer AS
		 SELECT gen_random_uuid() AS id, (e->>'at')::timestamptz AS at,
		        (e->>'amount')::bigint AS amount, e->'metadata' AS metadata
		   FROM jsonb_array_elements(:'history'::jsonb) e;

		 SELECT count(*) FROM credit_settle_batch(
		     (SELECT array_agg(:'user'::text) FROM answer),
		     (SELECT array_agg(id ORDER BY at) FROM answer),
		     (SELECT array_agg('settled'::text) FROM answer),
		     (SELECT array_agg(amount ORDER BY at) FROM answer),
		     (SELECT array_agg('chat'::text) FROM answer),
		     (SELECT array_agg(metadata ORDER BY at) FROM answer));

		 UPDATE credit_charge c SET createdAt = a.at
		   FROM answer a WHERE c.requestId = a.id;
		 UPDATE credit_transaction t SET createdAt = a.at
		   FROM answer a WHERE t.requestId = a.id;`,
		{ user, history: JSON.stringify(history()) }
	);
}

test('the pictures of the README', async ({ page, visitor }) => {
	const picture = async (name: string) => {
		const path = join(DIRECTORY, `${name}.jpg`);
		await page.evaluate(() => {
			if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
		});
		await page.mouse.move(0, 0);
		await page.screenshot({ path, quality: 90, animations: 'disabled' });
		expect(statSync(path).size, path).toBeLessThanOrEqual(LARGEST);
	};

	visitor.email = 'ada@example.com';
	await page.goto('/sign-up');
	await visitor.signUp();
	await expect(page).toHaveURL('/dashboard/chat');
	furnish(visitor.id);

	await page.emulateMedia({ colorScheme: 'dark' });
	await page.reload();
	await visitor.ask('What do I pay for an answer?');
	await expect(visitor.lastAnswer.locator('[data-charge=settled]')).toBeVisible();
	await expect(visitor.lastAnswer.locator('.hljs-keyword')).toBeVisible();
	await picture('chat');

	await page.emulateMedia({ colorScheme: 'light' });
	await page.goto('/dashboard/credits');
	await expect(page.getByTestId('balance')).toBeVisible();
	await expect(page.getByRole('img', { name: /in the last 14 days/ })).toBeVisible();
	await expect(page.getByRole('table', { name: 'Transactions' })).toBeVisible();
	await picture('credits');
});
