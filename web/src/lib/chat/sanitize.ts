// The last word on the HTML of an answer (markdown.ts): the browser's own
// sanitizer, or DOMPurify for a browser that has none.

/** What markdown.ts makes; nothing else gets through. */
export const ELEMENTS = [
	...['p', 'br', 'hr', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'blockquote', 'ul', 'ol', 'li'],
	...['strong', 'em', 'del', 'a', 'code', 'pre', 'div', 'span', 'button'],
	...['table', 'thead', 'tbody', 'tr', 'th', 'td']
];
export const ATTRIBUTES = [
	...['align', 'class', 'href', 'rel', 'start', 'tabindex', 'target', 'title', 'type']
];

/** Replaces what is in a node. */
export type Fill = (node: Element, html: string) => void;

// TypeScript's library does not have these yet
type Config = SanitizerConfig & { dataAttributes: boolean };
type Native = Element & { setHTML?: (html: string, options: { sanitizer: Sanitizer }) => void };

export async function sanitizer(): Promise<Fill> {
	if (!('setHTML' in Element.prototype)) return (await import('./purify')).fill;

	const config: Config = { elements: ELEMENTS, attributes: ATTRIBUTES, dataAttributes: false };
	const sanitizer = new Sanitizer(config);
	return (node: Native, html) => node.setHTML?.(html, { sanitizer });
}
