// A charge that Postgres will never take is put aside, for a human; it holds
// up nobody else.
import assert from 'node:assert/strict';
import { readFileSync, renameSync } from 'node:fs';
import { Chat, chat } from './client.mjs';
import { live } from './live.mjs';
import { restore, stop } from './postgres.mjs';
import { sql } from './sql.mjs';
import { until } from './until.mjs';

const ORDERS = 'usage=1000+2000 chunks=3';

const uuid = (text) => Buffer.from(text.replaceAll('-', ''), 'hex');


// from now on, Postgres refuses every charge of this user
const poison = (user) => sql`
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.userId = ${user.id} THEN
            RAISE EXCEPTION 'refused by the test' USING ERRCODE = '22023';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER refuse BEFORE INSERT ON credit_charge
        FOR EACH ROW EXECUTE FUNCTION refuse();`;

const cure = () => sql`DROP FUNCTION IF EXISTS refuse() CASCADE;`;


// all of them end while Postgres is away, so that their charges share a batch
async function endTogether(nginx, users) {
    const chats = [];

    for (const user of users) {
        chats.push(new Chat(nginx, user, { orders: `${ORDERS} gate=0` }));
        await user.waiting(1);
    }
    await stop();
    await Promise.all(users.map((user) => user.openGate()));

    const answers = await Promise.all(chats.map((each) => each.end()));
    await restore();

    return answers.map(({ status, headers }) => {
        assert.equal(status, 200);
        return headers['x-credits-request-id'];
    });
}


async function chargedOnce(user) {
    const charges = await user.settled(1);

    assert.deepEqual(charges.map(({ status, amount }) => [status, amount]),
        [['settled', 3]]);
    assert.equal(await user.balance(), 97);
}


live('a charge that Postgres refuses: it is put aside, the others go on',
    async (live) => {
        const nginx = await live.nginx({ workers: 1 });
        const users = await Promise.all(
            Array.from({ length: 5 }, () => live.user(100)));
        const [, , poisoned] = users;
        const others = users.filter((user) => user !== poisoned);

        try {
            await poison(poisoned);
            const id = (await endTogether(nginx, users))[2];

            live.expect(new RegExp('\\[alert\\].* Postgres refuses the charge'
                + ` of request ${id} \\(user: ${poisoned.id}, credits: 3\\):`
                + '.* refused by the test; it is kept in ".*/journal/dead"'));
            await Promise.all(others.map(chargedOnce));

            await until('it is put aside', async () =>
                (await nginx.metrics()).dead_letters_total === 1);
            const dead = readFileSync(`${nginx.prefix}/journal/dead`);
            assert.ok(dead.includes(uuid(id)), 'which request');
            assert.ok(dead.includes(poisoned.id), 'whose');
            for (const { id: other } of others) {
                assert.ok(!dead.includes(other), 'nobody else');
            }
            assert.deepEqual(await poisoned.charges(), []);
            assert.equal((await nginx.metrics()).in_flight, 0);

            // requests go on, and the next nginx leaves it alone
            const next = await live.user(100);
            await chat(nginx, next, { orders: ORDERS });
            await chargedOnce(next);
            assert.equal(await nginx.stop(), 0);
            await nginx.start();
            const last = await live.user(100);
            await chat(nginx, last, { orders: ORDERS });
            await chargedOnce(last);
            assert.deepEqual(readFileSync(`${nginx.prefix}/journal/dead`),
                dead);
        } finally {
            await cure();
        }

        // the human has mended what was wrong, and hands it in again
        renameSync(`${nginx.prefix}/journal/dead`,
            `${nginx.prefix}/journal/again.journal`);
        await chargedOnce(poisoned);
    });
