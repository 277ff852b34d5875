// Questions and answers: what runs, what it cost, what stands in its way.

import { json, request } from '$lib/api/http';
import { wallet } from '$lib/credits/wallet.svelte';
import { locale } from '$lib/i18n/locale.svelte';
import { announcer } from '$lib/ui/announcer.svelte';
import { isOpen } from './answer';
import {
	answers,
	ask,
	lastAnswer,
	questionOf,
	replaceAnswer,
	requestBody,
	rewind
} from './conversation';
import { Draft } from './draft.svelte';
import { isFree } from './failure';
import { perFrame } from './frames';
import { Library } from './library.svelte';
import { Obstacles } from './obstacles.svelte';
import { ONCE, reconcile } from './reconcile';
import { stream } from './stream';
import { texts } from './texts';
import type { Answer, Charge, Conversation } from './types';

export class Chat {
	readonly library = new Library();
	readonly draft = new Draft();
	readonly obstacles = new Obstacles();

	#user: string | undefined;
	// nothing is drawn of it
	#runs = new Map<string, AbortController>();

	get conversation(): Conversation {
		return this.library.current;
	}

	get streaming(): boolean {
		const answer = lastAnswer(this.conversation);
		return answer !== undefined && isOpen(answer);
	}

	/** Who chats: what is of another user is put away. */
	open(user: string) {
		if (user === this.#user) return;

		if (this.#user !== undefined) this.close();
		this.#user = user;
		this.library.open(user);
		this.draft.open(user);
		void this.#resume();
	}

	close() {
		for (const run of this.#runs.values()) run.abort();
		this.#user = undefined;
		this.library.close();
		this.draft.close();
		this.obstacles.forget();
	}

	send(text: string) {
		if (this.streaming || text.trim() === '') return;
		void this.#run(ask(this.conversation, text.trim()));
	}

	/** Asks the question of an answer once more; what came after it is gone. */
	regenerate(answerId: string) {
		const question = questionOf(this.conversation, answerId);
		if (question) this.edit(question.id, question.text);
	}

	/** Asks another question in place of one. */
	edit(questionId: string, text: string) {
		if (this.streaming || text.trim() === '') return;
		void this.#run(ask(rewind(this.conversation, questionId), text.trim()));
	}

	/** Ends the answer on the screen; what there is of it stays. */
	stop() {
		const answer = lastAnswer(this.conversation);
		if (answer) this.#runs.get(answer.id)?.abort();
	}

	remove(id: string) {
		const conversation = this.library.find(id);
		if (!conversation) return;

		for (const answer of answers(conversation)) this.#runs.get(answer.id)?.abort();
		this.library.forget(id);
	}

	async #run(conversation: Conversation) {
		const answer = lastAnswer(conversation);
		if (!answer) return;

		const { id } = conversation;
		const before = wallet.balance;
		const run = new AbortController();
		let accepted = false;

		this.#runs.set(answer.id, run);
		this.obstacles.forget();
		this.library.put(conversation);
		this.library.show(id);
		this.library.keep(id);
		announcer.say(texts[locale.current].announce.generating);

		const frames = perFrame((next: Answer) => this.#update(id, next));
		const body = { ...json(requestBody(conversation)), signal: run.signal, anonymous: true };
		const last = await stream(answer, () => request('/api/chat', body), {
			onchange: (next) => {
				frames.push(next);
				// what is set aside for it
				if (!accepted) void wallet.refresh();
				accepted = true;
			},
			onrefused: (error) => this.obstacles.note(error)
		});
		frames.cancel();

		this.#runs.delete(answer.id);
		this.#update(id, last);
		this.library.keep(id);
		await this.#settle(id, last, before);
	}

	#update(id: string, answer: Answer) {
		const conversation = this.library.find(id);
		if (conversation) this.library.put(replaceAnswer(conversation, answer));
	}

	async #settle(id: string, answer: Answer, before: number | undefined) {
		// the session's end, if that was the reason, is noticed here, too
		const refreshed = wallet.refresh();
		const charge: Charge = isFree(answer.failure)
			? { state: 'none' }
			: await reconcile(answer, before);

		await refreshed;
		if (wallet.held > 0 || wallet.stale) await wallet.refresh();

		this.#update(id, { ...answer, charge });
		this.library.keep(id);
		if (answer.state === 'done' && 'credits' in charge && wallet.balance !== undefined) {
			const { number } = locale.format;
			const { ready } = texts[locale.current].announce;
			announcer.say(ready(number(charge.credits), number(wallet.balance)));
		}
	}

	/** Charges that were not known when the page was left. */
	async #resume() {
		for (const conversation of this.library.all) {
			for (const answer of answers(conversation)) {
				if (answer.charge.state !== 'pending' || isOpen(answer)) continue;
				const charge = await reconcile(answer, undefined, ONCE);
				this.#update(conversation.id, { ...answer, charge });
				this.library.keep(conversation.id);
			}
		}
	}
}

export const chat = new Chat();
