// Markdown of an answer as HTML.  Nothing that a model writes may run, load
// or look like the page's own: raw HTML is shown as text (escaped before the
// sanitizer sees it, else each frame of a stream would log and load anew),
// images become links, and the sanitizer has the last word.

import { Marked, type Tokens } from 'marked';

export interface Labels {
	/** of the button that copies a block of code */
	copy: string;
	/** the language of a block that does not name one */
	code: string;
}

/** Code as HTML, or undefined if its language is not known. */
export type Highlight = (code: string, language: string) => string | undefined;

export interface Options {
	labels: Labels;
	highlight?: Highlight | undefined;
}

/** A piece of a document that is drawn, and drawn anew, as one. */
export interface Block {
	raw: string;
	/** it may go on */
	growing: boolean;
	/** before the sanitizer */
	html: string;
}

/** open: the text is still growing, at its end */
export type Renderer = (text: string, open: boolean) => Block[];

const ESCAPES: Record<string, string> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&#39;'
};

export function escape(text: string): string {
	return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}

/** Addresses a link may lead to; others stay text. */
const SAFE_LINK = /^(?:https?:\/\/|mailto:)/i;

function link(href: string, title: string | null | undefined, content: string): string {
	if (!SAFE_LINK.test(href)) return content;

	const hint = title ? ` title="${escape(title)}"` : '';
	return `<a href="${escape(href)}"${hint} target="_blank" rel="noopener noreferrer nofollow">${content}</a>`;
}

const languageOf = (info: string | undefined): string => /^[\w+#.-]*/.exec(info ?? '')?.[0] ?? '';

function codeBlock(
	text: string,
	info: string | undefined,
	labels: Labels,
	highlight: Highlight | undefined
): string {
	const language = languageOf(info);
	const code = highlight?.(text, language.toLowerCase()) ?? escape(text);

	return (
		'<div class="code-block"><div class="code-head">' +
		`<span>${escape(language || labels.code)}</span>` +
		`<button type="button" class="code-copy">${escape(labels.copy)}</button>` +
		// a region that scrolls is to be reached by the keyboard
		`</div><pre tabindex="0"><code>${code}</code></pre></div>`
	);
}

function cell(name: 'th' | 'td', { align }: Tokens.TableCell, content: string): string {
	return `<${name}${align ? ` align="${align}"` : ''}>${content}</${name}>`;
}

/** Renders the versions of one text, each faster for the one before. */
export function createRenderer({ labels, highlight }: Options): Renderer {
	// what is not finished changes with each frame: its colours can wait
	let highlighting: Highlight | undefined;
	let earlier: readonly Block[] = [];

	const marked = new Marked({
		gfm: true,
		renderer: {
			html: ({ text }) => escape(text),
			code: ({ text, lang }) => codeBlock(text, lang, labels, highlighting),
			link({ href, title, tokens }) {
				return link(href, title, this.parser.parseInline(tokens));
			},
			image: ({ href, title, text }) => link(href, title, escape(text || href)),
			// form controls are forbidden: the box of a task is a character
			checkbox: ({ checked }) => (checked ? '☑ ' : '☐ '),
			table({ header, rows }) {
				const row = (name: 'th' | 'td', cells: Tokens.TableCell[]) =>
					`<tr>${cells.map((it) => cell(name, it, this.parser.parseInline(it.tokens))).join('')}</tr>`;
				const body = rows.map((cells) => row('td', cells)).join('');

				return (
					'<div class="table-scroll" tabindex="0"><table>' +
					`<thead>${row('th', header)}</thead><tbody>${body}</tbody></table></div>`
				);
			}
		}
	});

	return (text, open) => {
		const tokens = marked.lexer(text).filter(({ type }) => type !== 'space' && type !== 'def');

		return (earlier = tokens.map((token, i) => {
			const before = earlier[i];
			const growing = open && i === tokens.length - 1;

			if (before?.raw === token.raw && before.growing === growing) return before;
			highlighting = growing ? undefined : highlight;
			return { raw: token.raw, growing, html: marked.parser([token]) };
		}));
	};
}
