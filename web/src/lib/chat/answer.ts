// The life of one answer: waiting, streaming, and one of the ends.

import { creditsFor } from '$lib/credits/credits';
import type { StreamEvent } from './sse';
import type { Answer, Charge, FailureKind, Usage } from './types';

/** Is it still being written? */
export function isOpen(answer: Answer): boolean {
	return answer.state === 'waiting' || answer.state === 'streaming';
}

/** What the provider says it used, at the price without weights. */
export function chargeOf({ prompt, completion, total }: Usage): Charge {
	const input = prompt ?? 0;
	const tokens = Math.max(total ?? 0, input + (completion ?? 0));
	// nothing said is not nothing used
	if (prompt === undefined && completion === undefined && total === undefined) {
		return { state: 'pending' };
	}

	return { state: 'reported', credits: creditsFor(tokens), input, output: tokens - input };
}

/** The answer after an event of its stream. */
export function advance(answer: Answer, event: StreamEvent): Answer {
	if (!isOpen(answer)) return answer;

	switch (event.type) {
		case 'text':
			return { ...answer, state: 'streaming', text: answer.text + event.text };
		case 'finish':
			return { ...answer, finish: event.reason };
		case 'usage': {
			// providers may report more than once: the last number counts
			const usage = { ...answer.usage, ...event.usage };
			return { ...answer, usage, charge: chargeOf(usage) };
		}
		case 'error':
			return cut(answer);
		case 'done':
			return { ...answer, state: 'done' };
	}
}

/** The stream has ended: was that the end of the answer? */
export function end(answer: Answer): Answer {
	if (!isOpen(answer)) return answer;

	return answer.finish === undefined ? cut(answer) : { ...answer, state: 'done' };
}

/** The connection was lost. */
export function cut(answer: Answer): Answer {
	return isOpen(answer) ? { ...answer, state: 'cut' } : answer;
}

/** The user has read enough; the charge is what the ledger will say. */
export function stop(answer: Answer): Answer {
	return isOpen(answer) ? { ...answer, state: 'stopped' } : answer;
}

export function fail(answer: Answer, failure: FailureKind): Answer {
	return { ...answer, state: 'failed', failure };
}
