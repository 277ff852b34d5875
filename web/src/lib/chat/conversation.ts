// Conversations: every change makes a new one.

import type { Answer, Conversation, Message, Question } from './types';

const TITLE_LENGTH = 60;

const isQuestion = (message: Message | undefined): message is Question => message?.role === 'user';
const isAnswer = (message: Message | undefined): message is Answer => message?.role === 'assistant';

/** Unique enough for this browser; crypto.randomUUID needs https. */
export function newId(): string {
	return Array.from(crypto.getRandomValues(new Uint32Array(3)), (word) => word.toString(36)).join(
		''
	);
}

export function emptyConversation(model: string): Conversation {
	return { id: newId(), title: '', model, messages: [], removedCredits: 0, updatedAt: Date.now() };
}

/** The first line, cut between characters. */
export function titleOf(text: string): string {
	// a segmenter's time grows faster than the text
	const line = (text.trim().split('\n', 1)[0] ?? '').trim().slice(0, 20 * TITLE_LENGTH);
	const characters = Array.from(new Intl.Segmenter().segment(line), ({ segment }) => segment);

	if (characters.length <= TITLE_LENGTH) return line;
	return `${characters.slice(0, TITLE_LENGTH - 1).join('')}…`;
}

/** Adds a question and the answer that is now waited for. */
export function ask(conversation: Conversation, text: string): Conversation {
	const question: Question = { role: 'user', id: newId(), text };
	const answer: Answer = {
		role: 'assistant',
		id: newId(),
		model: conversation.model,
		text: '',
		state: 'waiting',
		charge: { state: 'pending' }
	};

	return {
		...conversation,
		title: conversation.title === '' ? titleOf(text) : conversation.title,
		messages: [...conversation.messages, question, answer],
		updatedAt: Date.now()
	};
}

/** Puts a newer version of an answer in its place, if it is still there. */
export function replaceAnswer(conversation: Conversation, answer: Answer): Conversation {
	const messages = conversation.messages.map((each) => (each.id === answer.id ? answer : each));

	return { ...conversation, messages };
}

/** Takes away a question or the question of an answer, and all that came after it. */
export function rewind(conversation: Conversation, id: string): Conversation {
	const found = conversation.messages.findIndex((message) => message.id === id);
	if (found < 0) return conversation;

	const start = isQuestion(conversation.messages[found]) ? found : found - 1;
	const messages = conversation.messages.slice(0, start);
	const removed = conversation.messages.slice(start);

	return {
		...conversation,
		// a first question that is asked anew names the conversation anew
		title: start === 0 ? '' : conversation.title,
		messages,
		removedCredits: conversation.removedCredits + sum(removed)
	};
}

/** The question that an answer belongs to. */
export function questionOf(conversation: Conversation, answerId: string): Question | undefined {
	const found = conversation.messages.findIndex((message) => message.id === answerId);
	const before = conversation.messages[found - 1];

	return isQuestion(before) ? before : undefined;
}

export function lastAnswer(conversation: Conversation): Answer | undefined {
	const last = conversation.messages.at(-1);

	return isAnswer(last) ? last : undefined;
}

export function answers(conversation: Conversation): Answer[] {
	return conversation.messages.filter(isAnswer);
}

function sum(messages: readonly Message[]): number {
	return messages.filter(isAnswer).reduce((total, { charge }) => {
		return total + ('credits' in charge ? charge.credits : 0);
	}, 0);
}

/** What the conversation has cost so far, in credits, removed answers included. */
export function total(conversation: Conversation): number {
	return conversation.removedCredits + sum(conversation.messages);
}

/** The body of the request that asks for the last answer. */
export function requestBody(conversation: Conversation) {
	const { messages, model } = conversation;
	// a question that never got an answer is not asked again, but for the last
	const asked = messages.filter((message, i) => {
		if (isAnswer(message)) return message.text !== '';
		const answer = messages[i + 1];
		return i >= messages.length - 2 || (isAnswer(answer) && answer.text !== '');
	});

	return {
		model,
		stream: true,
		// without it the usage chunk is kept from us
		stream_options: { include_usage: true },
		messages: asked.map(({ role, text }) => ({ role, content: text }))
	};
}
