// credits_journal sync=: what was written is brought to the disk, by another
// thread than the one that serves requests.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { pooled, until } from '../support/until.mjs';
import { chat, keepAlive } from './client.mjs';
import { configure } from './configure.mjs';
import { live } from './live.mjs';

const skip = spawnSync('strace', ['-V']).status !== 0
    && 'strace is not installed';


async function syncing(live, workers) {
    const nginx = await live.nginx({ workers });

    configure(nginx,
        ['credits_journal journal;', 'credits_journal journal sync=10ms;']);
    await nginx.reload();
    return nginx;
}


async function load(live, nginx) {
    const users = await Promise.all(
        Array.from({ length: 20 }, () => live.user(100)));

    await pooled(400, 40, async (i) => {
        const { status } = await chat(nginx, users[i % users.length], {
            orders: 'usage=1000+2000 chunks=3', stream: i % 2 === 0,
            agent: keepAlive,
        });
        assert.equal(status, 200);
    });
    for (const user of users) {
        const charges = await user.settled(20);

        assert.deepEqual(charges.map(({ status, amount }) =>
            [status, amount]), Array(20).fill(['settled', 3]));
        assert.equal(await user.balance(), 40);
    }
}


live('sync=10ms: charges are right under load, and a worker has threads',
    async (live) => {
        const nginx = await syncing(live, 2);

        await until('every worker has threads', () => nginx.workers.every(
            (pid) => readdirSync(`/proc/${pid}/task`).length > 1));
        await load(live, nginx);
        assert.equal((await nginx.metrics()).journal_errors_total, 0);
    });


live('sync=10ms: the disk is waited for, but not where requests are served',
    async (live) => {
        const nginx = await syncing(live, 1);
        const [worker] = nginx.workers;
        const trace = `${nginx.prefix}/trace`;
        const strace = spawn('strace',
            ['-f', '-e', 'trace=fdatasync,fsync', '-o', trace, '-p', worker],
            { stdio: ['ignore', 'ignore', 'pipe'] });
        const ended = once(strace, 'close');

        await until('the threads are watched', () =>
            /^TracerPid:\s+[1-9]/m.test(
                readFileSync(`/proc/${worker}/status`, 'utf8')));
        await load(live, nginx);
        await until('the disk is waited for', () =>
            / fdatasync\(\d+\) += 0/.test(readFileSync(trace, 'utf8')));
        strace.kill();
        await ended;

        const lines = readFileSync(trace, 'utf8').split('\n')
            .filter((line) => /sync\(/.test(line));
        for (const line of lines) {
            assert.notEqual(Number.parseInt(line), worker, line);
        }
    }, { skip });
