// What happens to answers under way when nginx is reloaded, stopped, or dies.
import assert from 'node:assert/strict';
import { killWorker } from '../support/nginx.mjs';
import { gone } from '../support/process.mjs';
import { sql } from '../support/psql.mjs';
import { until } from '../support/until.mjs';
import { Chat, chat } from './client.mjs';
import { live } from './live.mjs';

const GATED = { stream: true, orders: 'usage=1000+2000 chunks=5 gate=3' };


// a streamed answer that waits in its middle
async function underWay(nginx, user) {
    const answer = new Chat(nginx, user, GATED);

    await user.waiting(1);
    await answer.response;
    return answer;
}


async function finish(user, answer) {
    await user.openGate();

    const { status, text } = await answer.end();
    assert.equal(status, 200);
    assert.match(text, /data: \[DONE\]\n\n$/);
}


async function chargedOnce(user) {
    const charges = await user.settled(1);

    assert.deepEqual(charges.map(({ status, amount }) => [status, amount]),
        [['settled', 3]]);
    assert.equal(await user.balance(), 97);
}


live('reload during an answer: it ends and is charged once', async (live) => {
    const nginx = await live.nginx();
    const user = await live.user(100);
    const answer = await underWay(nginx, user);
    const old = await nginx.reload();

    // the new workers leave what the old ones still have alone
    const other = await live.user(100);
    await chat(nginx, other, { orders: 'usage=1000+2000' });
    await chargedOnce(other);
    assert.equal(await user.holds(), 1);

    await finish(user, answer);
    await chargedOnce(user);
    await Promise.all(old.map(gone));
});


live('QUIT during an answer: it ends, is charged once, then nginx leaves',
    async (live) => {
        const nginx = await live.nginx();
        const user = await live.user(100);
        const answer = await underWay(nginx, user);
        const stopped = nginx.stop('SIGQUIT');

        await until('nginx shuts down',
            () => /gracefully shutting down/.test(nginx.log));
        await finish(user, answer);
        assert.equal(await stopped, 0);
        await chargedOnce(user);
    });


live('TERM during an answer: never charged twice, the hold ends',
    async (live) => {
        const nginx = await live.nginx();
        const user = await live.user(100);
        const answer = await underWay(nginx, user);

        assert.equal(await nginx.stop('SIGTERM'), 0);
        await assert.rejects(answer.end());
        await nginx.start();

        // what was produced until then, or nothing
        await until('the hold has ended', async () =>
            await user.holds() === 0);
        const charges = await user.charges();
        assert.ok(charges.length <= 1);
        user.unfinished = (await user.paid()).length;
    });


live('a worker is killed during an answer: the others release the hold',
    async (live) => {
        const nginx = await live.nginx({ workers: 2 });
        nginx.expect(/worker process \d+ exited on signal 9/);
        const user = await live.user(100);
        const answer = await underWay(nginx, user);
        const { headers } = await answer.response;

        await killWorker(nginx, Number(headers['x-worker']));
        await assert.rejects(answer.end());

        await until('the hold has ended', async () =>
            await user.holds() === 0);
        assert.deepEqual((await user.charges())
            .map(({ status, reason }) => [status, reason]),
        [['released', 'worker_died']]);
        assert.equal((await nginx.metrics()).orphans_total, 1);

        await chat(nginx, user, { orders: 'usage=1000+2000' });
        await user.settled(1);
        assert.equal(await user.balance(), 97);
    });


live('the only worker is killed during an answer: its successor releases',
    async (live) => {
        const nginx = await live.nginx({ workers: 1 });
        nginx.expect(/worker process \d+ exited on signal 9/);
        const user = await live.user(100);

        await underWay(nginx, user);
        await killWorker(nginx, nginx.workers[0]);
        await until('the hold has ended', async () =>
            await user.holds() === 0);
    });


live('all of nginx is killed during an answer: the hold ends by its expiry',
    async (live) => {
        const nginx = await live.nginx();
        const user = await live.user(100);

        await underWay(nginx, user);
        await nginx.crash();
        assert.equal(await user.holds(), 1);

        await sql`UPDATE credit_hold SET expiresAt = clock_timestamp()
                   WHERE userId = ${user.id};`;
        await nginx.start();
        await until('the hold has ended', async () =>
            await user.holds() === 0);
        assert.equal(await user.balance(), 100);
    });
