// A provider that does, byte by byte, what a case says.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { dechunked } from './message.mjs';
import { writes } from './parts.mjs';


const tick = () => new Promise((resolve) => setImmediate(resolve));

const named = (headers, name) =>
    Object.keys(headers).some((each) => each.toLowerCase() === name);

const isFramed = ({ status, headers = {}, end }) =>
    end === 'close' || status === 204 || named(headers, 'content-length');


function head(answer) {
    const { status, headers = {} } = answer;
    const lines = Object.entries(headers).map(([k, v]) => `${k}: ${v}\r\n`);

    if (!isFramed(answer)) {
        lines.push('Transfer-Encoding: chunked\r\n');
    }
    return `HTTP/1.1 ${status} Said\r\n${lines.join('')}`
        + 'Connection: close\r\n\r\n';
}


// resolves to false when nobody takes the bytes any more
async function put(socket, data, pause) {
    if (socket.destroyed) {
        return false;
    }
    if (data.length > 0 && !socket.write(data)) {
        await Promise.race([once(socket, 'drain'), once(socket, 'close')]);
    }
    await (pause ? sleep(pause) : tick());
    return !socket.destroyed;
}


const chunk = (data) => data.length === 0 ? data : Buffer.concat([
    Buffer.from(`${data.length.toString(16)}\r\n`), data,
    Buffer.from('\r\n')]);


async function play(socket, answer) {
    const { raw, end } = answer;
    const framed = raw !== undefined || isFramed(answer);

    if (answer.delay) {
        await sleep(answer.delay);
    }
    if (raw === undefined && !await put(socket, head(answer), 0)) {
        return;
    }
    for (const { data, pause } of answer.cut ?? writes(raw ?? answer.pieces)) {
        if (!await put(socket, framed ? data : chunk(data), pause)) {
            return;
        }
    }
    if (end === 'reset') {
        // what is still under way would be lost with the connection
        await sleep(50);
        socket.resetAndDestroy();
    } else if (end !== 'hang') {
        socket.end(framed ? '' : '0\r\n\r\n');
    }
}


export class Provider {
    // the bodies as they arrived
    bodies = [];
    #answers;
    #server;
    #sockets = new Set();

    constructor(answers) {
        this.#answers = answers;
        this.#server = createServer((socket) => this.#serve(socket));
    }

    async listen() {
        this.#server.listen(0, '127.0.0.1');
        await once(this.#server, 'listening');
        this.port = this.#server.address().port;
    }

    #serve(socket) {
        let received = Buffer.alloc(0);
        let answered = false;

        this.#sockets.add(socket);
        socket.setNoDelay(true);
        socket.on('error', () => {});
        socket.on('close', () => this.#sockets.delete(socket));
        socket.on('data', (data) => {
            received = Buffer.concat([received, data]);
            const body = answered ? undefined : requestBody(received);

            if (body !== undefined) {
                answered = true;
                this.bodies.push(body);
                play(socket, this.#answers[Math.min(this.bodies.length,
                    this.#answers.length) - 1]);
            }
        });
    }

    close() {
        this.#server.close();
        for (const socket of this.#sockets) {
            socket.destroy();
        }
    }
}


// undefined as long as it is not complete
function requestBody(data) {
    const at = data.indexOf('\r\n\r\n');

    if (at < 0) {
        return undefined;
    }
    const lines = data.toString('latin1', 0, at);
    const body = data.subarray(at + 4);

    if (/^transfer-encoding: *chunked/im.test(lines)) {
        const { data: whole, ended } = dechunked(body);
        return ended ? whole : undefined;
    }
    const length = Number(/^content-length: *(\d+)/im.exec(lines)?.[1] ?? 0);

    return body.length < length ? undefined : body;
}
