// A client that reads no more, with its connection open, has left: when nginx
// gives it up, its answer is read to the end and charged by the usage.
import assert from 'node:assert/strict';
import { Chat, Chat2, Chat2Wide } from './client.mjs';
import { live } from './live.mjs';

// 3 credits by the usage; far more than a connection holds
const ORDERS = 'usage=1000+2000 chunks=300 bytes=4000';

// and never ends
const ENDLESS = `${ORDERS} gate=295`;

const CLIENTS = [
    ['HTTP/1.1', Chat],
    ['HTTP/2, its window is full', Chat2],
    ['HTTP/2, its connection is full', Chat2Wide],
];

const WAYS = [
    ['not buffered', '/chat/stall'],
    ['buffered in memory', '/chat/stall/in-memory'],
    ['buffered in a file', '/chat/stall/buffered'],
    ['cached', '/chat/stall/cached'],
];


// whose client has read a little, and then nothing
async function stalled(live, nginx, path, Client, orders = ORDERS) {
    const user = await live.user(1000);
    const chat = new Client(nginx, user, { path, stream: true, orders });

    await chat.received(2);
    await chat.stop();
    return { user, chat };
}


for (const [client, Client] of CLIENTS) {
    for (const [way, path] of WAYS) {
        live(`${client}, ${way}: settled at the usage`, async (live) => {
            const nginx = await live.nginx();
            const { user, chat } = await stalled(live, nginx, path, Client);

            const [charge] = await user.settled(1);
            assert.equal(charge.status, 'settled');
            assert.equal(charge.amount, 3);
            assert.equal((await nginx.metrics()).drained_total, 1);
            await chat.leave('close');
        });
    }


    live(`${client}, not drained: what was produced is estimated`,
        async (live) => {
            const nginx = await live.nginx();
            const { user, chat } = await stalled(live, nginx,
                '/chat/stall/no-drain', Client, ENDLESS);

            user.unfinished = 1;
            const [charge] = await user.settled(1);
            assert.equal(charge.status, 'estimated');
            assert.equal(charge.reason, 'client_gone');
            await chat.leave('close');
        });


    live(`${client}, more than may be discarded: the provider is left`,
        async (live) => {
            const nginx = await live.nginx();
            const { user, chat } = await stalled(live, nginx,
                '/chat/stall/small', Client, ENDLESS);

            user.unfinished = 1;
            const [charge] = await user.settled(1);
            assert.equal(charge.status, 'estimated');
            assert.equal(charge.reason, 'client_gone');
            await chat.leave('close');
        });
}


for (const how of ['reset', 'close']) {
    live(`HTTP/2, ${how} behind frames that do not leave: settled at the usage`,
        async (live) => {
            const nginx = await live.nginx();
            const { user, chat } = await stalled(live, nginx, '/chat',
                Chat2Wide);

            await chat.leave(how);
            const [charge] = await user.settled(1);
            assert.equal(charge.status, 'settled');
            assert.equal(charge.amount, 3);
            await chat.leave('close');
        });
}
