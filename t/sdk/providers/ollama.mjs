// Ollama, which looks over what it does not know, and streams unless told
// otherwise.
import { PICTURE, TOOL, pieces } from './scenes.mjs';

const lenient = (value) => Object.fromEntries(
    Object.keys(value).map((name) => [name, true]));

const chat = (body) => ({ ...lenient(body), 'model!': 'string',
    'messages!': [(message) => ({ ...lenient(message), 'role!': 'string' })] });

function question(body) {
    const { content, images = [] } = body.messages.at(-1);

    return {
        model: body.model, text: content, picture: images.includes(PICTURE),
        tool: body.tools?.length > 0, schema: body.format?.type === 'object',
        stream: body.stream !== false,
    };
}


const line = (answer, message, more) => ({
    model: answer.question.model, created_at: '2026-11-01T00:00:00.0Z',
    message: { role: 'assistant', content: '', ...message }, done: false,
    ...more,
});

const end = ({ usage: { input, output } }) => ({
    done: true, done_reason: 'stop', total_duration: 4_883_583_458,
    load_duration: 1_334_875, prompt_eval_count: input,
    prompt_eval_duration: 342_546_000, eval_count: output,
    eval_duration: 4_535_599_000,
});

const document = (answer) => line(answer, answer.call
    ? { tool_calls: [{ function: { name: TOOL.name,
        arguments: answer.call } }] }
    : { content: answer.text }, end(answer));

const stream = (answer) => ({
    type: 'application/x-ndjson',
    events: [...pieces(answer.text).map((content) => line(answer, { content })),
        line(answer, {}, end(answer))]
        .map((each) => `${JSON.stringify(each)}\n`),
});


const ERRORS = {
    path: () => [404, '404 page not found'],
    media: () => [400, 'unexpected content type'],
    missing: ({ path }) => [400, `${path.join('.')} is required`],
    type: ({ path }) => [400, `cannot unmarshal ${path.join('.')}`],
    busy: () => [429, 'too many requests'],
    away: () => [503, 'server busy, please try again.'],
};

export const ollama = {
    headers: [],
    operations: [{ path: /^\/api\/chat$/, schema: chat, question, document,
        stream }],
    error: (kind, about) => {
        const [status, text] = ERRORS[kind](about);

        return { status, body: { error: text },
            headers: status === 429 ? { 'Retry-After': '1' } : {} };
    },
};
