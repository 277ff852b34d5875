// app.html says what this is for
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
