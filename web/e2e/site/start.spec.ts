// The pages around the dashboard: start, 404, signing in and up, the shop.
import { NARROW } from '../inspect';
import { Gate, refuse, reply, silence, unavailable } from './api';
import { expect, state, test } from './test';

state('start, a guest', async ({ page, api, word }) => {
	api.user = null;
	await page.goto('/');
	await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
	await expect(
		page.getByRole('main').getByRole('link', { name: word('登录', 'Sign in') })
	).toBeVisible();
	await expect(page).toHaveTitle(
		word('AI 对话，用多少付多少 · nginx-credits', 'AI chat, paid by what you use · nginx-credits')
	);
});

state('start, signed in', async ({ page, word }) => {
	await page.goto('/');
	await expect(page.getByRole('link', { name: word('打开对话', 'Open chat') })).toBeVisible();
});

state('the account menu of a phone', async ({ page, word }) => {
	await page.setViewportSize(NARROW);
	await page.goto('/dashboard/credits');
	await page.getByRole('button', { name: word('账户', 'Account') }).click();
	await expect(page.getByRole('button', { name: word('退出登录', 'Sign out') })).toBeVisible();
});

state('404', async ({ page, faults, word }) => {
	faults.expect(404);
	await page.goto('/nowhere');
	await expect(
		page.getByRole('heading', { name: word('找不到这个页面', 'Page not found') })
	).toBeVisible();
});

state('sign-in', async ({ page, api, word }) => {
	api.user = null;
	await page.goto('/sign-in');
	await expect(page.getByRole('heading', { name: word('登录', 'Sign in') })).toBeVisible();
	await expect(page.getByLabel(word('邮箱', 'Email'))).toHaveAttribute('autocomplete', 'username');

	const password = page.getByLabel(word('密码', 'Password'), { exact: true });
	await expect(password).toHaveAttribute('type', 'password');
	await page.getByRole('button', { name: word('显示密码', 'Show password') }).click();
	await expect(password).toHaveAttribute('type', 'text');
});

state('sign-in, busy', async ({ page, api, word }) => {
	api.user = null;
	api.routes['/api/auth/sign-in/email'] = silence;
	await page.goto('/sign-in');
	await page.getByLabel(word('邮箱', 'Email')).fill('ada@example.com');
	await page.getByLabel(word('密码', 'Password'), { exact: true }).fill('a password');
	await page
		.getByRole('main')
		.getByRole('button', { name: word('登录', 'Sign in') })
		.click();

	const busy = page.getByRole('button', { name: word('正在登录…', 'Signing in…') });
	await expect(busy).toBeFocused();
	await expect.poll(() => api.count('/api/auth/sign-in/email')).toBe(1);
	await page.keyboard.press('Enter');
	expect(api.count('/api/auth/sign-in/email'), 'sent once').toBe(1);
});

state('sign-in, wrong', async ({ page, api, faults, word }) => {
	faults.expect(401);
	api.user = null;
	api.routes['/api/auth/sign-in/email'] = reply(
		{ message: 'Invalid email or password', code: 'INVALID_EMAIL_OR_PASSWORD' },
		401
	);
	await page.goto('/sign-in');
	await page.getByLabel(word('邮箱', 'Email')).fill('ada@example.com');
	await page.getByLabel(word('密码', 'Password'), { exact: true }).fill('not mine');
	await page.keyboard.press('Enter');

	const alert = page.getByRole('alert');
	await expect(alert).toHaveText(word('邮箱或密码不正确', 'Wrong email or password'));
	await expect(alert).toBeFocused();
	await expect(page).toHaveURL('/sign-in');
});

state('sign-in, too many tries', async ({ page, api, faults, word }) => {
	faults.expect(429);
	api.user = null;
	api.routes['/api/auth/sign-in/email'] = reply({ message: 'Too many requests.' }, 429, {
		'X-Retry-After': '42'
	});
	await page.goto('/sign-in');
	await page.getByLabel(word('邮箱', 'Email')).fill('ada@example.com');
	await page.getByLabel(word('密码', 'Password'), { exact: true }).fill('a password');
	await page.keyboard.press('Enter');
	await expect(page.getByRole('alert')).toHaveText(
		word('尝试次数过多，请 42 秒后再试', 'Too many tries; wait 42 s')
	);
});

state('sign-up', async ({ page, api, word }) => {
	api.user = null;
	await page.goto('/sign-up');
	await expect(page.getByRole('heading', { name: word('注册', 'Sign up') })).toBeVisible();
	await expect(page.getByLabel(word('密码', 'Password'), { exact: true })).toHaveAttribute(
		'autocomplete',
		'new-password'
	);
});

state('sign-up, the address has an account', async ({ page, api, faults, word }) => {
	faults.expect(422);
	api.user = null;
	api.routes['/api/auth/sign-up/email'] = reply(
		{ message: 'User already exists.', code: 'USER_ALREADY_EXISTS' },
		422
	);
	await page.goto('/sign-up');
	await page.getByLabel(word('姓名', 'Name')).fill('Ada');
	await page.getByLabel(word('邮箱', 'Email')).fill('ada@example.com');
	await page.getByLabel(word('密码', 'Password'), { exact: true }).fill('a password');
	await page.keyboard.press('Enter');
	await expect(page.getByRole('alert')).toBeFocused();
	await expect(page.getByRole('alert')).toContainText(
		word('该邮箱已注册', 'already has an account')
	);
});

test('who is signed in already goes on to a path of this site', async ({ page }) => {
	await page.goto('/sign-in?next=%2Fdashboard%2Fcredits%3Ftype%3Dchat');
	await expect(page).toHaveURL('/dashboard/credits?type=chat');
});

for (const next of [
	'//example.com/',
	'https://example.com/',
	'/\\example.com',
	'javascript:alert(1)'
]) {
	test(`nobody is sent on to ${next}`, async ({ page }) => {
		await page.goto(`/sign-in?next=${encodeURIComponent(next)}`);
		await expect(page).toHaveURL('/dashboard/chat');
	});
}

test('the dashboard is the chat', async ({ page }) => {
	await page.goto('/dashboard');
	await expect(page).toHaveURL('/dashboard/chat');
});

test('the end of the session leads to signing in, and back', async ({ page, api, faults }) => {
	faults.expect(401);
	api.user = null;
	const { routes } = api;
	const unauthorized = refuse(401, 'unauthorized');
	api.routes = {
		...routes,
		'/api/credits': unauthorized,
		'/api/credits/transactions': unauthorized
	};
	await page.goto('/dashboard/credits?type=chat#tx-1');
	await expect(page).toHaveURL(/\/sign-in\?next=/);

	api.routes = routes;
	await page.locator('[name=email]').fill('ada@example.com');
	await page.locator('[name=password]').fill('a password');
	await page.keyboard.press('Enter');
	await expect(page).toHaveURL('/dashboard/credits?type=chat#tx-1');
});

test('a session that ends while the page is open leads to signing in, once', async ({
	page,
	api,
	faults
}) => {
	faults.expect(401);
	await page.goto('/dashboard/credits');
	await expect(page.getByTestId('balance')).toHaveText('12,345');
	await expect(page.getByRole('table')).toBeVisible();
	await expect
		.poll(() => api.count('/api/credits/transactions'), { message: 'chart and history' })
		.toBe(2);

	// whatever Better Auth may still think of it
	const unauthorized = refuse(401, 'unauthorized');
	api.routes = {
		...api.routes,
		'/api/credits': unauthorized,
		'/api/credits/transactions': unauthorized
	};
	await page.getByRole('button', { name: /^(刷新|Refresh)/ }).click();
	await expect(page).toHaveURL('/sign-in?next=%2Fdashboard%2Fcredits');
	await page.locator('[name=email]').fill('ada@example.com');
	await expect(page).toHaveURL('/sign-in?next=%2Fdashboard%2Fcredits');
	await page.waitForLoadState('networkidle');
	expect(api.count('/api/credits')).toBe(2);
});

state('shop, loading', async ({ page, api }) => {
	api.routes['/api/products'] = silence;
	await page.goto('/shop');
	await expect(page.locator('ul[aria-busy=true]')).toBeVisible();
});

state('shop', async ({ page, word }) => {
	await page.goto('/shop');
	await expect(page.getByRole('listitem').filter({ has: page.getByRole('heading') })).toHaveCount(
		3
	);

	const standard = page.getByRole('listitem').filter({ hasText: 'Standard' });
	await expect(standard).toContainText(word('10,000 积分', '10,000 credits'));
	await expect(standard).toContainText('$10.00');
	await expect(standard).toContainText(word('有效期 12 个月', 'Valid 12 months'));
	await expect(page.getByRole('listitem').filter({ hasText: 'Starter' })).toContainText(
		word('有效期 30 天', 'Valid 30 days')
	);
	await expect(page.getByRole('listitem').filter({ hasText: 'Monthly' })).toContainText(
		word('/ 月', '/ month')
	);
});

state('shop, nothing for sale', async ({ page, api, word }) => {
	api.products = [];
	await page.goto('/shop');
	await expect(
		page.getByText(word('暂时没有可购买的积分包', 'Nothing is for sale right now'))
	).toBeVisible();
});

state('shop, error', async ({ page, api, faults, word }) => {
	faults.expect(503);
	api.routes['/api/products'] = unavailable;
	await page.goto('/shop');
	await expect(page.getByRole('alert')).toContainText(
		word('加载失败，请重试', 'Could not load; please try again')
	);
});

test('a shop that could not load tries again', async ({ page, api, faults }) => {
	faults.expect(503);
	const { routes } = api;
	api.routes = { ...routes, '/api/products': unavailable };
	await page.goto('/shop');
	await expect(page.getByRole('alert')).toBeVisible();

	api.routes = routes;
	await page.getByRole('alert').getByRole('button').click();
	await expect(page.getByRole('heading', { name: 'Standard' })).toBeVisible();
	await expect(page.getByRole('alert')).toBeHidden();
});

state('shop, buying', async ({ page, api, word }) => {
	api.routes['/api/checkout'] = silence;
	await page.goto('/shop');
	await page.getByRole('button', { name: word('购买 Standard', 'Buy Standard') }).click();
	await expect(
		page.getByRole('button', { name: word('正在前往付款…', 'Opening the checkout…') })
	).toBeVisible();
	await expect(
		page.getByRole('button', { name: word('购买 Starter', 'Buy Starter') })
	).toBeDisabled();
});

state('shop, the checkout does not open', async ({ page, api, faults, word }) => {
	faults.expect(503);
	api.routes['/api/checkout'] = unavailable;
	await page.goto('/shop');
	await page.getByRole('button', { name: word('购买 Standard', 'Buy Standard') }).click();
	await expect(page.getByRole('alert')).toContainText(
		word('无法打开付款页面，请重试', 'The checkout could not be opened; please try again')
	);
});

state('shop, the product is gone', async ({ page, api, faults, word }) => {
	faults.expect(400);
	api.routes['/api/checkout'] = reply({}, 400);
	await page.goto('/shop');
	await page.getByRole('button', { name: word('购买 Standard', 'Buy Standard') }).click();
	await expect(page.getByRole('alert')).toContainText(
		word('该商品已下架', 'This product is no longer for sale')
	);
});

test('a checkout is opened for the product, and left to', async ({ page, api, baseURL }) => {
	const gate = new Gate();
	// what is there does not matter, but it is a page
	const url = `${baseURL ?? ''}/sign-up?checkout`;
	api.routes['/api/checkout'] = gate.before(reply({ id: '1', url }, 201));
	await page.goto('/shop');
	await page.getByRole('listitem').filter({ hasText: 'Standard' }).getByRole('button').click();
	gate.open();
	await expect(page).toHaveURL('/dashboard/chat');

	const [call] = api.calls.filter(({ url }) => url.pathname === '/api/checkout');
	expect(call?.url.searchParams.get('product')).toBe('b61d0e97-5b7d-4e93-8c60-1f2a3b4c5d6e');
});

test('a guest who buys signs in first', async ({ page, api }) => {
	api.user = null;
	await page.goto('/shop');
	await page.getByRole('listitem').filter({ hasText: 'Standard' }).getByRole('button').click();
	await expect(page).toHaveURL('/sign-in?next=%2Fshop');
	expect(api.count('/api/checkout')).toBe(0);
});
