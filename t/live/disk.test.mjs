// The journal's disk is full: what is owed is kept in memory, and nothing
// more is admitted.
import assert from 'node:assert/strict';
import { readFileSync, renameSync } from 'node:fs';
import { sql } from '../support/psql.mjs';
import { until } from '../support/until.mjs';
import { ORDERS, chargedOnce, finish, underWay, uuid } from './answer.mjs';
import { chat } from './client.mjs';
import { Disk, noDisk } from './disk.mjs';
import { live } from './live.mjs';
import { poisoned } from './poison.mjs';
import { restore, stop } from './postgres.mjs';

const skip = noDisk();

const FULL = new RegExp('\\[alert\\].* credits journal: write\\(\\) '
    + '".*/journal/.*" failed; charges are kept in memory until Postgres has '
    + 'them, and nothing more is admitted \\(28: No space left on device\\)');
const MENDED = /\[notice\].* credits journal ".*" can be written again/;


// A node with one worker, whose journal is on a disk of its own
async function nginxOnDisk(live) {
    const disk = new Disk();
    const nginx = await live.nginx({ workers: 1 });

    nginx.expect(FULL);
    await nginx.stop();
    disk.takeJournalOf(nginx);
    await nginx.start();
    return { disk, nginx };
}


// an answer that ends when nothing can be written; the id of its request
async function endsOnFullDisk(nginx, disk, user, befall = async () => {}) {
    const answer = await underWay(nginx, user);

    disk.fill();
    await befall();

    const id = await finish(user, answer);
    assert.ok(!nginx.records.includes(uuid(id)), 'not in the journal');
    return id;
}


async function nothingIsAdmitted(live, nginx) {
    const user = await live.user(100);

    for (const stream of [true, false]) {
        const { status, headers, text }
            = await chat(nginx, user, { stream, orders: ORDERS });

        assert.equal(status, 503);
        assert.match(headers['retry-after'], /^\d+$/);
        assert.equal(JSON.parse(text).error.code, 'service_unavailable');
    }
    assert.equal((await user.provider()).calls, 0);
    assert.equal(await user.holds(), 0);
}


async function isAdmittedAgain(live, nginx) {
    const user = await live.user(100);

    await until('requests are admitted', async () =>
        (await chat(nginx, user, { orders: ORDERS })).status === 200);
    assert.match(nginx.log, MENDED);
    await chargedOnce(user);
}


live('the disk is full: an answer under way is charged, nothing is admitted'
    + ' until there is room', async (live) => {
    const { nginx, disk } = await nginxOnDisk(live);
    const user = await live.user(100);

    await endsOnFullDisk(nginx, disk, user);
    await chargedOnce(user);
    assert.equal((await nginx.metrics()).journal_errors_total, 1);
    await nothingIsAdmitted(live, nginx);
    assert.doesNotMatch(nginx.log, MENDED);

    disk.makeRoom();
    await isAdmittedAgain(live, nginx);
    await chargedOnce(user);
}, { skip });


live('the disk is full and Postgres is away: settled when Postgres is back',
    async (live) => {
        const { nginx, disk } = await nginxOnDisk(live);
        const user = await live.user(100);

        await endsOnFullDisk(nginx, disk, user, stop);
        await restore();
        await chargedOnce(user);
        await nothingIsAdmitted(live, nginx);

        disk.makeRoom();
        await isAdmittedAgain(live, nginx);
        await chargedOnce(user);
    }, { skip });


live('the same, and there is room before Postgres is back: the charge is in'
    + ' the journal', async (live) => {
    const { nginx, disk } = await nginxOnDisk(live);
    const user = await live.user(100);
    const id = await endsOnFullDisk(nginx, disk, user, stop);

    disk.makeRoom();
    await until('it is in the journal', () =>
        nginx.records.includes(uuid(id)));

    // now it survives anything
    await nginx.crash();
    await restore();
    await nginx.start();
    await chargedOnce(user);
}, { skip });


live('nginx is told to leave with a charge in memory: it stays until Postgres'
    + ' has it', async (live) => {
    const { nginx, disk } = await nginxOnDisk(live);
    const user = await live.user(100);

    await endsOnFullDisk(nginx, disk, user, stop);
    const stopped = nginx.stop();
    await until('nginx shuts down',
        () => /gracefully shutting down/.test(nginx.log));
    await restore();
    assert.equal(await stopped, 0);
    await chargedOnce(user);
    assert.doesNotMatch(nginx.log, /leaving with/);
}, { skip });


live('nginx is told to leave with a charge in memory, and there is room'
    + ' again: it leaves it in the journal', async (live) => {
    const { nginx, disk } = await nginxOnDisk(live);
    const user = await live.user(100);
    const id = await endsOnFullDisk(nginx, disk, user, stop);
    const stopped = nginx.stop();

    await until('nginx shuts down',
        () => /gracefully shutting down/.test(nginx.log));
    disk.makeRoom();
    assert.equal(await stopped, 0);
    assert.ok(nginx.records.includes(uuid(id)), 'in the journal');

    await restore();
    await nginx.start();
    await chargedOnce(user);
}, { skip });


live('nginx is told to leave at once, and there is room again: the charge is'
    + ' left in the journal', async (live) => {
    const { nginx, disk } = await nginxOnDisk(live);
    const user = await live.user(100);
    const id = await endsOnFullDisk(nginx, disk, user, stop);

    disk.makeRoom();
    assert.equal(await nginx.stop('SIGTERM'), 0);
    assert.ok(nginx.records.includes(uuid(id)), 'in the journal');

    await restore();
    await nginx.start();
    await chargedOnce(user);
}, { skip });


live('nginx is told to leave at once, and the disk is full: the log says what'
    + ' is lost', async (live) => {
    const { nginx, disk } = await nginxOnDisk(live);
    const user = await live.user(100);
    const id = await endsOnFullDisk(nginx, disk, user, stop);

    nginx.expect(new RegExp('\\[alert\\].* the charge of 3 credits for '
        + `request ${id} is lost: .*${user.id}`));
    assert.equal(await nginx.stop('SIGTERM'), 0);
    user.unfinished = -1;

    // what a worker would have released is given back when it expires
    await restore();
    await sql`UPDATE credit_hold SET expiresAt = clock_timestamp()
               WHERE userId = ${user.id};`;
    await nginx.start();
}, { skip });


live('the disk is full, and Postgres refuses a charge: it is put aside when'
    + ' there is room', async (live) => {
    const { nginx, disk } = await nginxOnDisk(live);
    const user = await live.user(100);
    const answer = await underWay(nginx, user);

    await poisoned(user, async () => {
        await stop();
        const id = uuid(await finish(user, answer));
        assert.ok(nginx.records.includes(id), 'in the journal');
        disk.fill();
        await restore();
        await until('it cannot be put aside', () => FULL.test(nginx.log));
        assert.equal((await nginx.metrics()).dead_letters_total, 0);

        nginx.expect(/\[alert\].* Postgres refuses the charge of request /);
        disk.makeRoom();
        await until('it is put aside', async () =>
            (await nginx.metrics()).dead_letters_total === 1);
        assert.ok(readFileSync(`${nginx.prefix}/journal/dead`).includes(id));
    });

    // as a human hands it in again
    renameSync(`${nginx.prefix}/journal/dead`,
        `${nginx.prefix}/journal/again.journal`);
    await chargedOnce(user);
}, { skip });
