// Whatever the browser complains of fails the test, unless the test said that
// it would happen.
import { expect, type Page } from '@playwright/test';

/** Of a request: its HTTP status, no network, an answer without its end, forbidden. */
export type Failure = number | 'offline' | 'cut' | 'forbidden';

const STATUS = /^Failed to load resource: the server responded with a status of (\d+)/;
const ERRORS: Record<string, Failure> = {
	'net::ERR_INTERNET_DISCONNECTED': 'offline',
	'net::ERR_INCOMPLETE_CHUNKED_ENCODING': 'cut',
	csp: 'forbidden'
};

function failureIn(message: string): Failure | undefined {
	const status = STATUS.exec(message)?.[1];
	if (status !== undefined) return Number(status);
	return ERRORS[/^csp$|net::\w+/.exec(message)?.[0] ?? ''];
}

export class Faults {
	#expected = new Set<Failure>();
	#seen: string[] = [];

	/** These failures of requests are part of the test. */
	expect(...failures: Failure[]) {
		for (const failure of failures) this.#expected.add(failure);
	}

	watch(page: Page) {
		page.on('console', (message) => {
			const failure = failureIn(message.text());
			if (failure === undefined) this.#seen.push(`${message.type()}: ${message.text()}`);
			else this.#failed(failure, message.location().url);
		});
		page.on('pageerror', (error) => this.#seen.push(`page error: ${error.message}`));
		page.on('response', (response) => {
			if (response.status() >= 400) this.#failed(response.status(), response.url());
		});
		page.on('requestfailed', (request) => {
			const text = request.failure()?.errorText ?? 'unknown';
			// the page itself gave it up: for a newer one, or because it was left
			if (text === 'net::ERR_ABORTED') return;
			const failure = failureIn(text);
			if (failure === undefined) this.#seen.push(`${request.url()}: ${text}`);
			else this.#failed(failure, request.url());
		});
	}

	check() {
		expect(this.#seen, 'complaints of the browser').toEqual([]);
	}

	#failed(failure: Failure, url: string) {
		if (!this.#expected.has(failure)) this.#seen.push(`${failure}: ${url}`);
	}
}
