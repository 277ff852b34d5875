// A node: an nginx with its own prefix, ports, zone and journal.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, openSync, closeSync, readFileSync,
    readdirSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { TEMP_PATHS } from '../support/temp.mjs';
import { children, gone, title } from './process.mjs';
import { until } from './until.mjs';

const {
    RUN_DIR, TEST_NGINX_BINARY = '/usr/sbin/nginx', TEST_NGINX_LOAD_MODULES,
    TEST_NGINX_PRELOAD, TEST_NGINX_PROVIDER_PORT,
} = process.env;


const chat = (path, directives = '') => `
        location = ${path} {
            credits on;
            ${directives}
            proxy_pass http://provider/v1/chat/completions;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_buffering off;
            proxy_read_timeout 1h;
        }`;

const DRAIN = 'proxy_ignore_client_abort on;';

// /chat is what the documentation recommends, the others differ in a word
const config = ({ workers, database, ports, limits }) => `
${TEST_NGINX_LOAD_MODULES.split(' ').map((module) =>
        `load_module "${module}";`).join('\n')}
${process.getuid() === 0 ? 'user root;' : ''}
worker_processes ${workers};
daemon off;
pid nginx.pid;
error_log error.log info;
events { worker_connections 1024; }

http {
    access_log off;
    include "${TEMP_PATHS}";

    credits_database env:TEST_NGINX_DATABASE_URL ${database};
    credits_zone credits:${limits.zone};
    credits_journal journal;

    upstream provider {
        server 127.0.0.1:${TEST_NGINX_PROVIDER_PORT};
        keepalive 32;
    }

    server {
        # reuseport: new connections go to all workers
        listen 127.0.0.1:${ports[0]} reuseport;
        listen 127.0.0.1:${ports[1]} http2 reuseport;
        keepalive_requests 1000000;
        credits_user $http_x_user;
        add_header X-Worker $pid always;
${chat('/chat', DRAIN)}
${chat('/chat/no-drain', 'credits_drain 0;')}
${chat('/chat/short-drain', `${DRAIN} credits_drain 100ms;`)}
${chat('/chat/allow', `${DRAIN} credits_on_database_error allow;`)}
        location = /credits { credits_balance; }
        location = /metrics { credits_metrics; }
    }
}
`;


async function freePorts(count) {
    const servers = Array.from({ length: count }, () => createServer());

    await Promise.all(servers.map((server) =>
        once(server.listen(0, '127.0.0.1'), 'listening')));
    const ports = servers.map((server) => server.address().port);
    await Promise.all(servers.map((server) => once(server.close(), 'close')));
    return ports;
}


export class Nginx {
    prefix = mkdtempSync(`${RUN_DIR}/node-`);
    #process;

    // database: the parameters behind the conninfo
    static async start({ workers = 2, database = '', zone = '2m' } = {}) {
        const nginx = new Nginx();
        const ports = await freePorts(2);

        [nginx.port, nginx.http2Port] = ports;
        mkdirSync(`${nginx.prefix}/tmp`);
        writeFileSync(`${nginx.prefix}/nginx.conf`,
            config({ workers, database, ports, limits: { zone } }));
        await nginx.start();
        return nginx;
    }

    // again, after it has ended: what the prefix holds is still there
    async start() {
        const log = openSync(`${this.prefix}/error.log`, 'a');

        // its end is ours: a test that is killed leaves nothing behind
        this.#process = spawn('setpriv', ['--pdeathsig', 'TERM', '--',
            TEST_NGINX_BINARY, '-p', this.prefix, '-c', 'nginx.conf',
            '-e', 'error.log'], {
            stdio: ['ignore', log, log],
            env: {
                ...process.env,
                ...(TEST_NGINX_PRELOAD && { LD_PRELOAD: TEST_NGINX_PRELOAD }),
            },
        });
        closeSync(log);
        await until('nginx listens', async () => {
            if (!this.running) {
                throw new Error(`nginx did not start:\n${this.log}`);
            }
            const socket = connect(this.port, '127.0.0.1');

            return once(socket, 'connect').then(() => true, () => false)
                .finally(() => socket.destroy());
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

    // the names of the files
    get journal() {
        return readdirSync(`${this.prefix}/journal`);
    }

    // what the journal holds, all files together
    get records() {
        return Buffer.concat(this.journal.map((name) =>
            readFileSync(`${this.prefix}/journal/${name}`)));
    }

    // counters and gauges without their prefix, as numbers
    async metrics() {
        const response = await fetch(`http://127.0.0.1:${this.port}/metrics`);
        const text = await response.text();

        return Object.fromEntries(
            [...text.matchAll(/^nginx_credits_(\w+) (\d+)$/mg)]
                .map(([, name, value]) => [name, Number(value)]));
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

    // the exit code of the master
    async stop(signal = 'SIGQUIT') {
        if (this.running) {
            this.signal(signal);
            await until('nginx ends', () => !this.running, 60_000);
        }
        return this.#process.exitCode;
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
}


// resolves when the master has put another worker in its place
export async function killWorker(nginx, pid) {
    const before = nginx.workers;

    process.kill(pid, 'SIGKILL');
    await until('a successor runs', () => !nginx.workers.includes(pid)
        && nginx.workers.length === before.length);
}
