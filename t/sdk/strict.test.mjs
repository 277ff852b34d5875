// The stand-ins, without nginx and SDKs: they refuse what is not theirs, in
// their provider's words.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PROVIDERS } from './providers/all.mjs';
import { KEY } from './providers/scenes.mjs';
import { StandIn } from './providers/standin.mjs';

const TEXT = 'Hello. [strict/plain]';
const chat = { model: 'm', messages: [{ role: 'user', content: TEXT }] };
const claude = { ...chat, max_tokens: 9 };
const gemini = { contents: [{ parts: [{ text: TEXT }] }] };
const asks = { stream: true, stream_options: { include_usage: true } };
const CHAT = 'v1/chat/completions';
const GENERATE = 'v1beta/models/m:generateContent';

const TABLE = [
    // api, path, body, status, what is said
    ['openai', CHAT, chat, 200],
    ['openai', CHAT, { ...chat, max_output_tokens: 9 }, 400,
        /Unknown parameter: 'max_output_tokens'.*unknown_parameter/],
    ['openai', CHAT, { model: 'm' }, 400, /Missing.*'messages'/],
    ['openai', CHAT, { ...chat, stream: 1 }, 400, /Invalid type.*'stream'/],
    ['openai', 'v1/responses', { model: 'm', input: TEXT }, 200],
    ['openai', 'v1/responses', { model: 'm', input: TEXT, ...asks }, 400,
        /Unknown parameter: 'stream_options\.include_usage'/],
    ['openai', 'v1/files', chat, 404, /Invalid URL/],
    ['groq', `openai/${CHAT}`, { ...chat, max_output_tokens: 9 }, 400,
        /property 'max_output_tokens' is unsupported/],
    ['openrouter', `api/${CHAT}`, { ...chat, max_output_tokens: 9 }, 400,
        /"code":400/],
    ['mistral', CHAT, chat, 200],
    ['mistral', CHAT, { ...chat, ...asks }, 422,
        /extra_forbidden.*"loc":\["body","stream_options"\]/],
    ['mistral', CHAT, { ...chat, max_completion_tokens: 9 }, 422,
        /extra_forbidden/],
    ['anthropic', 'v1/messages', claude, 200],
    ['anthropic', 'v1/messages', { ...claude, ...asks }, 400,
        /stream_options: Extra inputs are not permitted/],
    ['anthropic', 'v1/messages', chat, 400, /max_tokens: Field required/],
    ['gemini', GENERATE, gemini, 200],
    ['gemini', GENERATE, { ...gemini, stream_options: {} }, 400,
        /Unknown name \\"stream_options\\".*Cannot find field/],
    ['gemini', GENERATE, { ...gemini, generationConfig: { max_tokens: 9 } },
        400, /Unknown name \\"max_tokens\\" at 'generationConfig'/],
    ['cohere', 'v2/chat', chat, 200],
    ['cohere', 'v2/chat', { ...chat, ...asks }, 422,
        /unknown field: parameter 'stream_options'/],
    ['ollama', 'api/chat', { ...chat, stream_options: {} }, 200],
    ['ollama', 'api/chat', { model: 'm' }, 400, /messages is required/],
];

const headers = {
    'Content-Type': 'application/json', 'Authorization': `Bearer ${KEY}`,
    'X-Goog-Api-Key': KEY, 'Anthropic-Version': '2023-06-01',
};
const standIns = {};

before(async () => {
    for (const [api, provider] of Object.entries(PROVIDERS)) {
        standIns[api] = await StandIn.start(provider);
    }
});

after(() => Object.values(standIns).forEach((each) => each.stop()));

const send = (api, path, body, more) =>
    fetch(`http://127.0.0.1:${standIns[api].port}/${path}`, {
        method: 'POST', headers: { ...headers, ...more },
        body: JSON.stringify(body),
    });


for (const [api, path, body, status, words = /./] of TABLE) {
    test(`${api}: ${JSON.stringify(body).slice(0, 60)}: ${status}`,
        async () => {
            const response = await send(api, path, body);

            assert.equal(response.status, status);
            assert.match(await response.text(), words);
        });
}

test('a key that is not theirs', async () => {
    const wrong = { 'Authorization': 'Bearer user-1',
        'X-Goog-Api-Key': 'user-1' };

    for (const [api, path, body] of [['openai', CHAT, chat],
        ['anthropic', 'v1/messages', claude], ['gemini', GENERATE, gemini],
        ['mistral', CHAT, chat], ['cohere', 'v2/chat', chat]]) {
        assert.equal((await send(api, path, body, wrong)).status, 401, api);
    }
});
