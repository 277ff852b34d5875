import { decodeCredits } from '$lib/api/decode';
import { getJson, isAbort } from '$lib/api/http';
import type { Credits } from '$lib/api/types';
import { levelOf } from './credits';

/** Between refreshes that nobody asked for, in milliseconds. */
const SPACING = 5_000;

/** What the user has, as the server said last; numbers outlive an error. */
export class Wallet {
	#credits = $state.raw<Credits>();
	#updatedAt = $state<number>();
	#failed = $state(false);
	#busy = $state(false);
	#call: AbortController | undefined;
	#askedAt = -Infinity;

	get credits() {
		return this.#credits;
	}

	/** undefined until the server has said it */
	get balance() {
		return this.#credits?.balance;
	}

	get held() {
		return this.#credits?.held ?? 0;
	}

	get available() {
		return this.#credits?.available;
	}

	get level() {
		const it = this.#credits;
		return it && levelOf(it.balance - it.debt);
	}

	/** when the numbers shown came, in milliseconds since 1970 */
	get updatedAt() {
		return this.#updatedAt;
	}

	get busy() {
		return this.#busy;
	}

	get failed() {
		return this.#failed;
	}

	/** There are numbers, but the last refresh failed. */
	get stale() {
		return this.#failed && this.#credits !== undefined;
	}

	/** Asks again, in place of a call under way; resolves when that is over, never rejects. */
	async refresh(): Promise<void> {
		this.#call?.abort();
		const call = (this.#call = new AbortController());
		this.#askedAt = Date.now();
		this.#busy = true;
		try {
			this.#credits = await getJson('/api/credits', decodeCredits, { signal: call.signal });
			this.#updatedAt = Date.now();
			this.#failed = false;
		} catch (error) {
			if (isAbort(error)) return;
			this.#failed = true;
		} finally {
			if (this.#call === call) this.#busy = false;
		}
	}

	/** Refreshes now and whenever the user comes back; returns what ends that. */
	start(): () => void {
		const again = () => {
			if (document.visibilityState === 'hidden') return;
			if (Date.now() - this.#askedAt >= SPACING) void this.refresh();
		};
		const online = () => void this.refresh();

		void this.refresh();
		document.addEventListener('visibilitychange', again);
		window.addEventListener('focus', again);
		window.addEventListener('online', online);
		return () => {
			document.removeEventListener('visibilitychange', again);
			window.removeEventListener('focus', again);
			window.removeEventListener('online', online);
			this.#call?.abort();
		};
	}

	/** Another user may come. */
	clear() {
		this.#call?.abort();
		this.#credits = undefined;
		this.#updatedAt = undefined;
		this.#failed = false;
	}
}

export const wallet = new Wallet();
