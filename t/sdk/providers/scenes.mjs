// What is asked and answered: the same with every provider.

export const KEY = 'the-providers-own-key';

// a pixel
export const PICTURE = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQV'
    + 'R42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

export const TOOL = {
    name: 'get_weather', description: 'The weather of a place.',
    parameters: {
        type: 'object', properties: { city: { type: 'string' } },
        required: ['city'], additionalProperties: false,
    },
};
export const ARGUMENTS = { city: 'Paris' };

export const SCHEMA = {
    type: 'object',
    properties: { city: { type: 'string' }, celsius: { type: 'number' } },
    required: ['city', 'celsius'], additionalProperties: false,
};
export const OBJECT = { city: 'Paris', celsius: 21 };

// What each answer says, and how many tokens the provider counts: cached is
// inside input, reasoning inside output.
export const ANSWERS = {
    plain: { text: 'Hello, this is the provider.',
        usage: { input: 21, cached: 8, output: 19, reasoning: 5 } },
    stream: { text: 'One, two, three and four: that is the whole of it.',
        usage: { input: 22, cached: 0, output: 31, reasoning: 6 } },
    tools: { call: ARGUMENTS,
        usage: { input: 83, cached: 0, output: 14, reasoning: 0 } },
    vision: { text: 'A single pixel.',
        usage: { input: 1105, cached: 0, output: 7, reasoning: 0 } },
    structured: { text: JSON.stringify(OBJECT),
        usage: { input: 64, cached: 32, output: 16, reasoning: 0 } },
};

// so that a stream has several events
export const pieces = (text) => text.match(/.{1,8}/gs);
