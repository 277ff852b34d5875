// An answer whose client has left is charged all the same, once, and by what
// is known of it.
import assert from 'node:assert/strict';
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


live('an estimate never takes more than the hold', async (live) => {
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
    assert.equal(charge.amount, 2);
    assert.equal(charge.hold, 2);
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
