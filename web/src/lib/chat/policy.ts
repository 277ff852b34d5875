// What the HTML of an answer may hold, whichever sanitizer enforces it.

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
