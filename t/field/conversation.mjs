// Answers of every dialect that a seed repeats: whole ones and broken ones,
// with the usage and the failures that providers are known for.
import { message, written, Literal } from './wire.mjs';

const WORDS = ['grey gulls', 'über', 'naïve', '海は', '🐟', '🌊🪸',
    'a "quoted" one', 'C:\\sea', 'line\nline', '\ttab', '</b>', '\u2028',
    '\u0001', 'data: x', '{"a":1}', '[DONE]', 'e\u0301', ' ', '0', '\ud83d'];

export const OPERATIONS = {
    openai: { chat: 50, completions: 10, responses: 30, embeddings: 10 },
    anthropic: { messages: 1 },
    gemini: { generate: 1 },
    mistral: { chat: 1 },
    cohere: { chat: 1 },
    ollama: { chat: 2, generate: 1 },
    bedrock: { converse: 1 },
};


class Conversation {
    #random;

    constructor(dialect, random) {
        this.#random = random;
        this.dialect = dialect;
        this.operation = random.weighted(OPERATIONS[dialect]);
        this.output = this.operation !== 'embeddings';
        this.prompt = random.chance(5) ? 0 : random.between(1, 3000);
        this.hidden = random.chance(15) ? random.between(1, 5000) : 0;
        this.capture = random.chance(15);
        this.seed = random.chance(10) ? 0 : random.between(1, 2 ** 31);
        this.end = random.weighted({ whole: 70, cut: 15, left: 15 });
        this.#write();
    }

    #write() {
        const r = this.#random;
        const kind = r.weighted({ answer: 86, error: 5, odd: 9 });

        this.#counts = this.#usage();
        if (kind === 'odd') {
            this.#odd();
        } else {
            this.#framed(kind === 'error' ? [this.#error()]
                : this.#answer());
        }
        if ((this.end === 'cut' && r.chance(90))
            || (this.end === 'left' && r.chance(70))) {
            const { length } = this.body;

            // usage stands at the end
            this.body = this.body.subarray(0, r.chance(60)
                ? r.between(0, length)
                : r.between(Math.max(0, length - 250), length));
        }
        if (r.chance(6)) {
            this.label = r.pick(['none', 'json', 'events', 'text']);
        } else if (r.chance(1)) {
            this.label = 'encoded';
        }
    }

    #counts;

    // --- what is said

    #text(words = 12) {
        const r = this.#random;

        return Array.from({ length: r.between(0, words) },
            () => r.pick(WORDS)).join(r.chance(80) ? ' ' : '');
    }

    #reasoning() {
        return this.#random.chance(30) ? this.#text() : undefined;
    }

    // arguments as an object; written without blanks
    #arguments() {
        const r = this.#random;

        return new Literal(JSON.stringify(Object.fromEntries(
            Array.from({ length: r.between(0, 3) }, (_, i) =>
                [`k${i}`, r.pick([this.#text(3), 7, true, null, [1, { a: 'b' }],
                    { deep: { er: [] } }])]))));
    }

    // a list of what stands in a message, in its order
    #content() {
        const r = this.#random;
        const list = [];
        const reasoning = this.#reasoning();

        if (reasoning !== undefined) {
            list.push({ reasoning });
        }
        if (r.chance(85)) {
            list.push({ text: this.#text() });
        }
        if (r.chance(20)) {
            list.push({ tool: r.pick(['fn', 'get_weather', 'lösche']),
                args: this.#arguments() });
        }
        return list;
    }

    // a text in several, as a stream has it
    #pieces(text) {
        const list = [];

        for (let at = 0; at < text.length;) {
            let size = this.#random.between(1, 24);

            // a character stays whole, since a text is written as UTF-8
            if (/[\ud800-\udbff]/.test(text[at + size - 1])) {
                size++;
            }
            list.push(text.slice(at, at + size));
            at += size;
        }
        return list;
    }

    // --- usage

    #usage() {
        const r = this.#random;
        const mode = r.weighted({ said: 58, none: 8, null: 4, zeros: 6,
            promptOnly: 4, completionZero: 4, promptZero: 3, growing: 6,
            zeroBehind: 4, broken: 3 });
        const counts = { mode, prompt: r.between(1, 20000),
            completion: r.between(1, 9000) };

        if (r.chance(30)) {
            counts.cached = r.between(0, counts.prompt);
        }
        if (r.chance(15)) {
            counts.written = r.between(0, counts.prompt - (counts.cached ?? 0));
            counts.lasting = r.between(0, counts.written);
        }
        if (r.chance(30)) {
            counts.reasoning = r.between(0, counts.completion);
        } else if (r.chance(4)) {
            counts.reasoning = counts.completion + r.between(1, 500);
        }
        if (mode === 'zeros') {
            counts.prompt = counts.completion = 0;
        } else if (mode === 'promptOnly') {
            delete counts.completion;
        } else if (mode === 'completionZero') {
            counts.completion = 0;
        } else if (mode === 'promptZero') {
            counts.prompt = 0;
        }
        if (['zeros', 'promptOnly', 'completionZero', 'promptZero']
            .includes(mode)) {
            for (const part of ['cached', 'written', 'lasting', 'reasoning']) {
                delete counts[part];
            }
        }
        counts.total = r.chance(75);
        counts.form = r.weighted({ plain: 85, point: 5, exponent: 3, text: 7 });
        return counts;
    }

    // a count as it is written
    #number(n) {
        const r = this.#random;

        if (n === undefined || n === null) {
            return n;
        }
        if (this.#counts.mode === 'broken' && r.chance(40)) {
            return r.pick([-n - 1, n + 0.5, `${n} `, 'many', true, [n],
                2_000_000_000, new Literal(`${n}.25`), '']);
        }
        switch (this.#counts.form) {
        case 'point':
            return new Literal(`${n}.0`);
        case 'exponent':
            return n % 100 === 0 ? new Literal(`${n / 100}e2`) : n;
        case 'text':
            return `${n}`;
        default:
            return n;
        }
    }

    // with all numbers as they are written, without members that are absent
    #object(members) {
        return Object.fromEntries(Object.entries(members)
            .filter(([, value]) => value !== undefined)
            .map(([name, value]) => [name, typeof value === 'number'
                ? this.#number(value) : value]));
    }

    // of a dialect; scale: how much of it so far, behind: zeros come after it
    #said(share = 1) {
        const c = this.#counts;
        const part = (n) => n === undefined ? undefined : Math.floor(n * share);

        return this.#shape({ ...c, completion: part(c.completion),
            reasoning: part(c.reasoning) });
    }

    #shape(c) {
        const { dialect, operation } = this;

        if (c.mode === 'none') {
            return undefined;
        }
        if (c.mode === 'null') {
            return null;
        }
        switch (dialect) {
        case 'anthropic':
            return this.#anthropicUsage(c);
        case 'gemini':
            return this.#geminiUsage(c);
        case 'cohere':
            return this.#cohereUsage(c);
        case 'ollama':
            return this.#object({ prompt_eval_count: c.prompt,
                eval_count: c.completion });
        case 'bedrock':
            return this.#bedrockUsage(c);
        default:
            return operation === 'responses' ? this.#responsesUsage(c)
                : this.#openaiUsage(c);
        }
    }

    #openaiUsage(c) {
        const r = this.#random;
        const prompts = this.#object({ cached_tokens: c.cached,
            cache_write_tokens: c.written,
            audio_tokens: r.chance(5) ? r.between(0, 100) : undefined,
            image_tokens: r.chance(5) ? r.between(0, 100) : undefined });
        const completions = this.#object({ reasoning_tokens: c.reasoning,
            audio_tokens: r.chance(5) ? r.between(0, 100) : undefined });
        const flat = r.chance(10);

        return this.#object({
            prompt_tokens: c.prompt,
            completion_tokens: this.output ? c.completion : undefined,
            total_tokens: c.total
                ? c.prompt + (this.output ? c.completion ?? 0 : 0) : undefined,
            ...(flat ? { cached_tokens: c.cached,
                reasoning_tokens: c.reasoning }
                : { prompt_tokens_details: some(prompts),
                    completion_tokens_details: some(completions) }),
            num_search_queries: r.chance(4) ? r.between(0, 9) : undefined,
            cost: r.chance(8) ? new Literal(`0.00${r.between(1, 9999)}`)
                : undefined,
        });
    }

    #responsesUsage(c) {
        return this.#object({ input_tokens: c.prompt,
            input_tokens_details: this.#object({
                cached_tokens: c.cached ?? 0 }),
            output_tokens: c.completion,
            output_tokens_details: this.#object({
                reasoning_tokens: c.reasoning ?? 0 }),
            total_tokens: c.total ? c.prompt + (c.completion ?? 0)
                : undefined });
    }

    #anthropicUsage(c) {
        const r = this.#random;
        const cached = c.cached ?? 0;
        const written = c.written ?? 0;

        return this.#object({
            input_tokens: c.prompt - cached - written,
            cache_read_input_tokens: c.cached,
            cache_creation_input_tokens: c.written,
            cache_creation: c.written === undefined || r.chance(40) ? undefined
                : this.#object({
                    ephemeral_5m_input_tokens: c.written - c.lasting,
                    ephemeral_1h_input_tokens: c.lasting }),
            output_tokens: c.completion,
            output_tokens_details: c.reasoning === undefined ? undefined
                : this.#object({ thinking_tokens: c.reasoning }),
            server_tool_use: r.chance(5) ? this.#object({
                web_search_requests: r.between(0, 4) }) : undefined,
        });
    }

    #geminiUsage(c) {
        const r = this.#random;
        const tools = r.chance(10) ? r.between(0, 500) : undefined;
        const thoughts = c.reasoning;

        return this.#object({
            promptTokenCount: c.prompt,
            candidatesTokenCount: c.completion,
            thoughtsTokenCount: thoughts,
            toolUsePromptTokenCount: tools,
            cachedContentTokenCount: c.cached,
            totalTokenCount: c.total ? c.prompt + (c.completion ?? 0)
                + (thoughts ?? 0) + (tools ?? 0) : undefined,
            promptTokensDetails: r.chance(30)
                ? [this.#object({ modality: 'TEXT', tokenCount: 1 }),
                    this.#object({ modality: r.pick(['AUDIO', 'IMAGE']),
                        tokenCount: r.between(0, c.prompt) })] : undefined,
        });
    }

    #cohereUsage(c) {
        const r = this.#random;
        const billed = this.#object({ input_tokens: c.prompt,
            output_tokens: c.completion,
            search_units: r.chance(8) ? r.between(0, 3) : undefined });
        const tokens = this.#object({
            input_tokens: c.prompt + r.between(0, 300),
            output_tokens: c.completion });

        return this.#object({ billed_units: r.chance(85) ? billed : undefined,
            tokens: r.chance(85) ? tokens : undefined,
            cached_tokens: c.cached });
    }

    #bedrockUsage(c) {
        const cached = c.cached ?? 0;
        const written = c.written ?? 0;
        const input = c.prompt - cached - written;

        return this.#object({
            inputTokens: input,
            outputTokens: c.completion,
            totalTokens: c.total ? c.prompt + (c.completion ?? 0) : undefined,
            cacheReadInputTokens: c.cached,
            cacheWriteInputTokens: c.written,
            cacheDetails: c.written === undefined || this.#random.chance(50)
                ? undefined
                : [this.#object({ inputTokens: c.written - c.lasting,
                    ttl: '5m' }),
                this.#object({ inputTokens: c.lasting, ttl: '1h' })],
        });
    }

    // --- failures

    #error() {
        const r = this.#random;
        const text = r.pick(['the queue is full', 'überlastet']);
        const common = [{ error: { code: 503, message: text } },
            { error: text }, { error: {} }, { type: 'error',
                error: { type: 'overloaded_error', message: text } },
            { error: true }, { errors: [{ message: text }] },
            { object: 'error', message: text, code: 400 },
            { base_resp: { status_code: 1004, status_msg: text } }];
        const own = {
            openai: [{ detail: text }, { message: text, code: 404 }],
            cohere: [{ message: text }, { id: 'x', message: text }],
            gemini: [{ error: { code: 503, status: 'UNAVAILABLE' } }],
        };
        const choice = [{ choices: [{ index: 0, message: { content: '' },
            finish_reason: 'error', error: { code: 503 } }] }];

        return r.pick([...common, ...(own[this.dialect] ?? []),
            ...(['chat', 'completions'].includes(this.operation)
                && ['openai', 'mistral'].includes(this.dialect)
                ? choice : [])]);
    }

    // bodies that are no answer of the dialect's
    #odd() {
        const r = this.#random;
        const kind = r.weighted({ empty: 2, blank: 1, html: 2, text: 2,
            unknown: 3, tiny: 1, broken: 3, done: 1, errorLine: 2, pings: 1 });

        this.label = r.pick(['json', 'events', 'text', 'none']);
        switch (kind) {
        case 'empty':
            this.body = Buffer.alloc(0);
            break;
        case 'blank':
            this.body = Buffer.from('\n\n \n');
            break;
        case 'html':
            this.body = Buffer.from(
                `<html><h1>502</h1>${this.#text(40)}</html>`);
            break;
        case 'text':
            this.body = Buffer.from(`Internal Server Error ${this.#text(9)}`);
            break;
        case 'unknown':
            this.#framed([{ v: 1, result: { generated: this.#text(40) } }]);
            break;
        case 'tiny':
            this.body = Buffer.from(r.pick(['{}', '[]', 'data: {}\n\n',
                'data: null\n\ndata: []\n\n', '{ }', 'null']));
            break;
        case 'broken':
            this.#broken();
            break;
        case 'done':
            this.body = Buffer.from('data: [DONE]\n\n');
            break;
        case 'errorLine':
            this.body = Buffer.from(r.pick([
                'error: {"code":413,"message":"no"}\n\n',
                'event: error\ndata: {"foo":"bar"}\n\n',
                'event:error\ndata: {"message":"busy"}\n\ndata: [DONE]\n\n']));
            break;
        default:
            this.body = Buffer.from(': ping\n\n: ping\n\nevent: ping\n\n');
            break;
        }
    }

    // a fault in one of its documents
    #broken() {
        const r = this.#random;
        const list = this.#answer();
        const at = r.between(0, list.length - 1);

        if (list.length === 0) {
            this.#framed(list);
            return;
        }
        const text = written(list[at], r);

        if (text.includes('\ud83d')) {
            this.#framed(list);
            return;
        }
        list[at] = new Literal(r.pick([
            text.replace(/}$/, ',}'),
            text.replace(/":/, '":-Infinity,"x":'),
            `${text} xyz`,
            text.slice(0, text.length / 2 | 0) + ']]',
            `${text.slice(0, -1)},"n":NaN}`,
        ]));
        this.#framed(list);
    }

    // --- bodies

    // documents in the dialect's framing
    #framed(list) {
        const r = this.#random;
        const stream = this.streamed ?? r.chance(50);
        const write = (each) => written(each, r,
            !(this.dialect === 'ollama' && stream));

        if (this.dialect === 'bedrock' && stream) {
            this.label ??= 'none';
            this.body = Buffer.concat(list.map((each) =>
                message(write(each), r)));
        } else if (this.dialect === 'ollama' && stream) {
            this.label ??= r.pick(['json', 'none']);
            this.body = Buffer.from(list.map((each) => `${write(each)}\n`)
                .join(''));
        } else if (this.dialect === 'gemini' && stream && r.chance(35)) {
            this.label ??= 'json';
            this.body = Buffer.from(`[${list.map(write)
                .join(r.pick([',', '\n,\r\n', ', ']))}]${r.pick(['', '\n'])}`);
        } else if (stream) {
            this.label ??= 'events';
            this.body = this.#events(list.map(write));
        } else {
            this.label ??= 'json';
            this.body = Buffer.from(list.map(write).join('\n'));
        }
    }

    #events(list) {
        const r = this.#random;
        const eol = r.weighted({ '\n': 80, '\r\n': 15, '\r': 5 });
        const between = r.chance(6) ? eol : eol + eol;
        const name = r.pick(['data: ', 'data: ', 'data: ', 'data:']);
        const lines = list.map((text, i) => {
            const before = between !== eol && r.chance(10)
                ? r.pick([`: ping${eol}${eol}`, `id: ${i}${eol}`,
                    `event: message${eol}`]) : '';

            return before + name + text.replaceAll('\n', eol + name);
        });

        if (this.done) {
            lines.push(`${name}[DONE]`);
            if (r.chance(10)) {
                lines.push(lines.splice(-2, 1)[0]);
            }
        }
        return Buffer.from(
            (r.chance(3) ? '\ufeff' : '') + lines.join(between)
            + (r.chance(95) ? eol + eol : ''));
    }

    #answer() {
        const r = this.#random;
        const { dialect, operation } = this;

        this.streamed = operation !== 'embeddings' && r.chance(65);
        this.done = false;
        const list = this[`_${dialect}`](this.streamed);

        if (this.streamed && r.chance(5)) {
            list.splice(r.between(0, list.length), 0, this.#error());
        }
        if (this.streamed && r.chance(3)) {
            list.splice(r.between(0, list.length), 0,
                { keepalive: r.between(1, 9999) });
        }
        return list;
    }

    // --- dialects: a list of documents each

    _openai(stream) {
        switch (this.operation) {
        case 'embeddings':
            return [{ object: 'list', data: [{ object: 'embedding', index: 0,
                embedding: [0.25, -1] }], model: 'e-1',
            ...this.#member('usage') }];
        case 'responses':
            return this.#responses(stream);
        case 'completions':
            return this.#chat(stream, (text) => ({ text }));
        default:
            return this.#chat(stream);
        }
    }

    _mistral(stream) {
        return this.#chat(stream);
    }

    #member(name, share = 1) {
        const said = this.#said(share);

        return said === undefined ? {} : { [name]: said };
    }

    #chat(stream, completion) {
        const r = this.#random;
        const head = { id: 'c-7', object: 'chat.completion', created: 1,
            model: 'reef-1' };
        const finish = r.chance(93) ? r.pick(['stop', 'length', 'tool_calls'])
            : null;
        const choice = (key, content, reason = null) => ({ index: 0,
            ...(completion ? completion(content) : { [key]: content }),
            finish_reason: reason });

        if (!stream) {
            const content = completion ? this.#text() : this.#chatMessage();

            const second = r.chance(10) ? [choice('message',
                completion ? this.#text() : this.#chatMessage(), 'stop')] : [];

            return [{ ...head,
                choices: [choice('message', content, finish), ...second],
                ...this.#place() }];
        }
        const deltas = completion ? this.#pieces(this.#text())
            : this.#chatDeltas();
        const list = deltas.map((delta, i) => ({ ...head,
            choices: [choice('delta', delta)],
            ...this.#growing((i + 1) / (deltas.length + 1)) }));

        if (finish !== null) {
            list.push({ ...head,
                choices: [choice('delta', completion ? '' : {}, finish)] });
        }
        return this.#chatUsage(head, list);
    }

    // usage in each chunk, if it is one of those
    #growing(share) {
        return this.#counts.mode === 'growing'
            ? this.#member('usage', share) : {};
    }

    // where a document has its usage
    #place() {
        const usage = this.#member('usage');

        return usage.usage && this.dialect === 'openai'
            && this.#random.chance(5)
            ? { x_groq: { id: 'g', ...usage } } : usage;
    }

    #chatUsage(head, list) {
        const r = this.#random;
        const { mode } = this.#counts;

        this.done = r.chance(90);
        if (mode === 'none') {
            return list;
        }
        const place = r.weighted({ chunk: 70, last: 15, choice: 8, both: 7 });
        const last = list.at(-1);

        if (place !== 'chunk' && last) {
            if (place === 'last') {
                delete last.usage;
                Object.assign(last, this.#place());
            } else {
                Object.assign(last.choices[0], this.#member('usage'));
            }
        }
        if (place === 'chunk' || place === 'both') {
            list.push({ ...head, choices: [], ...this.#place() });
        }
        if (mode === 'zeroBehind') {
            list.push({ ...head, choices: [], usage: { prompt_tokens: 0,
                completion_tokens: 0, total_tokens: 0 } });
        }
        return list;
    }

    #reasoningName() {
        return this.dialect === 'mistral' ? 'reasoning_content'
            : this.#random.pick(['reasoning', 'reasoning_content', 'thinking',
                'reasoning_text']);
    }

    #chatMessage() {
        const r = this.#random;
        const m = { role: 'assistant', content: null };

        for (const { reasoning, text, tool, args } of this.#content()) {
            if (reasoning !== undefined) {
                if (r.chance(20)) {
                    m.reasoning_details = [{ type: 'reasoning.text',
                        text: reasoning, signature: 'zz' }];
                } else {
                    m[this.#reasoningName()] = reasoning;
                }
            } else if (text !== undefined) {
                m[r.chance(5) ? 'refusal' : 'content'] =
                    this.dialect === 'mistral' && r.chance(30)
                        ? [{ type: 'thinking',
                            thinking: [{ type: 'text', text }] },
                        { type: 'text', text }] : text;
            } else {
                m.tool_calls = [{ id: 'call-1', type: 'function',
                    function: { name: tool, arguments: args.text } }];
            }
        }
        return m;
    }

    #chatDeltas() {
        const r = this.#random;
        const list = [{ role: 'assistant', content: '' }];
        const name = this.#reasoningName();
        const textual = r.chance(5) ? 'refusal' : 'content';
        const inParts = this.dialect === 'mistral' && r.chance(15);

        for (const { reasoning, text, tool, args } of this.#content()) {
            if (reasoning !== undefined) {
                list.push(...this.#pieces(reasoning)
                    .map((piece) => ({ [name]: piece })),
                ...(r.chance(20) ? [{ signature: 'c2VhbGVk',
                    encrypted_content: 'c2VhbGVk' }] : []));
            } else if (text !== undefined) {
                list.push(...this.#pieces(text).map((piece) => ({
                    [textual]: inParts
                        ? [{ type: 'text', text: piece }] : piece })));
            } else {
                list.push({ tool_calls: [{ index: 0, id: 'call-1',
                    type: 'function', function: { name: tool,
                        arguments: '' } }] },
                ...this.#pieces(args.text).map((piece) => ({ tool_calls: [{
                    index: 0, function: { arguments: piece } }] })));
            }
        }
        return list;
    }

    #responses(stream) {
        const r = this.#random;
        const content = this.#content();
        const output = content.map(({ reasoning, text, tool, args }) =>
            reasoning !== undefined ? { type: 'reasoning', id: 'rs',
                summary: [{ type: 'summary_text', text: reasoning }] }
                : text !== undefined ? { type: 'message', id: 'msg',
                    status: 'completed', role: 'assistant',
                    content: [{ type: 'output_text', text, annotations: [] }] }
                    : { type: 'function_call', id: 'fc', name: tool,
                        call_id: 'x', arguments: args.text });

        if (r.chance(8)) {
            output.unshift({ type: 'web_search_call', id: 'ws',
                status: 'completed' });
        }
        const status = r.weighted({ completed: 90, incomplete: 6, failed: 4 });
        const response = { id: 'r-1', object: 'response', status,
            error: null, model: 'reef-1', output, ...this.#member('usage'),
            ...(r.chance(5) ? { tool_usage: { image_gen: {
                input_tokens: r.between(0, 50),
                output_tokens: r.between(0, 5000) },
            web_search: { num_requests: r.between(0, 3) } } } : {}) };

        if (!stream) {
            return [response];
        }
        const list = [{ type: 'response.created', response: { id: 'r-1',
            object: 'response', status: 'in_progress', output: [],
            usage: null } }];

        output.forEach((item, i) => {
            const [kind, text] = item.type === 'message'
                ? ['output_text', item.content[0].text]
                : item.type === 'reasoning'
                    ? ['reasoning_summary_text', item.summary[0].text]
                    : ['function_call_arguments', item.arguments ?? ''];

            list.push(...this.#pieces(text).map((delta) => ({
                type: `response.${kind}.delta`, output_index: i, delta })));
            if (kind === 'output_text') {
                list.push({ type: 'response.output_text.done', text });
            }
            list.push({ type: 'response.output_item.done', output_index: i,
                item: item.type === 'web_search_call'
                    ? { ...item, type: 'ws' } : item });
        });
        if (r.chance(95)) {
            list.push({ type: `response.${status}`, response });
        }
        return list;
    }

    _anthropic(stream) {
        const r = this.#random;
        const blocks = this.#content().map(({ reasoning, text, tool, args }) =>
            reasoning !== undefined ? { type: 'thinking', thinking: reasoning,
                signature: 'zz' }
                : text !== undefined ? { type: 'text', text }
                    : { type: 'tool_use', id: 't', name: tool, input: args });
        const reason = r.pick(['end_turn', 'max_tokens', 'tool_use']);
        const head = { id: 'msg-1', type: 'message', role: 'assistant',
            model: 'tide-4' };

        if (!stream) {
            return [{ ...head, content: blocks, stop_reason: reason,
                stop_sequence: null, ...this.#member('usage') }];
        }
        const list = [{ type: 'message_start', message: { ...head, content: [],
            stop_reason: null, ...this.#start() } }];

        blocks.forEach((block, index) => list.push(
            ...this.#anthropicBlock(block, index)));
        if (r.chance(20)) {
            list.splice(1, 0, { type: 'ping' });
        }
        if (r.chance(93)) {
            list.push({ type: 'message_delta', delta: {
                stop_reason: r.chance(95) ? reason : null,
                stop_sequence: null }, ...this.#delta() });
            list.push({ type: 'message_stop' });
        }
        return list;
    }

    // the usage of message_start: its output is a placeholder
    #start() {
        const said = this.#said();

        return said ? { usage: { ...said, output_tokens:
            this.#random.between(0, 4) } } : {};
    }

    // and of message_delta: of all, of the output, or with odd inputs
    #delta() {
        const r = this.#random;
        const { mode, completion } = this.#counts;
        const said = this.#said();

        if (!said) {
            return said === null ? { usage: null } : {};
        }
        if (mode === 'zeroBehind') {
            return { usage: { input_tokens: 0, output_tokens: completion,
                cache_read_input_tokens: 0 } };
        }
        return { usage: r.pick([
            said,
            { output_tokens: said.output_tokens ?? null },
            { input_tokens: null, output_tokens: said.output_tokens ?? null },
            { cache_read_input_tokens: r.between(0, 20000),
                output_tokens: said.output_tokens ?? null },
        ]) };
    }

    #anthropicBlock(block, index) {
        const [kind, name, text] = block.type === 'thinking'
            ? ['thinking_delta', 'thinking', block.thinking]
            : block.type === 'text' ? ['text_delta', 'text', block.text]
                : ['input_json_delta', 'partial_json', block.input.text];
        const start = block.type === 'tool_use' ? { ...block,
            input: new Literal('{}') } : { type: block.type, [name]: '' };

        return [{ type: 'content_block_start', index, content_block: start },
            ...this.#pieces(text).map((piece) => ({
                type: 'content_block_delta', index,
                delta: { type: kind, [name]: piece } })),
            ...(block.type === 'thinking' ? [{ type: 'content_block_delta',
                index, delta: { type: 'signature_delta',
                    signature: 'zz' } }] : []),
            { type: 'content_block_stop', index }];
    }

    _gemini(stream) {
        const r = this.#random;
        const part = ({ reasoning, text, tool, args }) =>
            reasoning !== undefined ? { text: reasoning, thought: true }
                : text !== undefined ? { text }
                    : { functionCall: { name: tool, args } };
        const chunk = (parts, reason, said) => ({
            candidates: [{ content: { parts, role: 'model' },
                ...(reason ? { finishReason: reason } : {}), index: 0 }],
            ...(said ? { usageMetadata: said } : {}),
            modelVersion: 'tide-flash' });
        const content = this.#content();
        const reason = r.chance(95) ? r.pick(['STOP', 'MAX_TOKENS', 'SAFETY'])
            : undefined;

        if (r.chance(3)) {
            return [{ promptFeedback: { blockReason: 'SAFETY' },
                ...this.#member('usageMetadata') }];
        }
        if (!stream) {
            return [chunk(content.map(part), reason, this.#said())];
        }
        const pieces = content.flatMap((each) => each.tool ? [part(each)]
            : this.#pieces(each.text ?? each.reasoning).map((text) =>
                ({ text, ...(each.text === undefined
                    ? { thought: true } : {}) })));
        const { mode, prompt, total } = this.#counts;
        const list = pieces.map((each, i) => chunk([each], undefined,
            mode === 'growing' ? this.#said((i + 1) / (pieces.length + 1))
                : mode === 'said' ? this.#object({ promptTokenCount: prompt,
                    totalTokenCount: total ? prompt : undefined })
                    : undefined));

        list.push(chunk([{ text: '' }], reason, this.#said()));
        if (mode === 'zeroBehind') {
            list.push({ usageMetadata: { promptTokenCount: 0,
                candidatesTokenCount: 0, totalTokenCount: 0 } });
        }
        return list;
    }

    _cohere(stream) {
        const r = this.#random;
        const content = this.#content();
        const reason = r.weighted({ COMPLETE: 90, MAX_TOKENS: 7, ERROR: 3 });

        if (!stream) {
            const parts = content.filter(({ tool }) => !tool)
                .map(({ reasoning, text }) => text !== undefined
                    ? { type: 'text', text }
                    : { type: 'thinking', thinking: reasoning });
            const tools = content.filter(({ tool }) => tool)
                .map(({ tool, args }) => ({ id: 't', type: 'function',
                    function: { name: tool, arguments: args.text } }));

            return [{ id: 'x', finish_reason: reason, message: {
                role: 'assistant', content: parts,
                ...(tools.length ? { tool_plan: this.#text(3),
                    tool_calls: tools } : {}) }, ...this.#member('usage') }];
        }
        const delta = (type, body) => ({ type, index: 0,
            delta: { message: body } });
        const list = [{ id: 'x', type: 'message-start', delta: { message: {
            role: 'assistant' } } },
        { type: 'content-start', index: 0, delta: { message: { content: {
            type: 'text', text: '' } } } }];

        for (const { reasoning, text, tool, args } of content) {
            if (tool) {
                list.push(delta('tool-call-start', { tool_calls: { id: 't',
                    type: 'function', function: { name: tool,
                        arguments: '' } } }),
                ...this.#pieces(args.text).map((piece) =>
                    delta('tool-call-delta', { tool_calls: { function: {
                        arguments: piece } } })),
                { type: 'tool-call-end', index: 0 });
            } else {
                list.push(...this.#pieces(text ?? reasoning).map((piece) =>
                    delta('content-delta', { content: text === undefined
                        ? { thinking: piece } : { text: piece } })));
            }
        }
        list.push({ type: 'content-end', index: 0 });
        if (r.chance(93)) {
            list.push({ type: 'message-end', delta: {
                finish_reason: r.chance(95) ? reason : null,
                ...this.#member('usage') } });
        }
        return list;
    }

    _ollama(stream) {
        const r = this.#random;
        const head = { model: 'q', created_at: 'now' };
        const content = this.#content();
        const chat = this.operation === 'chat';
        const body = (m) => chat ? { message: { role: 'assistant', content: '',
            ...m } } : m;
        const part = ({ reasoning, text, tool, args }) => tool
            ? (chat ? { tool_calls: [{ function: { name: tool,
                arguments: args } }] } : { response: '' })
            : text !== undefined ? { [chat ? 'content' : 'response']: text }
                : { thinking: reasoning };
        const last = { done: true, done_reason: 'stop', total_duration: 5,
            ...this.#said() };

        if (!stream) {
            return [{ ...head, ...body(Object.assign({},
                ...content.map(part))), ...last }];
        }
        const list = content.flatMap((each) => each.tool ? [part(each)]
            : this.#pieces(each.text ?? each.reasoning).map((text) =>
                part(each.text === undefined ? { reasoning: text }
                    : { text }))).map((m) => ({ ...head, ...body(m),
            done: false }));

        if (r.chance(93)) {
            list.push({ ...head, ...body(chat ? {} : { response: '' }),
                ...last });
        }
        return list;
    }

    _bedrock(stream) {
        const r = this.#random;
        const content = this.#content();
        const reason = r.pick(['end_turn', 'tool_use', 'max_tokens']);

        if (!stream) {
            return [{ output: { message: { role: 'assistant',
                content: content.map(({ reasoning, text, tool, args }) =>
                    reasoning !== undefined ? { reasoningContent: {
                        reasoningText: { text: reasoning, signature: 'z' } } }
                        : text !== undefined ? { text }
                            : { toolUse: { toolUseId: 't', name: tool,
                                input: args } }) } },
            stopReason: reason, metrics: { latencyMs: 9 },
            ...this.#member('usage') }];
        }
        const list = [{ role: 'assistant', p: 'abc' }];

        content.forEach((each, contentBlockIndex) => {
            const { reasoning, text, tool, args } = each;

            if (tool) {
                list.push({ contentBlockIndex, start: { toolUse: {
                    toolUseId: 't', name: tool } } });
            }
            list.push(...this.#pieces(text ?? reasoning ?? args.text)
                .map((piece) => ({ contentBlockIndex, delta: tool
                    ? { toolUse: { input: piece } } : text !== undefined
                        ? { text: piece }
                        : { reasoningContent: { text: piece } } })),
            { contentBlockIndex, p: 'ab' });
        });
        if (r.chance(93)) {
            list.push({ stopReason: reason });
            list.push({ metrics: { latencyMs: 9 }, ...this.#member('usage') });
        }
        return list;
    }
}

const some = (object) => Object.keys(object).length ? object : undefined;


// { dialect, operation, output, label, body, end, prompt, hidden, capture,
//   seed }: what reference.mjs and meter.c are given
export const conversation = (dialect, random) =>
    new Conversation(dialect, random);
