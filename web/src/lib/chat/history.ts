// Earlier conversations, in this browser only: one entry of localStorage for
// each user, bounded in size, the oldest conversation leaving first.

import type { Store } from './storage';
import { decode, encode } from './stored';
import type { Conversation } from './types';

export const MAX_CONVERSATIONS = 50;
/** Of one user's entry, in UTF-16 units; browsers give a site about 5 million. */
export const MAX_LENGTH = 1_000_000;

export const keyOf = (userId: string): string => `credits.chats.${userId}`;

const newestFirst = (a: Conversation, b: Conversation): number => b.updatedAt - a.updatedAt;

/** One that alone is too long is kept without its oldest turns. */
function shorten(conversation: Conversation): Conversation {
	let { messages } = conversation;

	while (messages.length > 2 && encode([{ ...conversation, messages }]).length > MAX_LENGTH) {
		messages = messages.slice(Math.max(2, 2 * Math.floor(messages.length / 8)));
	}
	return { ...conversation, messages };
}

/** As many of them as may be kept, newest first. */
function bounded(conversations: readonly Conversation[], most: number): Conversation[] {
	const kept: Conversation[] = [];
	let length = encode([]).length;

	for (const each of conversations.toSorted(newestFirst).slice(0, most)) {
		const conversation = kept.length === 0 ? shorten(each) : each;
		length += JSON.stringify(conversation).length + 1;
		if (kept.length > 0 && length > MAX_LENGTH) break;
		kept.push(conversation);
	}
	return kept;
}

/** Writes what fits; a store that is full or forbidden keeps less, or nothing. */
function write(store: Store, userId: string, conversations: readonly Conversation[]) {
	for (let most = MAX_CONVERSATIONS; most >= 1; most = Math.floor(most / 2)) {
		const kept = bounded(conversations, most);
		try {
			store.setItem(keyOf(userId), encode(kept));
			return kept;
		} catch {
			// full: try with fewer
		}
	}
	return [];
}

/** The conversations kept for a user, newest first. */
export function load(store: Store, userId: string): Conversation[] {
	try {
		return decode(store.getItem(keyOf(userId))).sort(newestFirst);
	} catch {
		// storage is forbidden
		return [];
	}
}

/** Keeps a conversation, beside what other tabs have kept; returns all that are. */
export function save(store: Store, userId: string, conversation: Conversation): Conversation[] {
	const others = load(store, userId).filter(({ id }) => id !== conversation.id);

	return write(store, userId, [conversation, ...others]);
}

export function remove(store: Store, userId: string, id: string): Conversation[] {
	return write(
		store,
		userId,
		load(store, userId).filter((each) => each.id !== id)
	);
}
