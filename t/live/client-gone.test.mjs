// An answer whose client has left is charged all the same, once, and by what
// is known of it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { until } from '../support/until.mjs';
import { Chat, Chat2 } from './client.mjs';
import { live } from './live.mjs';

// 3 credits of a hold of 5
const ORDERS = 'usage=1000+2000 chunks=5';

// when the client leaves: after so many parts of the answer (the role, 5
// deltas, the finish_reason, the usage, [DONE]; or two halves of a document)
const POINTS = [
    { when: 'before the first byte', stream: true, gate: 0 },
    { when: 'in the middle', stream: true, gate: 3 },
    { when: 'after finish_reason', stream: true, gate: 7 },
    { when: 'before [DONE]', stream: true, gate: 8, known: true },
    { when: 'before the document', stream: false, gate: 0 },
    { when: 'inside the document', stream: false, gate: 1 },
];

const WAYS = [['FIN', Chat], ['RST', Chat], ['an HTTP/2 reset', Chat2]];


// the user whose client has left at this point; the provider is still waiting
async function left(live, nginx, path, [how, Client], { stream, gate }) {
    const user = await live.user(100);
    const chat = new Client(nginx, user, {
        path, stream, includeUsage: stream, orders: `${ORDERS} gate=${gate}`,
    });

    await user.waiting(1);
    if (gate > 0) {
        await chat.received(stream ? gate : undefined);
    }
    await chat.leave(how);
    return user;
}


const eachPoint = (points, check) => Promise.all(points.map((point) =>
    check(point).catch((error) => {
        error.message = `${point.when}: ${error.message}`;
        throw error;
    })));


for (const way of WAYS) {
    live(`left by ${way[0]}: charged by the usage if it comes in time`,
        async (live) => {
            const nginx = await live.nginx();

            await eachPoint(POINTS, async (point) => {
                const user = await left(live, nginx, '/chat', way, point);

                await user.openGate();
                const [charge] = await user.settled(1);
                assert.equal(charge.status, 'settled');
                assert.equal(charge.amount, 3);
            });
        });


    live(`left by ${way[0]}, not drained: the provider is stopped, charged by`
        + ' what was produced', async (live) => {
        const nginx = await live.nginx();

        await eachPoint(POINTS, async (point) => {
            const user = await left(live, nginx, '/chat/no-drain', way,
                point);

            user.unfinished = 1;
            const [charge] = await user.settled(1);
            if (point.known) {
                assert.equal(charge.status, 'settled');
                assert.equal(charge.amount, 3);
            } else {
                assert.equal(charge.status, 'estimated');
                assert.equal(charge.reason, 'client_gone');
                assert.equal(charge.amount, 1);
            }
            assert.ok(charge.amount <= charge.hold);
        });
    });


    live(`left by ${way[0]}, the provider is silent: the drain ends`,
        async (live) => {
            const nginx = await live.nginx();

            await eachPoint(POINTS.filter(({ known }) => !known),
                async (point) => {
                    const user = await left(live, nginx, '/chat/short-drain',
                        way, point);

                    user.unfinished = 1;
                    const [charge] = await user.settled(1);
                    assert.equal(charge.status, 'estimated');
                    assert.equal(charge.reason, 'client_gone');
                    assert.ok(charge.amount <= charge.hold);
                });
        });
}


live('what was delivered is paid, also beyond the hold', async (live) => {
    const nginx = await live.nginx();
    const user = await live.user(2);
    const chat = new Chat(nginx, user, {
        path: '/chat/no-drain', stream: true,
        orders: 'chunks=5 bytes=4000 gate=5',
    });

    await chat.received(5);
    await chat.leave('RST');
    user.unfinished = 1;

    const [charge] = await user.settled(1);
    assert.equal(charge.status, 'estimated');
    assert.equal(charge.amount, 5);
    assert.equal(charge.hold, 2);
    assert.equal(charge.debt, 3);
});


live('a long answer is read on without a client, for as long as it may',
    async (live) => {
        const nginx = await live.nginx();
        const user = await live.user(100);
        const chat = new Chat(nginx, user, {
            stream: true, orders: 'usage=1000+2000 chunks=200 gate=2',
        });

        await chat.received(2);
        await chat.leave('RST');
        await user.openGate();

        const [charge] = await user.settled(1);
        assert.equal(charge.status, 'settled');
        assert.equal(charge.amount, 3);
        assert.equal((await nginx.metrics()).drained_total, 1);
    });


// somebody else's stream is stopped: what has been left earlier has been left
// for longer than that location gives a stream
async function longAfter(live, nginx, path) {
    const user = await left(live, nginx, path, WAYS[0], POINTS[1]);

    user.unfinished = 1;
    const [charge] = await user.settled(1);
    assert.equal(charge.status, 'estimated');
    assert.equal(charge.reason, 'client_gone');
}


live('a stream is stopped soon, but not after its finish, nor a document',
    async (live) => {
        const nginx = await live.nginx();
        const users = [];

        for (const point of [POINTS[2], POINTS[4], POINTS[5]]) {
            users.push(await left(live, nginx, '/chat/stop', WAYS[0], point));
        }
        await longAfter(live, nginx, '/chat/stop');

        for (const user of users) {
            await user.openGate();
            const [charge] = await user.settled(1);
            assert.equal(charge.status, 'settled');
            assert.equal(charge.amount, 3);
        }
    });


const event = (choices, usage) =>
    `data: ${JSON.stringify({ choices, usage })}\n\n`;

const delta = (content, reason = null) =>
    event([{ index: 0, delta: { content }, finish_reason: reason }]);


live('the finish may come when nobody is there any more', async (live) => {
    const nginx = await live.nginx();
    const user = await live.user(100);
    const provider = createServer().listen(0, '127.0.0.1');

    await once(provider, 'listening');
    const chat = new Chat(nginx, user, {
        path: `/chat/of?port=${provider.address().port}`, stream: true,
    });
    const [request, response] = await once(provider, 'request');
    request.resume();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(delta('Hello'));
    await chat.received(1);

    await chat.leave('RST');
    await until('nginx has noticed', () => /the client has left/.test(
        nginx.log));
    response.write(delta('', 'stop'));
    await longAfter(live, nginx,
        `/chat/of?port=${process.env.TEST_NGINX_PROVIDER_PORT}`);

    response.end(`${event([], { prompt_tokens: 1000,
        completion_tokens: 2000 })}data: [DONE]\n\n`);
    user.unfinished = 1;
    const [charge] = await user.settled(1);
    assert.equal(charge.status, 'settled');
    assert.equal(charge.amount, 3);
    provider.close();
});
