// Who may not pay does not reach the provider.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { APIError } from 'openai';
import { until } from '../support/until.mjs';
import { Person, question } from './product.mjs';


// what the official client makes of a refusal
async function refusal(answer) {
    try {
        await answer;
    } catch (error) {
        assert.ok(error instanceof APIError, error);
        return error;
    }
    assert.fail('it was answered');
}


test('without credits: 402', async () => {
    const person = await Person.signUp();

    for (const stream of [true, false]) {
        const error = await refusal(person.openai.chat.completions.create(
            { ...question('hello'), stream }));

        assert.equal(error.status, 402);
        assert.equal(error.code, 'insufficient_credits');
        assert.equal(error.error.purchase_url, '/shop');
        assert.equal(error.error.available, 0);
    }
    assert.equal((await person.provider()).calls, 0);
});


test('the last credit pays for one of many requests', async () => {
    const person = await Person.signUp();
    person.grant(1, '1 day');

    // none of them ends before all of them have been decided
    const order = '[provider gate=0 usage=10+10]';
    const outcomes = [];
    const all = Array.from({ length: 20 }, () =>
        person.openai.chat.completions
            .create(question(`${order.replace(']', ` tag=${person.tag}]`)}`))
            .then(() => 200, (error) => error.status)
            .then((status) => outcomes.push(status)));

    await until('all but one are refused', () => outcomes.length === 19);
    await until('one is at the provider', async () =>
        (await person.provider()).inflight === 1);
    await person.openGate();
    await Promise.all(all);

    assert.deepEqual(outcomes, [...Array(19).fill(402), 200]);
    assert.equal((await person.provider()).calls, 1);
    await person.settled(1);
    assert.equal((await person.credits()).balance, 0);
});


test('nobody, and a forged cookie: 401', async () => {
    const person = await Person.signUp();
    person.grant(100, '1 day');

    const forged = person.cookie.replace(/\.(.)/,
        (_, first) => `.${first === 'A' ? 'B' : 'A'}`);
    for (const cookie of ['', forged]) {
        const client = person.openai.withOptions({
            defaultHeaders: { cookie, 'x-provider-tag': person.tag },
        });
        const error = await refusal(
            client.chat.completions.create(question('hello')));

        assert.equal(error.status, 401);
        assert.equal(error.code, 'unauthorized');
    }
    assert.equal((await person.provider()).calls, 0);
});


test('after sign-out: 401', async () => {
    const person = await Person.signUp();
    person.grant(100, '1 day');
    assert.equal((await person.get('/api/credits')).status, 200);

    await person.signOut();
    // the session is cached for a moment
    await until('the session has ended', async () =>
        (await person.get('/api/credits')).status === 401);

    const error = await refusal(
        person.openai.chat.completions.create(question('hello')));
    assert.equal(error.status, 401);
    assert.equal((await person.provider()).calls, 0);
});
