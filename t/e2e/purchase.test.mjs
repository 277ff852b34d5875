// A paid order becomes a package: the right one, once, whatever Polar does.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../support/until.mjs';
import { LARGE, Polar, SMALL, sign } from './polar.mjs';
import { Person, question } from './product.mjs';

const { BASE_URL, POLAR_WEBHOOK_SECRET } = process.env;
const DAY = 86_400_000;     // ms

const polar = await Polar.ofProduct();


const days = ({ createdAt, expiresAt }) =>
    Math.round((new Date(expiresAt) - new Date(createdAt)) / DAY);

const brief = ({ packages }) => packages.map(
    ({ source, credits, remainingCredits, status }) =>
        ({ source, credits, remainingCredits, status }));

const fresh = (credits) => [
    { source: 'order', credits, remainingCredits: credits, status: 'active' },
];


test('from no credits to an answer', async () => {
    const person = await Person.signUp();
    const ask = () => person.openai.chat.completions.create(
        question('[provider usage=1234+14000 text=Hello]'));

    await assert.rejects(ask(), (error) => error.status === 402
        && error.error.purchase_url === '/shop');

    // the shop
    const shop = await fetch(`${BASE_URL}/api/products`);
    assert.equal(shop.status, 200);
    const { items } = await shop.json();
    const { id: product } = items.find(({ name }) => name === LARGE);

    const opened = await person.get(`/api/checkout?product=${product}`);
    assert.equal(opened.status, 201);
    const { url } = await opened.json();
    assert.ok(url.startsWith(`${BASE_URL}/polar/checkout/`), url);

    // the browser follows, and pays
    const page = await fetch(url);
    assert.equal(page.status, 200);
    const html = await page.text();
    assert.match(html, /\$10\.00/);
    const style = new URL(/rel="stylesheet" href="([^"]*)"/.exec(html)[1], url);
    assert.equal((await fetch(style)).status, 200);

    const action = new URL(/action="([^"]*)"/.exec(html)[1], url);
    const paid = await fetch(action, { method: 'POST', redirect: 'manual' });
    assert.equal(paid.status, 303);
    const back = new URL(paid.headers.get('location'), url);
    assert.equal(back.origin, BASE_URL);
    assert.equal(back.searchParams.get('checkout_id'),
        new URL(url).pathname.split('/').at(-1));

    const credits = await until('the credits are there', async () => {
        const now = await person.credits();

        return now.balance > 0 && now;
    });
    assert.deepEqual(brief(credits), fresh(10_000));
    assert.equal(days(credits.packages[0]), 365);

    const answer = await ask();
    assert.equal(answer.choices[0].message.content, 'Hello');
    await person.settled(1);
    assert.equal((await person.credits()).balance, 9_984);
});


test('a checkout is for people who are signed in, and for a product',
    async () => {
        const { id } = await polar.product(SMALL);
        const nobody = await fetch(`${BASE_URL}/api/checkout?product=${id}`);
        assert.equal(nobody.status, 401);

        const person = await Person.signUp();
        for (const product of ['', 'x', '"],"external_customer_id":"other']) {
            const { status } = await person.get(
                `/api/checkout?product=${encodeURIComponent(product)}`);
            assert.ok(status >= 400 && status < 500, `${product}: ${status}`);
        }
        // whose credits they are is not the client's to say
        const { status } = await person.get(
            `/api/checkout?product=${id}&external_customer_id=other`);
        assert.equal(status, 201);
        const { checkouts } = await new Polar(process.env.POLAR_URL)
            .call('GET', '/_state');
        assert.equal(checkouts.at(-1).external_customer_id, person.id);
    });


test('once: the same delivery a hundred times at once, one package',
    async () => {
        const person = await Person.signUp();
        await polar.hold();
        const order = await polar.buy(LARGE, person.id);
        const [event] = await polar.deliveries('order.paid', order.id);

        for (const { status, outcome } of await polar.send(event, 100)) {
            assert.deepEqual([status, outcome], [200, 'applied']);
        }
        // and once more, much later
        assert.equal(await polar.deliver('order.paid', order.id), 'applied');

        assert.deepEqual(brief(await person.credits()), fresh(10_000));
    });


test('once: the same order in another event, one package', async () => {
    const person = await Person.signUp();
    await polar.hold();
    const order = await polar.buy(SMALL, person.id);
    const { payload } = (await polar.deliveries('order.paid', order.id))[0];

    await polar.call('POST', '/_events', JSON.parse(payload), 201);
    assert.equal(await polar.deliver('order.paid', order.id), 'applied');
    const [first] = await polar.deliveries('order.paid', order.id);
    const [{ outcome }] = await polar.send(first);
    assert.equal(outcome, 'ignored');

    assert.deepEqual(brief(await person.credits()), fresh(100));
});


test('once: one order in a hundred events at once, one package', async () => {
    const person = await Person.signUp();
    await polar.hold();
    const order = await polar.buy(SMALL, person.id);
    const [{ payload }] = await polar.deliveries('order.paid', order.id);

    const outcomes = await Promise.all(Array.from({ length: 100 }, async () => {
        const response = await fetch(`${BASE_URL}/api/webhooks/polar`, {
            method: 'POST', body: payload,
            headers: sign(POLAR_WEBHOOK_SECRET, payload),
        });

        return (await response.json()).outcome;
    }));

    assert.deepEqual(outcomes.sort(),
        ['applied', ...Array(99).fill('ignored')]);
    assert.deepEqual(brief(await person.credits()), fresh(100));
});


test("product: the order's own metadata is {}, the product's counts",
    async () => {
        const person = await Person.signUp();
        const order = await polar.buy(SMALL, person.id);
        assert.deepEqual(order.metadata, {});
        await polar.quiet();

        const credits = await person.credits();
        assert.deepEqual(brief(credits), fresh(100));
        assert.equal(days(credits.packages[0]), 30);
    });


test('product: what the buyer wrote into the order buys nothing', async () => {
    const person = await Person.signUp();
    await polar.buy(SMALL, person.id, {
        metadata: { credits: 1_000_000, validity_period: '99y', userId: 'x' },
    });
    await polar.quiet();

    const credits = await person.credits();
    assert.deepEqual(brief(credits), fresh(100));
    assert.equal(days(credits.packages[0]), 30);
});


test('product: an order without its product: the product as it was last told',
    async () => {
        const person = await Person.signUp();
        const product = await polar.product(SMALL);
        await polar.call('PATCH', `/_products/${product.id}`,
            { metadata: { credits: '0250', validity_period: '10d' } });
        await polar.quiet();

        await polar.hold();
        const order = await polar.buy(SMALL, person.id);
        const { type, data } = JSON.parse(
            (await polar.deliveries('order.paid', order.id))[0].payload);
        await polar.call('POST', '/_events',
            { type, data: { ...data, product: null } }, 201);
        assert.equal(await polar.deliver(type, order.id), 'applied');
        await polar.call('PATCH', `/_products/${product.id}`,
            { metadata: product.metadata });

        const credits = await person.credits();
        assert.deepEqual(brief(credits), fresh(250));
        assert.equal(days(credits.packages[0]), 10);
    });


test('no external id: whom the checkout refers to', async () => {
    const person = await Person.signUp();
    const customer = await polar.call('POST', '/_customers', {}, 201);
    await polar.buy(SMALL, undefined, {
        customer_id: customer.id, metadata: { reference_id: person.id },
    });
    await polar.quiet();

    assert.deepEqual(brief(await person.credits()), fresh(100));
});


test('grants: nothing but order.paid grants', async () => {
    const person = await Person.signUp();
    await polar.hold();
    const order = await polar.buy(SMALL, person.id);

    for (const event of (await polar.webhooks()).filter(
        ({ state, type }) => state === 'held' && type !== 'order.paid')) {
        const [{ status, outcome }] = await polar.send(event);
        assert.deepEqual([status, outcome], [200, 'ignored'], event.type);
    }
    assert.deepEqual((await person.credits()).packages, []);

    assert.equal(await polar.deliver('order.paid', order.id), 'applied');
    assert.deepEqual(brief(await person.credits()), fresh(100));
});


test('expiry: order.updated does not extend a package', async () => {
    const person = await Person.signUp();
    const order = await polar.buy(SMALL, person.id);
    await polar.quiet();
    const bought = await person.credits();

    const { type, payload } = (await polar.deliveries(
        'order.updated', order.id))[0];
    await polar.call('POST', '/_events',
        { type, data: JSON.parse(payload).data }, 201);
    await polar.send((await polar.deliveries(type, order.id))[0]);
    await polar.quiet();

    assert.deepEqual(await person.credits(), bought);
});


test('types: types that nobody knows are taken, ten times in a row',
    async () => {
        for (let i = 0; i < 10; i++) {
            for (const type of ['discount.created', 'benefit_grant.revoked',
                'member.created', 'order.paid.twice', 'ORDER.PAID']) {
                await polar.call('POST', '/_events',
                    { type, data: { id: `${type}-${i}` } }, 201);
            }
        }
        const all = await polar.quiet();

        for (const { attempts } of all.slice(-50)) {
            assert.deepEqual(
                attempts.map(({ outcome }) => outcome), ['ignored']);
        }
    });
