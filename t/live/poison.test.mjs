// A charge that Postgres will never take is put aside, for a human; it holds
// up nobody else.
import assert from 'node:assert/strict';
import { readFileSync, renameSync } from 'node:fs';
import { until } from '../support/until.mjs';
import { ORDERS, chargedOnce, finish, underWay, uuid } from './answer.mjs';
import { chat } from './client.mjs';
import { live } from './live.mjs';
import { poisoned } from './poison.mjs';
import { restore, stop } from './postgres.mjs';


// all of them end while Postgres is away, so that their charges share a
// batch; the ids of the requests
async function endTogether(nginx, users) {
    const answers = await Promise.all(users.map((user) =>
        underWay(nginx, user)));

    await stop();
    const ids = await Promise.all(users.map((user, i) =>
        finish(user, answers[i])));
    await restore();
    return ids;
}


async function goesOn(live, nginx) {
    const user = await live.user(100);

    await until('the way back', async () =>
        (await chat(nginx, user, { orders: ORDERS })).status === 200);
    await chargedOnce(user);
}


live('a charge that Postgres refuses: it is put aside, the others go on',
    async (live) => {
        const nginx = await live.nginx({ workers: 1 });
        const path = `${nginx.prefix}/journal/dead`;
        const bad = await live.user(100);
        const others = await Promise.all(
            Array.from({ length: 4 }, () => live.user(100)));

        await poisoned(bad, async () => {
            const users = [...others.slice(0, 2), bad, ...others.slice(2)];
            const id = (await endTogether(nginx, users))[2];

            nginx.expect(new RegExp('\\[alert\\].* Postgres refuses the charge'
                + ` of request ${id} \\(user: ${bad.id}, credits: 3\\): `
                + '.*refused by the test; it is kept in ".*/journal/dead"'));
            await Promise.all(others.map(chargedOnce));
            await until('it is put aside', async () =>
                (await nginx.metrics()).dead_letters_total === 1);
            assert.match(nginx.log, /refused 5 rows, they go one by one/);

            const dead = readFileSync(path);
            assert.ok(dead.includes(uuid(id)), 'which request');
            assert.ok(dead.includes(bad.id), 'whose');
            for (const other of others) {
                assert.ok(!dead.includes(other.id), 'nobody else');
            }
            assert.deepEqual(await bad.charges(), []);
            assert.equal((await nginx.metrics()).in_flight, 0);

            // requests go on, and the next nginx leaves it alone
            await goesOn(live, nginx);
            assert.equal(await nginx.stop(), 0);
            await nginx.start();
            await goesOn(live, nginx);
            assert.deepEqual(readFileSync(path), dead);
        });

        // the human has mended what was wrong, and hands it in again
        renameSync(path, `${nginx.prefix}/journal/again.journal`);
        await chargedOnce(bad);
    });
