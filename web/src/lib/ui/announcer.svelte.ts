/** What a screen reader says next, politely; drawn once by Announcer.svelte. */
class Announcer {
	#text = $state('');

	get text() {
		return this.#text;
	}

	say(text: string) {
		// a no-break space at the end makes a repetition a change
		this.#text = text === this.#text ? `${text}\u00a0` : text;
	}
}

export const announcer = new Announcer();
