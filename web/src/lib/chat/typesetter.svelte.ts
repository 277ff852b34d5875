// What draws Markdown: two parts that are brought when they are needed first.
// Until they are there a text is shown as it is, and code without colours.

import type { Highlight, Labels, Renderer } from './markdown';

class Typesetter {
	#create = $state.raw<(labels: Labels, highlight: Highlight | undefined) => Renderer>();
	#highlight = $state.raw<Highlight>();
	#loading = false;
	#loadingColours = false;

	/** A renderer for one text; undefined until it is there. */
	renderer(labels: Labels): Renderer | undefined {
		return this.#create?.(labels, this.#highlight);
	}

	/** Brings Markdown; when that fails, the next call tries again. */
	async load(): Promise<void> {
		if (this.#create || this.#loading) return;

		this.#loading = true;
		try {
			const [{ createRenderer }, { sanitize }] = await Promise.all([
				import('./markdown'),
				import('./sanitize')
			]);
			this.#create = (labels, highlight) => createRenderer({ labels, sanitize, highlight });
		} catch {
			// offline: the text is readable as it is
		} finally {
			this.#loading = false;
		}
	}

	/** Brings the colours of code; see load(). */
	async loadColours(): Promise<void> {
		if (this.#highlight || this.#loadingColours) return;

		this.#loadingColours = true;
		try {
			this.#highlight = (await import('./hljs')).highlight;
		} catch {
			// offline: code is readable without
		} finally {
			this.#loadingColours = false;
		}
	}
}

export const typesetter = new Typesetter();
