// A stand-in for OpenAI's Chat Completions that answers, and fails, to order
// (orders.mjs).
//
// PROVIDER_PORT    to listen on at 127.0.0.1; 0 or unset: any free port
// PROVIDER_KEY     the API key that is asked for; unset: none
// PROVIDER_DELAY   ms before each event of a stream; unset: 20
//
// GET /_calls, GET /_last, GET /_answers, DELETE /_calls, POST /_gate tell and
// steer, see calls.mjs; ?tag= narrows them to the requests with that tag, which
// a request carries as an order or in the header X-Provider-Tag.
import { createServer } from 'node:http';
import { lastUserText } from './answer.mjs';
import * as calls from './calls.mjs';
import { OrderError, ordersInText, parseOrders } from './orders.mjs';
import { respond } from './respond.mjs';
import { errorBody } from './wire.mjs';

const {
    PROVIDER_PORT = 0, PROVIDER_KEY, PROVIDER_DELAY = 20,
} = process.env;

const FAULTS = {
    400: ['Invalid request.', 'invalid_request_error', null],
    401: ['Incorrect API key provided.', 'invalid_request_error',
        'invalid_api_key'],
    404: ['Unknown request URL.', 'invalid_request_error', 'unknown_url'],
    429: ['Rate limit reached.', 'requests', 'rate_limit_exceeded'],
};
const FAULT = ['The server had an error while processing your request.',
    'server_error', null];


class RequestError extends Error {
    constructor(status, message = FAULTS[status][0]) {
        super(message);
        this.status = status;
    }
}


function reply(response, status, json, headers = []) {
    response.writeHead(status, [
        'Content-Type', 'application/json',
        'Content-Length', String(Buffer.byteLength(json)),
        ...headers.flat(),
    ]);
    response.end(json);
}


function fail(response, status, message, headers) {
    const [text, type, code] = FAULTS[status] ?? FAULT;

    reply(response, status, errorBody(message ?? text, type, code), headers);
}


async function read(request) {
    const buffers = [];

    for await (const buffer of request) {
        buffers.push(buffer);
    }
    return Buffer.concat(buffers);
}


// a question; an answer that is ordered byte for byte needs none
function parse(bytes, line) {
    let body;

    try {
        body = JSON.parse(bytes);
    } catch {
        throw new RequestError(400,
            'We could not parse the JSON body of your request.');
    }
    if (Array.isArray(body?.messages)) {
        return body;
    }
    if (parseOrders(line).raw === undefined) {
        throw new RequestError(400, "Missing required parameter: 'messages'.");
    }
    return { ...body, messages: [] };
}


async function chat(request, response) {
    const bytes = await read(request);
    const { 'x-provider': line = '', 'x-provider-tag': tag, authorization }
        = request.headers;
    let body;
    let orders = { tag };

    try {
        if (PROVIDER_KEY && authorization !== `Bearer ${PROVIDER_KEY}`) {
            throw new RequestError(401);
        }
        body = parse(bytes, line);
        orders = { tag, ...parseOrders(
            `${line} ${ordersInText(lastUserText(body))}`) };
    } finally {
        calls.count(orders.tag ?? '', request, bytes, response);
    }

    if (orders.status >= 400) {
        fail(response, orders.status, undefined, orders.headers);
        return;
    }
    await respond(response, body, orders, orders.delay
        ?? (body.stream === true ? Number(PROVIDER_DELAY) : 0));
}


const ROUTES = {
    'POST /v1/chat/completions': chat,
    'GET /_calls': (request, response, tag) =>
        reply(response, 200, JSON.stringify(calls.counters(tag))),
    'GET /_last': (request, response, tag) =>
        reply(response, 200, JSON.stringify(calls.last(tag))),
    'GET /_answers': (request, response, tag) =>
        reply(response, 200, JSON.stringify(calls.answers(tag))),
    'DELETE /_calls': (request, response, tag) => {
        calls.forget(tag);
        reply(response, 200, '{}');
    },
    'POST /_gate': (request, response, tag) => {
        calls.openGate(tag);
        reply(response, 200, '{}');
    },
};


async function handle(request, response) {
    const url = new URL(request.url, 'http://provider');
    const route = ROUTES[`${request.method} ${url.pathname}`];

    if (route === undefined) {
        fail(response, 404);
        return;
    }

    try {
        await route(request, response, url.searchParams.get('tag') ?? '');
    } catch (error) {
        if (error instanceof OrderError) {
            fail(response, 400, error.message);
        } else if (error instanceof RequestError) {
            fail(response, error.status, error.message);
        } else if (!response.destroyed) {
            // not the end of a connection: a fault of this program
            console.error(error);
            response.destroy();
        }
    }
}


const server = createServer(handle);
server.keepAliveTimeout = 0;  // nginx keeps the connections
server.requestTimeout = 0;

server.listen(PROVIDER_PORT, '127.0.0.1', () => {
    console.log(`listening on http://127.0.0.1:${server.address().port}`);
});

process.once('SIGTERM', () => {
    server.close();
    server.closeAllConnections();
});
