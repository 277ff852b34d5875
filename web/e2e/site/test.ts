// A test of the built site: behind nginx, before an API of its own.
import type { BrowserContext, Page } from '@playwright/test';
import { test as base, expect, type Fixtures as BaseFixtures } from '../base';
import { inspect } from '../inspect';
import { Api } from './api';
import { startNginx } from './nginx';

interface Fixtures {
	api: Api;
}

interface WorkerFixtures {
	server: { api: Api; url: string };
}

export const test = base.extend<Fixtures, WorkerFixtures>({
	server: [
		async ({}, use) => {
			const api = new Api();
			const nginx = await startNginx(await api.start());
			await use({ api, url: `http://127.0.0.1:${nginx.port}` });
			await nginx.end();
			nginx.remove();
			await api.stop();
		},
		{ scope: 'worker' }
	],
	baseURL: async ({ server }, use) => use(server.url),
	// auto: every page has an API that is sound to begin with
	api: [
		async ({ server }, use) => {
			server.api.reset();
			await use(server.api);
		},
		{ auto: true }
	]
});

export { expect };

type State = Fixtures &
	BaseFixtures & {
		page: Page;
		context: BrowserContext;
	};

/** A state of a page: in both languages, and in every look that inspect() has. */
export function state(name: string, reach: (fixtures: State) => Promise<void>) {
	for (const locale of ['zh-CN', 'en-US']) {
		test.describe(locale, () => {
			test.use({ locale });
			test(name, async ({ page, context, api, faults, word }) => {
				await reach({ page, context, api, faults, word });
				await inspect(page, `${name}, ${locale}`);
			});
		});
	}
}
