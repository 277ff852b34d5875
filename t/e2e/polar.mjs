// Polar as the tests know it: a stand-in of their own, so that what one test
// holds back, breaks or repeats is not another's; and webhooks by hand.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after, afterEach } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Webhook } from 'standardwebhooks';
import { until } from '../support/until.mjs';
import { sql } from './product.mjs';

const SERVER = fileURLToPath(
    new URL('../../demo/polar/server.mjs', import.meta.url));

export const TOKEN = 'polar_oat_test';

// of the stand-in's products
export const SMALL = '100 credits';
export const LARGE = '10,000 credits';
export const MONTHLY = '2,000 credits a month';


// an answer with the outcome that it names
const read = (answer) => ({
    ...answer,
    outcome: answer.status === 200 ? JSON.parse(answer.body).outcome : null,
});


export class Polar {
    // its control interface, and its API
    constructor(url) {
        this.url = url;
    }

    // env: see demo/polar/server.mjs
    static async start(env) {
        const child = spawn(process.execPath, [SERVER], {
            env: {
                ...process.env, POLAR_PORT: '0', POLAR_TOKEN: TOKEN,
                POLAR_RETRY: '20', PUBLIC_URL: '', ...env,
            },
            stdio: ['ignore', 'pipe', 'inherit'],
        });
        process.once('exit', () => child.kill());

        const [line] = await once(
            createInterface({ input: child.stdout }), 'line');
        const polar = new Polar(/^listening on (.*)$/.exec(line)[1]);

        polar.stop = async () => {
            child.kill();
            await once(child, 'exit');
        };
        return polar;
    }

    // one that sells the product's credits, for all tests of a file; after
    // each of them all is told, and the ledger adds up
    static async ofProduct() {
        const polar = await Polar.start({
            WEBHOOK_URL: `${process.env.BASE_URL}/api/webhooks/polar`,
        });

        after(() => polar.stop());
        afterEach(async () => {
            await polar.release();
            await polar.quiet();
            assert.deepEqual(sql('TABLE credit_invariants;'), []);
        });
        return polar;
    }

    async call(method, path, body, status = 200) {
        const response = await fetch(`${this.url}${path}`, {
            method,
            headers: { authorization: `Bearer ${TOKEN}` },
            body: body && JSON.stringify(body),
        });
        const text = await response.text();

        assert.equal(response.status, status, `${method} ${path}: ${text}`);
        return JSON.parse(text);
    }

    async product(name) {
        const { items } = await this.call('GET', '/v1/products/');

        return items.find((each) => each.name === name);
    }

    // more: of the checkout's body; the order that came of it
    async buy(name, user, more = {}) {
        const product = await this.product(name);
        const { id } = await this.call('POST', '/v1/checkouts/', {
            products: [product.id], external_customer_id: user,
            success_url: 'http://127.0.0.1/paid', ...more,
        }, 201);
        const paid = await fetch(`${this.url}/checkout/${id}/pay`,
            { method: 'POST', redirect: 'manual' });

        assert.equal(paid.status, 303);
        return this.order({ checkout_id: id });
    }

    // the newest one like this
    async order(like) {
        const { orders } = await this.call('GET', '/_state');

        return orders.filter((order) => Object.entries(like)
            .every(([name, value]) => order[name] === value)).at(-1);
    }

    refund(order, amount) {
        return this.call('POST', `/_orders/${order.id}/refund`, { amount });
    }

    // act: cycle, cancel, uncancel or revoke
    subscription(order, act) {
        return this.call('POST',
            `/_subscriptions/${order.subscription_id}/${act}`);
    }

    hold() {
        return this.call('POST', '/_hold');
    }

    release() {
        return this.call('DELETE', '/_hold');
    }

    // all webhooks, oldest first, with the answers to their attempts
    async webhooks() {
        const all = await this.call('GET', '/_deliveries');

        return all.map((each) =>
            ({ ...each, attempts: each.attempts.map(read) }));
    }

    // those of an order or subscription
    async deliveries(type, id) {
        return (await this.webhooks()).filter((each) => each.type === type
            && (id === undefined || JSON.parse(each.payload).data.id === id));
    }

    // sent now, `times` at once; the answers as { status, outcome }
    async send({ id }, times = 1) {
        return (await this.call('POST', `/_deliveries/${id}`, { times }))
            .map(read);
    }

    // send the newest of its kind and tell what became of it
    async deliver(type, id) {
        const [answer]
            = await this.send((await this.deliveries(type, id)).at(-1));

        assert.equal(answer.status, 200, answer.body);
        return answer.outcome;
    }

    // all that Polar had to tell is delivered; rejects if it has given up
    quiet() {
        return until('all is delivered', async () => {
            const all = await this.webhooks();
            const failed = all.find(({ state }) => state === 'failed');

            assert.equal(failed, undefined);
            return all.every(({ state }) => state === 'delivered') && all;
        });
    }
}


export const seconds = () => Math.floor(Date.now() / 1000);


// As Polar does: Standard Webhooks, where the key is the whole secret.
export function sign(secret, body, { id = randomUUID(), at = seconds() } = {}) {
    const key = Buffer.from(secret).toString('base64');

    return {
        'webhook-id': id,
        'webhook-timestamp': String(at),
        'webhook-signature':
            new Webhook(key).sign(id, new Date(at * 1000), body),
    };
}
