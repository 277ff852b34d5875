// Google's Gemini API.
import { KEY, PICTURE, TOOL, pieces } from './scenes.mjs';
import { anything } from './schema.mjs';
import { sse } from './standin.mjs';

const part = {
    text: 'string',
    inlineData: { 'mimeType!': 'string', 'data!': 'string' },
    ...anything('codeExecutionResult', 'executableCode', 'fileData',
        'functionCall', 'functionResponse', 'mediaResolution', 'thought',
        'thoughtSignature', 'videoMetadata'),
};
const content = { role: 'string', 'parts!': [part] };

const generate = {
    'contents!': [content], systemInstruction: content,
    tools: [{
        functionDeclarations: [{ 'name!': 'string', ...anything('behavior',
            'description', 'parameters', 'parametersJsonSchema', 'response',
            'responseJsonSchema') }],
        ...anything('codeExecution', 'computerUse', 'fileSearch',
            'googleMaps', 'googleSearch', 'urlContext'),
    }],
    toolConfig: anything('functionCallingConfig',
        'includeServerSideToolInvocations', 'retrievalConfig'),
    generationConfig: anything('candidateCount', 'enableEnhancedCivicAnswers',
        'frequencyPenalty', 'imageConfig', 'logprobs', 'maxOutputTokens',
        'mediaResolution', 'presencePenalty', 'responseJsonSchema',
        'responseLogprobs', 'responseMimeType', 'responseModalities',
        'responseSchema', 'seed', 'speechConfig', 'stopSequences',
        'temperature', 'thinkingConfig', 'topK', 'topP'),
    ...anything('cachedContent', 'safetySettings', 'serviceTier', 'store'),
};

function question(body, url) {
    const { parts } = body.contents.at(-1);

    return {
        model: /models\/([^:]+):/.exec(url)[1],
        text: parts.map(({ text }) => text ?? '').join(''),
        picture: parts.some(({ inlineData }) =>
            inlineData?.mimeType === 'image/png'
            && inlineData.data === PICTURE),
        tool: body.tools?.length > 0,
        schema: body.generationConfig?.responseMimeType === 'application/json',
        stream: /:streamGenerateContent\?(?:.*&)?alt=sse\b/.test(url),
    };
}


// what was thought is beside the candidates here
const usageOf = ({ usage: { input, cached, output, reasoning } }) => ({
    promptTokenCount: input, candidatesTokenCount: output - reasoning,
    totalTokenCount: input + output,
    ...cached && { cachedContentTokenCount: cached },
    ...reasoning && { thoughtsTokenCount: reasoning },
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: input }],
});

const chunk = (answer, parts, reason) => ({
    candidates: [{ content: { parts, role: 'model' }, index: 0,
        ...reason && { finishReason: reason } }],
    usageMetadata: reason ? usageOf(answer)
        : { promptTokenCount: answer.usage.input,
            totalTokenCount: answer.usage.input },
    modelVersion: answer.question.model, responseId: 'resp1',
});

const document = (answer) => chunk(answer, [answer.call
    ? { functionCall: { name: TOOL.name, args: answer.call } }
    : { text: answer.text }], 'STOP');

function stream(answer) {
    const texts = pieces(answer.text);

    return { type: 'text/event-stream', events: sse(texts.map((text, i) =>
        chunk(answer, [{ text }], i === texts.length - 1 && 'STOP'))) };
}


const ERRORS = {
    path: () => [404, 'NOT_FOUND', 'Requested entity was not found.'],
    header: () => [401, 'UNAUTHENTICATED', 'API key not valid.'],
    media: () => [400, 'INVALID_ARGUMENT', 'Unsupported content type.'],
    unknown: ({ path }) => [400, 'INVALID_ARGUMENT',
        `Invalid JSON payload received. Unknown name "${path.at(-1)}" at '${
            path.slice(0, -1).join('.')}': Cannot find field.`],
    missing: ({ path }) => [400, 'INVALID_ARGUMENT',
        `* GenerateContentRequest.${path.join('.')}: ${path.at(-1)
        } is not specified`],
    type: ({ path }) => [400, 'INVALID_ARGUMENT',
        `Invalid value at '${path.join('.')}'`],
    busy: () => [429, 'RESOURCE_EXHAUSTED', 'Quota exceeded.'],
    away: () => [503, 'UNAVAILABLE', 'The model is overloaded.'],
};

const path = new RegExp('^/v1(?:beta)?/models/[\\w.-]+'
    + ':(?:generateContent|streamGenerateContent)$');

export const gemini = {
    headers: [{ 'x-goog-api-key': new RegExp(`^${KEY}$`) }],
    operations: [{ path, schema: generate, question, document, stream }],
    error: (kind, about) => {
        const [code, status, message] = ERRORS[kind](about);

        return { status: code, headers: code === 429 ? { 'Retry-After': '1' }
            : {}, body: { error: { code, message, status } } };
    },
};
