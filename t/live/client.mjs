// Clients, and the leaving of clients.
import { once } from 'node:events';
import { connect as connectTo } from 'node:net';
import { Agent, request as http } from 'node:http';
import { connect, constants } from 'node:http2';
import { Duplex } from 'node:stream';

export const keepAlive = new Agent({ keepAlive: true, maxSockets: 64 });

const question = ({ stream, includeUsage, maxTokens }) => JSON.stringify({
    model: 'gpt-x',
    messages: [{ role: 'user', content: 'hello' }],
    ...(stream && { stream: true }),
    ...(includeUsage && { stream_options: { include_usage: true } }),
    ...(maxTokens && { max_tokens: maxTokens }),
});

const headersOf = (user, orders) => ({
    'x-user': user.id,
    'x-provider-tag': user.id,
    'x-provider': orders,
    'content-type': 'application/json',
});


async function textOf(response) {
    let text = '';

    for await (const chunk of response.setEncoding('utf8')) {
        text += chunk;
    }
    return text;
}


// resolves when so many events have come; without a count: anything
function received(stream, events) {
    let text = '';

    return new Promise((resolve) => {
        stream.on('data', (chunk) => {
            text += chunk;
            if (events === undefined || text.split('\n\n').length > events) {
                resolve();
            }
        });
    });
}


// A request that is under way.  orders: see demo/provider/orders.mjs; the rest
// of the options is the question's
export class Chat {
    constructor(nginx, user,
        { path = '/chat', orders = '', agent = false, ...options } = {}) {
        this.request = http({
            port: nginx.port, host: '127.0.0.1', agent, path, method: 'POST',
            headers: headersOf(user, orders),
        });
        // for who leaves, or is left
        this.request.on('error', () => {});
        this.response = once(this.request, 'response')
            .then(([response]) => response);
        this.response.catch(() => {});
        this.request.end(question(options));
    }

    async received(events) {
        const response = await this.response;

        response.on('error', () => {});
        await received(response, events);
    }

    async end() {
        const response = await this.response;

        return {
            status: response.statusCode,
            headers: response.headers,
            text: await textOf(response),
        };
    }

    // reads no more; the connection stays open
    async stop() {
        (await this.response).socket.pause();
    }

    // resolves when the kernel has told nginx; not after the answer's end
    async leave(how) {
        const { socket } = this.request;
        const closed = once(socket, 'close');

        if (how === 'RST') {
            socket.resetAndDestroy();
        } else {
            socket.destroy();
        }
        await closed;
    }
}


// the same over HTTP/2
export class Chat2 {
    constructor(nginx, user, { path, orders, ...options }) {
        this.session = this.connect(nginx);
        this.session.on('error', () => {});
        this.request = this.session.request({
            ':method': 'POST', ':path': path, ...headersOf(user, orders),
        });
        this.request.on('error', () => {});
        this.request.end(question(options));
    }

    connect(nginx) {
        return connect(`http://127.0.0.1:${nginx.http2Port}`);
    }

    received(events) {
        return received(this.request, events);
    }

    // takes no more of this stream
    async stop() {
        this.request.pause();
    }

    // the stream is reset; resolves when nginx has read that
    async leave() {
        this.request.close(constants.NGHTTP2_CANCEL);
        await new Promise((resolve) => this.session.ping(resolve));
        this.session.close();
    }
}


const WINDOW = 0x7fffffff;

// over HTTP/2 with a window that is never full: what is not read stays in the
// connection
export class Chat2Wide extends Chat2 {
    connect(nginx) {
        this.socket = connectTo(nginx.http2Port, '127.0.0.1');
        const { socket } = this;
        const stream = new Duplex({
            read() {},
            write: (chunk, encoding, done) => socket.write(chunk, done),
            final: (done) => socket.end(done),
            destroy: (error, done) => {
                socket.destroy();
                done(error);
            },
        });

        socket.on('data', (chunk) => stream.push(chunk));
        socket.on('error', () => {});
        socket.on('close', () => stream.push(null));
        return connect('http://127.0.0.1', {
            createConnection: () => stream,
            settings: { initialWindowSize: WINDOW },
        }).on('connect', (session) => session.setLocalWindowSize(WINDOW));
    }

    async stop() {
        this.socket.pause();
    }

    // the stream is reset, or the connection is closed
    async leave(how) {
        if (how === 'close') {
            this.socket.destroy();
        } else {
            this.request.close(constants.NGHTTP2_CANCEL);
        }
    }
}


// the whole answer
export const chat = (...parameters) => new Chat(...parameters).end();


// a document of the read API, whatever its status
export async function get(nginx, user, path, agent = false) {
    const request = http({
        port: nginx.port, host: '127.0.0.1', agent, path,
        headers: { 'x-user': user.id },
    }).end();
    const [response] = await once(request, 'response');

    return {
        status: response.statusCode,
        worker: response.headers['x-worker'],
        ...JSON.parse(await textOf(response)),
    };
}


export const credits = (nginx, user, agent) =>
    get(nginx, user, '/credits', agent);
