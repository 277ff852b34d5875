// A stream of chat completion chunks as events.

import { createParser } from 'eventsource-parser';
import { isCount, isObject, type Json } from './json';
import type { Usage } from './types';

export type StreamEvent =
	| { type: 'text'; text: string }
	| { type: 'usage'; usage: Usage }
	| { type: 'finish'; reason: string }
	/** The provider gave up in the middle. */
	| { type: 'error' }
	/** [DONE] */
	| { type: 'done' };

/** One event may hold this much, in UTF-16 units: far more than any chunk. */
const MAX_EVENT = 4 * 1024 * 1024;

function decodeUsage(value: Json): Usage {
	const { prompt_tokens: prompt, completion_tokens: completion, total_tokens: total } = value;

	return {
		...(isCount(prompt) && { prompt }),
		...(isCount(completion) && { completion }),
		...(isCount(total) && { total })
	};
}

function parse(data: string): unknown {
	try {
		return JSON.parse(data);
	} catch {
		return undefined;
	}
}

/** What the data of one server-sent event says; nothing, if it is not readable. */
export function decodeChunk(data: string): StreamEvent[] {
	if (data.trim() === '[DONE]') return [{ type: 'done' }];

	const chunk = parse(data);
	if (!isObject(chunk)) return [];
	if (isObject(chunk.error)) return [{ type: 'error' }];

	const events: StreamEvent[] = [];
	const choice: unknown = Array.isArray(chunk.choices) ? chunk.choices[0] : undefined;
	if (isObject(choice)) {
		const text = isObject(choice.delta) ? choice.delta.content : undefined;
		if (typeof text === 'string' && text !== '') events.push({ type: 'text', text });
		const reason = choice.finish_reason;
		if (typeof reason === 'string') events.push({ type: 'finish', reason });
	}
	if (isObject(chunk.usage)) events.push({ type: 'usage', usage: decodeUsage(chunk.usage) });
	return events;
}

/**
 * The events of a body, as they arrive. Ends when the body does; throws what
 * reading the body throws. Leaving the loop early cancels the body.
 */
export async function* readEvents(
	body: ReadableStream<Uint8Array<ArrayBuffer>>
): AsyncGenerator<StreamEvent, void, undefined> {
	const events: StreamEvent[] = [];
	const parser = createParser({
		onEvent: ({ data }) => events.push(...decodeChunk(data)),
		maxBufferSize: MAX_EVENT
	});
	const decoder = new TextDecoder();
	const reader = body.getReader();

	try {
		for (;;) {
			const { done, value } = await reader.read();
			// the last event may lack the blank line that ends it
			parser.feed(done ? `${decoder.decode()}\n\n` : decoder.decode(value, { stream: true }));
			yield* events.splice(0);
			if (done) return;
		}
	} finally {
		await reader.cancel().catch(() => undefined);
	}
}
