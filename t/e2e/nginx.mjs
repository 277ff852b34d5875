// An nginx of a test's own that takes webhooks, and the way from it to
// Postgres, which can be cut.  It has one connection: when that is mended, all
// is.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, mkdirSync, openSync, readFileSync, rmSync,
    writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { TEMP_PATHS } from '../support/temp.mjs';
import { until } from './product.mjs';

const MODULE = process.env.MODULE ?? fileURLToPath(
    new URL('../../build/ngx_http_credits_module.so', import.meta.url));

const config = (port) => `
load_module "${MODULE}";
${process.getuid() === 0 ? 'user root;' : ''}
worker_processes 1;
daemon off;
pid nginx.pid;
error_log error.log info;
events {}

http {
    access_log off;
    include "${TEMP_PATHS}";

    credits_database env:DATABASE_URL connections=1 timeout=1s;
    credits_zone credits:1m;
    credits_journal journal;

    server {
        listen 127.0.0.1:${port};

        location = /webhook {
            credits_webhook polar secret=env:POLAR_WEBHOOK_SECRET;
        }
    }
}
`;


async function freePort() {
    const server = createServer();

    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address();
    await once(server.close(), 'close');
    return port;
}


const listens = (port) => {
    const socket = connect(port, '127.0.0.1');

    return once(socket, 'connect').then(() => true, () => false)
        .finally(() => socket.destroy());
};


// with the database at this URL
export async function startNginx(database) {
    const prefix = mkdtempSync(`${tmpdir()}/nginx-credits-e2e-`);
    const port = await freePort();

    mkdirSync(`${prefix}/tmp`);
    writeFileSync(`${prefix}/nginx.conf`, config(port));
    const log = openSync(`${prefix}/error.log`, 'a');
    const child = spawn('nginx',
        ['-p', prefix, '-c', 'nginx.conf', '-e', 'error.log'], {
            stdio: ['ignore', log, log],
            env: { ...process.env, DATABASE_URL: database },
        });
    closeSync(log);
    const kill = () => child.kill();
    process.once('exit', kill);

    const readLog = () => readFileSync(`${prefix}/error.log`, 'utf8');

    await until(() => {
        if (child.exitCode !== null) {
            throw new Error(`nginx did not start:\n${readLog()}`);
        }
        return listens(port);
    });

    return {
        webhookUrl: `http://127.0.0.1:${port}/webhook`,
        get log() {
            return readLog();
        },
        async stop() {
            child.kill('SIGQUIT');
            await once(child, 'exit');
            process.off('exit', kill);
            rmSync(prefix, { recursive: true });
        },
    };
}


// The way to a Postgres: open; closed, where nobody answers; or deaf, where
// what Postgres says does not come back.
export class Gate {
    #server = createServer((socket) => this.#pass(socket));
    #sockets = new Set();
    #target;
    #state = 'open';

    static async open(database) {
        const gate = new Gate();
        const url = new URL(database);

        gate.#target = { host: url.hostname, port: Number(url.port) };
        await once(gate.#server.listen(0, '127.0.0.1'), 'listening');
        url.port = gate.#server.address().port;
        gate.url = url.href;
        return gate;
    }

    #pass(near) {
        if (this.#state === 'closed') {
            near.destroy();
            return;
        }

        const far = connect(this.#target);

        near.pipe(far);
        far.on('data', (bytes) => {
            if (this.#state === 'open') {
                near.write(bytes);
            }
        });
        for (const [socket, other] of [[near, far], [far, near]]) {
            this.#sockets.add(socket);
            socket.on('error', () => {});
            socket.once('close', () => {
                this.#sockets.delete(socket);
                other.destroy();
            });
        }
    }

    // state: open, closed or deaf; those who are through notice, too
    set(state) {
        this.#state = state;
        if (state === 'closed') {
            for (const socket of this.#sockets) {
                socket.destroy();
            }
        }
    }

    async shut() {
        this.set('closed');
        this.#server.close();
        await once(this.#server, 'close');
    }
}
