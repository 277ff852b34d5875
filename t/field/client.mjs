// The client of a case, on a socket of its own: one that reads all, leaves,
// or reads no more.
import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connect2, constants } from 'node:http2';
import { answer } from './message.mjs';
import { bytes } from './parts.mjs';


// names are the case's, so that one of its own takes the place of ours
function headersOf({ request, user, host }, body) {
    const headers = new Map([
        ['host', ['Host', host]],
        ['connection', ['Connection', 'close']],
    ]);

    if (user !== undefined) {
        headers.set('x-user', ['X-User', user]);
    }
    if (body !== undefined) {
        headers.set('content-length', ['Content-Length', body.length]);
    }
    for (const [name, value] of Object.entries(request.headers)) {
        headers.set(name.toLowerCase(), [name, value]);
    }
    return headers;
}


const head = ({ method, path }, headers) => `${method} ${path} HTTP/1.1\r\n${
    [...headers.values()].map(([k, v]) => `${k}: ${v}\r\n`).join('')}\r\n`;


// resolves to what came, { status, body }, when the connection is closed or,
// with stops_reading_after_bytes, when the client has stopped
async function ask1(subject, ports, client) {
    const body = subject.request.body === undefined
        ? undefined : bytes(subject.request.body);
    const socket = connect(ports.http1, '127.0.0.1');
    let received = [];
    let size = 0;

    const came = () => {
        received = [Buffer.concat(received)];
        return answer(received[0]) ?? { body: Buffer.alloc(0) };
    };

    socket.on('error', () => {});
    const closed = once(socket, 'close');
    const stopped = new Promise((resolve) => {
        socket.on('data', (data) => {
            received.push(data);
            size += data.length;
            if (size >= client.leaves_after_bytes
                && came().body.length >= client.leaves_after_bytes) {
                socket.destroy();
            }
            if (size >= client.stops_reading_after_bytes
                && came().body.length >= client.stops_reading_after_bytes) {
                socket.pause();
                resolve();
            }
        });
    });
    socket.write(head(subject.request, headersOf(subject, body)));
    if (body !== undefined) {
        socket.write(body);
    }
    if (client.leaves_after_ms !== undefined) {
        setTimeout(() => socket.destroy(), client.leaves_after_ms);
    }
    await Promise.race([closed, stopped]);
    return { ...came(), leave: () => socket.destroy() };
}


async function ask2(subject, ports, client) {
    const body = subject.request.body === undefined
        ? undefined : bytes(subject.request.body);
    const session = connect2(`http://127.0.0.1:${ports.http2}`);
    const headers = headersOf(subject, body);
    const received = [];
    let size = 0;
    let status;

    session.on('error', () => {});
    headers.delete('host');
    headers.delete('connection');
    const stream = session.request({
        ':method': subject.request.method, ':path': subject.request.path,
        ':authority': subject.host, ...Object.fromEntries(
            [...headers].map(([name, [, value]]) => [name, value])),
    }, { endStream: body === undefined });

    stream.on('error', () => {});
    stream.on('response', (fields) => { status = fields[':status']; });
    const closed = once(stream, 'close').catch(() => {});
    const stopped = new Promise((resolve) => {
        stream.on('data', (data) => {
            received.push(data);
            size += data.length;
            if (size >= client.leaves_after_bytes) {
                stream.close(constants.NGHTTP2_CANCEL);
            }
            if (size >= client.stops_reading_after_bytes) {
                stream.pause();
                resolve();
            }
        });
    });
    if (body !== undefined) {
        stream.end(body);
    }
    if (client.leaves_after_ms !== undefined) {
        setTimeout(() => stream.close(constants.NGHTTP2_CANCEL),
            client.leaves_after_ms);
    }
    await Promise.race([closed, stopped]);
    const leave = () => session.destroy();

    if (stream.closed) {
        leave();
    }
    return { status, body: Buffer.concat(received), leave };
}


// subject: { request, user, host }; client: of the case
export const ask = (subject, ports, client) =>
    (client.http === 2 ? ask2 : ask1)(subject, ports, client);
