// Holds of answers whose end nobody saw: given back, or charged.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { killWorker } from '../support/nginx.mjs';
import { sql } from '../support/psql.mjs';
import { until } from '../support/until.mjs';
import { finish, underWay } from './answer.mjs';
import { configure } from './configure.mjs';
import { live } from './live.mjs';

const CAPTURE
    = ['credits_journal', 'credits_lost_hold capture;\n    credits_journal'];


const count = (nodes, line) => nodes.map(({ log }) => log).join('')
    .split('\n').filter((each) => line.test(each)).length;


// what the hold of a machine that is gone looks like an hour later
async function expiredHold(user, amount) {
    await sql`SELECT credit_hold_batch(ARRAY[${user.id}],
        ARRAY[${randomUUID()}::uuid], ARRAY[${amount}]::bigint[],
        ARRAY[${amount}]::bigint[], '1 hour', 'a node that is gone');`;
    await expire(user);
}


const expire = (user) => sql`
    UPDATE credit_hold SET expiresAt = clock_timestamp()
     WHERE userId = ${user.id};`;


// Two nodes that start to reap at the same time, and have this to reap
async function reaped(live, changes = []) {
    const nodes = [await live.nginx(), await live.nginx()];
    const users = await Promise.all(
        Array.from({ length: 20 }, () => live.user(100)));

    await Promise.all(nodes.map((nginx) => nginx.stop()));
    for (const nginx of nodes) {
        configure(nginx, ...changes);
    }
    for (const user of users) {
        await expiredHold(user, 7);
        await expiredHold(user, 8);
    }
    await Promise.all(nodes.map((nginx) => nginx.start()));

    for (const user of users) {
        await until('the holds have ended', async () =>
            await user.holds() === 0);
    }
    return { nodes, users };
}


live('a hold that has expired is released, by one of two nodes',
    async (live) => {
        const { nodes, users } = await reaped(live);

        await until('all are logged', () => count(nodes,
            /\[warn\].* a hold of [78] credits has expired/) === 40);
        for (const user of users) {
            for (const amount of [7, 8]) {
                assert.equal(count(nodes, new RegExp('\\[warn\\].* a hold of '
                    + `${amount} credits has expired and is released `
                    + `\\(user: ${user.id}, request: [-0-9a-f]{36}\\)`)), 1);
            }
            assert.deepEqual(await user.charges(), []);
            assert.equal(await user.balance(), 100);
        }
    });


live('credits_lost_hold capture: a hold that has expired is charged, by one'
    + ' of two nodes', async (live) => {
    const { nodes, users } = await reaped(live, [CAPTURE]);

    await until('all are logged', () => count(nodes,
        /\[warn\].* a hold of [78] credits has expired/) === 40);
    for (const user of users) {
        user.unfinished = 2;
        for (const amount of [7, 8]) {
            assert.equal(count(nodes, new RegExp('\\[warn\\].* a hold of '
                + `${amount} credits has expired and is charged `
                + `\\(user: ${user.id}, request: [-0-9a-f]{36}\\)`)), 1);
        }
        assert.deepEqual((await user.charges()).map(
            ({ status, amount, debt, hold, reason }) =>
                [status, amount, debt, hold, reason]).sort(),
        [['estimated', 7, 0, 7, 'hold_expired'],
            ['estimated', 8, 0, 8, 'hold_expired']]);
        assert.equal(await user.balance(), 85);
    }
});


live('credits_lost_hold capture: what a killed worker held is charged',
    async (live) => {
        const nginx = await live.nginx({ workers: 2 });
        nginx.expect(/worker process \d+ exited on signal 9/);
        const user = await live.user(100);

        configure(nginx, CAPTURE);
        await nginx.reload();

        const answer = await underWay(nginx, user);
        const { headers } = await answer.response;
        await killWorker(nginx, Number(headers['x-worker']));
        await assert.rejects(answer.end());
        user.unfinished = 1;

        const [{ id, status, amount, hold, reason }] = await user.settled(1);
        assert.deepEqual([id, status, reason],
            [headers['x-credits-request-id'], 'estimated', 'worker_died']);
        assert.equal(hold, 5);
        assert.equal(amount, hold);
        assert.equal(await user.balance(), 95);

        const [[estimated]] = await sql`
            SELECT metadata ->> 'estimated' FROM credit_transaction
             WHERE userId = ${user.id} AND requestId = ${id};`;
        assert.equal(estimated, 'true');
        assert.equal(count([nginx], new RegExp('\\[warn\\].* a worker died '
            + 'with a request in flight, its hold of 5 credits is charged '
            + `\\(user: ${user.id}\\)`)), 1);
    });


// an answer that takes longer than its hold lives
async function outlived(live, ...changes) {
    const nginx = await live.nginx();
    const user = await live.user(100);

    configure(nginx, ...changes);
    await nginx.reload();

    const answer = await underWay(nginx, user);
    await expire(user);
    await until('the hold has ended', async () => await user.holds() === 0);

    await finish(user, answer);
    await until('the charge has been settled', async () =>
        (await nginx.metrics()).in_flight === 0);

    return {
        balance: await user.balance(),
        charges: (await user.charges())
            .map(({ status, amount, reason }) => [status, amount, reason]),
    };
}


live('an answer ends after its hold was released: it is charged once',
    async (live) => {
        assert.deepEqual(await outlived(live),
            { balance: 97, charges: [['settled', 3, '']] });
    });


live('an answer ends after its hold was charged: that was all',
    async (live) => {
        assert.deepEqual(await outlived(live, CAPTURE),
            { balance: 95, charges: [['estimated', 5, 'hold_expired']] });
    });
