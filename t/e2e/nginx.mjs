// An nginx of a test's own that takes webhooks, and the way from it to
// Postgres, which can be cut.  It has one connection: when that is mended, all
// is.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { Nginx } from '../support/nginx.mjs';
import { freePorts } from '../support/ports.mjs';

const http = (port) => `
    credits_database env:DATABASE_URL connections=1 timeout=1s;
    credits_zone credits:1m;
    credits_journal journal;

    server {
        listen 127.0.0.1:${port};

        location = /webhook {
            credits_webhook polar secret=env:POLAR_WEBHOOK_SECRET;
        }
    }
`;


// with the database at this URL
export async function startNginx(database) {
    const [port] = freePorts(1);
    const nginx = new Nginx({
        port, http: http(port), env: { DATABASE_URL: database },
    });

    nginx.webhookUrl = `http://127.0.0.1:${port}/webhook`;
    await nginx.start();
    return nginx;
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
