// Colours for code; loaded when the first block of code appears.

import hljs from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import css from 'highlight.js/lib/languages/css';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import python from 'highlight.js/lib/languages/python';
import sql from 'highlight.js/lib/languages/sql';
import typescript from 'highlight.js/lib/languages/typescript';
import xml from 'highlight.js/lib/languages/xml';

/** Longer code would hold up the page for longer than colours are worth. */
const MAX_LENGTH = 50_000;

const languages = { bash, css, javascript, json, python, sql, typescript, xml };

for (const [name, language] of Object.entries(languages)) {
	hljs.registerLanguage(name, language);
}

/** Code as HTML; undefined if the language, or an alias, is not among ours. */
export function highlight(code: string, language: string): string | undefined {
	if (code.length > MAX_LENGTH || !hljs.getLanguage(language)) return undefined;

	return hljs.highlight(code, { language, ignoreIllegals: true }).value;
}
