// Cohere's chat, version 2.
import { bearer, pictureOf, textOf, toolCall } from './openai.mjs';
import { pieces } from './scenes.mjs';
import { anything } from './schema.mjs';
import { namedSse } from './standin.mjs';

const part = { 'type!': 'string', text: 'string',
    image_url: { 'url!': 'string', detail: 'string' },
    ...anything('document', 'thinking') };

const chat = {
    'model!': 'string',
    'messages!': [{ 'role!': 'string',
        content: (value) => typeof value === 'string' ? true : [part],
        ...anything('citations', 'tool_call_id', 'tool_calls', 'tool_plan') }],
    tools: [{ 'type!': 'string', 'function!': { 'name!': 'string',
        'parameters!': true, ...anything('description') } }],
    response_format: { 'type!': 'string', ...anything('json_schema') },
    stream: 'boolean', max_tokens: 'number',
    ...anything('citation_options', 'documents', 'frequency_penalty', 'k',
        'logprobs', 'p', 'presence_penalty', 'priority', 'raw_prompting',
        'safety_mode', 'seed', 'stop_sequences', 'strict_tools',
        'temperature', 'thinking', 'tool_choice'),
};

function question(body) {
    const { content } = body.messages.at(-1);

    return {
        model: body.model, text: textOf(content), picture: pictureOf(content),
        tool: body.tools?.length > 0,
        schema: body.response_format?.json_schema !== undefined,
        stream: body.stream === true,
    };
}


// billed is what costs; the tokens hold also what Cohere put around them
const usageOf = ({ usage: { input, output } }) => ({
    billed_units: { input_tokens: input, output_tokens: output },
    tokens: { input_tokens: input + 60, output_tokens: output + 2 },
    cached_tokens: 0,
});

const document = (answer) => ({
    id: 'c14c80c3-18eb-4519-9460-6c92edd8cfb4',
    finish_reason: answer.call ? 'TOOL_CALL' : 'COMPLETE',
    message: answer.call
        ? { role: 'assistant', tool_plan: 'I will look.',
            tool_calls: [toolCall(answer.call)] }
        : { role: 'assistant', content: [{ type: 'text',
            text: answer.text }] },
    usage: usageOf(answer),
});

const stream = (answer) => ({
    type: 'text/event-stream',
    events: [...namedSse([
        { type: 'message-start', id: '29f14a5a-11de-4cae-9800-25e4747408ea',
            delta: { message: { role: 'assistant', content: [],
                tool_plan: '', tool_calls: [], citations: [] } } },
        { type: 'content-start', index: 0,
            delta: { message: { content: { type: 'text', text: '' } } } },
        ...pieces(answer.text).map((text) => ({ type: 'content-delta',
            index: 0, delta: { message: { content: { text } } } })),
        { type: 'content-end', index: 0 },
        { type: 'message-end', delta: { finish_reason: 'COMPLETE',
            usage: usageOf(answer) } },
    ])],
});


const ERRORS = {
    path: () => [404, 'not found'],
    header: () => [401, 'invalid api token'],
    media: () => [400, 'invalid content type'],
    unknown: ({ path }) => [422, `unknown field: parameter '${
        path.join('.')}' is not a valid field`],
    missing: ({ path }) => [400, `invalid request: ${path.join('.')
    } is required`],
    type: ({ path }) => [400, `invalid type: parameter '${path.join('.')}'`],
    busy: () => [429, 'Please wait and try again later'],
    away: () => [503, 'service unavailable'],
};

export const cohere = {
    headers: bearer,
    operations: [{ path: /^\/v2\/chat$/, schema: chat, question, document,
        stream }],
    error: (kind, about) => {
        const [status, text] = ERRORS[kind](about);

        return { status, body: { id: '1', message: text },
            headers: status === 429 ? { 'Retry-After': '1' } : {} };
    },
};
