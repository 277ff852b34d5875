// A question to the provider: what it may cost, and the form in which it is
// passed on.

const UNIT = 1000;             // tokens a credit
const MAX_OUTPUT = 4096;       // tokens, when the question names no limit


// tokens into credits
export function price(tokens) {
    return Math.ceil(tokens / UNIT);
}


function promptTokens(messages) {
    const characters = messages.reduce((sum, { content }) =>
        sum + (content?.length ?? 0), 0);

    return Math.ceil(characters / 4) + 4 * messages.length;
}


// Throws when the bytes are no question.  hidesUsage: the client did not ask
// for the usage chunk that `body` asks for.
export function parseQuestion(bytes) {
    const question = JSON.parse(bytes.toString('utf8'));
    const { model, messages, stream, stream_options: options } = question;
    const limit = question.max_completion_tokens ?? question.max_tokens
        ?? MAX_OUTPUT;

    if (stream === true) {
        question.stream_options = { ...options, include_usage: true };
    }

    return {
        model,
        want: Math.max(price(promptTokens(messages) + limit), 1),
        hidesUsage: stream === true && options?.include_usage !== true,
        body: stream === true ? Buffer.from(JSON.stringify(question)) : bytes,
    };
}
