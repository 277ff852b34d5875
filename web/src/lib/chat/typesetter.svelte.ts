// What draws Markdown: two parts that are brought when they are needed first.
// Until they are there a text is shown as it is, and code without colours.

import type { createRenderer, Highlight, Labels, Renderer } from './markdown';
import type { Fill } from './policy';

class Typesetter {
	#markdown = $state.raw<{ createRenderer: typeof createRenderer; fill: Fill }>();
	#highlight = $state.raw<Highlight>();
	#loading = false;
	#loadingColours = false;

	/** A renderer for one text; undefined until it is there. */
	renderer(labels: Labels): Renderer | undefined {
		return this.#markdown?.createRenderer({ labels, highlight: this.#highlight });
	}

	/** Puts what a renderer made where it is seen. */
	fill(node: Element, html: string) {
		this.#markdown?.fill(node, html);
	}

	/** Brings Markdown; when that fails, the next call tries again. */
	async load(): Promise<void> {
		if (this.#markdown || this.#loading) return;

		this.#loading = true;
		try {
			const { createRenderer, sanitizer } = await import('./typeset');
			this.#markdown = { createRenderer, fill: await sanitizer() };
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
