// One request for an answer, from its start to whatever end it finds.

import { ApiError, isAbort } from '$lib/api/http';
import { advance, cut, end, fail, stop } from './answer';
import { failureOf } from './failure';
import { readEvents } from './sse';
import type { Answer } from './types';

const REQUEST_ID = 'X-Credits-Request-Id';

/** Sends the question; rejects with an ApiError, or an AbortError. */
export type Post = () => Promise<Response>;

interface Callbacks {
	/** each version of the answer but the last */
	onchange: (answer: Answer) => void;
	/** what the server said instead of an answer */
	onrefused: (error: unknown) => void;
}

/** A stream of events is what was asked for; another body is no answer. */
function eventsOf(response: Response) {
	const type = response.headers.get('Content-Type') ?? '';

	return response.body && type.startsWith('text/event-stream') ? readEvents(response.body) : [];
}

/** The answer with the name of its charge, if the server gave it one. */
function named(answer: Answer, headers: Headers): Answer {
	const requestId = headers.get(REQUEST_ID);

	return requestId === null ? answer : { ...answer, requestId };
}

/** Resolves to the answer at its end; never rejects. */
export async function stream(
	answer: Answer,
	post: Post,
	{ onchange, onrefused }: Callbacks
): Promise<Answer> {
	let now = answer;
	let response: Response;

	try {
		response = await post();
	} catch (error) {
		if (isAbort(error)) return stop(now);
		onrefused(error);
		now = fail(now, failureOf(error));
		return error instanceof ApiError ? named(now, error.headers) : now;
	}

	now = named(now, response.headers);
	onchange(now);

	try {
		// to the very end, past [DONE]: the charge is in the ledger then
		for await (const event of eventsOf(response)) {
			now = advance(now, event);
			onchange(now);
		}
	} catch (error) {
		return isAbort(error) ? stop(now) : cut(now);
	}
	return end(now);
}
