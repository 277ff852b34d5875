// A worker needs no more memory and no more files for the next request.
import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { memory, openFiles } from '../support/process.mjs';
import { pooled, until } from '../support/until.mjs';
import { Chat, chat } from './client.mjs';
import { live } from './live.mjs';

const MIB = 1024;
// of idle connections to the provider, see nginx.mjs
const IDLE = 32;

const skip = process.env.TEST_NGINX_PRELOAD
    && 'sanitizers keep memory that was freed';


live('10000 requests of all kinds', async (live) => {
    const nginx = await live.nginx({ workers: 1 });
    const [worker] = nginx.workers;
    const rich = await live.user(1_000_000);
    const poor = await live.user(1);
    const leaver = await live.user(1_000_000);
    const nobody = { id: '' };

    await chat(nginx, poor, { orders: 'usage=1000+0' });
    await poor.settled(1);

    const answer = async (agent, user, stream, status) => {
        const { status: got } = await chat(nginx, user,
            { agent, stream, orders: 'usage=10+10 chunks=3' });
        assert.equal(got, status);
    };

    const leave = async () => {
        const leaving = new Chat(nginx, leaver,
            { stream: true, orders: 'chunks=20' });
        await leaving.received(1);
        leaving.request.destroy();
    };

    const kinds = [
        (agent) => answer(agent, rich, true, 200),
        (agent) => answer(agent, rich, false, 200),
        (agent) => answer(agent, rich, true, 200),
        (agent) => answer(agent, poor, true, 402),
        (agent) => answer(agent, nobody, false, 401),
        leave,
    ];

    const load = async (count) => {
        const agent = new Agent({ keepAlive: true });
        let last;

        await pooled(count, 16, (i) => kinds[i % kinds.length](agent));
        agent.destroy();
        await until('the last request has ended', async () =>
            (await nginx.metrics()).in_flight === 0);
        await until('the clients have gone', () => {
            const now = openFiles(worker);
            const same = now === last;
            last = now;
            return same;
        });
    };

    await load(2000);
    const before = { rss: memory(worker, 'VmRSS'), files: openFiles(worker) };
    await load(8000);
    const after = { rss: memory(worker, 'VmRSS'), files: openFiles(worker) };

    assert.deepEqual(nginx.workers, [worker]);
    assert.ok(after.rss <= before.rss + 2 * MIB,
        `${before.rss} KiB became ${after.rss} KiB`);
    assert.ok(after.files <= before.files + IDLE,
        `${before.files} files became ${after.files}`);

    leaver.unfinished = (await leaver.provider()).aborted;
}, { skip });


live('a stream of 20000 events, each of them cut', async (live) => {
    const nginx = await live.nginx({ workers: 1 });
    const [worker] = nginx.workers;
    const user = await live.user(100);
    const ask = (chunks) => chat(nginx, user, {
        stream: true, orders: `chunks=${chunks} split=61 usage=1000+2000`,
    });

    await ask(100);
    const before = memory(worker, 'VmHWM');
    const { text } = await ask(20_000);
    const after = memory(worker, 'VmHWM');

    assert.equal(text.split('\n\n').length - 1, 20_003);
    assert.deepEqual(nginx.workers, [worker]);
    assert.ok(after <= before + 4 * MIB,
        `${before} KiB became ${after} KiB`);

    const charges = await user.settled(2);
    assert.deepEqual(charges.map(({ amount }) => amount), [3, 3]);
}, { skip });
