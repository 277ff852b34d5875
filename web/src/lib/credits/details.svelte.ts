import { now } from '$lib/ui/clock.svelte';
import { Activity } from './activity.svelte';
import { filtersOf } from './filters';
import { forecast } from './forecast';
import { Ledger } from './ledger.svelte';
import { pace } from './usage';
import type { Wallet } from './wallet.svelte';

/** What the credits went to, and what will become of them. */
export class Details {
	readonly activity = new Activity();
	readonly ledger = new Ledger();
	readonly #wallet: Wallet;

	/** credits per day; undefined until the use of the last days is known */
	readonly pace = $derived(this.activity.days && pace(this.activity.days));
	/** credits used since midnight */
	readonly today = $derived(this.activity.days?.at(-1)?.credits);
	readonly forecast = $derived.by(() => {
		const { credits } = this.#wallet;
		return credits && this.pace !== undefined
			? forecast(credits.packages, this.pace, now())
			: undefined;
	});

	constructor(wallet: Wallet) {
		this.#wallet = wallet;
	}

	/** @param query of the page: what the history shows first */
	load(query: URLSearchParams) {
		void this.activity.load();
		void this.ledger.load(filtersOf(query));
	}

	/** What is new since load(). */
	refresh() {
		void this.activity.load();
		void this.ledger.refresh();
	}

	stop() {
		this.activity.stop();
		this.ledger.stop();
	}
}
