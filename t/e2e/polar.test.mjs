// The stand-in for Polar, judged by Polar's own SDK.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, before, beforeEach, test } from 'node:test';
import { Polar as Client } from '@polar-sh/sdk';
import { HTTPValidationError } from
    '@polar-sh/sdk/models/errors/httpvalidationerror.js';
import { SDKError } from '@polar-sh/sdk/models/errors/sdkerror.js';
import { SDKValidationError } from
    '@polar-sh/sdk/models/errors/sdkvalidationerror.js';
import { validateEvent } from '@polar-sh/sdk/webhooks';
import { Webhook } from 'standardwebhooks';
import { until } from '../support/until.mjs';
import { LARGE, MONTHLY, Polar, SMALL, TOKEN } from './polar.mjs';

const SECRET = 'polar_whs_of_these_tests';
const SITE = 'http://127.0.0.1:1';

const ORDER_PAID = JSON.parse(readFileSync(
    new URL('../unit/fixtures/polar_order_paid.json', import.meta.url)));

// of Polar's server, but not of this version of the SDK
const UNKNOWN = ['subscription.cycled'];

let polar;
let received;   // { headers, body }, oldest first
let answers;    // statuses of the next answers; then 200

const receiver = createServer(async (request, response) => {
    const buffers = [];
    for await (const buffer of request) {
        buffers.push(buffer);
    }
    received.push({
        headers: request.headers, body: Buffer.concat(buffers).toString(),
    });
    response.writeHead(answers.shift() ?? 200, { Location: '/elsewhere' });
    response.end('{}');
});

const webhookUrl = () => `http://127.0.0.1:${receiver.address().port}/hook`;


before(async () => {
    await once(receiver.listen(0, '127.0.0.1'), 'listening');
    polar = await Polar.start({
        WEBHOOK_URL: webhookUrl(), POLAR_WEBHOOK_SECRET: SECRET,
        PUBLIC_URL: `${SITE}/polar`,
    });
});

after(async () => {
    await polar.stop();
    receiver.close();
    receiver.closeAllConnections();
});

beforeEach(async () => {
    answers = [];
    await polar?.quiet();
    received = [];
});


const types = () => received.map(({ body }) => JSON.parse(body).type);

const client = (accessToken = TOKEN) =>
    new Client({ accessToken, serverURL: polar.url });


test("the SDK reads the products, all pages of them", async () => {
    const all = [];
    for await (const page of await client().products.list({})) {
        all.push(...page.result.items);
    }

    assert.deepEqual(
        all.map(({ name, isRecurring, recurringInterval, metadata, prices }) =>
            [name, isRecurring, recurringInterval, metadata,
                prices[0].amountType, prices[0].priceAmount]), [
            [SMALL, false, null, { credits: 100, validity_period: 30 },
                'fixed', 200],
            [LARGE, false, null,
                { credits: '10000', validity_period: '365' }, 'fixed', 1000],
            [MONTHLY, true, 'month', { credits: 2000 }, 'fixed', 500],
        ]);
});


test('the SDK opens a checkout', async () => {
    const { id: product } = await polar.product(LARGE);
    const checkout = await client().checkouts.create({
        products: [product], externalCustomerId: 'user-1',
        customerEmail: 'ann@example.com', metadata: { from: 'shop' },
        successUrl: `${SITE}/paid?checkout_id={CHECKOUT_ID}`,
    });

    assert.equal(checkout.status, 'open');
    assert.equal(checkout.url, `${SITE}/polar/checkout/${checkout.id}`);
    assert.equal(checkout.successUrl,
        `${SITE}/paid?checkout_id=${checkout.id}`);
    assert.equal(checkout.externalCustomerId, 'user-1');
    assert.equal(checkout.totalAmount, 1000);
    assert.deepEqual(checkout.metadata, { from: 'shop' });
    assert.match(checkout.clientSecret, /^polar_c_/);
});


test('no token, or another: 401', async () => {
    await assert.rejects(client('polar_oat_other').products.list({}),
        (error) => error instanceof SDKError && error.statusCode === 401);

    for (const [method, path] of
        [['GET', '/v1/products/'], ['POST', '/v1/checkouts/']]) {
        const { status } = await fetch(`${polar.url}${path}`, { method });
        assert.equal(status, 401);
    }
});


test('a body that is wrong: 422, and the SDK understands it', async () => {
    await assert.rejects(
        client().checkouts.create({ products: ['no-such-product'] }),
        (error) => error instanceof HTTPValidationError
            && error.detail[0].loc.join() === 'body,products,0');

    const { id } = await polar.product(SMALL);
    for (const body of [
        '{', '[]', '{}', '{"products":[]}', '{"products":"x"}',
        JSON.stringify({ products: [id], success_url: 'javascript:alert(1)' }),
        JSON.stringify({ products: [id], external_customer_id: 7 }),
        JSON.stringify({ products: [id], metadata: { a: { b: 1 } } }),
        JSON.stringify({ products: [id], metadata: { ['k'.repeat(41)]: 1 } }),
        JSON.stringify({ products: [id], customer_id: 'nobody' }),
    ]) {
        const response = await fetch(`${polar.url}/v1/checkouts/`, {
            method: 'POST', body,
            headers: { authorization: `Bearer ${TOKEN}` },
        });
        assert.equal(response.status, 422, body);
        assert.ok(Array.isArray((await response.json()).detail), body);
    }
});


test('the page: in both languages, and nothing on it can run', async () => {
    const { id: product } = await polar.product(SMALL);
    const { id } = await polar.call('POST', '/v1/checkouts/', {
        products: [product], success_url: 'https://shop.example/paid',
        return_url: 'https://shop.example/"><script>',
    }, 201);

    for (const [language, words] of [
        ['en', ['stand-in', 'no money moves', '>Pay<', '>Cancel<', '$2.00']],
        ['zh-CN', ['模拟', '不会产生任何扣款', '>支付<', '>取消<']],
    ]) {
        const page = await fetch(`${polar.url}/checkout/${id}`,
            { headers: { 'accept-language': language } });
        const html = await page.text();

        assert.equal(page.status, 200);
        for (const word of words) {
            assert.ok(html.includes(word), word);
        }
        assert.doesNotMatch(html, /<script/);
        assert.ok(page.headers.get('content-security-policy').startsWith(
            "default-src 'none'; style-src 'self';"
            + " form-action 'self' https://shop.example; "));
    }

    const style = await fetch(`${polar.url}/checkout/style.css`);
    assert.equal(style.headers.get('content-type'), 'text/css; charset=utf-8');
    assert.equal((await fetch(`${polar.url}/checkout/other`)).status, 404);
});


test('a purchase, told as Polar tells it', async () => {
    const order = await polar.buy(LARGE, 'buyer-1',
        { customer_name: 'Ann', metadata: { from: 'shop' } });
    await polar.quiet();

    assert.deepEqual(types(), [
        'checkout.created', 'customer.created', 'checkout.updated',
        'order.created', 'order.updated', 'order.paid', 'checkout.updated',
    ]);
    assert.equal(new Set(received.map(({ headers }) => headers['webhook-id']))
        .size, 7);

    for (const { headers, body } of received) {
        assert.equal(headers['user-agent'], 'polar.sh webhooks');
        assert.equal(headers['content-type'], 'application/json');
        assert.equal(validateEvent(body, headers, SECRET).type,
            JSON.parse(body).type);
        // compact, and nothing behind it
        assert.equal(body, JSON.stringify(JSON.parse(body)));
    }

    const events = received.map(({ headers, body }) =>
        validateEvent(body, headers, SECRET));
    assert.deepEqual(
        events.slice(3, 6).map(({ data }) => [data.status, data.paid]),
        [['pending', false], ['paid', true], ['paid', true]]);

    const { data } = events[5];
    assert.equal(data.id, order.id);
    assert.equal(data.billingReason, 'purchase');
    assert.equal(data.customer.externalId, 'buyer-1');
    assert.equal(data.subscription, null);
    assert.deepEqual(data.metadata, { from: 'shop' });
    assert.deepEqual(data.product.metadata,
        { credits: '10000', validity_period: '365' });
});


test('order.paid has the fields of one that Polar sent, in their order',
    async () => {
        await polar.buy(SMALL, 'buyer-2');
        await polar.quiet();
        const event = JSON.parse(received.at(-2).body);
        const names = ({ data }) => ({
            data: Object.keys(data),
            customer: Object.keys(data.customer),
            user: Object.keys(data.user),
            product: Object.keys(data.product),
            item: Object.keys(data.items[0]),
        });

        assert.deepEqual(Object.keys(event), Object.keys(ORDER_PAID));
        assert.deepEqual(names(event), names(ORDER_PAID));
        assert.match(event.timestamp,
            /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
        assert.equal(JSON.stringify(event.data.metadata), '{}');
    });


test('paying twice makes one order', async () => {
    const { id: product } = await polar.product(SMALL);
    const { id } = await polar.call('POST', '/v1/checkouts/', {
        products: [product], external_customer_id: 'buyer-3',
        success_url: `${SITE}/paid?checkout_id={CHECKOUT_ID}`,
    }, 201);

    const all = await Promise.all(Array.from({ length: 5 }, () =>
        fetch(`${polar.url}/checkout/${id}/pay`,
            { method: 'POST', redirect: 'manual' })));
    for (const { status, headers } of all) {
        assert.equal(status, 303);
        assert.equal(headers.get('location'), `${SITE}/paid?checkout_id=${id}`);
    }

    const { orders } = await polar.call('GET', '/_state');
    assert.equal(
        orders.filter((order) => order.checkout_id === id).length, 1);
    const page = await fetch(`${polar.url}/checkout/${id}`);
    assert.match(await page.text(), /This checkout is paid/);
});


test('one customer buys twice', async () => {
    const first = await polar.buy(SMALL, 'buyer-4');
    const second = await polar.buy(SMALL, 'buyer-4');

    assert.notEqual(first.id, second.id);
    assert.equal(first.customer_id, second.customer_id);
    await polar.quiet();
    assert.equal(
        types().filter((type) => type === 'customer.created').length, 1);
});


test('a subscription: begun, renewed, canceled, renewed no more', async () => {
    const order = await polar.buy(MONTHLY, 'subscriber-1');
    await polar.subscription(order, 'cycle');
    await polar.subscription(order, 'cancel');
    await polar.subscription(order, 'uncancel');
    await polar.subscription(order, 'cancel');
    await polar.subscription(order, 'cycle');
    await polar.quiet();

    const changed = 'customer.state_changed';
    const cancel = ['subscription.updated', 'subscription.canceled', changed];
    assert.deepEqual(types(), [
        'checkout.created', 'customer.created', 'checkout.updated',
        'subscription.created', 'subscription.active', changed,
        'order.created', 'order.updated', 'order.paid', 'checkout.updated',
        'subscription.cycled', 'subscription.updated',
        'order.created', 'order.updated', 'order.paid',
        ...cancel,
        'subscription.updated', 'subscription.uncanceled', changed,
        ...cancel,
        'subscription.updated', 'subscription.revoked', changed,
    ]);

    const paid = [];
    for (const { headers, body } of received) {
        const { type } = JSON.parse(body);

        if (UNKNOWN.includes(type)) {
            // the signature is good, and then it gives up
            assert.throws(() => validateEvent(body, headers, SECRET),
                SDKValidationError);
            continue;
        }
        const event = validateEvent(body, headers, SECRET);
        if (type === 'order.paid') {
            paid.push(event.data);
        }
        if (type === 'subscription.canceled') {
            assert.equal(event.data.status, 'active');
            assert.equal(event.data.cancelAtPeriodEnd, true);
        }
        if (type === 'subscription.revoked') {
            assert.equal(event.data.status, 'canceled');
            assert.ok(event.data.endedAt);
        }
    }

    const [first, second] = paid;
    assert.equal(first.billingReason, 'subscription_create');
    assert.equal(second.billingReason, 'subscription_cycle');
    assert.equal(first.subscription.id, second.subscription.id);
    assert.deepEqual(second.subscription.currentPeriodStart,
        first.subscription.currentPeriodEnd);
    assert.ok(second.subscription.currentPeriodEnd
        > second.subscription.currentPeriodStart);
});


test('refunds add up, and their tax is apart', async () => {
    const order = await polar.buy(LARGE, 'refunded-1',
        { customer_billing_address: { country: 'DE' } });
    assert.deepEqual([order.net_amount, order.tax_amount, order.total_amount],
        [1000, 190, 1190]);

    await polar.refund(order, 250);
    await polar.refund(order, 100);
    await polar.call('POST', `/_orders/${order.id}/refund`,
        { amount: 651 }, 422);
    await polar.refund(order);
    await polar.call('POST', `/_orders/${order.id}/refund`, {}, 422);
    await polar.quiet();

    const events = received.map(({ headers, body }) =>
        validateEvent(body, headers, SECRET));
    assert.deepEqual(events.slice(-9).map(({ type }) => type), Array(3).fill(
        ['refund.created', 'order.updated', 'order.refunded']).flat());
    assert.deepEqual(
        events.filter(({ type }) => type === 'order.refunded')
            .map(({ data }) => [data.status, data.refundedAmount,
                data.refundedTaxAmount, data.refundableAmount]), [
            ['partially_refunded', 250, 48, 750],
            ['partially_refunded', 350, 67, 650],
            ['refunded', 1000, 190, 0],
        ]);
});


test('what fails is sent again, and the others wait for it', async () => {
    // a redirect is a failure, and nobody follows it
    answers = [500, 302, 404];
    await polar.buy(SMALL, 'retry-1');
    const all = await polar.quiet();

    assert.deepEqual(types().slice(0, 5),
        [...Array(4).fill('checkout.created'), 'customer.created']);
    assert.equal(new Set(received.slice(0, 4).map(({ headers }) =>
        headers['webhook-id'])).size, 1);
    for (const { headers, body } of received) {
        validateEvent(body, headers, SECRET);
    }

    const { attempts } = all.at(-7);
    assert.deepEqual(attempts.map(({ status }) => status),
        [500, 302, 404, 200]);
    // at least twice as long each time; a timer may be a millisecond early
    const pauses = attempts.slice(1).map(({ at }, i) => at - attempts[i].at);
    assert.ok(pauses.every((pause, i) => pause >= 20 * 2 ** i - 1), pauses);
});


test('after ten attempts it is given up', async () => {
    const patient = await Polar.start({
        WEBHOOK_URL: 'http://127.0.0.1:1/closed', POLAR_RETRY: '0',
        POLAR_WEBHOOK_SECRET: SECRET,
    });

    await patient.call('POST', '/_events', { type: 'x.y', data: {} }, 201);
    const [{ attempts }] = await until('Polar gives up', async () => {
        const all = await patient.deliveries('x.y');

        return all[0].state === 'failed' && all;
    });
    assert.equal(attempts.length, 10);
    assert.ok(attempts.every(({ error }) => error));
    await patient.stop();
});


test('held back, reordered, repeated', async () => {
    await polar.hold();
    const order = await polar.buy(SMALL, 'held-1');
    assert.deepEqual(types(), []);

    const [paid] = await polar.deliveries('order.paid', order.id);
    const sent = await polar.send(paid, 3);
    assert.deepEqual(sent.map(({ status }) => status), [200, 200, 200]);
    assert.deepEqual(types(), Array(3).fill('order.paid'));

    await polar.release();
    await polar.quiet();
    assert.deepEqual(types().slice(3, 5),
        ['checkout.created', 'customer.created']);
});


test('a product changes, a customer has no external id', async () => {
    const product = await polar.product(SMALL);
    const metadata = { credits: 150, validity_period: '3m' };
    await polar.call('PATCH', `/_products/${product.id}`, { metadata });

    const customer = await polar.call('POST', '/_customers', {}, 201);
    const order = await polar.buy(SMALL, undefined,
        { customer_id: customer.id });
    await polar.call('PATCH', `/_products/${product.id}`,
        { metadata: product.metadata });
    await polar.quiet();

    assert.equal(order.customer.external_id, null);
    const events = received.map(({ headers, body }) =>
        validateEvent(body, headers, SECRET));
    assert.deepEqual([events[0].type, events[0].data.metadata],
        ['product.updated', metadata]);
    assert.deepEqual(
        events.find(({ type }) => type === 'order.paid').data.product.metadata,
        metadata);
});


test('the scheme of secrets since September 2026: Standard Webhooks',
    async () => {
        const secret = `whsec_${Buffer.alloc(32, 'k').toString('base64')}`;
        const standard = await Polar.start({
            WEBHOOK_URL: webhookUrl(), POLAR_WEBHOOK_SECRET: secret,
            POLAR_SIGNATURE: 'standard',
        });

        await standard.call('POST', '/_events', { type: 'x.y', data: {} }, 201);
        await standard.quiet();
        const [{ headers, body }] = received;
        new Webhook(secret).verify(body, headers);
        assert.throws(() => validateEvent(body, headers, secret));
        await standard.stop();
    });
