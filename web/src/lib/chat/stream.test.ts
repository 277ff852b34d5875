import { describe, expect, it } from 'vitest';
import { ApiError } from '$lib/api/http';
import { stream } from './stream';
import type { Answer } from './types';

const waiting: Answer = {
	role: 'assistant',
	id: 'a',
	model: 'm',
	text: '',
	state: 'waiting',
	charge: { state: 'pending' }
};

const headers = { 'Content-Type': 'text/event-stream; charset=utf-8', 'X-Credits-Request-Id': 'r' };
const hello = 'data: {"choices":[{"delta":{"content":"Hello"}}]}\n\n';
const done = 'data: [DONE]\n\n';

/** Runs a request that is answered so. */
async function run(post: () => Response | Promise<Response>) {
	const versions: Answer[] = [];
	const refusals: unknown[] = [];
	const answer = await stream(waiting, () => Promise.resolve().then(post), {
		onchange: (each) => versions.push(each),
		onrefused: (error) => refusals.push(error)
	});
	return { answer, versions, refusals };
}

/** A body that says hello and then does this. */
function helloThen(act: (controller: ReadableStreamDefaultController<Uint8Array>) => void) {
	let first = true;
	return new ReadableStream<Uint8Array>({
		pull(controller) {
			if (first) controller.enqueue(new TextEncoder().encode(hello));
			else act(controller);
			first = false;
		}
	});
}

describe('stream', () => {
	it('brings an answer and the id of its charge', async () => {
		const { answer, versions } = await run(() => new Response(hello + done, { headers }));
		expect(answer).toMatchObject({ state: 'done', text: 'Hello', requestId: 'r' });
		expect(versions[0]).toMatchObject({ state: 'waiting', requestId: 'r' });
	});

	it('keeps what came before the connection was lost', async () => {
		const body = helloThen((controller) => controller.error(new TypeError('network')));
		const { answer } = await run(() => new Response(body, { headers }));
		expect(answer).toMatchObject({ state: 'cut', text: 'Hello', requestId: 'r' });
	});

	it('keeps what came before it was stopped', async () => {
		const body = helloThen((controller) => controller.error(new DOMException('', 'AbortError')));
		const { answer } = await run(() => new Response(body, { headers }));
		expect(answer).toMatchObject({ state: 'stopped', text: 'Hello' });
	});

	it('may be stopped before it began', async () => {
		const { answer, refusals } = await run(() => {
			throw new DOMException('', 'AbortError');
		});
		expect(answer).toMatchObject({ state: 'stopped', text: '' });
		expect(refusals).toEqual([]);
	});

	it('tells why it was refused', async () => {
		const error = new ApiError(429, 'rate_limit_exceeded', 7);
		const { answer, refusals } = await run(() => {
			throw error;
		});
		expect(answer).toMatchObject({ state: 'failed', failure: 'busy' });
		expect(refusals).toEqual([error]);
	});

	it('keeps the id of a charge that came with a failure', async () => {
		const { answer } = await run(() => {
			throw new ApiError(502, undefined, undefined, {}, new Headers(headers));
		});
		expect(answer).toMatchObject({ state: 'failed', failure: 'unavailable', requestId: 'r' });
	});

	it('takes no page for an answer', async () => {
		const page = { headers: { 'Content-Type': 'text/html' } };
		const { answer } = await run(() => new Response('<p>Sign in to this Wi-Fi</p>', page));
		expect(answer).toMatchObject({ state: 'cut', text: '' });
	});
});
