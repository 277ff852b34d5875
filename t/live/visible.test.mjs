// What an answer cost is seen as soon as the answer has ended.
import assert from 'node:assert/strict';
import { chat, credits } from './client.mjs';
import { live } from './live.mjs';


live('the balance is right once the client has seen the end of an answer',
    async (live) => {
        const nginx = await live.nginx({ workers: 2 });
        const user = await live.user(1000);
        const workers = { chat: new Set(), credits: new Set() };
        let crossed = 0;

        for (let i = 1; i <= 200; i++) {
            const answer = await chat(nginx, user,
                { orders: 'usage=1000+1000', stream: i % 2 === 0 });
            const seen = await credits(nginx, user);

            assert.equal(answer.status, 200);
            assert.deepEqual(
                [seen.balance, seen.held, seen.available],
                [1000 - 2 * i, 0, 1000 - 2 * i], `after answer ${i}`);

            workers.chat.add(answer.headers['x-worker']);
            workers.credits.add(seen.worker);
            crossed += answer.headers['x-worker'] !== seen.worker;
        }

        assert.equal(workers.chat.size, 2);
        assert.equal(workers.credits.size, 2);
        assert.ok(crossed > 20, 'often by another worker');
    });


// five credits are held for each answer, so that the hold of the one before
// is in the way until it is settled
live('who can pay is never refused right after an answer', async (live) => {
    const nginx = await live.nginx({ workers: 2 });

    for (let i = 0; i < 40; i++) {
        const user = await live.user(5);

        for (let k = 0; k < 5; k++) {
            const { status } = await chat(nginx, user,
                { orders: 'usage=100+100', stream: k % 2 === 0 });
            assert.equal(status, 200, `user ${i}, answer ${k}`);
        }

        const { status, text } = await chat(nginx, user);
        assert.equal(status, 402);
        assert.match(JSON.parse(text).error.message, /out of credits/);
    }
});
