import { createSubscriber } from 'svelte/reactivity';

const everyMinute = createSubscriber((update) => {
	const timer = setInterval(update, 60_000);
	return () => {
		clearInterval(timer);
	};
});

/** The time; where it is shown, it is shown anew every minute. */
export function now(): Date {
	everyMinute();
	return new Date();
}
