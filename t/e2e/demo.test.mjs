// What a new arrival finds.
import assert from 'node:assert/strict';
import { test } from 'node:test';

const { BASE_URL, DEMO_COOKIE } = process.env;


test('the demo account has three packages, in the order of spending',
    async () => {
        const response = await fetch(`${BASE_URL}/api/credits`,
            { headers: { cookie: DEMO_COOKIE } });
        const { balance, packages } = await response.json();

        assert.equal(balance, 1105);
        assert.deepEqual(packages.map(({ credits }) => credits),
            [5, 100, 1000]);
    });


test('the page loads', async () => {
    const page = await fetch(BASE_URL);
    assert.equal(page.status, 200);
    assert.match(page.headers.get('content-security-policy'),
        /default-src 'none'/);

    const html = await page.text();
    for (const [, file] of html.matchAll(/(?:src|href)="([\w.]+)"/g)) {
        assert.equal((await fetch(`${BASE_URL}/${file}`)).status, 200, file);
    }
});
