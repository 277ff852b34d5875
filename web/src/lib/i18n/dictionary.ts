export type Locale = 'zh' | 'en';

/** The language of `<html lang>` and of Intl. */
export const tags: Record<Locale, string> = { zh: 'zh-CN', en: 'en' };

export type Dictionary<T> = Record<Locale, T>;

/** The texts of one area; the type check fails where a language lacks one. */
export function dictionary<T>(texts: { zh: T; en: NoInfer<T> }): Dictionary<T> {
	return texts;
}

/** What is made once for each language that is asked for: Intl's formats are dear. */
export function perLocale<T>(make: (tag: string) => T): (locale: Locale) => T {
	const made = new Map<Locale, T>();

	return (locale) => {
		let found = made.get(locale);
		if (found === undefined) made.set(locale, (found = make(tags[locale])));
		return found;
	};
}
