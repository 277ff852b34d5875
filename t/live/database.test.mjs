// Postgres fails in all its ways: nobody waits for long, nothing is lost.
import assert from 'node:assert/strict';
import { pooled, until } from '../support/until.mjs';
import { Chat, chat, credits, keepAlive } from './client.mjs';
import { live } from './live.mjs';
import { freeze, restore, stop, terminate } from './postgres.mjs';

const ORDERS = 'usage=1000+2000 chunks=3';


function assertUnavailable({ status, headers, text }) {
    assert.equal(status, 503);
    assert.match(headers['retry-after'], /^\d+$/);
    assert.equal(JSON.parse(text).error.code, 'service_unavailable');
}


live('connections are cut under load: no charge is lost, none comes twice',
    async (live) => {
        const nginx = await live.nginx();
        const users = await Promise.all(
            Array.from({ length: 10 }, () => live.user(1000)));
        const answered = new Map(users.map((user) => [user, 0]));
        let cuts = 0;
        let ended = false;

        const load = pooled(600, 30, async (i) => {
            const user = users[i % users.length];
            const { status } = await chat(nginx, user, {
                orders: ORDERS, stream: i % 2 === 0, agent: keepAlive,
            });

            if (status === 200) {
                answered.set(user, answered.get(user) + 1);
            } else {
                assert.equal(status, 503);
            }
        }).finally(() => { ended = true; });

        while (!ended) {
            const [[count]] = await terminate();
            cuts += Number(count);
            // some requests first, then the next cut
            const { settled_total: before } = await nginx.metrics();
            await until('work goes on', async () => ended
                || (await nginx.metrics()).settled_total > before + 50);
        }
        await load;
        assert.ok(cuts > 10, `${cuts} connections were cut`);

        for (const user of users) {
            const charges = await user.settled(answered.get(user));
            assert.equal(charges.length, answered.get(user));
            assert.equal(await user.balance(), 1000 - 3 * charges.length);
        }
    });


live('a user whose account is locked: 503 for them, the others go on',
    async (live) => {
        const nginx = await live.nginx({ workers: 1 });
        const locked = await live.user(100);
        const others = await Promise.all(
            Array.from({ length: 10 }, () => live.user(100)));
        const session = live.session();

        await session.query(`BEGIN; SELECT FROM credit_account
            WHERE userId = '${locked.id}' FOR UPDATE;`);

        const refused = Array.from({ length: 8 }, () =>
            chat(nginx, locked, { orders: ORDERS }));

        for (const user of others) {
            const { status } = await chat(nginx, user, { orders: ORDERS });
            assert.equal(status, 200);
        }
        for (const answer of await Promise.all(refused)) {
            assertUnavailable(answer);
        }
        assert.equal((await locked.provider()).calls, 0);

        await session.query('COMMIT;');
        const { status } = await chat(nginx, locked, { orders: ORDERS });
        assert.equal(status, 200);
        await locked.settled(1);
        assert.equal(await locked.balance(), 97);
    });


live('a charge whose account is locked: the other charges go on',
    async (live) => {
        const nginx = await live.nginx({ workers: 1 });
        const locked = await live.user(100);
        const others = await Promise.all(
            Array.from({ length: 10 }, () => live.user(100)));
        const waiting = Array.from({ length: 8 }, () => new Chat(nginx,
            locked, { orders: `${ORDERS} gate=0` }));
        const session = live.session();

        await locked.waiting(8);
        await session.query(`BEGIN; SELECT FROM credit_account
            WHERE userId = '${locked.id}' FOR UPDATE;`);
        await locked.openGate();
        for (const answer of waiting) {
            assert.equal((await answer.end()).status, 200);
        }

        for (const user of others) {
            await chat(nginx, user, { orders: ORDERS });
            await user.settled(1);
        }
        await session.query('COMMIT;');
        await locked.settled(8);
        assert.equal(await locked.balance(), 76);
    });


live('Postgres is away: 503, the provider is not called, nothing is held',
    async (live) => {
        const nginx = await live.nginx({ database: 'timeout=500ms' });
        const user = await live.user(100);

        await stop();
        assertUnavailable(await chat(nginx, user, { orders: ORDERS }));
        assert.equal((await user.provider()).calls, 0);

        await restore();
        assert.equal(await user.holds(), 0);
        await until('the way back', async () =>
            (await chat(nginx, user, { orders: ORDERS })).status === 200);
        await user.settled(1);
        assert.equal(await user.balance(), 97);
    });


live('Postgres hangs and comes back: what was refused holds nothing',
    async (live) => {
        const nginx = await live.nginx({
            workers: 1, database: 'connections=2 timeout=1s',
        });
        const user = await live.user(100);

        await credits(nginx, user);
        freeze();

        // both connections wait for an answer, and give up on it before the
        // time of the hold behind is over
        const reads = [credits(nginx, user), credits(nginx, user)];
        await until('the reads are sent', async () =>
            (await nginx.metrics()).reads_total === 3);
        assertUnavailable(await chat(nginx, user, { orders: ORDERS }));
        for (const read of reads) {
            assert.equal((await read).status, 503);
        }
        assert.ok((await nginx.metrics()).hold_rows_total >= 1);

        // now Postgres does what it was asked for
        await restore();
        await until('the request has its final row', async () =>
            (await user.charges()).length === 1);
        const [{ status, reason }] = await user.charges();
        assert.deepEqual([status, reason], ['released', 'abandoned']);
        assert.equal(await user.holds(), 0);
        assert.equal((await user.provider()).calls, 0);
    });


live('credits_on_database_error allow: answered now, charged later',
    async (live) => {
        const nginx = await live.nginx({ database: 'timeout=500ms' });
        const user = await live.user(100);

        await stop();
        const { status, headers } = await chat(nginx, user,
            { path: '/chat/allow', orders: ORDERS });
        assert.equal(status, 200);
        await restore();

        const [charge] = await user.settled(1);
        assert.deepEqual([charge.id, charge.status, charge.amount,
            charge.hold, charge.debt],
        [headers['x-credits-request-id'], 'settled', 3, 0, 0]);
        assert.equal(await user.balance(), 97);
    });
