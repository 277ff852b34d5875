import { getJson, statusOf } from '$lib/api/http';
import type { Product } from '$lib/api/types';
import { rememberPackages } from '$lib/credits/arrival';
import { wallet } from '$lib/credits/wallet.svelte';
import { decodeCheckout, decodeProducts } from './decode';

export type ShopFailure = 'load' | 'gone' | 'checkout';

/** The products, and the way to the checkout of one of them. */
export class Shop {
	#products = $state.raw<Product[]>();
	#failure = $state<ShopFailure>();
	#buying = $state<string>();

	/** undefined until they are loaded */
	get products() {
		return this.#products;
	}

	get failure() {
		return this.#failure;
	}

	/** the id of the product whose checkout is being opened */
	get buying() {
		return this.#buying;
	}

	async load(): Promise<void> {
		this.#failure = undefined;
		try {
			this.#products = await getJson('/api/products', decodeProducts, { anonymous: true });
		} catch {
			this.#failure = 'load';
		}
	}

	/** Where to pay for it; undefined if that failed, or somebody has to sign in first. */
	async checkout(id: string): Promise<URL | undefined> {
		this.#failure = undefined;
		this.#buying = id;
		try {
			const url = await getJson(`/api/checkout?product=${encodeURIComponent(id)}`, decodeCheckout);
			// so that what is bought can be told apart on the way back
			rememberPackages(wallet.credits?.packages);
			return url;
		} catch (error) {
			this.#buying = undefined;
			const status = statusOf(error);
			if (status !== 401) this.#failure = status === 400 ? 'gone' : 'checkout';
			return undefined;
		}
	}

	/** The browser came back from the checkout to this very page. */
	reset() {
		this.#buying = undefined;
	}
}
