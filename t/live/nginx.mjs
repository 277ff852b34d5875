// A node: an nginx with the module, its own ports, zone and journal.
import { Nginx } from '../support/nginx.mjs';
import { freePorts } from '../support/ports.mjs';

const { TEST_NGINX_PROVIDER_PORT } = process.env;


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

// a client that takes nothing is given up soon, its answer is not
const STALL = `${DRAIN} send_timeout 100ms; credits_drain 1h 64m;`;

const buffered = (path, directives) =>
    chat(path, directives).replace('proxy_buffering off;', '');

// /chat is what the documentation recommends, the others differ in a word
const http = ({ database, ports, zone }) => `
    proxy_cache_path cache keys_zone=answers:1m;
    credits_database env:TEST_NGINX_DATABASE_URL ${database};
    credits_zone credits:${zone};
    credits_journal journal;

    upstream provider {
        server 127.0.0.1:${TEST_NGINX_PROVIDER_PORT};
        keepalive 32;
    }

    server {
        # reuseport: new connections go to all workers
        # sndbuf: a client that does not read is soon noticed
        listen 127.0.0.1:${ports[0]} reuseport sndbuf=32k;
        listen 127.0.0.1:${ports[1]} http2 reuseport sndbuf=32k;
        keepalive_requests 1000000;
        credits_user $http_x_user;
        add_header X-Worker $pid always;
${chat('/chat', DRAIN)}
${chat('/chat/no-drain', 'credits_drain 0;')}
${chat('/chat/short-drain', `${DRAIN} credits_drain 100ms end=100ms;`)}
${chat('/chat/stop', `${DRAIN} credits_drain 100ms end=1h;`)}
${chat('/chat/stall', STALL)}
${chat('/chat/stall/no-drain', 'send_timeout 100ms; credits_drain 0;')}
${chat('/chat/stall/small', `${STALL} credits_drain 1h 1k;`
        .replace('credits_drain 1h 64m;', ''))}
${buffered('/chat/stall/buffered', STALL)}
${buffered('/chat/stall/in-memory', `${STALL} proxy_max_temp_file_size 0;`)}
${buffered('/chat/stall/cached', `${STALL} proxy_cache answers;
            proxy_cache_methods POST; proxy_cache_key $request_id;
            proxy_cache_valid 200 1m;`)}
${chat('/chat/of', `${DRAIN} credits_drain 2s end=1h;`)
        .replace('http://provider/', 'http://127.0.0.1:$arg_port/')
        }
${chat('/chat/allow', `${DRAIN} credits_on_database_error allow;`)}
        location = /credits { credits_balance; }
        location = /transactions { credits_transactions; }
        location = /metrics { credits_metrics; }
    }
`;


export class Node extends Nginx {
    // database: the parameters behind the conninfo
    static async launch({ workers = 2, database = '', zone = '2m' } = {}) {
        const ports = freePorts(2);
        const node = new Node({
            port: ports[0], workers, http: http({ database, ports, zone }),
        });

        [, node.http2Port] = ports;
        await node.start();
        return node;
    }

    // counters and gauges without their prefix, as numbers
    async metrics() {
        const response = await fetch(`http://127.0.0.1:${this.port}/metrics`);
        const text = await response.text();

        return Object.fromEntries(
            [...text.matchAll(/^nginx_credits_(\w+) (\d+)$/mg)]
                .map(([, name, value]) => [name, Number(value)]));
    }
}
