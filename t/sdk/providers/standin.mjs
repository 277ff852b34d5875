// A provider's stand-in: strict in what it takes, as the real one is, and
// complete in what it answers.
//
// A question says at its end whose it is and what is to happen, "[tag/scene]".
// Of the scenes, busy is 429 the first time, away is 503, and abort stops in
// the middle of a stream until the test goes on.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { until } from '../../support/until.mjs';
import { ANSWERS } from './scenes.mjs';
import { fault } from './schema.mjs';

const TAG = /\[([\w.+ -]+)\/(\w+)\]/;


export class StandIn {
    #provider;
    #server = createServer((request, response) =>
        this.#serve(request, response).catch((error) => {
            console.error(error);
            response.destroy();
        }));
    #calls = new Map();
    #open = new Set();

    // provider: what its dialect is, see openai.mjs
    static async start(provider) {
        const standIn = new StandIn();

        standIn.#provider = provider;
        await once(standIn.#server.listen(0, '127.0.0.1'), 'listening');
        standIn.port = standIn.#server.address().port;
        return standIn;
    }

    stop() {
        this.#server.close();
        this.#server.closeAllConnections();
    }

    // the bodies of those requests that were understood
    calls(tag) {
        return this.#calls.get(tag) ?? [];
    }

    // the stream that stopped goes on, and breaks off
    open(tag) {
        this.#open.add(tag);
    }

    async #serve(request, response) {
        const path = request.url.replace(/\?.*/, '');
        const operation = this.#provider.operations.find((each) =>
            each.path.test(path));

        request.setEncoding('utf8');
        let text = '';
        for await (const part of request) {
            text += part;
        }

        const refuse = (kind, about) => {
            const { status, body, headers } = this.#provider.error(kind, about);

            response.writeHead(status,
                { 'Content-Type': 'application/json', ...headers });
            response.end(JSON.stringify(body));
        };

        if (!operation || request.method !== 'POST') {
            return refuse('path', path);
        }
        const missing = this.#provider.headers.find((values) =>
            !Object.entries(values).some(([name, value]) =>
                value.test(request.headers[name] ?? '')));
        if (missing) {
            return refuse('header', Object.keys(missing)[0]);
        }
        if (!/^application\/json\b/.test(request.headers['content-type'])) {
            return refuse('media', request.headers['content-type']);
        }

        const body = JSON.parse(text);
        const found = fault(body, operation.schema);
        if (found) {
            return refuse(found.kind, found);
        }

        const question = operation.question(body, request.url);
        const [, tag, scene] = TAG.exec(question.text) ?? [];
        if (!tag) {
            return refuse('type', { path: ['messages'], value: text });
        }
        const calls = [...this.calls(`${tag}/${scene}`), body];
        this.#calls.set(`${tag}/${scene}`, calls);

        if (scene === 'busy' && calls.length === 1) {
            return refuse('busy');
        }
        if (scene === 'away') {
            return refuse('away');
        }
        return this.#answer(response, operation, question,
            `${tag}/${scene}`, scene === 'abort');
    }

    async #answer(response, operation, question, tag, stops) {
        const answer = { ...ANSWERS[subject(question)], question };

        if (!question.stream) {
            response.writeHead(200, { 'Content-Type': 'application/json' });
            response.end(JSON.stringify(operation.document(answer)));
            return;
        }

        const { type, events } = operation.stream(answer);

        response.writeHead(200, { 'Content-Type': type });
        response.on('error', () => {});
        for (const [i, event] of events.entries()) {
            if (stops && i === Math.ceil(events.length / 2)) {
                await until(`${tag} goes on`, () => this.#open.has(tag));
                response.destroy();
                return;
            }
            response.write(event);
        }
        response.end();
    }
}


// which of the answers it is
const subject = ({ stream, tool, picture, schema }) =>
    tool ? 'tools' : picture ? 'vision' : schema ? 'structured'
        : stream ? 'stream' : 'plain';


// server-sent events; with their type as name where the provider says it
export const sse = (documents) =>
    documents.map((each) => `data: ${JSON.stringify(each)}\n\n`);

export const namedSse = (documents) =>
    documents.map((each) =>
        `event: ${each.type}\ndata: ${JSON.stringify(each)}\n\n`);
