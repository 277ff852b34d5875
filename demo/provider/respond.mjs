// Sends an answer: when, in which pieces, and how it fails, as ordered.
import { setTimeout as sleep } from 'node:timers/promises';
import { constants, createGzip } from 'node:zlib';
import { gateOpened } from './calls.mjs';
import { parts } from './wire.mjs';


// a signal that fires when the connection ends before the answer does
export function departure(response) {
    const controller = new AbortController();

    response.once('close', () => controller.abort());
    return controller.signal;
}


function aborted(signal) {
    return new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
    });
}


// write(bytes) resolves when the bytes have been handed over
function output(response, { gzip, split }) {
    const stream = gzip
        ? createGzip({ flush: constants.Z_SYNC_FLUSH }) : response;

    if (gzip) {
        stream.pipe(response);
        response.once('close', () => stream.destroy());
    }

    const write = (bytes) => new Promise((resolve, reject) => {
        stream.write(bytes, (error) => error ? reject(error) : resolve());
    });

    return {
        async write(bytes) {
            const size = split || bytes.length || 1;

            for (let at = 0; at < bytes.length; at += size) {
                await write(bytes.subarray(at, at + size));
            }
        },
        end: () => stream.end(),
    };
}


function headersOf(body, orders, all) {
    const headers = [...orders.headers];

    headers.push(['Content-Type', orders.type ?? (body.stream === true
        ? 'text/event-stream; charset=utf-8' : 'application/json')]);

    if (orders.gzip) {
        headers.push(['Content-Encoding', 'gzip']);

    } else if (body.stream !== true && !orders.split) {
        headers.push(['Content-Length',
            String(all.reduce((sum, part) => sum + part.length, 0))]);
    }
    return headers.flat();
}


// Rejects if the connection ends early; `delay` is in ms.
export async function respond(response, body, orders, delay) {
    const signal = departure(response);
    const all = [...parts(body, orders)];
    const { write, end } = output(response, orders);
    let sent = 0;

    const between = async () => {
        if (orders.gate === sent) {
            await Promise.race(
                [gateOpened(orders.tag ?? ''), aborted(signal)]);
        }
        if (orders.cut === sent) {
            response.destroy();
        }
        signal.throwIfAborted();
    };

    if (orders.hang) {
        await aborted(signal);
    }
    await sleep(orders.first ?? 0, undefined, { signal });
    await between();

    response.writeHead(orders.status ?? 200, headersOf(body, orders, all));

    for (const part of all) {
        if (delay > 0) {
            await sleep(delay, undefined, { signal });
        }
        await write(part);
        sent++;
        await between();
    }
    end();
}
