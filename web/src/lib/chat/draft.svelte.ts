// What is being typed, kept as long as the tab.

import { ofTab, recall, remember } from './storage';

export class Draft {
	#user: string | undefined;
	#text = $state('');

	get text() {
		return this.#text;
	}

	set text(text: string) {
		this.#text = text;
		if (this.#user !== undefined) remember(ofTab, `credits.draft.${this.#user}`, text);
	}

	/** Brings this user's; what was typed before the user was known stays. */
	open(user: string) {
		this.#user = user;
		this.text ||= recall(ofTab, `credits.draft.${user}`);
	}

	/** Nobody's: what was kept stays kept. */
	close() {
		this.#user = undefined;
		this.#text = '';
	}
}
