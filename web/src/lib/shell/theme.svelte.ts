import { browser } from '$app/environment';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

/** The theme: prefs.js applies the stored one before the first paint. */
class ThemeState {
	#current = $state<Theme>(initial());

	get current() {
		return this.#current;
	}

	set(next: Theme) {
		this.#current = next;
		if (next === 'system') delete document.documentElement.dataset['theme'];
		else document.documentElement.dataset['theme'] = next;
		try {
			localStorage.setItem('theme', next);
		} catch {
			// storage is forbidden: it holds until the page is left
		}
	}
}

function initial(): Theme {
	const stored = browser ? document.documentElement.dataset['theme'] : undefined;
	return themes.find((theme) => theme === stored) ?? 'system';
}

export const theme = new ThemeState();
