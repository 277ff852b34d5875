/**
 * fetch, with one kind of failure: an ApiError with the server's status, or 0
 * when there was no answer. An abort stays an AbortError.
 */
export class ApiError extends Error {
	override name = 'ApiError';

	constructor(
		/** HTTP status; 0: no answer, or one that could not be read */
		readonly status: number,
		/** the server's word, such as insufficient_credits */
		readonly code: string | undefined,
		/** seconds */
		readonly retryAfter: number | undefined,
		/** the server's error object, for what only one status has */
		readonly details: Record<string, unknown> = {},
		readonly headers = new Headers()
	) {
		super(`${status} ${code ?? ''}`.trim());
	}
}

export interface Options extends RequestInit {
	/** a 401 is an answer here, not the end of the session */
	anonymous?: boolean;
}

let signIn = () => {
	// until the layout says where to sign in
};

/** handler: called on every 401 but those of anonymous requests. */
export function onUnauthorized(handler: () => void) {
	signIn = handler;
}

export function isAbort(error: unknown): boolean {
	return error instanceof DOMException && error.name === 'AbortError';
}

/** The status of a failure; 0 for what is no answer of the server. */
export function statusOf(error: unknown): number {
	return error instanceof ApiError ? error.status : 0;
}

function record(value: unknown): Record<string, unknown> {
	return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** Seconds to wait, from Retry-After in either form, or Better Auth's own header. */
export function retryAfterOf(headers: Headers, now: number): number | undefined {
	const value = headers.get('Retry-After') ?? headers.get('X-Retry-After');
	if (value === null) return undefined;
	if (/^\d+$/.test(value)) return Number(value);
	const seconds = Math.ceil((Date.parse(value) - now) / 1000);
	return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}

async function refusal(response: Response): Promise<ApiError> {
	const body = record(await response.json().catch(() => null));
	// OpenAI's shape, or Better Auth's, which is flat
	const details = 'error' in body ? record(body['error']) : body;
	const code = typeof details['code'] === 'string' ? details['code'] : undefined;
	const { status, headers } = response;
	return new ApiError(status, code, retryAfterOf(headers, Date.now()), details, headers);
}

/** The answer, its body unread, if the status is 2xx. */
export async function request(
	path: string,
	{ anonymous = false, ...init }: Options = {}
): Promise<Response> {
	let response: Response;
	try {
		response = await fetch(path, init);
	} catch (error) {
		throw isAbort(error) ? error : new ApiError(0, 'network', undefined);
	}
	if (response.ok) return response;
	if (response.status === 401 && !anonymous) signIn();
	throw await refusal(response);
}

async function read<T>(response: Response, decode: (value: unknown) => T): Promise<T> {
	try {
		return decode(await response.json());
	} catch (error) {
		throw isAbort(error) ? error : new ApiError(0, 'unreadable', undefined);
	}
}

export async function getJson<T>(
	path: string,
	decode: (value: unknown) => T,
	options?: Options
): Promise<T> {
	return read(await request(path, options), decode);
}

/** The options of a request that sends JSON. */
export function json(body: unknown): RequestInit {
	return {
		method: 'POST',
		headers: { 'Content-Type': 'application/json' },
		body: JSON.stringify(body)
	};
}
