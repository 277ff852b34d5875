// An answer as the bytes of Chat Completions: one JSON document, or
// server-sent events.
import { randomBytes } from 'node:crypto';
import { compose } from './answer.mjs';

const base = (body, object) => ({
    id: `chatcmpl-${randomBytes(12).toString('hex')}`,
    object,
    created: Math.floor(Date.now() / 1000),
    model: body.model ?? 'stand-in',
    service_tier: 'default',
    system_fingerprint: 'fp_stand_in',
});


export const errorBody = (message, type, code = null) =>
    JSON.stringify({ error: { message, type, param: null, code } });


function document(body, orders) {
    const { deltas, finish, usage } = compose(body, orders);

    return JSON.stringify({
        ...base(body, 'chat.completion'),
        choices: [{
            index: 0,
            message: {
                role: 'assistant', content: deltas.join(''), refusal: null,
                annotations: [],
            },
            logprobs: null,
            finish_reason: finish,
        }],
        usage,
    }, null, 2);
}


// the payload of each event, without its framing
function* payloads(body, orders) {
    const { deltas, finish, usage } = compose(body, orders);
    const common = base(body, 'chat.completion.chunk');
    const metered = body.stream_options?.include_usage === true
        && usage !== undefined;

    const chunk = (choices, counted = null) => JSON.stringify({
        ...common,
        choices,
        ...(metered && { usage: counted }),
        ...(orders.obfuscation
            && { obfuscation: randomBytes(6).toString('base64url') }),
    });
    const delta = (content, reason = null) => chunk([
        { index: 0, delta: content, logprobs: null, finish_reason: reason },
    ]);

    yield delta({ role: 'assistant', content: '', refusal: null });

    for (const [i, content] of deltas.entries()) {
        if (orders.error === 'midstream' && i * 2 >= deltas.length) {
            yield errorBody('The server had an error while processing your'
                + ' request.', 'server_error');
            return;
        }
        yield delta({ content });
    }

    if (orders.truncate) {
        return;
    }

    yield delta({}, finish);
    if (metered) {
        yield chunk([], usage);
    }
    yield '[DONE]';
}


function* events(body, orders) {
    const eol = orders.crlf ? '\r\n' : '\n';
    const field = orders.nospace ? 'data:' : 'data: ';

    for (const payload of payloads(body, orders)) {
        const bare = payload === '[DONE]' && orders.finalnewline === 'no';

        yield Buffer.from((orders.comments ? `: PROCESSING${eol}${eol}` : '')
            + field + payload + (bare ? '' : eol + eol));
    }
}


// the body in the parts that are sent with a delay between them
export function* parts(body, orders) {
    if (orders.raw !== undefined) {
        yield orders.raw;

    } else if (body.stream === true) {
        yield* events(body, orders);

    } else {
        const bytes = Buffer.from(document(body, orders));
        const half = bytes.length >> 1;

        yield bytes.subarray(0, half);
        if (!orders.truncate) {
            yield bytes.subarray(half);
        }
    }
}
