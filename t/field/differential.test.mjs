// Ours, without nginx, and a simple reference meter charge the same, for each
// of many generated answers of every dialect and in the sum of all.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Random } from '../support/random.mjs';
import { conversation, OPERATIONS } from './conversation.mjs';
import { metered } from './reference.mjs';

const { SEED, CONVERSATIONS = 10_000 } = process.env;
const seed = Number(SEED ?? Date.now() % 1_000_000);
const number = Number(CONVERSATIONS);
const METER = fileURLToPath(
    new URL('../../build/field/meter', import.meta.url));


function head({ dialect, operation, label, end, capture, prompt, hidden,
    seed: cuts, body }) {
    return `${[dialect, operation, label, end, Number(capture), prompt, hidden,
        cuts, body.length].join(' ')}\n`;
}


// what ours says of each
async function ours(list) {
    const meter = spawn(METER, { stdio: ['pipe', 'pipe', 'inherit'] });
    const exit = once(meter, 'close');
    const out = text(meter.stdout);

    meter.stdin.end(Buffer.concat(
        list.flatMap((each) => [Buffer.from(head(each)), each.body])));
    assert.deepEqual(await exit, [0, null]);
    return (await out).trimEnd().split('\n').map((line) => JSON.parse(line));
}


function add(sums, answer) {
    for (const [name, value] of Object.entries(answer)) {
        if (typeof value === 'number') {
            sums[name] = (sums[name] ?? 0) + Math.max(0, value);
        }
    }
    sums[answer.status] = (sums[answer.status] ?? 0) + 1;
}


describe(`ours and the reference, SEED=${seed}`, () => {
    for (const [i, dialect] of Object.keys(OPERATIONS).entries()) {
        it(`${number} conversations of ${dialect}`, async (t) => {
            const random = new Random(seed * 16 + i);
            const list = Array.from({ length: number },
                () => conversation(dialect, random));
            const got = await ours(list);
            const sums = { ours: {}, reference: {} };

            assert.equal(got.length, list.length);
            list.forEach((each, n) => {
                const expected = metered(each);

                assert.deepEqual(got[n], expected,
                    `conversation ${n} of ${dialect}, SEED=${seed}\n`
                    + `${head(each)}${JSON.stringify(each.body.toString())}\n`
                    + `expected ${JSON.stringify(expected)}\n`
                    + `got      ${JSON.stringify(got[n])}`);
                add(sums.ours, got[n]);
                add(sums.reference, expected);
            });
            assert.deepEqual(sums.ours, sums.reference);
            t.diagnostic(JSON.stringify(sums.ours));
        });
    }
});
