// Conversations as they are kept: what is read back may be anything, so each
// part is checked, and what is not understood is left out.

import { cut } from './answer';
import { isCount, isObject, isText, type Json } from './json';
import type { Answer, Charge, Conversation, FailureKind, Message } from './types';

const STATES: readonly string[] = ['waiting', 'streaming', 'done', 'stopped', 'cut', 'failed'];
const FAILURES: readonly string[] = [
	'insufficient',
	'held',
	'frozen',
	'signed-out',
	'busy',
	'too-long',
	'refused',
	'unavailable',
	'network'
] satisfies FailureKind[];

function decodeCharge(value: unknown): Charge {
	if (!isObject(value)) return { state: 'unknown' };

	const { state, credits, input, output } = value;
	if (state === 'none' || state === 'pending') return { state };
	if (!isCount(credits) || !isCount(input) || !isCount(output)) return { state: 'unknown' };
	if (state === 'reported') return { state, credits, input, output };
	if (state === 'settled') {
		return { state, credits, input, output, estimated: value.estimated === true };
	}
	return { state: 'unknown' };
}

function decodeAnswer(id: string, text: string, value: Json): Answer | undefined {
	const { model, state, requestId, finish, failure } = value;
	if (!isText(model) || !isText(state) || !STATES.includes(state)) return undefined;

	const charge = decodeCharge(value.charge);
	const answer: Answer = {
		role: 'assistant',
		id,
		text,
		model,
		state: state as Answer['state'],
		// what has no name in the ledger cannot be looked up any more
		charge: charge.state === 'pending' && !isText(requestId) ? { state: 'unknown' } : charge,
		...(isText(requestId) && { requestId }),
		...(isText(finish) && { finish }),
		...(isText(failure) && FAILURES.includes(failure) && { failure: failure as FailureKind })
	};

	// nobody is reading its stream any more
	return cut(answer);
}

function decodeMessage(value: unknown): Message | undefined {
	if (!isObject(value) || !isText(value.id) || !isText(value.text)) return undefined;

	const { id, text, role } = value;
	if (role === 'user') return { role, id, text };
	return role === 'assistant' ? decodeAnswer(id, text, value) : undefined;
}

function decodeConversation(value: unknown): Conversation | undefined {
	if (!isObject(value) || !Array.isArray(value.messages)) return undefined;

	const { id, title, model, removedCredits, updatedAt } = value;
	if (!isText(id) || !isText(title) || !isText(model)) return undefined;
	if (!isCount(removedCredits) || !isCount(updatedAt)) return undefined;

	const messages = value.messages.map(decodeMessage);
	// one message less would put answers to the wrong questions
	if (!messages.every((message) => message !== undefined)) return undefined;

	return { id, title, model, messages, removedCredits, updatedAt };
}

export const VERSION = 1;

export function encode(conversations: readonly Conversation[]): string {
	return JSON.stringify({ version: VERSION, conversations });
}

/** The conversations of a stored text; none, if it is of another version. */
export function decode(text: string | null): Conversation[] {
	let stored: unknown;
	try {
		stored = JSON.parse(text ?? 'null');
	} catch {
		return [];
	}

	if (!isObject(stored) || stored.version !== VERSION) return [];
	if (!Array.isArray(stored.conversations)) return [];
	return stored.conversations.map(decodeConversation).filter((each) => each !== undefined);
}
