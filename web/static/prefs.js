// Before the first paint: theme and language, as chosen here earlier or as the
// browser has it. The markup is Chinese; for another language it stays hidden
// until the page's own code has translated it (data-translating, app.css).
(function (root) {
	var read = function (key) {
		try {
			return localStorage.getItem(key);
		} catch {
			return null;
		}
	};
	var theme = read('theme');
	var locale = read('locale');

	if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
	if (locale !== 'zh' && locale !== 'en') locale = /^zh/i.test(navigator.language) ? 'zh' : 'en';
	root.dataset.locale = locale;
	if (locale === 'en') {
		root.lang = 'en';
		root.dataset.translating = '';
	}
})(document.documentElement);
