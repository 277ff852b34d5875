// An nginx of a test's own: its directory, its life, and what its log must not
// say when it ends.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync,
    readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { children, gone, title } from './process.mjs';
import { until } from './until.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const { RUN_DIR = tmpdir(), MODULE, TEST_NGINX_LOAD_MODULES } = process.env;
const MODULES = (TEST_NGINX_LOAD_MODULES ?? MODULE
    ?? `${ROOT}/build/ngx_http_credits_module.so`).split(' ');

const ALARM = new RegExp(
    readFileSync(new URL('alarms', import.meta.url), 'utf8')
        .trim().split('\n').join('|'));

// for spawn(): tools/nginx says what it does
export const launcher = (prefix) =>
    [`${ROOT}/tools/nginx`, [prefix, 'error.log']];


const conf = ({ http, workers, level, modules }) => `
${modules.map((path) => `load_module "${path}";`).join('\n')}
${process.getuid() === 0 ? 'user root;' : ''}
worker_processes ${workers};
daemon off;
pid nginx.pid;
error_log error.log ${level};
events { worker_connections 1024; }

http {
    access_log off;
    client_body_temp_path tmp/body;
    proxy_temp_path       tmp/proxy;
    fastcgi_temp_path     tmp/fastcgi;
    uwsgi_temp_path       tmp/uwsgi;
    scgi_temp_path        tmp/scgi;
${http}
}
`;


// of a file that its worker may just have removed
const contents = (path) => {
    try {
        return readFileSync(path);
    } catch (error) {
        if (error.code !== 'ENOENT') {
            throw error;
        }
        return Buffer.alloc(0);
    }
};


const listens = (port) => {
    const socket = connect(port, '127.0.0.1');

    return once(socket, 'connect').then(() => true, () => false)
        .finally(() => socket.destroy());
};


export class Nginx {
    prefix = mkdtempSync(`${RUN_DIR}/node-`);
    #env;
    #process;
    #expected = [];

    // port: one that it listens on; http: what its http {} says; env: more
    // than ours
    constructor({ port, http, workers = 1, level = 'info',
        modules = MODULES, env = {} }) {
        this.port = port;
        this.#env = env;
        mkdirSync(`${this.prefix}/tmp`);
        writeFileSync(`${this.prefix}/nginx.conf`,
            conf({ http, workers, level, modules }));
    }

    // also again, after it has ended: what the prefix holds is still there
    async start() {
        const log = openSync(`${this.prefix}/error.log`, 'a');
        const [file, parameters] = launcher(this.prefix);

        // its end is ours: a test that is killed leaves nothing behind
        this.#process = spawn('setpriv',
            ['--pdeathsig', 'TERM', '--', file, ...parameters],
            {
                stdio: ['ignore', log, log],
                env: { ...process.env, ...this.#env },
            });
        closeSync(log);
        await until('nginx listens', () => {
            if (!this.running) {
                throw new Error(`nginx did not start:\n${this.log}`);
            }
            return listens(this.port);
        });
        await until('all workers run', () => this.workers.length > 0);
    }

    get running() {
        return this.#process.exitCode === null
            && this.#process.signalCode === null;
    }

    // process ids, but not of those that are shutting down
    get workers() {
        return children(this.#process.pid)
            .filter((pid) => title(pid) === 'nginx: worker process');
    }

    get log() {
        return readFileSync(`${this.prefix}/error.log`, 'utf8');
    }

    // the names of the journal's files
    get journal() {
        return readdirSync(`${this.prefix}/journal`);
    }

    // what the journal holds, all files together
    get records() {
        return Buffer.concat(this.journal.map((name) =>
            contents(`${this.prefix}/journal/${name}`)));
    }

    signal(name) {
        this.#process.kill(name);
    }

    // resolves when the old workers take no more connections
    async reload() {
        const old = this.workers;

        this.signal('SIGHUP');
        await until('new workers run', () => this.workers.length > 0
            && !this.workers.some((pid) => old.includes(pid)));
        return old;
    }

    // alarming lines that the test asks for: regular expressions, or what
    // else has test(line)
    expect(...lines) {
        this.#expected.push(...lines);
    }

    // what nobody has asked for; a test that wants to go on overrides it
    complain(lines) {
        throw new Error(`nginx, at its end:\n${lines.join('\n')}`);
    }

    // Resolves to the exit code of the master.  Complains when that is not 0,
    // and of everything alarming in the log so far.
    async stop(signal = 'SIGQUIT') {
        if (this.running) {
            this.signal(signal);
            await until('nginx ends', () => !this.running);
        }

        const { exitCode, signalCode } = this.#process;
        const lines = this.log.split('\n').filter((line) => ALARM.test(line)
            && !this.#expected.some((each) => each.test(line)));

        if (exitCode !== 0) {
            lines.unshift(`it ended with ${exitCode ?? signalCode}`);
        }
        if (lines.length > 0) {
            this.complain(lines);
        }
        return exitCode;
    }

    // for the last time: now what was expected must have come
    async end() {
        await this.stop();

        const missing = this.#expected.filter((each) =>
            !this.log.split('\n').some((line) => each.test(line)));

        if (missing.length > 0) {
            this.complain(missing.map((each) => `there is no ${each}`));
        }
    }

    // as the power does
    async crash() {
        const all = [this.#process.pid, ...children(this.#process.pid)];

        for (const pid of all) {
            process.kill(pid, 'SIGKILL');
        }
        await Promise.all(all.map(gone));
        if (this.running) {
            await once(this.#process, 'exit');
        }
    }

    // when it has ended
    remove() {
        rmSync(this.prefix, { recursive: true });
    }
}


// resolves when the master has put another worker in its place
export async function killWorker(nginx, pid) {
    const before = nginx.workers;

    process.kill(pid, 'SIGKILL');
    await until('a successor runs', () => !nginx.workers.includes(pid)
        && nginx.workers.length === before.length);
}
