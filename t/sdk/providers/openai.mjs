// OpenAI, and those who speak as it does: Groq and OpenRouter.
//
// A provider is: headers, of each of which one must be there; operations, each
// with its path, the schema of its body, the question that a body asks, and
// what is answered; and the error that each fault gets.
import { KEY, PICTURE, TOOL, pieces } from './scenes.mjs';
import { anything } from './schema.mjs';
import { namedSse, sse } from './standin.mjs';

export const bearer = [{ authorization: new RegExp(`^Bearer ${KEY}$`) }];

const tool = {
    'type!': 'string',
    'function!': { 'name!': 'string', ...anything('description', 'parameters',
        'strict') },
};

const part = ({ type }) => ({
    text: { 'type!': true, 'text!': 'string' },
    image_url: { 'type!': true,
        'image_url!': { 'url!': 'string', detail: 'string' } },
})[type] ?? { 'type!': (value) => ['text', 'image_url'].includes(value)
    ? true : 'never' };

const content = (value) => typeof value === 'string' ? true : [part];

export const message = {
    'role!': 'string', content,
    ...anything('name', 'tool_calls', 'tool_call_id', 'refusal', 'audio',
        'function_call'),
};

const chat = {
    'model!': 'string', 'messages!': [message], tools: [tool],
    stream: 'boolean',
    stream_options: anything('include_usage', 'include_obfuscation'),
    response_format: { 'type!': 'string',
        json_schema: { 'name!': 'string', ...anything('description', 'schema',
            'strict') } },
    max_tokens: 'number', max_completion_tokens: 'number', n: 'number',
    temperature: 'number', top_p: 'number',
    ...anything('audio', 'frequency_penalty', 'function_call', 'functions',
        'logit_bias', 'logprobs', 'metadata', 'modalities',
        'parallel_tool_calls', 'prediction', 'presence_penalty',
        'prompt_cache_key', 'prompt_cache_retention', 'reasoning_effort',
        'safety_identifier', 'seed', 'service_tier', 'stop', 'store',
        'tool_choice', 'top_logprobs', 'user', 'verbosity',
        'web_search_options'),
};


// of parts as they are in every dialect that is like this one
export const textOf = (value) => typeof value === 'string' ? value
    : value.map(({ text }) => text ?? '').join('');

export const pictureOf = (value) => typeof value !== 'string'
    && value.some(({ image_url: image }) =>
        (image?.url ?? image) === `data:image/png;base64,${PICTURE}`);

export const chatQuestion = (body) => {
    const { content: last } = body.messages.at(-1);

    return {
        model: body.model, text: textOf(last), picture: pictureOf(last),
        tool: body.tools?.length > 0,
        schema: body.response_format?.type === 'json_schema',
        stream: body.stream === true,
        usage: body.stream_options?.include_usage === true,
    };
};


export const chatUsage = ({ usage: { input, output, cached, reasoning } }) => ({
    prompt_tokens: input, completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cached, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: reasoning, audio_tokens: 0,
        accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 },
});

const head = (object, { question }) => ({
    id: 'chatcmpl-1', object, created: 1_780_000_000, model: question.model,
    service_tier: 'default', system_fingerprint: 'fp_1',
});

export const toolCall = (call) => ({
    id: 'call_1', type: 'function',
    function: { name: TOOL.name, arguments: JSON.stringify(call) },
});

export const chatDocument = (answer) => ({
    ...head('chat.completion', answer),
    choices: [{
        index: 0, logprobs: null,
        message: answer.call
            ? { role: 'assistant', content: null, refusal: null,
                tool_calls: [toolCall(answer.call)] }
            : { role: 'assistant', content: answer.text, refusal: null,
                annotations: [] },
        finish_reason: answer.call ? 'tool_calls' : 'stop',
    }],
    usage: chatUsage(answer),
});

// the chunks of a stream, without what says its usage
export function chatChunks(answer) {
    const chunk = (delta, reason = null) => ({
        ...head('chat.completion.chunk', answer),
        choices: [{ index: 0, delta, logprobs: null, finish_reason: reason }],
    });
    const deltas = answer.call
        ? [{ tool_calls: [{ index: 0, ...toolCall(answer.call) }] }]
        : pieces(answer.text).map((content) => ({ content }));

    return [chunk({ role: 'assistant', content: '', refusal: null }),
        ...deltas.map((delta) => chunk(delta)),
        chunk({}, answer.call ? 'tool_calls' : 'stop')];
}

function chatStream(answer) {
    const chunks = chatChunks(answer);
    const last = { ...head('chat.completion.chunk', answer), choices: [],
        usage: chatUsage(answer) };

    return { type: 'text/event-stream; charset=utf-8',
        events: [...sse(answer.question.usage
            ? [...chunks.map((each) => ({ ...each, usage: null })), last]
            : chunks), 'data: [DONE]\n\n'] };
}


const responses = {
    'model!': 'string', 'input!': true, tools: [{ 'type!': 'string',
        'name!': 'string', ...anything('description', 'parameters',
            'strict') }],
    stream: 'boolean', stream_options: anything('include_obfuscation'),
    text: anything('format', 'verbosity'), max_output_tokens: 'number',
    ...anything('background', 'conversation', 'context_management', 'include',
        'instructions', 'max_tool_calls', 'metadata', 'parallel_tool_calls',
        'previous_response_id', 'prompt', 'prompt_cache_key',
        'prompt_cache_retention', 'reasoning', 'safety_identifier',
        'service_tier', 'store', 'temperature', 'tool_choice', 'top_logprobs',
        'top_p', 'truncation', 'user'),
};

function responsesQuestion(body) {
    const last = typeof body.input === 'string' ? body.input
        : body.input.at(-1).content;

    return {
        model: body.model, text: textOf(last), picture: pictureOf(last),
        tool: body.tools?.length > 0,
        schema: body.text?.format?.type === 'json_schema',
        stream: body.stream === true,
    };
}

function responsesDocument(answer) {
    const { usage: { input, output, cached, reasoning } } = answer;

    return {
        id: 'resp_1', object: 'response', created_at: 1_780_000_000,
        status: 'completed', error: null, incomplete_details: null,
        instructions: null, max_output_tokens: null,
        model: answer.question.model, output: [item(answer)],
        parallel_tool_calls: true, previous_response_id: null,
        reasoning: { effort: null, summary: null }, store: true,
        service_tier: 'default', temperature: 1, tool_choice: 'auto',
        tools: [], top_p: 1, truncation: 'disabled', user: null, metadata: {},
        text: { format: { type: 'text' } },
        usage: {
            input_tokens: input,
            input_tokens_details: { cached_tokens: cached },
            output_tokens: output,
            output_tokens_details: { reasoning_tokens: reasoning },
            total_tokens: input + output,
        },
    };
}

const outputText = (text) =>
    ({ type: 'output_text', text, annotations: [], logprobs: [] });

const item = (answer) => answer.call
    ? { type: 'function_call', id: 'fc_1', call_id: 'call_1',
        name: TOOL.name, arguments: JSON.stringify(answer.call),
        status: 'completed' }
    : { type: 'message', id: 'msg_1', role: 'assistant',
        status: 'completed', content: [outputText(answer.text)] };

function responsesStream(answer) {
    const whole = responsesDocument(answer);
    const begun = { ...whole, status: 'in_progress', output: [], usage: null };
    const at = { item_id: 'msg_1', output_index: 0, content_index: 0 };
    const events = [
        { type: 'response.created', response: begun },
        { type: 'response.in_progress', response: begun },
        { type: 'response.output_item.added', output_index: 0,
            item: { ...item(answer), status: 'in_progress', content: [] } },
        { type: 'response.content_part.added', ...at, part: outputText('') },
        ...pieces(answer.text).map((delta) => ({
            type: 'response.output_text.delta', ...at, delta, logprobs: [],
        })),
        { type: 'response.output_text.done', ...at, text: answer.text,
            logprobs: [] },
        { type: 'response.content_part.done', ...at,
            part: outputText(answer.text) },
        { type: 'response.output_item.done', output_index: 0,
            item: item(answer) },
        { type: 'response.completed', response: whole },
    ];

    return { type: 'text/event-stream; charset=utf-8',
        events: namedSse(events.map((event, i) =>
            ({ ...event, sequence_number: i }))) };
}


const dotted = (path) => path.map((name) =>
    Number.isInteger(name) ? `[${name}]` : `.${name}`).join('').slice(1);

// [status, message, type, code, param]
const ERRORS = {
    path: (path) => [404, `Invalid URL (POST ${path})`],
    header: () => [401, 'Incorrect API key provided.', undefined,
        'invalid_api_key'],
    media: (type) => [400, `Unsupported content type: '${type}'`],
    unknown: ({ path }) => [400, `Unknown parameter: '${dotted(path)}'.`,
        undefined, 'unknown_parameter', dotted(path)],
    missing: ({ path }) => [400, `Missing required parameter: '${
        dotted(path)}'.`, undefined, 'missing_required_parameter',
    dotted(path)],
    type: ({ path }) => [400, `Invalid type for '${dotted(path)}'.`, undefined,
        'invalid_type', dotted(path)],
    busy: () => [429, 'Rate limit reached for requests.', 'requests',
        'rate_limit_exceeded'],
    away: () => [503, 'The server is overloaded.', 'service_unavailable'],
};

function error(kind, about) {
    const [status, text, type = 'invalid_request_error', code = null,
        param = null] = ERRORS[kind](about);

    return { status, headers: status === 429 ? { 'Retry-After': '1' } : {},
        body: { error: { message: text, type, param, code } } };
}


export const openai = {
    headers: bearer,
    operations: [
        { path: /^\/v1\/chat\/completions$/, schema: chat,
            question: chatQuestion, document: chatDocument,
            stream: chatStream },
        { path: /^\/v1\/responses$/, schema: responses,
            question: responsesQuestion, document: responsesDocument,
            stream: responsesStream },
    ],
    error,
};


// Groq: its usage is in x_groq, too, with the last chunk, whoever asks for it
export const groq = {
    headers: bearer,
    operations: [{
        path: /^\/openai\/v1\/chat\/completions$/,
        schema: {
            ...chat,
            ...anything('citation_options', 'compound_custom', 'documents',
                'disable_tool_validation', 'exclude_domains',
                'include_domains', 'include_reasoning', 'reasoning_format',
                'search_settings'),
        },
        question: chatQuestion,
        document: (answer) => ({ ...chatDocument(answer),
            x_groq: { id: 'req_1' } }),
        stream: (answer) => {
            const chunks = chatChunks(answer);
            const last = { ...chunks.at(-1),
                x_groq: { id: 'req_1', usage: chatUsage(answer) } };
            const usage = answer.question.usage
                ? [{ ...last, choices: [], usage: chatUsage(answer) }] : [];

            return { type: 'text/event-stream', events: [
                ...sse([...chunks.slice(0, -1), last, ...usage]),
                'data: [DONE]\n\n'] };
        },
    }],
    error: (kind, about) => kind === 'unknown'
        ? { status: 400, body: { error: { type: 'invalid_request_error',
            message: `property '${dotted(about.path)}' is unsupported` } } }
        : error(kind, about),
};


// OpenRouter: takes more, always says the usage, and what it has cost
const routed = (answer) => ({ ...chatUsage(answer), cost: 0.00042,
    is_byok: false,
    cost_details: { upstream_inference_cost: null,
        upstream_inference_prompt_cost: 0.00002,
        upstream_inference_completions_cost: 0.0004 } });

export const openrouter = {
    headers: bearer,
    operations: [{
        path: /^\/api\/v1\/chat\/completions$/,
        schema: {
            ...chat,
            ...anything('cache_control', 'debug', 'image_config', 'min_p',
                'models', 'plugins', 'provider', 'reasoning',
                'repetition_penalty', 'route', 'session_id', 'top_a', 'top_k',
                'trace', 'transforms', 'usage'),
        },
        question: chatQuestion,
        document: (answer) => ({ ...chatDocument(answer), provider: 'OpenAI',
            usage: routed(answer) }),
        stream: (answer) => {
            const chunks = chatChunks(answer);

            return { type: 'text/event-stream', events: [
                ': OPENROUTER PROCESSING\n\n',
                ...sse([...chunks, { ...chunks.at(-1), provider: 'OpenAI',
                    choices: [], usage: routed(answer) }]),
                'data: [DONE]\n\n'] };
        },
    }],
    error: (kind, about) => {
        const { status, headers, body } = error(kind, about);

        return { status, headers, body: { error: { code: status,
            message: body.error.message } } };
    },
};
