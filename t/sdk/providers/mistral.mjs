// Mistral: as OpenAI's chat, but that it refuses what it does not know.
import { bearer, chatChunks, chatDocument, chatQuestion, message, pictureOf,
    textOf } from './openai.mjs';
import { anything } from './schema.mjs';
import { sse } from './standin.mjs';

const part = ({ type }) => type === 'image_url'
    ? { 'type!': true, 'image_url!': true }
    : { 'type!': true, 'text!': 'string' };

const chat = {
    'model!': 'string',
    'messages!': [{ ...message, prefix: 'boolean',
        content: (value) => typeof value === 'string' ? true : [part] }],
    tools: [{ 'type!': 'string', 'function!': { 'name!': 'string',
        ...anything('description', 'parameters', 'strict') } }],
    response_format: { 'type!': 'string', json_schema: { 'name!': 'string',
        'schema!': true, ...anything('description', 'strict') } },
    stream: 'boolean', max_tokens: 'number',
    ...anything('frequency_penalty', 'guardrails', 'metadata', 'n',
        'parallel_tool_calls', 'prediction', 'presence_penalty',
        'prompt_cache_key', 'prompt_mode', 'random_seed', 'reasoning_effort',
        'safe_prompt', 'stop', 'temperature', 'tool_choice', 'top_p'),
};

const usageOf = ({ usage: { input, output } }) => ({
    prompt_tokens: input, completion_tokens: output,
    total_tokens: input + output,
});

// without what only OpenAI has
const plain = ({ id, object, created, model, choices }, usage) => ({
    id, object, created, model,
    choices: choices.map(({ index, message: whole, delta, finish_reason }) => ({
        index, finish_reason, ...delta && { delta: bare(delta) },
        ...whole && { message: bare(whole) },
    })),
    ...usage && { usage },
});

const bare = ({ role, content = '', tool_calls }) => ({ role, content,
    ...tool_calls && { tool_calls } });


const ERRORS = {
    path: () => [404, { detail: 'Not Found' }],
    header: () => [401, { detail: 'Unauthorized' }],
    media: () => [422, { detail: 'Unsupported content type' }],
    unknown: ({ path, value }) => [422, { detail: [{
        type: 'extra_forbidden', loc: ['body', ...path],
        msg: 'Extra inputs are not permitted', input: value }] }],
    missing: ({ path }) => [422, { detail: [{ type: 'missing',
        loc: ['body', ...path], msg: 'Field required', input: null }] }],
    type: ({ path, value }) => [422, { detail: [{ type: 'type_error',
        loc: ['body', ...path], msg: 'Input should be of another type',
        input: value ?? null }] }],
    busy: () => [429, { object: 'error', message: 'Rate limit exceeded',
        type: 'rate_limited', param: null, code: '1300' }],
    away: () => [503, { object: 'error', message: 'Service unavailable.',
        type: 'unreachable_backend', param: null, code: '1100' }],
};

export const mistral = {
    headers: bearer,
    operations: [{
        path: /^\/v1\/chat\/completions$/, schema: chat,
        question: (body) => {
            const { content } = body.messages.at(-1);

            return { ...chatQuestion(body), text: textOf(content),
                picture: pictureOf(content) };
        },
        document: (answer) => plain(chatDocument(answer), usageOf(answer)),
        // the last chunk says the usage, asked or not
        stream: (answer) => {
            const chunks = chatChunks(answer);

            return { type: 'text/event-stream; charset=utf-8', events: [
                ...sse(chunks.map((each, i) => plain(each,
                    i === chunks.length - 1 && usageOf(answer)))),
                'data: [DONE]\n\n'] };
        },
    }],
    error: (kind, about) => {
        const [status, body] = ERRORS[kind](about);

        return { status, body,
            headers: status === 429 ? { 'Retry-After': '1' } : {} };
    },
};
