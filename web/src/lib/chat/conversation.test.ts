import { describe, expect, it } from 'vitest';
import { fail } from './answer';
import {
	ask,
	emptyConversation,
	lastAnswer,
	questionOf,
	replaceAnswer,
	requestBody,
	rewind,
	titleOf,
	total
} from './conversation';
import type { Answer, Conversation } from './types';

function answered(conversation: Conversation, patch: Partial<Answer>): Conversation {
	const answer = lastAnswer(conversation);
	if (!answer) throw new Error('no answer');
	return replaceAnswer(conversation, { ...answer, state: 'done', ...patch });
}

const settled = (credits: number): Answer['charge'] => ({
	state: 'settled',
	credits,
	input: 1,
	output: 1,
	estimated: false
});

const one = answered(ask(emptyConversation('m'), 'first'), { text: '1', charge: settled(2) });
const two = answered(ask(one, 'second'), { text: '2', charge: settled(3) });

describe('a conversation', () => {
	it('is named by its first question', () => {
		expect(two.title).toBe('first');
	});

	it('sums what it cost', () => {
		expect(total(two)).toBe(5);
		expect(total(answered(two, { charge: { state: 'none' } }))).toBe(2);
	});

	it('keeps the price of answers that are taken away', () => {
		const id = lastAnswer(two)?.id ?? '';
		const back = rewind(two, id);

		expect(back.messages).toEqual(one.messages);
		expect(total(back)).toBe(5);
	});

	it('is rewound to before a question, or the question of an answer', () => {
		const [question, answer] = two.messages;
		expect(rewind(two, question?.id ?? '').messages).toEqual([]);
		expect(rewind(two, answer?.id ?? '').messages).toEqual([]);
		expect(rewind(two, question?.id ?? '').title).toBe('');
		expect(rewind(two, 'nobody')).toBe(two);
	});

	it('knows which question an answer is for', () => {
		expect(questionOf(two, lastAnswer(two)?.id ?? '')?.text).toBe('second');
		expect(questionOf(two, 'nobody')).toBeUndefined();
	});

	it('does not take an answer that is gone', () => {
		const late = lastAnswer(two);
		if (!late) throw new Error('no answer');
		expect(replaceAnswer(one, { ...late, text: 'late' }).messages).toEqual(one.messages);
	});
});

describe('requestBody', () => {
	it('asks for a stream with usage', () => {
		expect(requestBody(ask(two, 'third'))).toEqual({
			model: 'm',
			stream: true,
			stream_options: { include_usage: true },
			messages: [
				{ role: 'user', content: 'first' },
				{ role: 'assistant', content: '1' },
				{ role: 'user', content: 'second' },
				{ role: 'assistant', content: '2' },
				{ role: 'user', content: 'third' }
			]
		});
	});

	it('leaves out what was not sent', () => {
		const asked = ask(one, 'unsent');
		const answer = lastAnswer(asked);
		if (!answer) throw new Error('no answer');
		const refused = replaceAnswer(asked, fail(answer, 'insufficient'));

		expect(requestBody(ask(refused, 'third')).messages.map(({ content }) => content)).toEqual([
			'first',
			'1',
			'third'
		]);
	});
});

describe('titleOf', () => {
	it('takes the first line', () => {
		expect(titleOf('  Hello there \nand more')).toBe('Hello there');
	});

	it('cuts between characters', () => {
		expect(titleOf('👩‍💻'.repeat(100))).toBe(`${'👩‍💻'.repeat(59)}…`);
	});
});
