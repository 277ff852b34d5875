// An answer is paid for with exactly what it cost.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { Person, question, sql } from './product.mjs';

const ORDER = '[provider usage=1234+14000 text=Hello%20there chunks=3]';

const METADATA = {
    promptTokens: 1234, completionTokens: 14000, totalTokens: 15234,
    model: 'gpt-4o-mini',
};


afterEach(() => {
    assert.deepEqual(sql('TABLE credit_invariants;'), []);
});


test('a streamed answer', async () => {
    const person = await Person.signUp();
    const id = person.grant(100, '1 day');

    const { data: stream, response } = await person.openai.chat.completions
        .create({ ...question(ORDER), stream: true }).withResponse();
    const chunks = [];

    for await (const chunk of stream) {
        chunks.push(chunk);
    }
    assert.equal(chunks.map(({ choices }) => choices[0].delta.content ?? '')
        .join(''), 'Hello there');

    const [transaction] = await person.settled(1);
    assert.equal(transaction.id, response.headers.get('x-credits-request-id'));
    assert.equal(transaction.type, 'chat');
    assert.equal(transaction.amount, 16);
    assert.deepEqual(transaction.packages, [{ packageId: id, amount: 16 }]);
    assert.deepEqual(transaction.metadata,
        { ...transaction.metadata, ...METADATA });

    const { balance, held, debt, available } = await person.credits();
    assert.deepEqual({ balance, held, debt, available },
        { balance: 84, held: 0, debt: 0, available: 84 });
});


test('the usage is in the stream if it was asked for', async () => {
    const person = await Person.signUp();
    person.grant(100, '1 day');

    const final = await person.openai.chat.completions.stream({
        ...question(ORDER), stream_options: { include_usage: true },
    }).finalChatCompletion();

    assert.equal(final.choices[0].message.content, 'Hello there');
    assert.equal(final.usage.total_tokens, 15234);
    await person.settled(1);
    assert.equal((await person.credits()).balance, 84);
});


test('answers in one piece, and what is rounded up', async () => {
    const person = await Person.signUp();
    person.grant(100, '1 day');

    for (const completion of [766, 767]) {
        const answer = await person.openai.chat.completions.create(question(
            `[provider usage=1234+${completion} text=Hello%20there]`));

        assert.equal(answer.choices[0].message.content, 'Hello there');
        assert.equal(answer.usage.total_tokens, 1234 + completion);
    }

    const transactions = await person.settled(2);
    assert.deepEqual(transactions.map(({ amount }) => amount).sort(), [2, 3]);
    assert.equal((await person.credits()).balance, 95);
});


test('the package that expires first pays first', async () => {
    const person = await Person.signUp();
    const year = person.grant(1000, '1 year');
    const week = person.grant(5, '7 days');
    const month = person.grant(10, '30 days');

    await person.openai.chat.completions.create(question(ORDER));

    const [transaction] = await person.settled(1);
    assert.deepEqual(transaction.packages, [
        { packageId: week, amount: 5 },
        { packageId: month, amount: 10 },
        { packageId: year, amount: 1 },
    ]);

    assert.deepEqual(sql(`
        SELECT packageId, amount, type, description
          FROM credit_transaction WHERE userId = :'user'
         ORDER BY amount DESC;`, { user: person.id }), [
        [month, '10', 'chat', 'AI Chat - 15234 tokens'],
        [week, '5', 'chat', 'AI Chat - 15234 tokens'],
        [year, '1', 'chat', 'AI Chat - 15234 tokens'],
    ]);
    assert.deepEqual(
        (await person.credits()).packages.map(
            ({ remainingCredits, status }) => [remainingCredits, status])
            .sort(),
        [[0, 'depleted'], [0, 'depleted'], [999, 'active']]);
});


test("the provider's error is passed on and costs nothing", async () => {
    const person = await Person.signUp();
    person.grant(100, '1 day');

    await assert.rejects(
        person.openai.chat.completions.create(
            question('[provider status=429 usage=1234+14000]')),
        (error) => error.status === 429
            && error.code === 'rate_limit_exceeded');

    await person.settled(0);
    assert.deepEqual(await person.transactions(), []);
    assert.equal((await person.credits()).balance, 100);
});
