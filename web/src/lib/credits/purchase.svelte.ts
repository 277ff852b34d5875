import { arrived, forgetPackages, rememberedPackages, waits } from './arrival';
import type { Wallet } from './wallet.svelte';

export type PurchaseState = 'none' | 'waiting' | 'arrived' | 'slow';

/** After the checkout: looks, less and less often, whether the credits are there. */
export class Purchase {
	#state = $state<PurchaseState>('none');
	#credits = $state(0);
	#wallet: Wallet;
	#stop = new AbortController();

	constructor(wallet: Wallet) {
		this.#wallet = wallet;
	}

	get state() {
		return this.#state;
	}

	/** what arrived */
	get credits() {
		return this.#credits;
	}

	async watch(): Promise<void> {
		const before = rememberedPackages();
		this.#state = 'waiting';
		for (const wait of [0, ...waits]) {
			await this.#pause(wait);
			if (this.#stop.signal.aborted) return;
			await this.#wallet.refresh();
			this.#credits = arrived(this.#wallet.credits?.packages ?? [], before, new Date());
			if (this.#credits > 0) {
				this.#state = 'arrived';
				forgetPackages();
				return;
			}
		}
		this.#state = 'slow';
	}

	dismiss() {
		this.#state = 'none';
	}

	stop() {
		this.#stop.abort();
	}

	#pause(milliseconds: number): Promise<void> {
		return new Promise((resolve) => {
			const timer = setTimeout(resolve, milliseconds);
			this.#stop.signal.addEventListener('abort', () => {
				clearTimeout(timer);
				resolve();
			});
		});
	}
}
