import { dictionary } from '$lib/i18n/dictionary';

export const texts = dictionary({
	zh: {
		theme: '主题',
		themes: { system: '跟随系统', light: '浅色', dark: '深色' },
		language: '语言',
		signOut: '退出登录'
	},
	en: {
		theme: 'Theme',
		themes: { system: 'System', light: 'Light', dark: 'Dark' },
		language: 'Language',
		signOut: 'Sign out'
	}
});
