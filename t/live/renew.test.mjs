// The hold of an answer that runs does not expire, however long that takes.
import assert from 'node:assert/strict';
import { sql } from '../support/psql.mjs';
import { until } from '../support/until.mjs';
import { finish, underWay } from './answer.mjs';
import { configure } from './configure.mjs';
import { live } from './live.mjs';
import { restore, stop } from './postgres.mjs';


// a node whose holds live so long, and an answer under way there
async function started(live, life) {
    const nginx = await live.nginx();
    const user = await live.user(100);

    configure(nginx, ['credits_journal',
        `credits_hold_life ${life};\n    credits_journal`]);
    await nginx.reload();
    return { nginx, user, answer: await underWay(nginx, user) };
}


// of the only hold, as milliseconds since the epoch; undefined: there is none
async function expiry(user) {
    const [row] = await sql`SELECT extract(epoch FROM expiresAt) * 1000
        FROM credit_hold WHERE userId = ${user.id};`;

    return row && Number(row[0]);
}


const renewed = (user, since) => until('the hold is renewed', async () => {
    const expires = await expiry(user);

    assert.ok(expires, 'the hold is there');
    return expires > since;
});


// its hold was there to the end
async function endsHeld(user, answer) {
    await finish(user, answer);
    assert.deepEqual(
        (await user.settled(1)).map(({ status, amount, hold }) =>
            [status, amount, hold]), [['settled', 3, 5]]);
    assert.equal(await user.balance(), 97);
}


live('an answer takes many times as long as a hold lives, also in a worker'
    + ' that leaves', async (live) => {
    const { nginx, user, answer } = await started(live, '2s');
    const first = await expiry(user);

    await renewed(user, first + 2000);
    assert.ok((await nginx.metrics()).renewed_total >= 1);

    await nginx.reload();
    await renewed(user, Date.now() + 4000);
    await endsHeld(user, answer);
});


live('Postgres is away for longer than a hold lives: it is renewed before it'
    + ' is reaped', async (live) => {
    const { user, answer } = await started(live, '2s');
    const expires = await expiry(user);

    await stop();
    await until('it has expired', () => Date.now() > expires + 2000);
    await restore();
    await renewed(user, Date.now());
    await endsHeld(user, answer);
});


live('an account is locked when a hold is due: it is renewed afterwards',
    async (live) => {
        const { nginx, user, answer } = await started(live, '2s');
        const session = live.session();

        await session.query(`BEGIN; SELECT FROM credit_account
            WHERE userId = '${user.id}' FOR UPDATE;`);

        const expires = await expiry(user);
        const { retries_total: before } = await nginx.metrics();

        await until('it was due, more than once', async () =>
            (await nginx.metrics()).retries_total >= before + 2);
        assert.equal(await expiry(user), expires);
        await session.query('COMMIT;');
        await renewed(user, expires);
        await endsHeld(user, answer);
    });


live('all of nginx is killed: nothing renews its holds', async (live) => {
    const { nginx, user } = await started(live, '2s');

    await renewed(user, await expiry(user));
    await nginx.crash();
    await until('the hold has ended', async () => {
        await sql`SELECT credit_reap(1000, false);`;
        return await user.holds() === 0;
    });
    assert.equal(await user.balance(), 100);
    await nginx.start();
});


live('a hold that an operator ends while its answer runs: the log says so',
    async (live) => {
        const { nginx, user, answer } = await started(live, '2s');

        await until('it has ended', async () => {
            await sql`UPDATE credit_hold SET expiresAt = clock_timestamp()
                       WHERE userId = ${user.id};`;
            await sql`SELECT credit_reap(1000, false);`;
            return await user.holds() === 0;
        });
        await until('the log says so', () => new RegExp('\\[warn\\].* an '
            + `answer runs whose hold has ended \\(user: ${user.id}, `
            + 'request: [-0-9a-f]{36}\\)').test(nginx.log));

        await finish(user, answer);
        assert.equal((await user.settled(1)).length, 1);
        assert.equal(await user.balance(), 97);
    });
