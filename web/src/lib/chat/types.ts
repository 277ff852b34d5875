// What a conversation is made of.  All of it is plain data: it is drawn, kept
// in the browser, and replaced, never changed in place.

/** Tokens as the provider reported them; what it did not say is absent. */
export interface Usage {
	prompt?: number;
	completion?: number;
	total?: number;
}

/** What an answer cost, as far as it is known. */
export type Charge =
	/** Nothing is known yet. */
	| { state: 'pending' }
	/** From the usage chunk; the ledger has not confirmed it. */
	| { state: 'reported'; credits: number; input: number; output: number }
	/** The ledger's row. `estimated`: the provider did not report the tokens. */
	| { state: 'settled'; credits: number; input: number; output: number; estimated: boolean }
	/** The ledger has no row and holds nothing: it cost nothing. */
	| { state: 'none' }
	/** The ledger would not say; the history will. */
	| { state: 'unknown' };

export type FailureKind =
	/** 402: buy more. */
	| 'insufficient'
	/** 402: the credits are held by the user's other answers in flight. */
	| 'held'
	| 'frozen'
	/** 401: the session is over. */
	| 'signed-out'
	/** 429 */
	| 'busy'
	/** 413, or more than the model reads. */
	| 'too-long'
	/** Any other refusal of what was asked. */
	| 'refused'
	/** 5xx */
	| 'unavailable'
	/** No answer at all. */
	| 'network';

export interface Question {
	role: 'user';
	id: string;
	text: string;
}

export interface Answer {
	role: 'assistant';
	id: string;
	model: string;
	text: string;
	/** `cut`: the stream ended before the answer did. `failed`: it never began. */
	state: 'waiting' | 'streaming' | 'done' | 'stopped' | 'cut' | 'failed';
	charge: Charge;
	/** Names the charge in the ledger; absent until the server answered. */
	requestId?: string;
	usage?: Usage;
	/** The provider's finish_reason. */
	finish?: string;
	failure?: FailureKind;
}

export type Message = Question | Answer;

export interface Conversation {
	id: string;
	title: string;
	model: string;
	messages: readonly Message[];
	/** Paid for answers that were regenerated or edited away, in credits. */
	removedCredits: number;
	/** ms since 1970 */
	updatedAt: number;
}
