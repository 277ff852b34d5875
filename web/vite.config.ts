import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vitest/config';

// `make up` serves the API there; Better Auth wants to see its own origin
const api = process.env['API_URL'] ?? 'http://127.0.0.1:8080';

export default defineConfig({
	// minified once, for the browsers below
	plugins: [tailwindcss({ optimize: false }), sveltekit()],
	build: {
		// the first with light-dark(), nesting, @property and class fields
		target: ['chrome123', 'edge123', 'firefox128', 'safari17.5'],
		rolldownOptions: {
			output: {
				// what most pages need, in two files: smaller than many, and fewer requests
				codeSplitting: {
					groups: [
						{ name: 'base', test: /node_modules\/(svelte|@sveltejs|esm-env|clsx)\// },
						{ name: 'shared', test: /src\/lib\/(?!credits\/texts|shell\/Site)/, minShareCount: 3 }
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
