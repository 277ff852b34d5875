// What Postgres or a person has to mend: nothing is lost meanwhile.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { until } from '../support/until.mjs';
import { Gate, startNginx } from './nginx.mjs';
import { LARGE, Polar, sign } from './polar.mjs';
import { Person, sql } from './product.mjs';

const { DATABASE_URL, POLAR_WEBHOOK_SECRET: SECRET } = process.env;

let gate;
let nginx;
let polar;

before(async () => {
    gate = await Gate.open(DATABASE_URL);
    nginx = await startNginx(gate.url);
    polar = await Polar.start({ WEBHOOK_URL: nginx.webhookUrl });
});

after(async () => {
    await polar.stop();
    try {
        await nginx.end();
    } finally {
        nginx.remove();
        await gate.shut();
    }
});

afterEach(async () => {
    gate.set('open');
    await polar.release();
    await polar.quiet();
    assert.deepEqual(sql('TABLE credit_invariants;'), []);
});


async function post(body) {
    const response = await fetch(nginx.webhookUrl,
        { method: 'POST', body, headers: sign(SECRET, body) });

    return {
        status: response.status, headers: response.headers,
        json: await response.json(),
    };
}


const packages = ({ id }) => sql(`
    SELECT sourceId, remainingCredits FROM credit_package
     WHERE userId = :'user';`, { user: id });


// nginx has called for a human, as it must
function told(what) {
    const alert = new RegExp(`\\[alert\\].*${what}`);

    nginx.expect(alert);
    assert.match(nginx.log, alert);
}


// until Postgres answers nginx again
const mended = () => until('Postgres answers nginx', async () =>
    (await post('{"type":"x.y","data":{}}')).status === 200);


test('retry: Postgres is away: 503, and Polar comes again', async () => {
    const person = await Person.signUp();
    gate.set('closed');
    const order = await polar.buy(LARGE, person.id);

    const { status, headers, json } = await post('{"type":"x.y","data":{}}');
    assert.equal(status, 503);
    assert.match(headers.get('retry-after'), /^\d+$/);
    assert.equal(json.error.code, 'service_unavailable');

    const [paid] = await polar.deliveries('order.paid', order.id);
    for (const answer of await polar.send(paid, 3)) {
        assert.equal(answer.status, 503);
    }
    assert.deepEqual(packages(person), []);

    gate.set('open');
    const all = await polar.quiet();
    const { attempts } = all.find(({ id }) => id === paid.id);
    assert.deepEqual(attempts.map(({ status: each }) => each),
        [503, 503, 503, 200]);
    assert.equal(attempts.at(-1).outcome, 'applied');
    assert.deepEqual(packages(person), [[order.id, '10000']]);
});


test('retry: what Postgres said is lost: 503, and again it is the same',
    async () => {
        const person = await Person.signUp();
        await polar.hold();
        const order = await polar.buy(LARGE, person.id);
        const [paid] = await polar.deliveries('order.paid', order.id);
        await mended();

        gate.set('deaf');
        const [lost] = await polar.send(paid);
        assert.equal(lost.status, 503);
        // nevertheless it was done
        await until('the package', () => packages(person).length === 1);

        gate.set('open');
        await mended();
        assert.equal(await polar.deliver('order.paid', order.id), 'applied');
        assert.deepEqual(packages(person), [[order.id, '10000']]);
    });


test('a forgery does not even ask Postgres', async () => {
    gate.set('closed');
    const body = '{"type":"x.y","data":{}}';
    const response = await fetch(nginx.webhookUrl,
        { method: 'POST', body, headers: sign(`${SECRET}x`, body) });

    assert.equal(response.status, 401);
});


test('nobody knows whose it is: kept, told, and granted when somebody says',
    async () => {
        const person = await Person.signUp();
        const customer = await polar.call('POST', '/_customers', {}, 201);
        await mended();
        const order = await polar.buy(LARGE, undefined,
            { customer_id: customer.id });
        await polar.quiet();

        const [paid] = await polar.deliveries('order.paid', order.id);
        assert.deepEqual(paid.attempts.map(({ status, outcome }) =>
            [status, outcome]), [[200, 'pending']]);
        told(`${paid.id}.*${order.id}`);

        const [[outcome]] = sql(`
            SELECT outcome FROM credit_replay(:'event', 'a test', :'user');`,
        { event: paid.id, user: person.id });
        assert.equal(outcome, 'applied');
        assert.deepEqual(packages(person), [[order.id, '10000']]);
        // and Polar's repetition changes nothing
        assert.equal(await polar.deliver('order.paid', order.id), 'applied');
        assert.deepEqual(packages(person), [[order.id, '10000']]);
    });


test('a product that says no number: kept, told, granted when it is mended',
    async () => {
        const person = await Person.signUp();
        const { id, metadata } = await polar.product(LARGE);
        const change = (credits) => polar.call('PATCH', `/_products/${id}`,
            { metadata: { ...metadata, credits } });

        await mended();
        await change('12,000');
        const order = await polar.buy(LARGE, person.id);
        await polar.quiet();
        assert.equal(await polar.deliver('order.paid', order.id), 'rejected');
        told(`${order.id}.*${person.id}`);
        assert.deepEqual(packages(person), []);

        await change(12_000);
        await polar.quiet();
        assert.equal(await polar.deliver('order.paid', order.id), 'applied');
        assert.deepEqual(packages(person), [[order.id, '12000']]);

        await change(metadata.credits);
    });
