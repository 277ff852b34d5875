// A case of field_cases.json: its configuration, and one run of it.
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { launcher } from '../support/nginx.mjs';
import { sql } from '../support/psql.mjs';
import { ask } from './client.mjs';
import { differences } from './expectation.mjs';
import { settled } from './ledger.mjs';
import { CUTS, bytes, canBeCut, whole, writes } from './parts.mjs';
import { Provider } from './provider.mjs';

const run = promisify(execFile);

// of a charge that never comes; a right one takes no such time
const PATIENCE = 20_000;


// `a` and `a;` and a block
const line = (text) => /[;}]\s*$/.test(text) ? text : `${text};`;


function location(lines, port) {
    const usual = {
        credits: 'on',
        credits_user: '$http_x_user',
        proxy_buffering: 'off',
        proxy_ignore_client_abort: 'on',
        proxy_http_version: '1.1',
        proxy_pass: `http://127.0.0.1:${port}`,
    };

    for (const each of lines) {
        delete usual[each.split(/\s/)[0]];
    }
    return [...Object.entries(usual).map((pair) => pair.join(' ')), ...lines]
        .map(line).join('\n            ');
}


let count = 0;

export class Case {
    refusal = '';
    // @id@, and the name of its server
    id = `c${++count}`;
    #user = `user-${randomUUID()}`;
    #case;
    #dir;
    #answers;

    // cut: one of CUTS, or nothing for the case's own pieces
    constructor(given, dir, cut, random) {
        this.#case = given;
        this.#dir = `${dir}/${this.id}`;
        this.name = cut ? `${given.name}, ${cut}` : given.name;
        this.#answers = (given.answers ?? [given.answer ?? {}]).map((answer) =>
            cut ? recut(answer, cut, random) : answer);
        this.provider = new Provider(this.#answers);
    }

    get expectsRefusal() {
        return this.#case.expect.config === 'refused';
    }

    // Whether the same bytes in other pieces are another case: not where time
    // or the client's share of them is what it is about.
    static canBeCut(given, cut) {
        const answers = given.answers ?? [given.answer ?? {}];

        return given.expect.provider_called !== false
            && given.expect.config !== 'refused'
            && (given.client === 'reads all' || given.client.http === 2
                && Object.keys(given.client).length === 1)
            && answers.every((answer) => {
                const pieces = answer.raw ?? answer.pieces ?? [];

                return !answer.delay && canBeCut(cut, whole(pieces))
                    && writes(pieces).every(({ pause }) => pause <= 10);
            });
    }

    #fill(text) {
        return text.replaceAll('@dir@', this.#dir)
            .replaceAll('@id@', this.id);
    }

    async prepare() {
        mkdirSync(this.#dir, { recursive: true });
        for (const [name, part] of Object.entries(this.#case.files ?? {})) {
            writeFileSync(`${this.#dir}/${name}`, bytes(part));
        }
        await this.provider.listen();
    }

    // what nginx is told of it, in http
    configuration({ http1, http2 }) {
        const lines = (list) => (list ?? []).map(line).join('\n        ');

        return this.#fill(`
    ${lines(this.#case.http)}
    server {
        listen 127.0.0.1:${http1};
        listen 127.0.0.1:${http2} http2;
        server_name @id@;
        ${lines(this.#case.server)}
        location / {
            ${location(this.#case.config, this.provider.port)}
        }
    }`);
    }

    // asks nginx -t about the nginx.conf of this directory
    async check(prefix) {
        const [file, [dir, log]] = launcher(prefix);

        await run(file, [dir, log, '-t']).catch((error) => {
            this.refusal = `${error.stdout}${error.stderr}`;
        });
    }

    // a list of what is not as it is expected
    checkRefusal() {
        const { config, config_error: pattern } = this.#case.expect;

        if (config !== 'refused') {
            return this.refusal === ''
                ? [] : [`nginx -t refuses it: ${this.refusal.trim()}`];
        }
        if (this.refusal === '') {
            return ['nginx -t accepts it'];
        }
        return new RegExp(pattern ?? '').test(this.refusal)
            ? [] : [`config_error: not ${pattern} but ${this.refusal.trim()}`];
    }

    async #grant() {
        if (this.#case.grant > 0) {
            await sql`SELECT credit_grant(${this.#user}, ${this.#case.grant},
                                          '1 day', 'test', ${this.id});`;
        }
    }

    // a list of what is not as it is expected
    async run(ports) {
        const { request, expect, repeat = 1, client, user } = this.#case;
        const clientOf = client === 'reads all' ? {} : client;
        const subject = {
            request, host: this.id,
            user: user === 'none' ? undefined : this.#user,
        };
        let answer;

        await this.#grant();
        for (let i = 0; i < repeat; i++) {
            answer?.leave();
            answer = await ask(subject, ports, clientOf);
        }
        const ledger = await this.#settled(expect);
        const calls = this.provider.bodies.length;
        const last = this.#answers[Math.min(Math.max(calls, 1),
            this.#answers.length) - 1];

        answer.leave();
        return differences(expect, {
            ...answer, ledger, calls,
            providerBodies: this.provider.bodies,
            pieces: whole(last.raw ?? last.pieces ?? []),
            request: request.body === undefined
                ? Buffer.alloc(0) : bytes(request.body),
        });
    }

    // each answer has its row, but for those that may have none
    #settled(expect) {
        const may = (expect.ledger_status ?? 'none').split('|');

        return settled(this.#user,
            may.includes('none') ? 0 : expect.provider_calls ?? 1, PATIENCE);
    }

    close() {
        this.provider.close();
    }
}


function recut(answer, cut, random) {
    const data = whole(answer.raw ?? answer.pieces);

    return {
        ...answer,
        cut: CUTS[cut](data, random).map((each) => ({ data: each, pause: 0 })),
    };
}
