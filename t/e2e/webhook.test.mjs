// Whose word counts as Polar's: the webhook location, from outside.
import assert from 'node:assert/strict';
import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { before, test } from 'node:test';
import { validateEvent } from '@polar-sh/sdk/webhooks';
import { seconds, sign } from './polar.mjs';
import { Person, sql } from './product.mjs';

const { BASE_URL, POLAR_WEBHOOK_SECRET: SECRET } = process.env;

// the SDK and the product have clocks of one second; and a test takes its time
const TOLERANCE = 300;
const MARGIN = 60;

const SAMPLE = readFileSync(
    new URL('../unit/fixtures/polar_order_paid.json', import.meta.url), 'utf8');

let person;

before(async () => { person = await Person.signUp(); });


// an order of 10000 credits, written as Polar writes it
function orderPaid() {
    const event = JSON.parse(SAMPLE);

    event.data.id = randomUUID();
    event.data.customer.external_id = person.id;
    return JSON.stringify(event);
}


// headers: an object, or names and values in turn, as they are to be written
function post(body, headers, method = 'POST') {
    return new Promise((resolve, reject) => {
        const length = { 'content-length': Buffer.byteLength(body) };
        const list = Array.isArray(headers)
            ? [...headers, ...Object.entries(length).flat(),
                'host', new URL(BASE_URL).host]
            : { ...headers, ...length };
        const sent = request(`${BASE_URL}/api/webhooks/polar`,
            { method, headers: list, agent: false });

        sent.once('error', reject);
        sent.once('response', async (response) => {
            let text = '';
            for await (const part of response.setEncoding('utf8')) {
                text += part;
            }
            const { statusCode: status, headers: answered } = response;
            const isJson = /^application\/json\b/.test(
                answered['content-type']);

            resolve({
                status, headers: answered,
                json: isJson ? JSON.parse(text) : null,
            });
        });
        sent.end(body);
    });
}


const granted = () => sql(
    "SELECT count(*) FROM credit_package WHERE userId = :'user';",
    { user: person.id })[0][0];

// events that speak of the same order
const kept = (body) => sql(`
    SELECT count(*) FROM credit_event
     WHERE payload::text LIKE '%' || :'order' || '%';`,
{ order: /"data":\{"id":"([^"]*)"/.exec(body)[1] })[0][0];

const accepts = (headers, body) => {
    try {
        validateEvent(body, headers, SECRET);
        return true;
    } catch {
        return false;
    }
};


// { name: headers from the good ones }
const GOOD = {
    'as it should be': (good) => good,
    'almost too old': (good, body) =>
        sign(SECRET, body, { at: seconds() - TOLERANCE + MARGIN }),
    'almost too new': (good, body) =>
        sign(SECRET, body, { at: seconds() + TOLERANCE - MARGIN }),
    'the second of two': (good) => ({
        ...good,
        'webhook-signature': `v1,AAAA ${good['webhook-signature']}`,
    }),
    'the second, after one of full length': (good) => ({
        ...good, 'webhook-signature':
            `v1,${'A'.repeat(43)}= ${good['webhook-signature']}`,
    }),
    'after another version': (good) => ({
        ...good, 'webhook-signature': `v1a,x ${good['webhook-signature']}`,
    }),
    'before another': (good) => ({
        ...good,
        'webhook-signature': `${good['webhook-signature']} v1,AAAA`,
    }),
};

test('accepted, by us as by the SDK', async (t) => {
    for (const [name, change] of Object.entries(GOOD)) {
        await t.test(name, async () => {
            const body = orderPaid();
            const headers = change(sign(SECRET, body), body);

            assert.ok(accepts(headers, body), 'the SDK');
            const { status, json } = await post(body, headers);
            assert.deepEqual([status, json], [200, { outcome: 'applied' }]);
        });
    }

    await t.test('upper-case names', async () => {
        const body = orderPaid();
        const headers = Object.entries(sign(SECRET, body))
            .flatMap(([name, value]) => [name.toUpperCase(), value]);

        assert.equal((await post(body, headers)).status, 200);
    });
});


const withSignature = (change) => (good) => ({
    ...good, 'webhook-signature': change(good['webhook-signature']),
});

const without = (name) => (good) => ({ ...good, [name]: undefined });

// with the key, whatever it is
const keyed = (key) => (good, body) => ({
    ...good,
    'webhook-signature': `v1,${createHmac('sha256', key)
        .update(`${good['webhook-id']}.${good['webhook-timestamp']}.${body}`)
        .digest('base64')}`,
});

// until its signature has a character that the other alphabet writes otherwise
function urlSafe(good, body) {
    let headers = good;

    while (!/[+/]/.test(headers['webhook-signature'])) {
        headers = sign(SECRET, body);
    }
    return withSignature((value) =>
        value.replaceAll('+', '-').replaceAll('/', '_'))(headers);
}

const BAD_HEADERS = {
    'too old': (good, body) =>
        sign(SECRET, body, { at: seconds() - TOLERANCE - MARGIN }),
    'too new': (good, body) =>
        sign(SECRET, body, { at: seconds() + TOLERANCE + MARGIN }),
    'a comma between two': withSignature((value) => `v1,AAAA,${value}`),
    'another version': withSignature((value) => value.replace('v1', 'v2')),
    'no version': withSignature((value) => value.slice(3)),
    'without padding': withSignature((value) => value.replace('=', '')),
    'lower case': withSignature((value) =>
        `v1,${value.slice(3).toLowerCase()}`),
    'the alphabet for URLs': urlSafe,
    'empty': withSignature(() => 'v1,'),
    'another id': (good) => ({ ...good, 'webhook-id': randomUUID() }),
    'a second earlier': (good) => ({
        ...good,
        'webhook-timestamp': String(Number(good['webhook-timestamp']) - 1),
    }),
    'a second later': (good) => ({
        ...good,
        'webhook-timestamp': String(Number(good['webhook-timestamp']) + 1),
    }),
    'no time': (good) => ({ ...good, 'webhook-timestamp': 'now' }),
    'no id': without('webhook-id'),
    'no timestamp': without('webhook-timestamp'),
    'no signature': without('webhook-signature'),
    "another service's names": (good) => Object.fromEntries(
        Object.entries(good).map(([name, value]) =>
            [name.replace('webhook', 'svix'), value])),
    'the secret and a newline': keyed(`${SECRET}\n`),
    'no secret': keyed(''),
    'half of the secret': keyed(SECRET.slice(0, SECRET.length / 2)),
};

// what the SDK accepts and we do not
const STRICTER = {
    'a time with more behind it': (good) => ({
        ...good, 'webhook-timestamp': `${good['webhook-timestamp']}abc`,
    }),
    // no secret of ours begins with whsec_
    'the key of Standard Webhooks': keyed(Buffer.from(SECRET, 'base64')),
};

const present = (headers) => Object.fromEntries(
    Object.entries(headers).filter(([, value]) => value !== undefined));


// signed: the body that was signed, if it is another than what is sent
async function assertRefused(body, headers, signed = body) {
    const before = granted();
    const { status, json } = await post(body, headers);

    assert.equal(status, 401);
    assert.equal(json.error.code, 'invalid_signature');
    assert.equal(granted(), before, 'something was granted');
    assert.equal(kept(signed), '0', 'something was written');
}


test('refused, and nothing is written', async (t) => {
    for (const [name, change] of Object.entries(BAD_HEADERS)) {
        await t.test(name, async () => {
            const body = orderPaid();
            const headers = present(change(sign(SECRET, body), body));

            assert.ok(!accepts(headers, body), 'the SDK');
            await assertRefused(body, headers);
        });
    }

    for (const [name, change] of Object.entries(STRICTER)) {
        await t.test(name, async () => {
            const body = orderPaid();

            await assertRefused(body, change(sign(SECRET, body), body));
        });
    }
});


test('another body than was signed is refused', async (t) => {
    for (const [name, change] of Object.entries({
        'one digit more': (body) => body.replace('10000', '100000'),
        'another user': (body) => body.replace(person.id, randomUUID()),
        'a newline behind it': (body) => `${body}\n`,
        'written otherwise': (body) =>
            JSON.stringify(JSON.parse(body), null, 1),
        'nothing': () => '',
    })) {
        await t.test(name, async () => {
            const body = orderPaid();

            await assertRefused(change(body), sign(SECRET, body), body);
        });
    }
});


test('a header twice is refused', async (t) => {
    const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];
    for (const name of names) {
        await t.test(name, async () => {
            const body = orderPaid();
            const good = Object.entries(sign(SECRET, body)).flat();
            const second = good[good.indexOf(name) + 1];

            await assertRefused(body, [...good, name, second]);
        });
    }
});


test('signed, but no event: 400, and nothing is granted', async () => {
    const before = granted();

    for (const body of ['', '{', 'null', '[]', '"order.paid"', '{}',
        orderPaid().slice(0, -1), `${orderPaid()}{}`, '\0']) {
        const { status, json } = await post(body, sign(SECRET, body));

        assert.equal(status, 400, body);
        assert.equal(json.error.code, 'malformed_event');
    }
    assert.equal(granted(), before);
});


test('the way it is asked', async () => {
    const { status, headers } = await post('', {}, 'PUT');
    assert.equal(status, 405);
    assert.equal(headers.allow, 'POST');

    const large = JSON.stringify({ type: 'x.y', data: 'x'.repeat(4 << 20) });
    const refused = await post(large, sign(SECRET, large));
    assert.equal(refused.status, 413);
    assert.equal(refused.json?.error.code, 'request_too_large');

    // the body of one that sells much, beyond nginx's buffer
    const long = JSON.stringify({ type: 'x.y', data: 'x'.repeat(60_000) });
    const { json } = await post(long, sign(SECRET, long));
    assert.deepEqual(json, { outcome: 'ignored' });
});


test('nobody has to be signed in, and it helps nobody', async () => {
    const body = orderPaid();
    const before = granted();
    const { status } = await post(body, { cookie: person.cookie });

    assert.equal(status, 401);
    assert.equal(granted(), before);
});
