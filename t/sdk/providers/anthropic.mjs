// Anthropic's Messages.
import { bearer } from './openai.mjs';
import { KEY, PICTURE, TOOL, pieces } from './scenes.mjs';
import { anything } from './schema.mjs';
import { namedSse } from './standin.mjs';

const block = {
    'type!': 'string',
    text: 'string',
    source: { 'type!': 'string', ...anything('media_type', 'data', 'url',
        'file_id') },
    ...anything('cache_control', 'citations', 'content', 'context', 'id',
        'input', 'is_error', 'name', 'signature', 'thinking', 'title',
        'tool_use_id'),
};

const blocks = (value) => typeof value === 'string' ? true : [block];

const messages = {
    'model!': 'string', 'max_tokens!': 'number',
    'messages!': [{ 'role!': 'string', 'content!': blocks }],
    stream: 'boolean', system: blocks,
    tools: [{ 'name!': 'string', ...anything('allowed_callers',
        'cache_control', 'defer_loading', 'description',
        'eager_input_streaming', 'input_examples', 'input_schema', 'strict',
        'type') }],
    metadata: anything('user_id'),
    output_config: { ...anything('effort'),
        format: { 'type!': 'string', 'schema!': true } },
    ...anything('cache_control', 'container', 'context_management',
        'inference_geo', 'mcp_servers', 'service_tier', 'speed',
        'stop_sequences', 'temperature', 'thinking', 'tool_choice', 'top_k',
        'top_p'),
};

function question(body) {
    const { content } = body.messages.at(-1);
    const parts = typeof content === 'string'
        ? [{ type: 'text', text: content }] : content;

    return {
        model: body.model, stream: body.stream === true,
        text: parts.map(({ text }) => text ?? '').join(''),
        picture: parts.some(({ source }) => source?.type === 'base64'
            && source.media_type === 'image/png' && source.data === PICTURE),
        tool: body.tools?.length > 0,
        schema: body.output_config?.format?.type === 'json_schema',
    };
}


// what was read from a cache is beside the input here
const usageOf = ({ usage: { input, cached, output } }) => ({
    input_tokens: input - cached, cache_creation_input_tokens: 0,
    cache_read_input_tokens: cached, output_tokens: output,
    cache_creation: { ephemeral_5m_input_tokens: 0,
        ephemeral_1h_input_tokens: 0 },
    server_tool_use: null, service_tier: 'standard',
});

const head = (answer) => ({
    id: 'msg_1', type: 'message', role: 'assistant',
    model: answer.question.model,
});

const document = (answer) => ({
    ...head(answer),
    content: [answer.call
        ? { type: 'tool_use', id: 'toolu_1', name: TOOL.name,
            input: answer.call }
        : { type: 'text', text: answer.text, citations: null }],
    stop_reason: answer.call ? 'tool_use' : 'end_turn', stop_sequence: null,
    usage: usageOf(answer),
});

const stream = (answer) => ({
    type: 'text/event-stream; charset=utf-8',
    events: namedSse([
        { type: 'message_start', message: { ...head(answer), content: [],
            stop_reason: null, stop_sequence: null,
            usage: { ...usageOf(answer), output_tokens: 1 } } },
        { type: 'content_block_start', index: 0,
            content_block: { type: 'text', text: '' } },
        { type: 'ping' },
        ...pieces(answer.text).map((text) => ({
            type: 'content_block_delta', index: 0,
            delta: { type: 'text_delta', text },
        })),
        { type: 'content_block_stop', index: 0 },
        { type: 'message_delta',
            delta: { stop_reason: 'end_turn', stop_sequence: null },
            usage: usageOf(answer) },
        { type: 'message_stop' },
    ]),
});


const ERRORS = {
    path: () => [404, 'not_found_error', 'Not Found'],
    header: (name) => name === 'anthropic-version'
        ? [400, 'invalid_request_error',
            'anthropic-version: header is required']
        : [401, 'authentication_error', 'invalid x-api-key'],
    media: () => [400, 'invalid_request_error', 'invalid content type'],
    unknown: ({ path }) => [400, 'invalid_request_error',
        `${path.join('.')}: Extra inputs are not permitted`],
    missing: ({ path }) => [400, 'invalid_request_error',
        `${path.join('.')}: Field required`],
    type: ({ path }) => [400, 'invalid_request_error',
        `${path.join('.')}: Input should be of another type`],
    busy: () => [429, 'rate_limit_error',
        'This request would exceed your rate limit.'],
    away: () => [503, 'overloaded_error', 'Overloaded'],
};

export const anthropic = {
    headers: [{ 'x-api-key': new RegExp(`^${KEY}$`), ...bearer[0] },
        { 'anthropic-version': /^20\d\d-\d\d-\d\d$/ }],
    operations: [{ path: /^\/v1\/messages$/, schema: messages, question,
        document, stream }],
    error: (kind, about) => {
        const [status, type, message] = ERRORS[kind](about);

        return { status, headers: status === 429 ? { 'Retry-After': '1' } : {},
            body: { type: 'error', error: { type, message },
                request_id: 'req_1' } };
    },
};
