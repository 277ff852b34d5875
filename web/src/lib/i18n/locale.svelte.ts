import { browser } from '$app/environment';
import { tags, type Locale } from './dictionary';
import { formats } from './format';

/** The language of the page: prefs.js finds it before the first paint. */
class LocaleState {
	#current = $state<Locale>(initial());

	get current() {
		return this.#current;
	}

	/** Numbers, dates and money as this language writes them. */
	get format() {
		return formats(this.#current);
	}

	set(next: Locale) {
		this.#current = next;
		document.documentElement.lang = tags[next];
		document.documentElement.dataset['locale'] = next;
		try {
			localStorage.setItem('locale', next);
		} catch {
			// storage is forbidden: it holds until the page is left
		}
	}
}

function initial(): Locale {
	return browser && document.documentElement.dataset['locale'] === 'en' ? 'en' : 'zh';
}

export const locale = new LocaleState();
