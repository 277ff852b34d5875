// The SDKs, each used as its documentation shows.
//
// One is: the API that it speaks and where that begins; client({ base, key });
// ask(client, wish), which resolves to what the SDK's user gets: text, call
// (a tool's arguments), usage ({ input, output }, where it shows one). wish:
// text, picture, tool, schema: what is asked; stream; hear(text): called with
// each piece of a stream; signal: aborts.
//
// tries: how often it asks a provider that is away.  shows: what it makes of
// the message of our 402, where that is not the message alone; code: where it
// has our code, if anywhere.
import Anthropic from '@anthropic-ai/sdk';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createCohere } from '@ai-sdk/cohere';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createGroq } from '@ai-sdk/groq';
import { createMistral } from '@ai-sdk/mistral';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { GoogleGenAI } from '@google/genai';
import { HumanMessage } from '@langchain/core/messages';
import { ChatOpenAI } from '@langchain/openai';
import { Mistral } from '@mistralai/mistralai';
import { OpenRouter } from '@openrouter/sdk';
import { generateText, jsonSchema, Output, streamText, tool as aiTool }
    from 'ai';
import { CohereClientV2 } from 'cohere-ai';
import { Groq } from 'groq-sdk';
import { Ollama } from 'ollama';
import OpenAI from 'openai';

const dataUrl = (picture) => `data:image/png;base64,${picture}`;

// what a stream says, piece by piece
async function gather(stream, hear, take) {
    const whole = { text: '' };

    for await (const event of stream) {
        const { text, usage } = take(event);

        if (text) {
            whole.text += text;
            hear(text);
        }
        if (usage) {
            whole.usage = usage;
        }
    }
    return whole;
}


// the message is the body of our 402, or has it in it
const RAW = new RegExp('^[^{]*\\{\\s*"error":.*'
    + '"message": ?"You are out of credits. Buy more to go on."', 's');

// where each has our code
const code = ({ code: own }) => own;
const errorCode = ({ error }) => error.code;
const bodyCode = ({ body }) =>
    (typeof body === 'string' ? JSON.parse(body) : body).code;
const responseCode = ({ responseBody }) => JSON.parse(responseBody).code;
const messageCode = ({ message }) => JSON.parse(message).code;


// -- OpenAI's, and those made like it ----------------------------------------

const parts = ({ text, picture }) => picture
    ? [{ type: 'text', text },
        { type: 'image_url', image_url: { url: dataUrl(picture) } }] : text;

const chatBody = (model, { tool, schema, ...wish }) => ({
    model,
    messages: [{ role: 'user', content: parts(wish) }],
    ...tool && { tools: [{ type: 'function', function: tool }] },
    ...schema && { response_format: { type: 'json_schema',
        json_schema: { name: 'weather', schema, strict: true } } },
});

const chatUsage = (usage) => usage
    && { input: usage.prompt_tokens, output: usage.completion_tokens };

// usage: whether it is asked for
const chat = (model, { usage }) => async (client, wish) => {
    const body = chatBody(model, wish);

    if (wish.stream) {
        const stream = await client.chat.completions.create(
            { ...body, stream: true,
                ...usage && { stream_options: { include_usage: true } } },
            { signal: wish.signal });

        return gather(stream, wish.hear, (chunk) => ({
            text: chunk.choices[0]?.delta.content,
            usage: chatUsage(chunk.usage ?? chunk.x_groq?.usage),
        }));
    }

    const answer = await client.chat.completions.create(body);
    const [{ message }] = answer.choices;

    return {
        text: message.content, usage: chatUsage(answer.usage),
        call: message.tool_calls
            && JSON.parse(message.tool_calls[0].function.arguments),
    };
};

async function responses(client, { text, picture, tool, schema, stream, hear,
    signal }) {
    const body = {
        model: 'gpt-5-mini',
        input: picture
            ? [{ role: 'user', content: [{ type: 'input_text', text },
                { type: 'input_image', image_url: dataUrl(picture) }] }]
            : text,
        ...tool && { tools: [{ type: 'function', strict: true, ...tool }] },
        ...schema && { text: { format: { type: 'json_schema',
            name: 'weather', schema, strict: true } } },
    };
    const usageOf = (usage) => usage
        && { input: usage.input_tokens, output: usage.output_tokens };

    if (stream) {
        return gather(
            await client.responses.create({ ...body, stream: true },
                { signal }),
            hear, (event) => ({
                text: event.type === 'response.output_text.delta'
                    && event.delta,
                usage: usageOf(event.response?.usage),
            }));
    }

    const answer = await client.responses.create(body);

    return { text: answer.output_text, usage: usageOf(answer.usage),
        call: answer.output[0].arguments
            && JSON.parse(answer.output[0].arguments) };
}

async function langchain(client, { text, picture, tool, schema, stream, hear,
    signal }) {
    const message = new HumanMessage({ content: parts({ text, picture }) });
    const usageOf = (usage) => usage
        && { input: usage.input_tokens, output: usage.output_tokens };

    if (stream) {
        return gather(await client.stream([message], { signal }), hear,
            (chunk) => ({ text: chunk.content,
                usage: usageOf(chunk.usage_metadata) }));
    }
    if (schema) {
        const { raw, parsed } = await client.withStructuredOutput(schema,
            { name: 'weather', includeRaw: true }).invoke([message]);

        return { text: JSON.stringify(parsed),
            usage: usageOf(raw.usage_metadata) };
    }

    const answer = await (tool ? client.bindTools(
        [{ type: 'function', function: tool }]) : client).invoke([message]);

    return { text: answer.content, usage: usageOf(answer.usage_metadata),
        call: answer.tool_calls[0]?.args };
}

async function openrouter(client, { tool, schema, text, picture, stream, hear,
    signal }) {
    const chatRequest = {
        model: 'openai/gpt-5-mini',
        messages: [{ role: 'user', content: picture
            ? [{ type: 'text', text },
                { type: 'image_url', imageUrl: { url: dataUrl(picture) } }]
            : text }],
        ...tool && { tools: [{ type: 'function', function: tool }] },
        ...schema && { responseFormat: { type: 'json_schema',
            jsonSchema: { name: 'weather', schema, strict: true } } },
    };
    const usageOf = (usage) => usage
        && { input: usage.promptTokens, output: usage.completionTokens };

    if (stream) {
        return gather(
            await client.chat.send({ chatRequest: { ...chatRequest,
                stream: true } }, { fetchOptions: { signal } }),
            hear, (chunk) => ({ text: chunk.choices[0]?.delta.content,
                usage: usageOf(chunk.usage) }));
    }

    const answer = await client.chat.send({ chatRequest });
    const [{ message }] = answer.choices;

    return { text: message.content, usage: usageOf(answer.usage),
        call: message.toolCalls
            && JSON.parse(message.toolCalls[0].function.arguments) };
}


// -- others -------------------------------------------------------------------

async function anthropic(client, { text, picture, tool, schema, stream, hear,
    signal }) {
    const body = {
        model: 'claude-sonnet-5-5', max_tokens: 1024,
        messages: [{ role: 'user', content: picture
            ? [{ type: 'image', source: { type: 'base64',
                media_type: 'image/png', data: picture } },
            { type: 'text', text }] : text }],
        ...tool && { tools: [{ name: tool.name, input_schema: tool.parameters,
            description: tool.description }] },
        ...schema && { output_config: { format: { type: 'json_schema',
            schema } } },
    };
    const usageOf = (usage) => usage && {
        input: usage.input_tokens + usage.cache_read_input_tokens,
        output: usage.output_tokens,
    };

    if (stream) {
        const events = client.messages.stream(body, { signal });

        return gather(events, hear, (event) => ({
            text: event.type === 'content_block_delta' && event.delta.text,
            usage: event.type === 'message_delta' && usageOf(event.usage),
        }));
    }

    const { content: [first], usage } = await client.messages.create(body);

    return { text: first.text, call: first.input, usage: usageOf(usage) };
}

async function genai(client, { text, picture, tool, schema, stream, hear,
    signal }) {
    const request = {
        model: 'gemini-2.5-flash',
        contents: [{ role: 'user', parts: [
            ...picture ? [{ inlineData: { mimeType: 'image/png',
                data: picture } }] : [],
            { text }] }],
        config: {
            abortSignal: signal,
            ...tool && { tools: [{ functionDeclarations: [{ name: tool.name,
                description: tool.description,
                parametersJsonSchema: tool.parameters }] }] },
            ...schema && { responseMimeType: 'application/json',
                responseJsonSchema: schema },
        },
    };
    const usageOf = (usage) => ({
        input: usage.promptTokenCount,
        output: (usage.candidatesTokenCount ?? 0)
            + (usage.thoughtsTokenCount ?? 0),
    });

    if (stream) {
        return gather(await client.models.generateContentStream(request), hear,
            (chunk) => ({ text: chunk.text,
                usage: usageOf(chunk.usageMetadata) }));
    }

    const answer = await client.models.generateContent(request);

    return { text: answer.text, usage: usageOf(answer.usageMetadata),
        call: answer.functionCalls?.[0].args };
}

async function mistral(client, { text, picture, tool, schema, stream, hear,
    signal }) {
    const body = {
        model: 'mistral-small-latest',
        messages: [{ role: 'user', content: picture
            ? [{ type: 'text', text },
                { type: 'image_url', imageUrl: dataUrl(picture) }] : text }],
        ...tool && { tools: [{ type: 'function', function: tool }] },
        ...schema && { responseFormat: { type: 'json_schema',
            jsonSchema: { name: 'weather', schemaDefinition: schema } } },
    };
    const usageOf = (usage) => usage
        && { input: usage.promptTokens, output: usage.completionTokens };

    if (stream) {
        return gather(
            await client.chat.stream(body, { fetchOptions: { signal } }), hear,
            ({ data }) => ({ text: data.choices[0].delta.content,
                usage: usageOf(data.usage) }));
    }

    const answer = await client.chat.complete(body);
    const [{ message }] = answer.choices;

    return { text: message.content, usage: usageOf(answer.usage),
        call: message.toolCalls?.length
            && JSON.parse(message.toolCalls[0].function.arguments) };
}

async function cohere(client, { text, picture, tool, schema, stream, hear,
    signal }) {
    const body = {
        model: 'command-a-03-2025',
        messages: [{ role: 'user', content: picture
            ? [{ type: 'text', text },
                { type: 'image_url', imageUrl: { url: dataUrl(picture) } }]
            : text }],
        ...tool && { tools: [{ type: 'function', function: tool }] },
        ...schema && { responseFormat: { type: 'json_object',
            jsonSchema: schema } },
    };
    const usageOf = (usage) => usage && {
        input: usage.billedUnits.inputTokens,
        output: usage.billedUnits.outputTokens,
    };

    if (stream) {
        return gather(await client.chatStream(body, { abortSignal: signal }),
            hear, (event) => ({
                text: event.type === 'content-delta'
                    && event.delta.message.content.text,
                usage: event.type === 'message-end'
                    && usageOf(event.delta.usage),
            }));
    }

    const { message, usage } = await client.chat(body);

    return { text: message.content?.[0].text, usage: usageOf(usage),
        call: message.toolCalls
            && JSON.parse(message.toolCalls[0].function.arguments) };
}

async function ollama(client, { text, picture, tool, schema, stream, hear,
    signal }) {
    const body = {
        model: 'llama3.2',
        messages: [{ role: 'user', content: text,
            ...picture && { images: [picture] } }],
        ...tool && { tools: [{ type: 'function', function: tool }] },
        ...schema && { format: schema },
    };
    const usageOf = ({ done, ...line }) => done
        && { input: line.prompt_eval_count, output: line.eval_count };

    if (stream) {
        const lines = await client.chat({ ...body, stream: true });

        signal?.addEventListener('abort', () => lines.abort());
        return gather(lines, hear, (line) => ({ text: line.message.content,
            usage: usageOf(line) }));
    }

    const answer = await client.chat(body);

    return { text: answer.message.content, usage: usageOf(answer),
        call: answer.message.tool_calls?.[0].function.arguments };
}

// the AI SDK; the client is a model of one of its providers
async function ai(model, { text, picture, tool, schema, stream, hear,
    signal }) {
    const request = {
        model, abortSignal: signal,
        messages: [{ role: 'user', content: [{ type: 'text', text },
            ...picture ? [{ type: 'file', data: picture,
                mediaType: 'image/png' }] : []] }],
        ...tool && { tools: { [tool.name]: aiTool({
            description: tool.description,
            inputSchema: jsonSchema(tool.parameters) }) } },
        ...schema && { output: Output.object({ schema: jsonSchema(schema) }) },
    };
    const usageOf = (usage) =>
        ({ input: usage.inputTokens, output: usage.outputTokens });

    if (stream) {
        const { stream: events, fullStream } = streamText({ ...request,
            onError: () => {} });

        return gather(fullStream ?? events, hear, (event) => {
            if (event.type === 'error') {
                throw event.error;
            }
            return { text: event.type === 'text-delta' && event.text,
                usage: event.type === 'finish' && usageOf(event.totalUsage) };
        });
    }

    const answer = await generateText(request);

    return {
        text: schema ? JSON.stringify(answer.output) : answer.text,
        usage: usageOf(answer.usage), call: answer.toolCalls[0]?.input,
    };
}


export const SDKS = {
    'openai': {
        api: 'openai', ask: chat('gpt-5-mini', { usage: true }),
        tries: 3, code,
        client: ({ base, key }) => new OpenAI({ apiKey: key,
            baseURL: `${base}/v1` }),
    },
    'openai without usage': {
        api: 'openai', ask: chat('gpt-5-mini', { usage: false }),
        tries: 3, code,
        client: ({ base, key }) => new OpenAI({ apiKey: key,
            baseURL: `${base}/v1` }),
    },
    'openai responses': {
        api: 'openai', ask: responses,
        tries: 3, code,
        client: ({ base, key }) => new OpenAI({ apiKey: key,
            baseURL: `${base}/v1` }),
    },
    'langchain openai': {
        api: 'openai', ask: langchain,
        tries: 2, code,
        // by default it tries again for a minute
        client: ({ base, key }) => new ChatOpenAI({ model: 'gpt-5-mini',
            apiKey: key, maxRetries: 1,
            configuration: { baseURL: `${base}/v1` } }),
    },
    'groq': {
        api: 'groq', ask: chat('llama-3.3-70b-versatile', { usage: false }),
        tries: 3, code: errorCode,
        client: ({ base, key }) => new Groq({ apiKey: key, baseURL: base }),
    },
    'openrouter': {
        api: 'openrouter', ask: openrouter,
        tries: 1, code: bodyCode,
        shows: /^Response validation failed$/,
        // by default it tries again for an hour
        client: ({ base, key }) => new OpenRouter({ apiKey: key,
            serverURL: `${base}/api/v1`, retryConfig: { strategy: 'none' } }),
    },
    'anthropic': {
        api: 'anthropic', ask: anthropic,
        tries: 3, code: errorCode,
        client: ({ base, key }) => new Anthropic({ apiKey: key,
            baseURL: base }),
    },
    'genai': {
        api: 'gemini', ask: genai,
        tries: 1, shows: RAW, code: messageCode,
        client: ({ base, key }) => new GoogleGenAI({ apiKey: key,
            httpOptions: { baseUrl: base } }),
    },
    'mistral': {
        api: 'mistral', ask: mistral,
        tries: 1, shows: RAW, code: bodyCode,
        client: ({ base, key }) => new Mistral({ apiKey: key,
            serverURL: base }),
    },
    'cohere': {
        api: 'cohere', ask: cohere,
        tries: 3, shows: RAW, code: bodyCode,
        client: ({ base, key }) => new CohereClientV2({ token: key,
            baseUrl: base }),
    },
    'ollama': {
        api: 'ollama', ask: ollama,
        tries: 1,
        client: ({ base, key }) => new Ollama({ host: base,
            headers: { Authorization: `Bearer ${key}` } }),
    },
    'ai openai': {
        api: 'openai', ask: ai,
        tries: 3, code: responseCode,
        client: ({ base, key }) => createOpenAI({ apiKey: key,
            baseURL: `${base}/v1` })('gpt-5-mini'),
    },
    'ai openai chat': {
        api: 'openai', ask: ai,
        tries: 3, code: responseCode,
        client: ({ base, key }) => createOpenAI({ apiKey: key,
            baseURL: `${base}/v1` }).chat('gpt-5-mini'),
    },
    'ai compatible': {
        api: 'openai', ask: ai,
        tries: 3, code: responseCode,
        client: ({ base, key }) => createOpenAICompatible({ name: 'relay',
            apiKey: key, baseURL: `${base}/v1`,
            supportsStructuredOutputs: true })('gpt-5-mini'),
    },
    'ai groq': {
        api: 'groq', ask: ai,
        tries: 3, code: responseCode,
        client: ({ base, key }) => createGroq({ apiKey: key,
            baseURL: `${base}/openai/v1` })('openai/gpt-oss-20b'),
    },
    'ai anthropic': {
        api: 'anthropic', ask: ai,
        tries: 3, code: responseCode,
        client: ({ base, key }) => createAnthropic({ apiKey: key,
            baseURL: `${base}/v1` })('claude-sonnet-5-5'),
    },
    'ai google': {
        api: 'gemini', ask: ai,
        tries: 3, code: responseCode,
        client: ({ base, key }) => createGoogleGenerativeAI({ apiKey: key,
            baseURL: `${base}/v1beta` })('gemini-2.5-flash'),
    },
    'ai mistral': {
        api: 'mistral', ask: ai,
        tries: 3, code: responseCode,
        client: ({ base, key }) => createMistral({ apiKey: key,
            baseURL: `${base}/v1` })('mistral-small-latest'),
    },
    'ai cohere': {
        api: 'cohere', ask: ai,
        tries: 3, code: responseCode,
        client: ({ base, key }) => createCohere({ apiKey: key,
            baseURL: `${base}/v2` })('command-a-03-2025'),
    },
};
