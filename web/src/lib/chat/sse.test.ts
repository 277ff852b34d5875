import { describe, expect, it } from 'vitest';
import { decodeChunk, readEvents, type StreamEvent } from './sse';

const bytes = new TextEncoder();

/** A body that arrives in pieces of so many bytes. */
function body(text: string, size = Infinity): ReadableStream<Uint8Array<ArrayBuffer>> {
	const all = bytes.encode(text);

	return new ReadableStream({
		start(controller) {
			const step = Math.min(size, all.length);
			for (let i = 0; i < all.length; i += step) controller.enqueue(all.slice(i, i + step));
			controller.close();
		}
	});
}

async function eventsOf(text: string, size?: number): Promise<StreamEvent[]> {
	const events: StreamEvent[] = [];
	for await (const event of readEvents(body(text, size))) events.push(event);
	return events;
}

const chunk = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
const delta = (content: string) => ({
	choices: [{ index: 0, delta: { content }, finish_reason: null }],
	usage: null
});

const STREAM = [
	chunk({ choices: [], prompt_filter_results: [] }),
	chunk({ choices: [{ index: 0, delta: { role: 'assistant', content: '' } }] }),
	': a comment\n\n',
	chunk(delta('你好，')),
	chunk(delta('world 😀')),
	chunk({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage: null }),
	chunk({
		choices: [],
		usage: { prompt_tokens: 16, completion_tokens: 300, total_tokens: 316 },
		obfuscation: 'h9'
	}),
	'data: [DONE]\n\n'
].join('');

const EVENTS: StreamEvent[] = [
	{ type: 'text', text: '你好，' },
	{ type: 'text', text: 'world 😀' },
	{ type: 'finish', reason: 'stop' },
	{ type: 'usage', usage: { prompt: 16, completion: 300, total: 316 } },
	{ type: 'done' }
];

describe('readEvents', () => {
	it('reads a stream of chunks', async () => {
		expect(await eventsOf(STREAM)).toEqual(EVENTS);
	});

	it.each([1, 2, 3, 7, 64])('does not mind where the bytes are cut: every %i', async (size) => {
		expect(await eventsOf(STREAM, size)).toEqual(EVENTS);
	});

	it('takes CRLF, a byte order mark and no blank after the colon', async () => {
		const text = `\uFEFF${STREAM}`.replaceAll('\n', '\r\n').replaceAll('data: ', 'data:');
		expect(await eventsOf(text, 5)).toEqual(EVENTS);
	});

	it('takes a last event without its blank line', async () => {
		expect(await eventsOf(STREAM.trimEnd())).toEqual(EVENTS);
	});

	it('leaves out half an event at the end', async () => {
		const text = `${chunk(delta('a'))}data: {"choices":[{"delta":{"con`;
		expect(await eventsOf(text)).toEqual([{ type: 'text', text: 'a' }]);
	});

	it('throws what the body throws, after what came before', async () => {
		let first = true;
		const broken = new ReadableStream<Uint8Array<ArrayBuffer>>({
			pull(controller) {
				if (first) controller.enqueue(bytes.encode(chunk(delta('a'))));
				else controller.error(new TypeError('network'));
				first = false;
			}
		});
		const events: StreamEvent[] = [];
		const reading = async () => {
			for await (const event of readEvents(broken)) events.push(event);
		};

		await expect(reading()).rejects.toThrow('network');
		expect(events).toEqual([{ type: 'text', text: 'a' }]);
	});

	it('cancels a body that is left', async () => {
		let cancelled = false;
		const endless = new ReadableStream<Uint8Array<ArrayBuffer>>({
			pull: (controller) => controller.enqueue(bytes.encode(chunk(delta('a')))),
			cancel: () => {
				cancelled = true;
			}
		});

		for await (const event of readEvents(endless)) {
			expect(event.type).toBe('text');
			break;
		}
		expect(cancelled).toBe(true);
	});
});

describe('decodeChunk', () => {
	it('believes only counts', () => {
		const usage = { prompt_tokens: null, completion_tokens: -1, total_tokens: 1.5 };
		expect(decodeChunk(JSON.stringify({ choices: [], usage }))).toEqual([
			{ type: 'usage', usage: {} }
		]);
	});

	it('does not take usage out of a text', () => {
		const text = '"usage":{"total_tokens":1}';
		expect(decodeChunk(JSON.stringify(delta(text)))).toEqual([{ type: 'text', text }]);
	});

	it('knows an error in the middle', () => {
		expect(decodeChunk('{"error":{"code":402,"message":"…"}}')).toEqual([{ type: 'error' }]);
	});

	it.each(['', 'null', '[]', '{', '"[DONE]"', '{"choices":[null]}', '{"choices":{}}'])(
		'makes nothing of %j',
		(data) => {
			expect(decodeChunk(data)).toEqual([]);
		}
	);
});
