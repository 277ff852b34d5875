// A provider that keeps to its word: it counts what it was sent, obeys the
// limit, and says what it used.
import { createServer } from 'node:http';
import { once } from 'node:events';

const PICTURE = 1600;


// characters of everything that is text, and pictures
function measure(value, found) {
    if (typeof value === 'string') {
        if (value.startsWith('data:')) {
            found.pictures++;
        } else {
            found.characters += value.length;
        }
    } else if (value !== null && typeof value === 'object') {
        for (const [name, member] of Object.entries(value)) {
            if (['id', 'type', 'role', 'media_type'].includes(name)) {
                continue;
            }
            if (name === 'image_url' || name === 'source') {
                found.pictures++;
                continue;
            }
            if (!Array.isArray(value)) {
                found.characters += name.length;
            }
            measure(member, found);
        }
    }
    return found;
}

// tokens of text as its model would count them: a few less than four bytes
// make one, never more
const tokens = ({ characters, pictures }) =>
    Math.floor(characters / 5) + pictures * PICTURE;


const promptOf = (body) => tokens(measure(
    [body.messages, body.input, body.system,
        body.tools?.map((tool) => JSON.stringify(tool)), body.response_format,
        body.contents, body.systemInstruction],
    { characters: 0, pictures: 0 }));

// what each answers: the limit and count of choices that it obeys, and usage
const KINDS = {
    chat: {
        limit: (body) => body.max_completion_tokens ?? body.max_tokens,
        choices: (body) => body.n ?? 1,
        usage: (prompt, completion) => ({
            choices: [{ message: { content: 'x' }, finish_reason: 'stop' }],
            usage: {
                prompt_tokens: prompt, completion_tokens: completion,
                total_tokens: prompt + completion,
            },
        }),
    },
    responses: {
        limit: (body) => body.max_output_tokens,
        choices: () => 1,
        usage: (prompt, completion) => ({
            object: 'response', status: 'completed', output: [],
            usage: {
                input_tokens: prompt, output_tokens: completion,
                total_tokens: prompt + completion,
            },
        }),
    },
    messages: {
        limit: (body) => body.max_tokens,
        choices: () => 1,
        usage: (prompt, completion) => ({
            type: 'message', content: [], stop_reason: 'end_turn',
            usage: { input_tokens: prompt, output_tokens: completion },
        }),
    },
    generate: {
        limit: (body) => body.generationConfig?.maxOutputTokens,
        choices: (body) => body.generationConfig?.candidateCount ?? 1,
        usage: (prompt, completion) => ({
            candidates: [{ finishReason: 'STOP' }],
            usageMetadata: {
                promptTokenCount: prompt, candidatesTokenCount: completion,
                totalTokenCount: prompt + completion,
            },
        }),
    },
};

const kindOf = (path) =>
    path.includes(':generate') ? KINDS.generate
        : path.endsWith('/messages') ? KINDS.messages
            : path.endsWith('/responses') ? KINDS.responses : KINDS.chat;


// random: see ../chaos/random.mjs; without a limit an answer may be endless
export class Honest {
    #server;
    answered = 0;

    static async start(random) {
        const honest = new Honest();

        honest.#server = createServer(async (request, response) => {
            const pieces = await request.toArray();
            const body = JSON.parse(Buffer.concat(pieces));
            const kind = kindOf(request.url);
            const limit = kind.limit(body) ?? 1_000_000;
            // often as long as it may be
            const length = random.between(0, 1) === 1 ? limit
                : random.between(0, limit);

            honest.answered++;
            response.setHeader('content-type', 'application/json');
            response.end(JSON.stringify(
                kind.usage(promptOf(body), length * kind.choices(body))));
        });
        honest.#server.listen(0, '127.0.0.1');
        await once(honest.#server, 'listening');
        return honest;
    }

    get port() {
        return this.#server.address().port;
    }

    async close() {
        this.#server.closeAllConnections();
        await new Promise((resolve) => this.#server.close(resolve));
    }
}
