// The journal's disk is full: what is owed is kept in memory, and nothing
// more is admitted.
import assert from 'node:assert/strict';
import { Chat, chat } from './client.mjs';
import { Disk, noDisk } from './disk.mjs';
import { live } from './live.mjs';
import { restore, stop } from './postgres.mjs';
import { until } from './until.mjs';

const ORDERS = 'usage=1000+2000 chunks=5';
const skip = noDisk();

const FULL = new RegExp('\\[alert\\].* credits journal: write\\(\\) '
    + '".*\\.journal" failed; charges are kept in memory until Postgres has '
    + 'them, and nothing more is admitted \\(28: No space left on device\\)');
const MENDED = /\[notice\].* credits journal ".*" can be written again/;

const uuid = (text) => Buffer.from(text.replaceAll('-', ''), 'hex');


// A node with one worker, whose journal is on a disk of its own
async function nginxOnDisk(live) {
    const disk = new Disk();
    const nginx = await live.nginx({ workers: 1 });

    live.expect(FULL);
    await nginx.stop();
    disk.takeJournalOf(nginx);
    await nginx.start();
    return { disk, nginx };
}


// an answer that ends when nothing can be written; the id of its request
async function endsOnFullDisk(nginx, disk, user, befall = async () => {}) {
    const answer = new Chat(nginx, user,
        { stream: true, orders: `${ORDERS} gate=3` });

    await user.waiting(1);
    await answer.response;
    disk.fill();
    await befall();
    await user.openGate();

    const { status, headers, text } = await answer.end();
    assert.equal(status, 200);
    assert.match(text, /data: \[DONE\]\n\n$/);

    const id = headers['x-credits-request-id'];
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


async function chargedOnce(user) {
    const charges = await user.settled(1);

    assert.deepEqual(charges.map(({ status, amount }) => [status, amount]),
        [['settled', 3]]);
    assert.equal(await user.balance(), 97);
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
