// A charge that Postgres does not have yet is in the journal, and comes from
// there, once, whatever dies.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, renameSync, rmdirSync, truncateSync,
    writeFileSync } from 'node:fs';
import { killWorker } from '../support/nginx.mjs';
import { sql } from '../support/psql.mjs';
import { until } from '../support/until.mjs';
import { stuck, uuid } from './answer.mjs';
import { Chat } from './client.mjs';
import { live } from './live.mjs';
import { restore, stop } from './postgres.mjs';
import { version1, version2 } from './record.mjs';

const PRICE = 3;
const ORDERS = 'usage=1000+2000 chunks=3';


// Answers whose credits were held, and which end while Postgres is away; the
// ids of the requests.
async function answerWithoutPostgres(nginx, user, count) {
    const chats = Array.from({ length: count }, (_, i) => new Chat(nginx,
        user, { orders: `${ORDERS} gate=0`, stream: i % 2 === 0 }));

    await user.waiting(count);
    await stop();
    await user.openGate();

    const answers = await Promise.all(chats.map((chat) => chat.end()));

    return answers.map(({ status, headers }) => {
        assert.equal(status, 200);
        return headers['x-credits-request-id'];
    });
}


async function chargedOnce(user, ids) {
    const charges = await user.settled(ids.length);

    assert.deepEqual(charges.map(({ id }) => id).sort(), ids.sort());
    for (const { status, amount, debt } of charges) {
        assert.deepEqual([status, amount, debt], ['settled', PRICE, 0]);
    }
    assert.equal(await user.balance(), 1000 - ids.length * PRICE);
}


live('an answer ends without Postgres, its charge waits in the journal',
    async (live) => {
        const nginx = await live.nginx();
        const user = await live.user(1000);
        const ids = await answerWithoutPostgres(nginx, user, 3);

        for (const id of ids) {
            assert.ok(nginx.records.includes(uuid(id)), `${id} is there`);
        }
        await restore();
        await chargedOnce(user, ids);
    });


live('nginx is stopped before Postgres is back: the next one settles',
    async (live) => {
        const nginx = await live.nginx();
        const user = await live.user(1000);
        const ids = await answerWithoutPostgres(nginx, user, 3);

        assert.equal(await nginx.stop(), 0);
        for (const id of ids) {
            assert.ok(nginx.records.includes(uuid(id)), `${id} is there`);
        }
        await restore();
        await nginx.start();
        await chargedOnce(user, ids);
    });


live('a worker is killed with charges in the journal: others settle',
    async (live) => {
        const nginx = await live.nginx({ workers: 2 });
        nginx.expect(/worker process \d+ exited on signal 9/);
        const user = await live.user(1000);
        const ids = await answerWithoutPostgres(nginx, user, 6);

        for (const pid of nginx.workers) {
            await killWorker(nginx, pid);
        }
        await restore();
        await chargedOnce(user, ids);
    });


live('a worker is killed when a charge in the journal is settled: it is not'
    + ' charged again', async (live) => {
    const nginx = await live.nginx({ workers: 1 });
    nginx.expect(/worker process \d+ exited on signal 9/);
    const user = await live.user(1000);
    const other = await live.user(1000);

    // the file stays as long as one of its charges is not settled
    const { session, id } = await stuck(live, nginx, other);
    const answer = await new Chat(nginx, user, { orders: ORDERS }).end();
    const ids = [answer.headers['x-credits-request-id']];

    await chargedOnce(user, ids);
    assert.ok(nginx.records.includes(uuid(ids[0])), 'still there');
    await killWorker(nginx, nginx.workers[0]);
    await until('the journal is read', async () =>
        (await nginx.metrics()).journal_replayed_total === 2);
    await session.query('COMMIT;');
    await until('the file is gone', () => nginx.journal.length === 0);
    await chargedOnce(user, ids);
    await chargedOnce(other, [id]);
});


live('all of nginx is killed with charges in the journal: the next one'
    + ' settles', async (live) => {
    const nginx = await live.nginx({ workers: 2 });
    const user = await live.user(1000);
    const ids = await answerWithoutPostgres(nginx, user, 6);

    await nginx.crash();
    await restore();
    await nginx.start();
    await chargedOnce(user, ids);
});


// the file that one worker leaves behind when nginx is killed
async function leftFile(nginx) {
    await nginx.crash();
    assert.equal(nginx.journal.length, 1);
    return `${nginx.prefix}/journal/${nginx.journal[0]}`;
}


// what a worker would have released is given back when it expires
async function expire(user) {
    await sql`UPDATE credit_hold SET expiresAt = clock_timestamp()
               WHERE userId = ${user.id};`;
    await sql`SELECT credit_reap(1000, false);`;
}


live('a journal with a damaged byte: the rest is settled, the file is kept',
    async (live) => {
        const nginx = await live.nginx({ workers: 1 });
        nginx.expect(/\[alert\].* is damaged in 1 places; the rest was read/);
        const user = await live.user(1000);
        const ids = await answerWithoutPostgres(nginx, user, 3);
        const file = await leftFile(nginx);
        const bytes = readFileSync(file);

        bytes[bytes.indexOf(uuid(ids[1]))] ^= 1;
        writeFileSync(file, bytes);
        await restore();
        await nginx.start();

        await until('the others are settled', async () =>
            (await user.paid()).length === 2);
        assert.ok((await user.paid()).every(({ id }) => id !== ids[1]));
        assert.equal(await user.balance(), 1000 - 2 * PRICE);

        await until('the file is aside', () =>
            nginx.journal.some((name) => name.endsWith('.journal.corrupt')));
        assert.deepEqual(readFileSync(`${file}.corrupt`), bytes);

        // the provider has completed one more than the ledger knows of
        user.unfinished = -1;
        await expire(user);
        assert.equal(await user.holds(), 0);
    });


live('a journal with a torn end: the rest is settled', async (live) => {
    const nginx = await live.nginx({ workers: 1 });
    const user = await live.user(1000);

    await answerWithoutPostgres(nginx, user, 3);
    const file = await leftFile(nginx);
    truncateSync(file, readFileSync(file).length - 10);
    await restore();
    await nginx.start();

    await until('the others are settled', async () =>
        (await user.paid()).length === 2);
    await until('the file is gone', () => nginx.journal.length === 0);
    assert.match(nginx.log, /\[warn\].* ends in a torn record of \d+ bytes/);

    user.unfinished = -1;
    await expire(user);
    assert.equal(await user.holds(), 0);
});


live('what 0.9.0 has left is settled, and what a record says is in the'
    + ' metadata', async (live) => {
    const nginx = await live.nginx({ workers: 1 });
    const user = await live.user(1000);
    const requests = [Buffer.alloc(16, 1), Buffer.alloc(16, 2),
        Buffer.alloc(16, 3)];
    const file = `${nginx.prefix}/journal/left`;

    writeFileSync(file, Buffer.concat([
        version1({ user: user.id, request: requests[0], credits: 3,
            usage: [1234, 2000, 3234, 1000] }),
        version2({ user: user.id, request: requests[1], credits: 4,
            usage: [21, 22, 43, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1234567890],
            texts: ['gpt-4o-2024-11-20', 'priority', 'openai chat',
                'gpt-4* output=4 unit=1000'] }),
        version2({ user: user.id, request: requests[2], credits: 5,
            usage: [0, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            texts: ['', '', '', ''] })]));
    renameSync(file, `${file}.journal`);
    user.unfinished = 3;

    const charges = await user.settled(3);
    assert.deepEqual(charges.map(({ status, amount }) => [status, amount]),
        [['settled', 3], ['estimated', 4], ['estimated', 5]]);

    const metadata = await sql`SELECT metadata FROM credit_charge
        WHERE userId = ${user.id} ORDER BY requestId;`;
    assert.deepEqual(metadata.map(([text]) => JSON.parse(text)), [
        { model: 'gpt-4o', promptTokens: 1234, completionTokens: 2000,
            totalTokens: 3234, cachedTokens: 1000 },
        { model: 'gpt-4o', answeredModel: 'gpt-4o-2024-11-20',
            operation: 'openai chat', tier: 'priority',
            price: 'gpt-4* output=4 unit=1000', estimated: true,
            reason: 'truncated', promptTokens: 21, completionTokens: 22,
            totalTokens: 43, cachedTokens: 1, cacheWriteTokens: 5,
            cacheWrite1hTokens: 3, audioTokens: 11, audioOutputTokens: 7,
            imageTokens: 5, reasoningTokens: 6, images: 8, searches: 9,
            costNanoUsd: 1234567890 },
        { model: 'gpt-4o', estimated: true, reason: 'truncated',
            promptTokens: 0, totalTokens: 0 }]);
});


live('a journal that cannot be opened: the log says so once, others go on',
    async (live) => {
        const alert = /\[alert\].* open\(\) ".*stuck\.journal" failed/;
        const nginx = await live.nginx({ workers: 1 });
        const left = `${nginx.prefix}/journal`;

        nginx.expect(alert);
        mkdirSync(`${left}/stuck.journal`);
        await until('the log says so', () => alert.test(nginx.log));

        // the next scan has come by when this one is gone
        for (const name of ['a', 'z']) {
            writeFileSync(`${left}/${name}.journal`, '');
            await until(`${name} is taken over`, () =>
                !nginx.journal.includes(`${name}.journal`));
        }
        assert.equal(nginx.log.split(alert).length - 1, 1);
        rmdirSync(`${left}/stuck.journal`);
    });
