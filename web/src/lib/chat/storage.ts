// The browser's stores, which may be full or forbidden: then nothing is kept.

export type Store = Pick<Storage, 'getItem' | 'setItem'>;

// the properties themselves may throw: they are read when they are used

/** for good, in all tabs; may throw */
export const durable: Store = {
	getItem: (key) => localStorage.getItem(key),
	setItem: (key, value) => localStorage.setItem(key, value)
};

/** as long as the tab; may throw */
export const ofTab: Store = {
	getItem: (key) => sessionStorage.getItem(key),
	setItem: (key, value) => sessionStorage.setItem(key, value)
};

/** What was remembered, or nothing. */
export function recall(store: Store, key: string): string {
	try {
		return store.getItem(key) ?? '';
	} catch {
		return '';
	}
}

export function remember(store: Store, key: string, value: string) {
	try {
		store.setItem(key, value);
	} catch {
		// it holds until the page is left
	}
}
