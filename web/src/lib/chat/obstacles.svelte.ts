// What the server said stands in the way of the next question.

import { ApiError } from '$lib/api/http';
import { wallet } from '$lib/credits/wallet.svelte';

/** Of a 429 that does not say how long to wait, in seconds. */
const PAUSE = 5;

export class Obstacles {
	/** what was available when a question was refused for lack of credits */
	#refusedAt = $state.raw<number>();
	#retryAt = $state.raw(0);

	/** Until there are more credits nothing can be sent; false while nothing is known. */
	get insufficient(): boolean {
		if (wallet.level === 'empty') return true;
		return this.#refusedAt !== undefined && (wallet.available ?? 0) <= this.#refusedAt;
	}

	/** Not to be sent again before, in ms since 1970. */
	get retryAt() {
		return this.#retryAt;
	}

	/** Why a question was refused. */
	note(error: unknown) {
		if (!(error instanceof ApiError)) return;

		const { status, code, details, retryAfter = PAUSE } = error;
		if (status === 429) this.#retryAt = Date.now() + retryAfter * 1000;
		if (code === 'insufficient_credits') {
			this.#refusedAt = typeof details['available'] === 'number' ? details['available'] : 0;
		}
	}

	/** The next question shows what is still in the way. */
	forget() {
		this.#refusedAt = undefined;
	}
}
