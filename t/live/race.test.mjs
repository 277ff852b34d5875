// Nobody gets past zero by asking in parallel.
import assert from 'node:assert/strict';
import { until } from '../support/until.mjs';
import { Chat } from './client.mjs';
import { live } from './live.mjs';

// one credit, in the estimate and in the end
const ONE = { orders: 'usage=100+100', maxTokens: 100 };

// looks at the ledger again and again until stop(), which fails if anything
// was ever wrong
async function watch(live, users) {
    const session = live.session();
    const list = users.map(({ id }) => `'${id}'`).join(', ');
    let ended = false;
    let looks = 0;      // that have ended

    const wrong = (async () => {
        const found = [];

        while (!ended) {
            found.push(...await session.query(`
                SELECT a.userId, a.debt, h.amount, p.balance
                  FROM credit_account a
                       CROSS JOIN LATERAL (
                           SELECT coalesce(sum(amount), 0) AS amount
                             FROM credit_hold WHERE userId = a.userId) h
                       CROSS JOIN LATERAL (
                           SELECT coalesce(sum(remainingCredits), 0) AS balance
                             FROM credit_package WHERE userId = a.userId) p
                 WHERE a.userId IN (${list})
                       AND (h.amount > p.balance OR a.debt > 0);`));
            looks++;
        }
        return found;
    })();

    await until('the first look', () => looks > 0);
    return {
        // resolves when it has looked at what there is now
        async look() {
            const enough = looks + 2;
            await until('another look', () => looks >= enough);
        },
        async stop() {
            ended = true;
            assert.deepEqual(await wrong, []);
        },
    };
}


async function oneAtATime(live, nodes) {
    const user = await live.user(1);
    const ledger = await watch(live, [user]);
    const chats = Array.from({ length: 50 }, (_, i) =>
        new Chat(nodes[i % nodes.length], user,
            { ...ONE, orders: `${ONE.orders} gate=0` }).end());

    // all but the one that waits at the provider are refused
    let ended = 0;
    for (const chat of chats) {
        chat.finally(() => { ended++; });
    }
    await until('49 are refused', () => ended === 49);
    assert.deepEqual(await user.provider(),
        { calls: 1, completed: 0, aborted: 0, inflight: 1 });
    await ledger.look();
    await user.openGate();

    const answers = await Promise.all(chats);
    const denied = answers.filter(({ status }) => status === 402);
    assert.equal(denied.length, 49);
    assert.equal(answers.find(({ status }) => status !== 402).status, 200);

    for (const { text } of denied) {
        const { error } = JSON.parse(text);
        assert.equal(error.code, 'insufficient_credits');
        assert.match(error.message, /held by your own requests in flight/);
    }

    await user.settled(1);
    await ledger.stop();
    assert.equal((await user.provider()).calls, 1);
    assert.equal(await user.balance(), 0);
}


live('50 requests for 1 credit: one is admitted', async (live) => {
    await oneAtATime(live, [await live.nginx({ workers: 2 })]);
});


live('50 requests for 1 credit on two nodes: one is admitted',
    async (live) => {
        await oneAtATime(live, [await live.nginx(), await live.nginx()]);
    });


live('200 requests of 20 users with 3 credits each: 3 answers each',
    async (live) => {
        const nodes = [await live.nginx(), await live.nginx()];
        const users = await Promise.all(
            Array.from({ length: 20 }, () => live.user(3)));
        const ledger = await watch(live, users);

        const answers = await Promise.all(users.flatMap((user) =>
            Array.from({ length: 10 }, async (_, i) => ({
                user,
                ...await new Chat(nodes[i % 2], user,
                    { ...ONE, stream: i % 3 === 0 }).end(),
            }))));

        for (const user of users) {
            const statuses = answers.filter((answer) => answer.user === user)
                .map(({ status }) => status).sort();

            assert.deepEqual(statuses,
                [...Array(3).fill(200), ...Array(7).fill(402)]);
            assert.equal((await user.settled(3)).length, 3);
            assert.equal((await user.provider()).calls, 3);
            assert.equal(await user.balance(), 0);
        }
        await ledger.stop();
    });


live('answers that cost less than their hold: all credits can be spent',
    async (live) => {
        const nodes = [await live.nginx(), await live.nginx()];
        const user = await live.user(30);
        const ledger = await watch(live, [user]);
        let answered = 0;

        // five credits are held for each, one is spent
        const ask = async (nginx) => {
            for (;;) {
                const { status } = await new Chat(nginx, user,
                    { orders: 'usage=100+100' }).end();

                if (status === 200) {
                    answered++;
                } else {
                    assert.equal(status, 402);
                    if (await user.balance() === 0) {
                        return;
                    }
                }
            }
        };

        await Promise.all(Array.from({ length: 12 },
            (_, i) => ask(nodes[i % 2])));
        assert.equal(answered, 30);
        await ledger.stop();
    });
