import { browser } from '$app/environment';
import { createSubscriber } from 'svelte/reactivity';

const changes = createSubscriber((update) => {
	const controller = new AbortController();
	addEventListener('online', update, controller);
	addEventListener('offline', update, controller);
	return () => {
		controller.abort();
	};
});

/** Whether the browser has a network, as far as it knows. */
export function online(): boolean {
	changes();
	return !browser || navigator.onLine;
}
