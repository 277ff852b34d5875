// A node of the cluster: its journal may be on a small disk of its own.
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, unlinkSync, writeSync }
    from 'node:fs';
import { Nginx } from '../support/nginx.mjs';
import { children } from '../support/process.mjs';

const { TEST_NGINX_PROVIDER_PORT } = process.env;
const DISK = '8m';
const DRAIN = 'proxy_ignore_client_abort on;';


// the provider learns which request, and which worker, asks
const location = (path, directives) => `
        location = ${path} {
            credits on;
            ${directives}
            proxy_pass http://provider/v1/chat/completions;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header X-Client-Request-Id "$pid $credits_request_id";
            proxy_buffering off;
        }`;

const http = (port) => `
    credits_database env:TEST_NGINX_DATABASE_URL;
    credits_zone credits:2m;
    credits_journal journal;

    upstream provider {
        server 127.0.0.1:${TEST_NGINX_PROVIDER_PORT};
        keepalive 32;
    }

    server {
        listen 127.0.0.1:${port} reuseport;
        credits_user $http_x_user;
${location('/auto', DRAIN)}
${location('/auto/no-drain', 'credits_drain 0;')}
${location('/strict', `credits_hold strict; ${DRAIN}`)}
${location('/strict/no-drain', 'credits_hold strict; credits_drain 0;')}
    }
`;


export class Node extends Nginx {
    // what it has said, and nobody asked for
    complaints = new Set();
    #disk = false;

    static async launch(port, { disk }) {
        const node = new Node({
            port, workers: 2, level: 'notice', http: http(port),
        });

        if (disk) {
            node.#mount();
        }
        await node.start();
        return node;
    }

    // the run goes on: it is for the verdict
    complain(lines) {
        lines.forEach((line) => this.complaints.add(line));
    }

    get #journal() {
        return `${this.prefix}/journal`;
    }

    #mount() {
        mkdirSync(this.#journal);
        try {
            execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK}`,
                'tmpfs', this.#journal], { stdio: 'ignore' });
            this.#disk = true;
        } catch {
            // not root, or not allowed to: hasDisk tells
        }
    }

    // also when the process ends early: a mounted directory cannot be removed
    unmount() {
        if (this.#disk) {
            execFileSync('umount', ['-l', this.#journal]);
            this.#disk = false;
        }
    }

    get hasDisk() {
        return this.#disk;
    }

    // nothing more fits on the disk
    fill() {
        const file = openSync(`${this.#journal}/ballast`, 'w');
        const zeros = Buffer.alloc(4096);

        try {
            for (;;) {
                writeSync(file, zeros);
            }
        } catch (error) {
            if (error.code !== 'ENOSPC') {
                throw error;
            }
        } finally {
            closeSync(file);
        }
    }

    empty() {
        unlinkSync(`${this.#journal}/ballast`);
    }

    // master and workers, also those that are shutting down
    get processes() {
        const master = Number(readFileSync(`${this.prefix}/nginx.pid`));

        return [master, ...children(master)];
    }
}
