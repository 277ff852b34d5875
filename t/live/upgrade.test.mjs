// Another binary in nginx's place, and answers that are cut for a reload.
import assert from 'node:assert/strict';
import { gone } from '../support/process.mjs';
import { until } from '../support/until.mjs';
import { ORDERS, chargedOnce, finish, underWay } from './answer.mjs';
import { chat } from './client.mjs';
import { configure } from './configure.mjs';
import { liveDaemon } from './daemon.mjs';
import { live } from './live.mjs';
import { restore, stop } from './postgres.mjs';


liveDaemon('upgrade during an answer: it ends and is charged once',
    async (live, nginx) => {
        const user = await live.user(100);
        const answer = await underWay(nginx, user);
        const old = await nginx.upgrade();

        // the new workers leave what the old ones still have alone
        const other = await live.user(100);
        const { headers } = await chat(nginx, other, { orders: ORDERS });
        assert.ok(nginx.workers.includes(Number(headers['x-worker'])));
        await chargedOnce(other);
        assert.equal(await user.holds(), 1);

        await finish(user, answer);
        await chargedOnce(user);
        await gone(old);
    });


liveDaemon('upgrade during an answer while Postgres is away: the new workers'
    + ' settle what the old ones left', async (live, nginx) => {
    const before = await live.user(100);
    const user = await live.user(100);
    const waiting = await underWay(nginx, before);
    const answer = await underWay(nginx, user);

    await stop();
    await finish(before, waiting);
    const old = await nginx.upgrade();

    await finish(user, answer);
    await gone(old);
    assert.ok(nginx.records.includes(before.id), 'in the journal');
    assert.ok(nginx.records.includes(user.id), 'in the journal');
    assert.match(nginx.log, /leaving with \d charges in the journal/);

    await restore();
    await chargedOnce(before);
    await chargedOnce(user);

    const next = await live.user(100);
    await until('the way back', async () =>
        (await chat(nginx, next, { orders: ORDERS })).status === 200);
    await chargedOnce(next);
});


// An answer is cut when the time of the old workers is over; befall() is
// what happens before the reload
async function cut(nginx, user, befall = async () => {}) {
    configure(nginx, ['worker_processes',
        'worker_shutdown_timeout 500ms;\nworker_processes']);
    // the time that counts is in the old workers' configuration
    await Promise.all((await nginx.reload()).map(gone));

    const answer = await underWay(nginx, user);
    await befall();
    const old = await nginx.reload();

    await assert.rejects(answer.end());
    user.unfinished = 1;
    await Promise.all(old.map(gone));
}


async function cutIsCharged(user) {
    const [{ status, amount, hold }, ...more] = await user.settled(1);

    assert.equal(status, 'estimated');
    assert.ok(amount > 0 && amount <= hold);
    assert.deepEqual(more, []);
    assert.equal(await user.balance(), 100 - amount);
}


live('reload with worker_shutdown_timeout: what is cut is charged once',
    async (live) => {
        const nginx = await live.nginx();
        const user = await live.user(100);

        await cut(nginx, user);
        await cutIsCharged(user);
    });


live('the same while Postgres is away: it is charged when Postgres is back',
    async (live) => {
        const nginx = await live.nginx();
        const user = await live.user(100);

        await cut(nginx, user, stop);
        assert.ok(nginx.records.includes(user.id), 'in the journal');
        await restore();
        await cutIsCharged(user);
    });
