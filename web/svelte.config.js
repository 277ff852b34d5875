import { execFileSync } from 'node:child_process';
import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';
import adapter from './adapter.js';

/** The commit: builds of one commit are the same, byte for byte. */
function version() {
	try {
		return execFileSync('git', ['rev-parse', 'HEAD'], { stdio: 'pipe' }).toString().trim();
	} catch {
		return 'unversioned';
	}
}

/** @type {import('@sveltejs/kit').Config} */
export default {
	preprocess: vitePreprocess(),
	compilerOptions: { runes: true },
	kit: {
		adapter: adapter(),
		paths: { relative: false },
		prerender: { entries: ['*'] },
		version: { name: version(), pollInterval: 60_000 },
		// files that svelte-check and eslint read besides src
		typescript: {
			config: (config) => ({
				...config,
				include: [
					.../** @type {string[]} */ (config['include']),
					'../adapter.js',
					'../adapter.test.ts',
					'../svelte.config.js',
					'../eslint.config.js',
					'../playwright.config.ts',
					'../e2e/**/*.ts',
					'../scripts/**/*.mjs'
				]
			})
		}
	}
};
