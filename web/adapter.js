import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import staticAdapter from '@sveltejs/adapter-static';
import { minify_sync as minify } from 'terser';

const OUT = 'build';
const BOOT = '_app/immutable/boot';
// of static/: the bundler does not see it
const PREFS = 'prefs.js';

/** @param {string} code a classic script */
const minified = (code) => minify(code).code ?? code;

/**
 * Moves each inline script of a page into a file of its own, so that the page
 * runs under a policy without 'unsafe-inline'. The tag stays where it was,
 * classic and blocking: SvelteKit's boot code reads document.currentScript.
 *
 * @param {string} html
 * @param {(name: string, code: string) => void} write
 */
export function externaliseScripts(html, write) {
	return html.replace(/<script>([\s\S]*?)<\/script>/g, (_, /** @type {string} */ code) => {
		const name = `${createHash('sha256').update(code).digest('hex').slice(0, 16)}.js`;
		write(name, code);
		return `<script src="/${BOOT}/${name}"></script>`;
	});
}

/** adapter-static, then the scripts that no bundler had, and only then compression. */
export default function adapter() {
	const { adapt } = staticAdapter({
		pages: OUT,
		assets: OUT,
		fallback: '404.html',
		precompress: false,
		strict: true
	});

	return {
		name: 'static-without-inline-scripts',
		/** @param {import('@sveltejs/kit').Builder} builder */
		async adapt(builder) {
			await adapt(builder);

			mkdirSync(join(OUT, BOOT), { recursive: true });
			for (const file of readdirSync(OUT, { recursive: true, encoding: 'utf8' })) {
				if (!file.endsWith('.html')) continue;
				const path = join(OUT, file);
				const html = externaliseScripts(readFileSync(path, 'utf8'), (name, code) => {
					writeFileSync(join(OUT, BOOT, name), minified(code));
				});
				writeFileSync(path, html);
			}
			const prefs = join(OUT, PREFS);
			writeFileSync(prefs, minified(readFileSync(prefs, 'utf8')));
			await builder.compress(OUT);
		}
	};
}
