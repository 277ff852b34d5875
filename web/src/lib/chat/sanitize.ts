// The last word on the HTML of an answer (markdown.ts): the browser's own
// sanitizer, or DOMPurify for a browser that has none.

import { ATTRIBUTES, ELEMENTS, type Fill } from './policy';

// TypeScript's library does not have these yet
type Config = SanitizerConfig & { dataAttributes: boolean };
type Native = Element & { setHTML?: (html: string, options: { sanitizer: Sanitizer }) => void };

export async function sanitizer(): Promise<Fill> {
	if (!('setHTML' in Element.prototype)) return (await import('./purify')).fill;

	const config: Config = { elements: ELEMENTS, attributes: ATTRIBUTES, dataAttributes: false };
	const sanitizer = new Sanitizer(config);
	return (node: Native, html) => node.setHTML?.(html, { sanitizer });
}
