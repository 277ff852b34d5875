// A PostgreSQL as demo/postgres makes it.
import { execFile } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { children, gone } from './process.mjs';

const run = promisify(execFile);
const SCRIPT = fileURLToPath(new URL('../../demo/postgres', import.meta.url));
const { RUN_DIR, TEST_NGINX_ADMIN_URL, TEST_NGINX_POSTGRES = '' }
    = process.env;


export class Server {
    #settings;

    // settings: more than those that t/with-services has started its own with
    constructor(directory, port, settings = []) {
        this.directory = directory;
        this.port = port;
        this.#settings = [...TEST_NGINX_POSTGRES.split(' '), ...settings];
    }

    // the one that t/with-services has started
    static get ofServices() {
        return new Server(`${RUN_DIR}/postgres`,
            new URL(TEST_NGINX_ADMIN_URL).port);
    }

    get #pidFile() {
        return `${this.directory}/data/postmaster.pid`;
    }

    // the first one is the postmaster
    get processes() {
        const pid = Number(readFileSync(this.#pidFile, 'utf8').split('\n')[0]);

        return [pid, ...children(pid)];
    }

    // a standby of this one, which follows when it is started
    async copy(directory, port, settings) {
        await run(SCRIPT, ['copy', directory, this.directory]);
        return new Server(directory, port, settings);
    }

    async start() {
        await run(SCRIPT,
            ['start', this.directory, this.port, ...this.#settings]);
    }

    async stop() {
        await run(SCRIPT, ['stop', this.directory]);
    }

    signalAll(name) {
        for (const pid of this.processes) {
            process.kill(pid, name);
        }
    }

    // SIGKILL, or SIGQUIT: an immediate shutdown.  Resolves when nobody uses
    // the data any more.
    async kill(signal) {
        const all = this.processes;

        process.kill(all[0], signal);
        await Promise.all(all.map(gone));
        // pg_ctl would take the process for alive until it is waited for
        rmSync(this.#pidFile, { force: true });
    }

    async remove() {
        await run(SCRIPT, ['remove', this.directory]);
    }
}
