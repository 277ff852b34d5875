// What the stand-in says, and what it counts.

const ENGLISH = `**Credits** pay for every answer:

- 1 credit is 1000 tokens, question and answer together, rounded up.
- The package that expires first is spent first.
- An answer that never came costs nothing.

\`\`\`js
const credits = Math.ceil((input + output) / 1000);
\`\`\`

You see the price below each answer, and all of them in your history.`;

const CHINESE = `每个回答都用**积分**支付：

- 1 积分 = 1000 tokens，提问与回答合计，向上取整。
- 优先消耗最快过期的积分包。
- 没有得到的回答不扣积分。

\`\`\`js
const credits = Math.ceil((input + output) / 1000);
\`\`\`

每个回答的下方会显示消耗的积分，全部记录可以在消费记录中查看。`;

const tokens = (text) => Math.ceil(Buffer.byteLength(text) / 4);


// the text of a message's content, a string or an array of parts
export function textOf(content) {
    if (typeof content === 'string') {
        return content;
    }
    if (Array.isArray(content)) {
        return content.map((part) => part?.text ?? '').join('');
    }
    return '';
}


export function lastUserText(body) {
    const message = body.messages.findLast?.((each) => each?.role === 'user');

    return textOf(message?.content);
}


// cut so that it has at most this many tokens, at the end of a character
function shorten(text, limit) {
    const bytes = Buffer.from(text).subarray(0, limit * 4);

    return new TextDecoder().decode(bytes, { stream: true });
}


// without a count: about a word each
function pieces(text, count) {
    if (count === undefined) {
        return text.match(/\s*\S{1,12}|\s+$/gu) ?? [];
    }

    const whole = [...(text || ' ')];
    const times = Math.ceil(count / whole.length) || 1;
    const characters = Array(times).fill(whole).flat();
    const border = (i) => Math.floor(i * characters.length / count);

    return Array.from({ length: count },
        (_, i) => characters.slice(border(i), border(i + 1)).join(''));
}


// { deltas, finish, usage }; usage is what to send: an object, null or
// undefined for none
export function compose(body, orders) {
    const question = lastUserText(body);
    const limit = body.max_completion_tokens ?? body.max_tokens;
    let text = orders.text
        ?? (/\p{Script=Han}/u.test(question) ? CHINESE : ENGLISH);
    let finish = 'stop';
    let deltas;

    if (orders.bytes !== undefined) {
        deltas = Array(orders.chunks ?? 1).fill('x'.repeat(orders.bytes));
        text = deltas.join('');

    } else {
        if (Number.isInteger(limit) && tokens(text) > limit) {
            text = shorten(text, limit);
            finish = 'length';
        }
        deltas = pieces(text, orders.chunks);
        text = deltas.join('');
    }

    return { deltas, finish, usage: usageOf(body, text, orders) };
}


function usageOf(body, text, orders) {
    if (orders.usage === 'none') {
        return undefined;
    }
    if (orders.usage === 'null') {
        return null;
    }

    const prompt = orders.usage?.prompt ?? body.messages.reduce(
        (sum, message) => sum + 4 + tokens(textOf(message?.content)), 0);
    const completion = orders.usage?.completion ?? tokens(text);

    return {
        prompt_tokens: prompt,
        completion_tokens: completion,
        total_tokens: orders.total ?? prompt + completion,
        prompt_tokens_details: {
            cached_tokens: orders.cached ?? 0, audio_tokens: 0,
        },
        completion_tokens_details: {
            reasoning_tokens: 0, audio_tokens: 0,
            accepted_prediction_tokens: 0, rejected_prediction_tokens: 0,
        },
    };
}
