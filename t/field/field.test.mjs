// Each case of the files, in its own pieces and in others, on one nginx.
import assert from 'node:assert/strict';
import { readFileSync, mkdtempSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, before, describe, it } from 'node:test';
import { Nginx } from '../support/nginx.mjs';
import { freePorts } from '../support/ports.mjs';
import { closeSql, sql } from '../support/psql.mjs';
import { Random } from '../support/random.mjs';
import { pooled } from '../support/until.mjs';
import { Case } from './case.mjs';
import { CUTS } from './parts.mjs';

const { RUN_DIR = tmpdir(), SEED, ONLY = '' } = process.env;
const seed = Number(SEED ?? Date.now() % 1_000_000);
const random = new Random(seed);

const read = (name) => JSON.parse(
    readFileSync(new URL(name, import.meta.url), 'utf8'));

const given = ['field_cases.json', 'cousins.json'].flatMap(read)
    .filter(({ name }) => name.includes(ONLY));

const [http1, http2] = freePorts(2);
const ports = { http1, http2 };
const dir = mkdtempSync(`${RUN_DIR}/field-`);

// of those that nginx takes, each with the cuts that it may have
const cases = given.map((each) => new Case(each, dir));
const cuts = given.flatMap((each, i) => Object.keys(CUTS)
    .filter((cut) => Case.canBeCut(each, cut))
    .map((cut) => ({ of: cases[i], cut: new Case(each, dir, cut, random) })));

const http = (list) => `
    credits_database env:TEST_NGINX_DATABASE_URL connections=4;
    credits_zone credits:8m;
    credits_journal journal;
    server_names_hash_max_size 4096;
    variables_hash_max_size 2048;
    client_max_body_size 64m;
    ${list.map((each) => each.configuration(ports)).join('\n')}
`;

const configured = (list) =>
    new Nginx({ port: http1, http: http(list), level: 'warn' });


async function tried(each) {
    const nginx = configured([each]);

    mkdirSync(`${nginx.prefix}/journal`, { recursive: true });
    await each.check(nginx.prefix);
    nginx.remove();
}


function assertNone(differing) {
    assert.ok(differing.length === 0, `\n  ${differing.join('\n  ')}`);
}


let nginx;

before(async () => {
    await Promise.all([...cases, ...cuts.map(({ cut }) => cut)]
        .map((each) => each.prepare()));
    await pooled(cases.length, 4, (i) => tried(cases[i]));
    nginx = configured([
        ...cases.filter(({ refusal }) => refusal === ''),
        ...cuts.filter(({ of }) => of.refusal === '').map(({ cut }) => cut),
    ]);
    await nginx.start();
});

after(async () => {
    if (nginx?.running) {
        await nginx.end();
    }
    for (const each of [...cases, ...cuts.map(({ cut }) => cut)]) {
        each.close();
    }
    assert.deepEqual(await sql`TABLE credit_invariants;`, []);
    await closeSql();
    nginx?.remove();
    rmSync(dir, { recursive: true });
});


describe('in its own pieces', { concurrency: 24 }, () => {
    for (const each of cases) {
        it(each.name, async () => {
            assertNone(each.checkRefusal());
            if (!each.expectsRefusal) {
                assertNone(await each.run(ports));
            }
        });
    }
});

describe(`in other pieces, SEED=${seed}`, { concurrency: 24 }, () => {
    for (const { of, cut } of cuts) {
        it(cut.name, async () => {
            assertNone(of.checkRefusal());
            assertNone(await cut.run(ports));
        });
    }
});
