// Everything three times, in any order, many at once: the ledger ends where it
// would have ended in order.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { sign } from './polar.mjs';
import { sql } from './product.mjs';

const { BASE_URL, POLAR_WEBHOOK_SECRET } = process.env;

const USERS = 40;
const AT_ONCE = 32;
const CREDITS = 1000;
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 32));


// mulberry32: small, and the same everywhere
function generator(seed) {
    let state = seed;

    return () => {
        state = (state + 0x6d2b79f5) | 0;
        let t = Math.imul(state ^ (state >>> 15), state | 1);
        t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
        return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    };
}


function shuffle(list, random) {
    for (let i = list.length - 1; i > 0; i--) {
        const j = Math.floor(random() * (i + 1));
        [list[i], list[j]] = [list[j], list[i]];
    }
    return list;
}


const period = (month) => ({
    current_period_start: new Date(Date.UTC(2090, month)).toISOString(),
    current_period_end: new Date(Date.UTC(2090, month + 1)).toISOString(),
});


function order(user, more) {
    return {
        id: randomUUID(), status: 'paid', paid: true, net_amount: 1000,
        refunded_amount: 0, billing_reason: 'purchase', metadata: {},
        customer_id: randomUUID(), product_id: randomUUID(),
        subscription_id: null, subscription: null,
        customer: { external_id: user },
        product: { metadata: { credits: CREDITS } },
        ...more,
    };
}


// what happens to a user, in order: [type, data]; and what it comes to
function life(user) {
    const plain = order(user);
    const part = order(user);
    const whole = order(user);
    const id = randomUUID();
    const [first, second] = [0, 1].map((month) => order(user, {
        billing_reason: month ? 'subscription_cycle' : 'subscription_create',
        subscription_id: id, subscription: { id, ...period(month) },
    }));
    const revoked = user.endsWith('0');
    const refunded = (of, amount, status = 'partially_refunded') =>
        ['order.refunded', { ...of, refunded_amount: amount, status }];

    return {
        events: [
            ...[plain, part, whole, first, second].flatMap((each) => [
                ['order.created', { ...each, paid: false }],
                ['order.updated', each],
                ['order.paid', each],
            ]),
            ['order.paid', plain],      // another event of it
            refunded(part, 100), refunded(part, 250), refunded(part, 700),
            refunded(whole, 400), refunded(whole, 1000, 'refunded'),
            ['subscription.created', { id, ...period(0) }],
            ['subscription.cycled', { id, ...period(1) }],
            ['subscription.canceled', { id, ...period(1) }],
            ...revoked
                ? [['subscription.revoked', { id, ...period(1) }]] : [],
            ['customer.updated', { id: randomUUID() }],
        ],
        balance: CREDITS + 0.3 * CREDITS + (revoked ? 0 : 2 * CREDITS),
        packages: 5,
    };
}


async function deliver(type, data, id, second) {
    const body = JSON.stringify({
        type, timestamp: new Date(Date.UTC(2026, 0, 1, 0, 0, second)), data,
    });
    const response = await fetch(`${BASE_URL}/api/webhooks/polar`, {
        method: 'POST', body,
        headers: {
            'content-type': 'application/json',
            ...sign(POLAR_WEBHOOK_SECRET, body, { id }),
        },
    });

    assert.equal(response.status, 200, await response.text());
}


test(`a thousand events, three times, shuffled (SEED=${SEED})`, async () => {
    const run = randomUUID();
    const users = Array.from({ length: USERS },
        (_, i) => `${run}-${i}`);
    const lives = new Map(users.map((user) => [user, life(user)]));
    const events = [...lives.values()].flatMap(({ events }) =>
        events.map(([type, data], second) =>
            [type, data, randomUUID(), second]));
    const queue = shuffle([...events, ...events, ...events], generator(SEED));

    assert.ok(events.length >= 1000);
    await Promise.all(Array.from({ length: AT_ONCE }, async () => {
        for (let event; (event = queue.pop());) {
            await deliver(...event);
        }
    }));

    const rows = sql(`
        SELECT a.userId, d ->> 'balance', d ->> 'debt',
               jsonb_array_length(d -> 'packages')
          FROM credit_account a
               CROSS JOIN LATERAL (
                   SELECT credit_overview(a.userId)::jsonb AS d) o
         WHERE starts_with(a.userId, :'run');`, { run });

    assert.deepEqual(new Map(rows.map(([user, ...row]) => [user, row])),
        new Map([...lives].map(([user, { balance, packages }]) =>
            [user, [String(balance), '0', String(packages)]])));
    assert.deepEqual(sql('TABLE credit_invariants;'), []);
    assert.deepEqual(sql(`
        SELECT count(*), count(DISTINCT id) FROM credit_event
         WHERE source = 'polar' AND payload LIKE '%' || :'run' || '%'
               AND type <> 'grant' AND outcome IN ('applied', 'ignored');`,
    { run }).flat().map((n) => Number(n) >= USERS * 20), [true, true]);
});
