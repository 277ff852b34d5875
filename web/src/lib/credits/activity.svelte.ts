import { isAbort } from '$lib/api/http';
import { wholeHistory } from './history';
import { byDay, CHART_DAYS, midnight, type Day } from './usage';

/** Use per day, for the chart and the forecast. */
export class Activity {
	#days = $state.raw<Day[]>();
	#failed = $state(false);
	#call: AbortController | undefined;

	/** undefined until they are loaded */
	get days() {
		return this.#days;
	}

	get failed() {
		return this.#failed;
	}

	async load(): Promise<void> {
		this.#call?.abort();
		const call = (this.#call = new AbortController());
		const now = new Date();
		try {
			const since = midnight(now, CHART_DAYS - 1);
			this.#days = byDay(await wholeHistory({ since }, call.signal), now);
			this.#failed = false;
		} catch (error) {
			if (!isAbort(error)) this.#failed = true;
		}
	}

	stop() {
		this.#call?.abort();
	}
}
