// What each dialect says in the documents of an answer: its usage, its text,
// its errors, its end.
import { OPEN, Torn } from './torn.mjs';

const MAX = 1_000_000_000;      // tokens
const NUMBER = /^-?\d+(\.\d+)?([eE]\d+)?$/;
const COMPLAINT_MAX = 1024;     // bytes
const EMPTY_MAX = 4;            // bytes: {}, [], null

const isObject = (value) => typeof value === 'object' && value !== null
    && !Array.isArray(value) && !(value instanceof Torn);
const has = (value) => value !== undefined && value !== null;

// without the mark of an array that was cut
const list = (value) => !Array.isArray(value) ? []
    : has(value.at(-1)?.[OPEN]) ? value.slice(0, -1) : value;
const member = (value, ...path) => path.reduce(
    (at, name) => isObject(at) ? at[name] : undefined, value);
const sum = (values) => values.reduce((all, each) => all + each, 0);

// of a string, in bytes
const size = (value) => typeof value === 'string' ? Buffer.byteLength(value)
    : value instanceof Torn ? value.bytes : 0;

// of a string, or what an object or list has of bytes
function raw(value) {
    if (Array.isArray(value)) {
        return value.at(-1)?.[OPEN] ?? JSON.stringify(value).length;
    }
    return isObject(value)
        ? value[OPEN] ?? Buffer.byteLength(JSON.stringify(value))
        : size(value);
}

// of a string, or of a list of parts, each with some of the members
const parts = (value, ...names) => Array.isArray(value)
    ? sum(value.flatMap((part) => names.map((name) => part?.[name])
        .map((each) => Array.isArray(each) ? parts(each, ...names)
            : size(each))))
    : size(value);

const call = (value) => size(member(value, 'function', 'name'))
    + raw(member(value, 'function', 'arguments'));
const calls = (value) => sum(list(value).map(call));

const isError = (value) => isObject(value) || value === true
    || (typeof value === 'number' && value !== 0) || size(value) > 0
    || list(value).some(isError);

// in whatever clothes
const isFailure = (d) => isError(d.error) || isError(d.errors)
    || typeOf(d) === 'error' || d.object === 'error'
    || (has(member(d, 'base_resp', 'status_code'))
        && Number(d.base_resp.status_code) !== 0);


// The usage objects of an answer: a count replaces an earlier one, a zero
// replaces none.
class Usage {
    #said = {};
    #cache = false;
    #made = {};
    faults = 0;

    // a count of an object: a number, or a string that is one
    count(value) {
        if (!has(value)) {
            return undefined;
        }
        const number = typeof value === 'number' ? value
            : typeof value === 'string' && NUMBER.test(value)
                ? Number(value) : NaN;

        if (!Number.isInteger(number) || number < 0 || number > MAX) {
            this.faults++;
            return undefined;
        }
        return number;
    }

    #replace(into, counts) {
        for (const [name, value] of Object.entries(counts)) {
            if (value > 0 || (value === 0 && into[name] === undefined)) {
                into[name] = value;
            }
        }
    }

    // one object's; input: without what was cached
    add({ input, cacheRead, cacheCreated, completion, ...counts }) {
        const cache = plus(cacheRead, cacheCreated);
        let { prompt } = counts;
        let partial = false;

        if (prompt === undefined) {
            prompt = plus(input, cache);
            partial = !(input > 0) || (!(cache > 0) && this.#cache);
        }
        if (completion === undefined && prompt !== undefined) {
            completion = counts.total === undefined ? undefined
                : Math.max(0, counts.total - prompt);
        }
        const cached = counts.cached ?? cacheRead;

        this.faults += prompt !== undefined && cached > prompt;
        if (partial && !(prompt > (this.#said.prompt ?? -1))) {
            prompt = undefined;
        }
        this.#replace(this.#said, { ...counts, prompt, completion, cached });
        const written = counts.cacheWritten ?? cacheCreated;

        if (written !== undefined) {
            this.#replace(this.#said, { cacheWrite:
                Math.max(0, written - (counts.cacheWrite1h ?? 0)) });
        }
        this.#cache ||= cacheRead > 0 || written > 0;
    }

    // what was said of the completion was only its beginning
    begun() {
        delete this.#said.completion;
    }

    // what tools have used beside
    make({ input, output }) {
        this.#replace(this.#made, { input, output });
    }

    // pieces that were seen
    atLeast(name, number) {
        if (number > (this.#said[name] ?? -1) && number > 0) {
            this.#said[name] = number;
        }
    }

    get counts() {
        const { cacheWritten, ...said } = this.#said;
        const { input, output } = this.#made;
        const within = (name, whole) => {
            if (said[name] > (whole ?? -1)) {
                said[name] = whole ?? -1;
            }
        };

        said.prompt = plus(said.prompt, input);
        said.completion = plus(said.completion, output);
        if (said.total !== undefined) {
            said.total = plus(said.total, plus(input, output));
        }
        if (said.completion !== undefined && said.reasoning > said.completion
            && (said.total ?? -1) - said.reasoning
               < plus(said.prompt, said.completion)) {
            said.completion += said.reasoning;
        }
        within('cached', said.prompt);
        const left = (said.prompt ?? -1) - Math.max(0, said.cached ?? 0);

        within('cacheWrite', left);
        within('cacheWrite1h', left - Math.max(0, said.cacheWrite ?? 0));
        within('audioInput', said.prompt);
        within('imageInput', said.prompt);
        within('audioOutput', said.completion);
        return Object.fromEntries(Object.entries(said)
            .filter(([, value]) => value !== undefined));
    }
}

const plus = (a, b) => a === undefined ? b : b === undefined ? a : a + b;


// OpenAI's chat: prompt_tokens; Responses: input_tokens
function openaiUsage(usage, u) {
    const count = (...path) => usage.count(member(u, ...path));
    const details = (name) =>
        u.prompt_tokens_details ? count('prompt_tokens_details', name)
            : count('input_tokens_details', name);
    const of = (name) =>
        u.completion_tokens_details ? count('completion_tokens_details', name)
            : count('output_tokens_details', name);

    usage.add({
        ...(has(u.prompt_tokens) ? { prompt: count('prompt_tokens') }
            : { input: count('input_tokens') }),
        completion: count('completion_tokens') ?? count('output_tokens'),
        total: count('total_tokens'),
        cached: count('cached_tokens') ?? count('prompt_cache_hit_tokens')
            ?? details('cached_tokens'),
        cacheWritten: details('cache_write_tokens'),
        audioInput: details('audio_tokens'),
        imageInput: details('image_tokens'),
        reasoning: count('reasoning_tokens') ?? of('reasoning_tokens'),
        audioOutput: of('audio_tokens'),
        searches: count('num_search_queries'),
        cost: has(u.cost) ? Math.round(u.cost * 1e9) : undefined,
    });
}

function anthropicUsage(usage, u) {
    const count = (...path) => usage.count(member(u, ...path));
    const short = count('cache_creation', 'ephemeral_5m_input_tokens');
    const lasting = count('cache_creation', 'ephemeral_1h_input_tokens');
    const created = count('cache_creation_input_tokens');
    const of = plus(short, lasting);

    usage.add({
        input: count('input_tokens'),
        completion: count('output_tokens'),
        cacheRead: count('cache_read_input_tokens'),
        cacheCreated: of > (created ?? -1) ? of : created,
        cacheWrite1h: lasting,
        reasoning: count('output_tokens_details', 'thinking_tokens'),
        searches: count('server_tool_use', 'web_search_requests'),
    });
}

function geminiUsage(usage, u) {
    const count = (name) => usage.count(u[name]);
    const modality = (entries, name) => list(entries)
        .filter((entry) => entry?.modality === name)
        .map(({ tokenCount }) => usage.count(tokenCount)).at(-1);
    const prompt = count('promptTokenCount');
    const tools = count('toolUsePromptTokenCount');
    const thoughts = count('thoughtsTokenCount');

    usage.add({
        prompt: prompt === undefined ? undefined : plus(prompt, tools),
        completion: plus(count('candidatesTokenCount'), thoughts),
        total: count('totalTokenCount'),
        cached: count('cachedContentTokenCount'),
        reasoning: thoughts,
        audioInput: modality(u.promptTokensDetails, 'AUDIO'),
        imageInput: modality(u.promptTokensDetails, 'IMAGE'),
        audioOutput: modality(u.candidatesTokensDetails, 'AUDIO'),
    });
}

// what was billed goes before what was counted
function cohereUsage(usage, u) {
    const count = (...path) => usage.count(member(u, ...path));
    const input = count('tokens', 'input_tokens');
    const output = count('tokens', 'output_tokens');

    usage.add({
        input: count('billed_units', 'input_tokens') ?? input,
        completion: count('billed_units', 'output_tokens') ?? output,
        cached: count('cached_tokens'),
        searches: count('billed_units', 'search_units'),
    });
}

function bedrockUsage(usage, u) {
    const count = (name) => usage.count(u[name]);
    const written = (ttl) => list(u.cacheDetails)
        .filter((entry) => entry?.ttl === ttl)
        .map(({ inputTokens }) => usage.count(inputTokens)).at(-1);
    const lasting = written('1h');
    const of = plus(written('5m'), lasting);
    const created = count('cacheWriteInputTokens');

    usage.add({
        input: count('inputTokens'),
        completion: count('outputTokens'),
        total: count('totalTokens'),
        cacheRead: count('cacheReadInputTokens'),
        cacheCreated: of > (created ?? -1) ? of : created,
        cacheWrite1h: lasting,
    });
}

// an object that was cut says nothing
const whole = (u) => isObject(u) && u[OPEN] === undefined;


// Each gives what a document says: { known, finished, last, partial, error,
// streamed, whole } (text in bytes), and adds to usage.

function openaiMessage(m) {
    return isObject(m)
        ? parts(m.content, 'text', 'refusal', 'thinking')
          + size(m.reasoning_content) + size(m.reasoning)
          + size(m.reasoning_text) + size(m.thinking) + size(m.refusal)
          + parts(list(m.reasoning_details), 'text', 'summary')
          + calls(m.tool_calls)
          + size(member(m, 'function_call', 'name'))
          + raw(member(m, 'function_call', 'arguments'))
        : 0;
}

function openaiChat(d, usage) {
    const choices = list(d.choices);
    const finish = choices.map((choice) => choice?.finish_reason);

    for (const u of [...choices.map((choice) => choice?.usage),
        member(d, 'x_groq', 'usage'), d.usage]) {
        if (whole(u)) {
            openaiUsage(usage, u);
        }
    }
    return {
        known: has(d.choices) || has(d.usage) || has(d.x_groq),
        finished: finish.some((reason) => size(reason) > 0),
        error: finish.some((reason) => /^error/i.test(reason))
            || choices.some((choice) => isError(choice?.error))
            || isError(member(d, 'x_groq', 'error')),
        partial: choices.some((choice) => isObject(choice?.delta)),
        streamed: sum(choices.map((choice) => openaiMessage(choice?.delta)
            + size(choice?.text))),
        whole: sum(choices.map((choice) => openaiMessage(choice?.message))),
    };
}

function responsesItem(item) {
    return isObject(item)
        ? parts(item.content, 'text', 'refusal')
          + parts(list(item.summary), 'text')
          + size(item.name) + raw(item.arguments)
        : 0;
}

function openaiResponses(d, usage) {
    const inner = isObject(d.response) ? d.response : d;
    const searches = list(inner.output)
        .filter((item) => item?.type === 'web_search_call').length;

    if (whole(inner.usage)) {
        openaiUsage(usage, inner.usage);
    }
    if (whole(inner.tool_usage)) {
        const { image_gen: made, web_search: web } = inner.tool_usage;

        usage.add({ searches: usage.count(member(web, 'num_requests')) });
        usage.make({ input: usage.count(member(made, 'input_tokens')),
            output: usage.count(member(made, 'output_tokens')) });
    }
    usage.atLeast('searches', searches);
    return {
        known: ['response', 'output', 'item', 'part', 'delta', 'text',
            'usage', 'tool_usage'].some((name) => has(d[name])),
        last: ['response.completed', 'response.incomplete', 'response.failed']
            .includes(typeOf(d)),
        error: typeOf(d) === 'response.failed' || isError(d.response?.error)
            || ['failed', 'error'].includes(d.status)
            || ['failed', 'error'].includes(d.response?.status),
        streamed: size(d.delta) + (typeOf(d) ? 0 : size(d.text)),
        whole: sum(list(inner.output).map(responsesItem))
            + responsesItem(d.item) + size(member(d, 'part', 'text'))
            + (typeOf(d) ? size(d.text) : 0),
    };
}

// a text that was cut, too
const typeOf = (d) => d.type instanceof Torn ? d.type.text
    : typeof d.type === 'string' ? d.type : '';

function vectors(d, usage) {
    if (whole(d.usage)) {
        openaiUsage(usage, d.usage);
    }
    return { known: has(d.usage)
        || list(d.data).some((each) => has(each?.embedding)) };
}

function anthropicPart(part) {
    return isObject(part)
        ? size(part.text) + size(part.thinking) + size(part.name)
          + raw(part.input)
        : 0;
}

function anthropic(d, usage) {
    const { delta, message } = d;

    for (const u of [member(message, 'usage'), d.usage]) {
        if (whole(u)) {
            anthropicUsage(usage, u);
        }
    }
    return {
        known: ['delta', 'content', 'content_block', 'usage', 'role',
            'stop_reason'].some((name) => has(d[name])) || isObject(message),
        finished: size(member(delta, 'stop_reason')) > 0
            || size(d.stop_reason) > 0,
        last: typeOf(d) === 'message_stop',
        partial: isObject(delta),
        streamed: size(member(delta, 'text')) + size(member(delta, 'thinking'))
            + size(member(delta, 'partial_json'))
            + anthropicPart(d.content_block),
        whole: sum(list(d.content).map(anthropicPart)),
    };
}

function geminiPart(part) {
    return size(part?.text) + size(member(part, 'functionCall', 'name'))
        + raw(member(part, 'functionCall', 'args'));
}

function gemini(d, usage) {
    const candidates = list(d.candidates);

    if (whole(d.usageMetadata)) {
        geminiUsage(usage, d.usageMetadata);
    }
    return {
        known: has(d.candidates) || has(d.usageMetadata)
            || has(d.promptFeedback),
        finished: candidates.some((each) => size(each?.finishReason) > 0),
        streamed: sum(candidates.flatMap((each) =>
            list(member(each, 'content', 'parts')).map(geminiPart))),
        whole: 0,
    };
}

function cohere(d, usage) {
    const { message } = d;
    const delta = member(d, 'delta', 'message');
    const text = (m) => isObject(m)
        ? (isObject(m.content) ? size(m.content.text) + size(m.content.thinking)
            : parts(m.content, 'text', 'thinking'))
          + size(m.tool_plan)
          + (isObject(m.tool_calls)
              ? call(m.tool_calls) : calls(m.tool_calls))
        : 0;

    for (const u of [member(d, 'delta', 'usage'), d.usage]) {
        if (whole(u)) {
            cohereUsage(usage, u);
        }
    }
    const reasons = [d.finish_reason, member(d, 'delta', 'finish_reason')];

    return {
        known: ['delta', 'usage', 'finish_reason'].some((name) => has(d[name]))
            || isObject(message),
        finished: reasons.some((reason) => size(reason) > 0),
        last: typeOf(d) === 'message-end',
        error: reasons.some((reason) => /^error/i.test(reason)),
        partial: isObject(d.delta),
        streamed: text(delta) + text(message),
        whole: 0,
    };
}

function ollama(d, usage) {
    const { message } = d;

    if (whole(d) && (has(d.prompt_eval_count) || has(d.eval_count))) {
        usage.add({ prompt: usage.count(d.prompt_eval_count),
            completion: usage.count(d.eval_count) });
    }
    return {
        known: ['response', 'thinking', 'done', 'done_reason',
            'prompt_eval_count', 'eval_count'].some((name) => has(d[name]))
            || isObject(message),
        finished: d.done === true || size(d.done_reason) > 0,
        last: d.done === true,
        partial: d.done === false,
        streamed: size(d.response) + size(d.thinking)
            + size(member(message, 'content'))
            + size(member(message, 'thinking'))
            + calls(member(message, 'tool_calls')),
        whole: 0,
    };
}

function bedrockPart(part) {
    return size(member(part, 'text'))
        + size(member(part, 'reasoningContent', 'text'))
        + size(member(part, 'reasoningContent', 'reasoningText', 'text'))
        + size(member(part, 'toolUse', 'name'))
        + raw(member(part, 'toolUse', 'input'));
}

function bedrock(d, usage) {
    if (whole(d.usage)) {
        bedrockUsage(usage, d.usage);
    }
    return {
        known: ['output', 'usage', 'delta', 'start', 'role', 'stopReason',
            'metrics', 'contentBlockIndex', 'serviceTier']
            .some((name) => has(d[name])),
        finished: size(d.stopReason) > 0,
        partial: isObject(d.delta),
        streamed: bedrockPart(d.start) + bedrockPart(d.delta),
        whole: sum(list(member(d, 'output', 'message', 'content'))
            .map(bedrockPart)),
    };
}

const READERS = {
    openai: { chat: openaiChat, completions: openaiChat,
        responses: openaiResponses, embeddings: vectors },
    anthropic: { messages: anthropic },
    gemini: { generate: gemini },
    mistral: { chat: openaiChat },
    cohere: { chat: cohere },
    ollama: { chat: ollama, generate: ollama },
    bedrock: { converse: bedrock },
};

// events of these families are known without a member that is
const FAMILIES =
    /^(response\.|message|content|ping|tool-|citation|error)/i;


// what all documents say
export function readAnswer(dialect, operation, frames, bytes) {
    const read = READERS[dialect][operation];
    const usage = new Usage();
    const answer = { bytes, page: frames.framing === 'page',
        error: frames.error ?? false, finished: frames.done ?? false,
        known: false, faults: frames.faults ?? 0, closed: false,
        unreadable: frames.framing === 'opaque' ? bytes : 0 };
    let streamed = 0;
    let whole = 0;
    let closed = false;

    for (const each of frames.documents) {
        const d = isObject(each.value) ? each.value : {};
        const found = read(d, usage);
        if (typeOf(d) === 'message_start') {
            usage.begun();
        }
        const error = found.error || isFailure(d);
        const known = found.known || error || has(d.base_resp);

        streamed += found.streamed ?? 0;
        whole = Math.max(whole, found.whole ?? 0);
        answer.error ||= error;
        answer.finished ||= found.finished || (found.last && !each.fault);
        answer.faults += each.fault;
        if (known || FAMILIES.test(typeOf(d))) {
            answer.known = true;
            answer.unreadable += each.behind;
        } else if (isComplaint(d, each)) {
            answer.error = true;
            answer.known = true;
            answer.unreadable += each.behind;
        } else if (!each.excused && (each.fault || each.bytes > EMPTY_MAX)) {
            answer.unreadable += each.bytes;
        }
        closed = !found.partial && !each.fault;
    }
    if (frames.framing === 'documents') {
        answer.finished ||= frames.array ? frames.closed : closed;
    }
    if (frames.framing === 'events' && isUsageChunk(frames.documents.at(-1))) {
        answer.finished ||= usage.counts.completion > 0;
    }
    return { ...answer, faults: answer.faults + usage.faults,
        text: Math.max(streamed, whole), usage: usage.counts };
}


// the last event that OpenAI's chat has before [DONE], which some do not send
const CHUNK = ['id', 'object', 'created', 'model', 'choices', 'usage',
    'x_groq'];

const isUsageChunk = (last) => last !== undefined && !last.fault
    && list(last.value?.choices).length === 0
    && Array.isArray(last.value?.choices) && isObject(last.value.usage)
    && Object.keys(last.value).every((name) => CHUNK.includes(name));


// a short document of nobody's that says why there is no answer
function isComplaint(d, { bytes, fault }) {
    return d.success === false
        || (bytes <= COMPLAINT_MAX && !fault
            && [d.message, d.detail, d.msg, d.error_msg, d.error_message]
                .some((complaint) => size(complaint) > 0));
}
