// nginx as a service manager runs it: only in the background can it put
// another binary in its own place.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { launcher } from '../support/nginx.mjs';
import { children, ended, gone, title } from '../support/process.mjs';
import { until } from '../support/until.mjs';
import { configure } from './configure.mjs';
import { live } from './live.mjs';

const run = promisify(execFile);

// a new binary is given nothing else of the environment
const KEPT = ['LD_PRELOAD', 'ASAN_OPTIONS', 'UBSAN_OPTIONS'];

// ends what is left when the test itself is killed
const GUARD = 'read _; kill -TERM $(cat nginx.pid nginx.pid.oldbin)';

// but not those that are shutting down
const workersOf = (master) => children(master)
    .filter((pid) => title(pid) === 'nginx: worker process');


class Daemon {
    #node;
    #masters = [];
    #guard;

    constructor(node) {
        this.#node = node;
    }

    get port() {
        return this.#node.port;
    }

    get log() {
        return this.#node.log;
    }

    get records() {
        return this.#node.records;
    }

    get workers() {
        return workersOf(this.#masters.at(-1));
    }

    async start() {
        const { prefix } = this.#node;

        await this.#node.stop();
        configure(this.#node, ['daemon off;', `daemon on;
${KEPT.map((name) => `env ${name};`).join('\n')}`]);
        this.#guard = spawn('sh', ['-c', GUARD], {
            cwd: prefix, detached: true, stdio: ['pipe', 'ignore', 'ignore'],
        });
        await run(...launcher(prefix));
        await this.#newMaster();
    }

    // a master that is not known yet, and its workers
    async #newMaster() {
        const pid = await until('there is a new master', () => {
            const now = this.#pidOfMaster();

            assert.doesNotMatch(this.log, /new binary process \d+ exited/);
            return !this.#masters.includes(now) && now;
        });

        this.#masters.push(pid);
        await until('all workers run', () => this.workers.length > 0);
    }

    #pidOfMaster() {
        try {
            return Number(readFileSync(`${this.#node.prefix}/nginx.pid`));
        } catch {
            return 0;       // it is being renamed
        }
    }

    // The binary is put in its own place, as a package manager does; resolves
    // when the old workers take no more connections, to the old master
    async upgrade() {
        const old = this.#masters.at(-1);

        process.kill(old, 'SIGUSR2');
        await this.#newMaster();
        process.kill(old, 'SIGWINCH');
        await until('the old workers shut down', () =>
            workersOf(old).length === 0);
        process.kill(old, 'SIGQUIT');
        return old;
    }

    async stop() {
        process.kill(this.#masters.at(-1), 'SIGQUIT');
        await Promise.all(this.#masters.map(gone));
    }

    async close() {
        const left = this.#masters.filter((pid) => !ended(pid))
            .flatMap((pid) => [pid, ...children(pid)]);

        for (const pid of left) {
            process.kill(pid, 'SIGKILL');
        }
        await Promise.all(left.map(gone));
        this.#guard?.kill();
    }
}


// as live(); the body gets the daemon, too
export function liveDaemon(name, body) {
    live(name, async (world) => {
        const daemon = new Daemon(await world.nginx());

        try {
            await daemon.start();
            await body(world, daemon);
            await daemon.stop();
        } finally {
            await daemon.close();
        }
    });
}
