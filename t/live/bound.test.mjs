// A bound is a bound: with strict or credits_clamp an honest provider never
// leads into debt, whatever is asked for.
import assert from 'node:assert/strict';
import { Random } from '../support/random.mjs';
import { sql } from '../support/psql.mjs';
import { configure } from './configure.mjs';
import { Honest } from './honest.mjs';
import { live } from './live.mjs';

const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const USERS = 40;
const REQUESTS = 12;        // of each user, some at once

const DATA_URL = `data:image/png;base64,${'iVBORw0KGgo'.repeat(500)}`;


const words = (random) => 'word '.repeat(random.between(0, 900));

const content = (random) => random.pick([
    () => words(random),
    () => [{ type: 'text', text: words(random) },
        { type: 'image_url', image_url: { url: 'https://pictures/1.png' } }],
    () => [{ type: 'image_url', image_url: { url: DATA_URL } }],
])();

const maybe = (random, member) => random.between(0, 1) === 1 ? member : {};

const tools = (random) => maybe(random, {
    tools: [{
        type: 'function',
        function: { name: 'f', description: words(random), parameters: {} },
    }],
});

const limit = (random) => random.between(1, 3000);

const QUESTIONS = [
    (random) => ['/v1/chat/completions', {
        model: 'a',
        messages: [
            { role: 'system', content: words(random), name: words(random) },
            { role: 'user', content: content(random) },
            { role: 'tool', content: DATA_URL },
        ],
        ...tools(random),
        ...maybe(random, { max_completion_tokens: limit(random) }),
        ...maybe(random, { max_tokens: limit(random) }),
        ...maybe(random, { n: random.between(1, 4) }),
        ...maybe(random, {
            response_format: {
                type: 'json_schema',
                json_schema: { name: 's', schema: { enum: [words(random)] } },
            },
        }),
    }],
    (random) => ['/v1/responses', {
        model: 'b',
        input: random.pick([words(random),
            [{ role: 'user', content: words(random) }]]),
        ...maybe(random, { max_output_tokens: limit(random) }),
    }],
    (random) => ['/anthropic/v1/messages', {
        model: 'a',
        system: words(random),
        messages: [{
            role: 'user',
            content: [{ type: 'text', text: words(random) }, {
                type: 'image',
                source: {
                    type: 'base64', media_type: 'image/png',
                    data: 'iVBORw0KGgo'.repeat(900),
                },
            }],
        }],
        max_tokens: limit(random),
    }],
    (random) => ['/gemini/v1beta/models/b:generateContent', {
        contents: [{ role: 'user', parts: [{ text: words(random) }] }],
        ...maybe(random, {
            generationConfig: {
                ...maybe(random, { maxOutputTokens: limit(random) }),
                ...maybe(random, { candidateCount: random.between(1, 3) }),
            },
        }),
    }],
];

const locations = (mode, port) => ['', '/anthropic', '/gemini']
    .map((dialect) => `
        location /${mode.split(' ')[0]}${dialect}/ {
            credits on;
            credits_api ${dialect.slice(1) || 'openai'};
            credits_${mode};
            credits_price a input=0.5 output=2.5 request=0.3;
            credits_price b input=3 output=1;
            proxy_pass http://127.0.0.1:${port}/;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
        }`).join('');


for (const mode of ['hold strict', 'clamp on']) {
    live(`no debt with credits_${mode} (SEED=${SEED})`, async (live) => {
        const random = new Random(SEED);
        const honest = await Honest.start(random);
        const nginx = await live.nginx();
        const ask = async (user) => {
            const [path, body] = random.pick(QUESTIONS)(random);
            const url = `http://127.0.0.1:${nginx.port}`
                + `/${mode.split(' ')[0]}${path}`;
            const response = await fetch(url, {
                method: 'POST',
                headers: {
                    'content-type': 'application/json', 'x-user': user.id,
                },
                body: JSON.stringify(body),
            });

            await response.arrayBuffer();
            return response.status;
        };

        try {
            configure(nginx, ['location = /credits {',
                `${locations(mode, honest.port)}\nlocation = /credits {`]);
            await nginx.reload();

            const statuses = new Map();

            for (let i = 0; i < USERS; i++) {
                const user = await live.user(random.between(1, 40));

                for (let k = 0; k < REQUESTS; k += 3) {
                    for (const status of await Promise.all(
                        [ask(user), ask(user), ask(user)])) {
                        statuses.set(status, (statuses.get(status) ?? 0) + 1);
                    }
                }
                user.unfinished = (await user.settled(0)).length;
            }

            assert.deepEqual(await sql`
                SELECT userId, debt FROM credit_account WHERE debt > 0;`, []);
            assert.deepEqual([...statuses.keys()].sort(), [200, 402]);
            assert.ok(honest.answered > USERS, `${honest.answered} answers`);
        } finally {
            await honest.close();
        }
    });
}
