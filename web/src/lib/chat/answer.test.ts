import { describe, expect, it } from 'vitest';
import { advance, chargeOf, cut, end, fail, stop } from './answer';
import type { StreamEvent } from './sse';
import type { Answer } from './types';

const waiting: Answer = {
	role: 'assistant',
	id: 'a',
	model: 'm',
	text: '',
	state: 'waiting',
	charge: { state: 'pending' }
};

const after = (...events: StreamEvent[]) => events.reduce(advance, waiting);
const text = (value: string): StreamEvent => ({ type: 'text', text: value });

describe('an answer', () => {
	it('grows, is priced at once, and is done', () => {
		const answer = after(
			text('He'),
			text('llo'),
			{ type: 'finish', reason: 'stop' },
			{ type: 'usage', usage: { prompt: 1234, completion: 14000, total: 15234 } },
			{ type: 'done' }
		);

		expect(answer).toMatchObject({
			text: 'Hello',
			state: 'done',
			charge: { state: 'reported', credits: 16, input: 1234, output: 14000 }
		});
		expect(end(answer)).toBe(answer);
	});

	it('streams from its first text on', () => {
		expect(after({ type: 'usage', usage: {} }).state).toBe('waiting');
		expect(after(text('a')).state).toBe('streaming');
	});

	it('takes the last number that was reported', () => {
		const answer = after(
			{ type: 'usage', usage: { prompt: 3, completion: 1 } },
			{ type: 'usage', usage: { completion: 7 } }
		);
		expect(answer.usage).toEqual({ prompt: 3, completion: 7 });
	});

	it('is cut when its stream ends before it does', () => {
		expect(end(after(text('a'))).state).toBe('cut');
		expect(end(waiting).state).toBe('cut');
	});

	it('is done without [DONE] when it said that it was finished', () => {
		expect(end(after(text('a'), { type: 'finish', reason: 'length' }))).toMatchObject({
			state: 'done',
			finish: 'length'
		});
	});

	it('is cut by an error in the middle, and takes no more', () => {
		const answer = after(text('a'), { type: 'error' }, text('b'), { type: 'done' });
		expect(answer).toMatchObject({ state: 'cut', text: 'a' });
	});

	it('keeps what was written when it is stopped', () => {
		expect(stop(after(text('a')))).toMatchObject({ state: 'stopped', text: 'a' });
	});

	it('has one end only', () => {
		const done = after(text('a'), { type: 'done' });
		expect(stop(done)).toBe(done);
		expect(cut(done)).toBe(done);
		expect(end(stop(waiting)).state).toBe('stopped');
	});

	it('can fail', () => {
		expect(fail(waiting, 'busy')).toMatchObject({ state: 'failed', failure: 'busy' });
	});
});

describe('chargeOf', () => {
	it.each([
		[{ prompt: 1, completion: 0 }, 1, 1, 0],
		[{ prompt: 400, completion: 600, total: 1000 }, 1, 400, 600],
		[{ prompt: 400, completion: 601, total: 1001 }, 2, 400, 601],
		// reasoning outside the completion
		[{ prompt: 12, completion: 2, total: 354 }, 1, 12, 342],
		[{ prompt: 3, total: 2998 }, 3, 3, 2995],
		[{ total: 5000 }, 5, 0, 5000],
		[{ prompt: 0, completion: 0, total: 0 }, 0, 0, 0]
	])('%o', (usage, credits, input, output) => {
		expect(chargeOf(usage)).toEqual({ state: 'reported', credits, input, output });
	});

	it('does not take silence for zero', () => {
		expect(chargeOf({})).toEqual({ state: 'pending' });
	});
});
