import { describe, expect, it } from 'vitest';
import { createRenderer, type Highlight } from './markdown';

const labels = { copy: 'Copy', code: 'code' };

// before the sanitizer, which needs a browser: most of it must be safe already
function html(text: string, highlight?: Highlight): string {
	return createRenderer({ labels, highlight })(text, false)
		.map((block) => block.html)
		.join('');
}

describe('Markdown', () => {
	it('is rendered', () => {
		expect(html('**a** `b`')).toBe('<p><strong>a</strong> <code>b</code></p>\n');
	});

	it('shows raw HTML as text', () => {
		expect(html('<img src=x onerror=alert(1)>')).not.toContain('<img');
		expect(html('a <script>alert(1)</script> b')).toContain('&lt;script&gt;');
	});

	it('makes a link of an image: nothing is fetched', () => {
		const it = html('![a "b"](https://example.com/?q=secret)');
		expect(it).not.toContain('<img');
		expect(it).toContain('href="https://example.com/?q=secret"');
	});

	it.each([
		'javascript:alert(1)',
		'JaVaScRiPt:alert(1)',
		'data:text/html,x',
		'vbscript:x',
		'//x',
		'/api'
	])('does not link to %s', (href) => {
		expect(html(`[a](${href})`)).toBe('<p>a</p>\n');
	});

	it('opens links beside the chat, and tells them nothing', () => {
		expect(html('[a](https://example.com "t")')).toBe(
			'<p><a href="https://example.com" title="t" target="_blank" rel="noopener noreferrer nofollow">a</a></p>\n'
		);
	});

	it('escapes what is in an address', () => {
		expect(html('[a](<https://example.com/"onclick=x>)')).not.toMatch(/"onclick/);
	});

	it('gives code a head with its language, wherever it is', () => {
		for (const text of ['```js\nx < 1\n```', '- a\n\n  ```js\n  x < 1\n  ```']) {
			expect(html(text)).toContain('<span>js</span>');
			expect(html(text)).toContain('<code>x &lt; 1</code>');
			expect(html(text)).toContain('>Copy</button>');
		}
		expect(html('```\nx\n```')).toContain('<span>code</span>');
	});

	it('takes only the word of an info string', () => {
		expect(html('```"><script>\nx\n```')).not.toContain('<script>');
	});

	it('writes a task without a form control, and a table that can scroll', () => {
		expect(html('- [x] a')).toContain('☑ ');
		expect(html('- [x] a')).not.toContain('<input');
		const table = html('|a|b|\n|-|-:|\n|1|`2`|');
		expect(table).toContain('<div class="table-scroll" tabindex="0"><table>');
		expect(table).toContain('<td align="right"><code>2</code></td>');
	});

	it('colours code of a known language', () => {
		const highlight: Highlight = (code, language) =>
			language === 'js' ? `<b>${code}</b>` : undefined;
		expect(html('```JS\n1\n```', highlight)).toContain('<code><b>1</b></code>');
		expect(html('```c\n<\n```', highlight)).toContain('<code>&lt;</code>');
	});
});

describe('a growing text', () => {
	it('is rendered anew only at its end', () => {
		const render = createRenderer({ labels });

		const first = render('# a\n\nb', true);
		const second = render('# a\n\nb c', true);
		expect(second[0]).toBe(first[0]);
		expect(second[1]?.html).toBe('<p>b c</p>\n');
		expect(render('# a\n\nb c', false)[1]?.html).toBe(second[1]?.html);
	});

	it('gets its colours when a block is over', () => {
		const render = createRenderer({
			labels,
			highlight: (code) => `<b>${code}</b>`
		});

		expect(render('```js\n1\n```', true)[0]?.html).toContain('<code>1</code>');
		expect(render('```js\n1\n```\n\na', true)[0]?.html).toContain('<code><b>1</b></code>');
		expect(render('```js\n1\n```', false)[0]?.html).toContain('<code><b>1</b></code>');
	});

	it('ends the same as if it had come at once', () => {
		const text = 'a\n\n- b\n- c\n\n```js\nd\n```\n\n| e |\n|---|\n| f |\n\n> g\n\n1. h\n';
		const render = createRenderer({ labels });
		for (let i = 1; i < text.length; i++) render(text.slice(0, i), true);
		expect(
			render(text, false)
				.map((it) => it.html)
				.join('')
		).toBe(html(text));
	});
});
