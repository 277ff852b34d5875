// Requests and answers, and Polar's shapes of errors.

const BODY = 64 * 1024;     // bytes


// body: what is answered, as JSON
export class ApiError extends Error {
    constructor(status, body) {
        super(body.error);
        this.status = status;
        this.body = body;
    }
}


export const notFound = () => new ApiError(404,
    { error: 'ResourceNotFound', detail: 'Not found' });


// issues: [['body', 'products'], 'Field required', 'missing', input]
export const unprocessable = (...issues) => new ApiError(422, {
    error: 'RequestValidationError',
    detail: issues.map(([loc, msg, type, input]) =>
        ({ type, loc, msg, input })),
});


export function reply(response, status, type, body, headers = {}) {
    response.writeHead(status, {
        'Content-Type': type,
        'Content-Length': Buffer.byteLength(body),
        'Cache-Control': 'no-store',
        'X-Content-Type-Options': 'nosniff',
        ...headers,
    });
    response.end(body);
}


export const replyJson = (response, status, value) =>
    reply(response, status, 'application/json', JSON.stringify(value));


export async function read(request) {
    const buffers = [];
    let size = 0;

    for await (const buffer of request) {
        size += buffer.length;
        if (size > BODY) {
            throw new ApiError(413, { error: 'RequestTooLarge' });
        }
        buffers.push(buffer);
    }
    return Buffer.concat(buffers);
}


// an object; an empty body is an empty object
export async function readObject(request) {
    const bytes = await read(request);
    let value;

    try {
        value = bytes.length ? JSON.parse(bytes) : {};
    } catch {
        throw unprocessable(
            [['body', 0], 'JSON decode error', 'json_invalid', {}]);
    }
    if (value === null || typeof value !== 'object' || Array.isArray(value)) {
        throw unprocessable([['body'],
            'Input should be a valid dictionary', 'dict_type', value]);
    }
    return value;
}
