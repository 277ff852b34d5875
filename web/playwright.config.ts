import { defineConfig } from '@playwright/test';

const SECOND = 1000;

export default defineConfig({
	testDir: 'e2e',
	outputDir: 'test-results',
	fullyParallel: true,
	workers: 2,
	reporter: 'list',
	forbidOnly: true,
	// on a machine that is shared: what needed it is listed as flaky
	retries: process.env['CI'] ? 1 : 0,
	// so that a broken site fails and does not hang; nothing is measured by them
	timeout: 300 * SECOND,
	expect: { timeout: 60 * SECOND },
	use: {
		browserName: 'chromium',
		actionTimeout: 60 * SECOND,
		timezoneId: 'Asia/Shanghai',
		launchOptions: {
			executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
			args: [
				'--no-sandbox',
				'--disable-gpu',
				'--disable-quic',
				'--no-first-run',
				'--disable-background-networking',
				'--disable-component-update',
				'--disable-sync'
			]
		}
	},
	projects: [
		// the real product, which e2e/run has brought up
		{ name: 'journey', testMatch: 'journey/*.spec.ts' },
		// the built site behind its nginx, with an API that does as it is told
		{ name: 'site', testMatch: 'site/*.spec.ts' },
		// no test: what the README shows
		...(process.env['PICTURES'] ? [{ name: 'pictures', testMatch: 'pictures/*.spec.ts' }] : [])
	]
});
