import { isAbort } from '$lib/api/http';
import type { Transaction, TransactionPage } from '$lib/api/types';
import { sinceOf, type Filters } from './filters';
import { historyPage, mergeNewest, wholeHistory, type HistoryQuery } from './history';

const PAGE = 20;

/** The history as the page shows it: filtered, and page after page. */
export class Ledger {
	#items = $state.raw<Transaction[]>();
	#next = $state.raw<string | null>(null);
	#busy = $state(false);
	#failed = $state(false);
	#query: HistoryQuery = {};
	#call: AbortController | undefined;

	/** undefined until the first page is there */
	get items() {
		return this.#items;
	}

	get hasMore() {
		return this.#next !== null;
	}

	get busy() {
		return this.#busy;
	}

	/** The last call failed; items are what they were before it. */
	get failed() {
		return this.#failed;
	}

	/** The first page for these filters, in place of what is shown. */
	load({ type, range }: Filters): Promise<void> {
		this.#query = { ...(type && { type }), ...(range && { since: sinceOf(range, new Date()) }) };
		return this.#fetch({}, (page) => {
			this.#replace(page);
		});
	}

	/** One page more. Resolves to the number of new entries. */
	async more(): Promise<number> {
		const before = this.#items?.length ?? 0;
		if (this.#next === null) return 0;
		await this.#fetch({ cursor: this.#next }, (page) => {
			this.#items = [...(this.#items ?? []), ...page.transactions];
			this.#next = page.nextCursor;
		});
		return (this.#items?.length ?? 0) - before;
	}

	/** What is new, on top of what is shown. */
	refresh(): Promise<void> {
		if (this.#busy) return Promise.resolve();
		return this.#fetch({}, (page) => {
			const merged = mergeNewest(this.#items ?? [], page.transactions);
			if (merged) this.#items = merged;
			else this.#replace(page);
		});
	}

	/** Everything that passes the filters, shown or not. Throws an ApiError. */
	all(signal: AbortSignal): Promise<Transaction[]> {
		return wholeHistory(this.#query, signal);
	}

	stop() {
		this.#call?.abort();
	}

	#replace({ transactions, nextCursor }: TransactionPage) {
		this.#items = transactions;
		this.#next = nextCursor;
	}

	async #fetch(query: HistoryQuery, use: (page: TransactionPage) => void): Promise<void> {
		this.#call?.abort();
		const call = (this.#call = new AbortController());
		this.#busy = true;
		try {
			use(await historyPage({ ...this.#query, limit: PAGE, ...query }, call.signal));
			this.#failed = false;
		} catch (error) {
			if (!isAbort(error)) this.#failed = true;
		} finally {
			if (this.#call === call) this.#busy = false;
		}
	}
}
