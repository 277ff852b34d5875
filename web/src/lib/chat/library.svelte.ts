// The user's conversations: the one on the screen, and the earlier ones.

import { answers, emptyConversation } from './conversation';
import { isOpen } from './answer';
import { keyOf, load, remove, save } from './history';
import { defaultModel, models } from './models';
import { durable, ofTab, recall, remember } from './storage';
import type { Conversation } from './types';

const isLive = (conversation: Conversation) => answers(conversation).some(isOpen);

export class Library {
	#user: string | undefined;
	#all = $state.raw<readonly Conversation[]>([]);
	#currentId = $state.raw('');
	/** what there is before the first question */
	#blank = $state.raw(emptyConversation(defaultModel));

	/** the new one, if there is none of that id any more */
	get current(): Conversation {
		return this.find(this.#currentId) ?? this.#blank;
	}

	/** newest first */
	get all() {
		return this.#all;
	}

	find(id: string): Conversation | undefined {
		return this.#all.find((each) => each.id === id);
	}

	/** Brings what was kept for this user, and what this tab showed last. */
	open(user: string) {
		// what began before the user was known
		const begun = this.#all;

		this.#user = user;
		this.#all = [...begun, ...load(durable, user)];
		for (const { id } of begun) this.keep(id);
		this.#currentId ||= recall(ofTab, `credits.chat.${user}`);
		// one that was picked before the user was known stays
		if (this.#blank.model === defaultModel) this.blank();
	}

	/** Nobody's: what was kept stays kept. */
	close() {
		this.#user = undefined;
		this.#all = [];
		this.#currentId = '';
		this.blank();
	}

	/** The next new conversation, with the model that was used last. */
	blank() {
		const last = this.#all[0]?.model;
		const model = models.find(({ id }) => id === last)?.id ?? defaultModel;
		this.#blank = emptyConversation(model);
	}

	/** '' shows the new one. */
	show(id: string) {
		if (id === '') this.blank();
		this.#currentId = id;
		if (this.#user !== undefined) remember(ofTab, `credits.chat.${this.#user}`, id);
	}

	setModel(model: string) {
		const current = { ...this.current, model };

		if (current.id === this.#blank.id) this.#blank = current;
		else this.put(current);
	}

	/** Takes a conversation, in place of its earlier version. */
	put(conversation: Conversation) {
		const others = this.#all.filter(({ id }) => id !== conversation.id);
		this.#all = [conversation, ...others].sort((a, b) => b.updatedAt - a.updatedAt);
	}

	/** Writes it down. */
	keep(id: string) {
		const conversation = this.find(id);
		if (conversation && this.#user !== undefined) save(durable, this.#user, conversation);
	}

	forget(id: string) {
		this.#all = this.#all.filter((each) => each.id !== id);
		if (this.#user !== undefined) remove(durable, this.#user, id);
		if (this.#currentId === id) this.show('');
	}

	/** Another tab has written: what is being written here is newer. */
	merge({ key }: StorageEvent) {
		if (this.#user === undefined || key !== keyOf(this.#user)) return;

		const live = this.#all.filter(isLive);
		const others = load(durable, this.#user).filter(({ id }) => !live.some((it) => it.id === id));
		this.#all = [...live, ...others].sort((a, b) => b.updatedAt - a.updatedAt);
	}
}
