import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { minify } from 'terser';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

// `make up` serves the API there; Better Auth wants to see its own origin
const api = process.env['API_URL'] ?? 'http://127.0.0.1:8080';

/** Of src/lib: what every page needs. */
const SHARED = new RegExp(
	`src/lib/(${[
		'api/(decode|fields|http)',
		'auth/(next|session)',
		'credits/(credits|wallet)\\.',
		'i18n/(dictionary|format|locale|shell)',
		'shell/(Brand|SkipLink)',
		'ui/(Alert|Button|Icon|Skeleton|announcer|online)'
	].join('|')})`
);

/** Terser, before Vite's own minifier: together they make 3 % less than either. */
function minified(): Plugin {
	return {
		name: 'terser',
		apply: 'build',
		async renderChunk(code) {
			if (this.environment.name !== 'client') return null;
			const result = await minify(code, {
				module: true,
				ecma: 2020,
				compress: { passes: 3, pure_getters: true, keep_fargs: false, unsafe_arrows: true },
				format: { preserve_annotations: true }
			});
			return result.code === undefined ? null : { code: result.code, map: null };
		}
	};
}

export default defineConfig({
	// minified once, for the browsers below
	plugins: [tailwindcss({ optimize: false }), sveltekit(), minified()],
	build: {
		// the first with light-dark(), nesting, @property and class fields
		target: ['chrome123', 'edge123', 'firefox128', 'safari17.5'],
		// the pages link what they need; what comes later needs little besides
		modulePreload: false,
		rolldownOptions: {
			// no getter here does anything but get
			treeshake: { propertyReadSideEffects: false },
			optimization: { inlineConst: { mode: 'all', pass: 3 } },
			output: {
				// what every page needs, in two files: smaller than many, and fewer requests
				codeSplitting: {
					groups: [
						{
							name: 'base',
							test: /node_modules\/(svelte|@sveltejs|esm-env|clsx)\/|vite\/|rolldown/
						},
						{ name: 'shared', test: SHARED }
					]
				}
			}
		}
	},
	server: {
		host: '127.0.0.1',
		proxy: { '/api': { target: api, headers: { origin: api } } }
	},
	// the runes of *.svelte.ts under test are the browser's
	...(process.env['VITEST'] ? { resolve: { conditions: ['browser'] } } : {}),
	test: {
		include: ['src/**/*.test.ts', '*.test.ts'],
		environment: 'node'
	}
});
