// The note that credits run low: once, until they are plenty again.

import { durable, recall, remember } from './storage';

const KEY = 'credits.low-noticed';

export function wasNoticed(): boolean {
	return recall(durable, KEY) !== '';
}

export function markNoticed() {
	remember(durable, KEY, '1');
}

/** The balance has recovered: the next time it runs low is another. */
export function forgetNotice() {
	if (wasNoticed()) remember(durable, KEY, '');
}
