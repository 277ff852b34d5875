import { dictionary } from './dictionary';

/** The frame around every page, and words that several areas use. */
export const texts = dictionary({
	zh: {
		brand: 'nginx-credits',
		skip: '跳到主要内容',
		navigation: '主导航',
		chat: '对话',
		credits: '我的积分',
		shop: '购买积分',
		creditsLeft: (n: string) => `余额 ${n} 积分`,
		theme: '主题',
		themes: { system: '跟随系统', light: '浅色', dark: '深色' },
		language: '语言',
		account: '账户',
		signIn: '登录',
		signUp: '注册',
		signOut: '退出登录',
		openChat: '打开对话',
		offline: '网络已断开，恢复后会自动刷新',
		newVersion: '有新版本',
		reload: '刷新',
		buyCredits: '购买积分',
		viewCredits: '查看积分',
		retry: '重试',
		refresh: '刷新',
		dismiss: '关闭',
		levels: { healthy: '充足', low: '即将用完', empty: '已用完' },
		error: {
			notFound: '找不到这个页面',
			notFoundHint: '链接可能已失效，或地址有误。',
			other: '出了点问题',
			otherHint: '请重新加载页面；如果仍然不行，请稍后再试。',
			home: '回到首页'
		}
	},
	en: {
		brand: 'nginx-credits',
		skip: 'Skip to content',
		navigation: 'Main',
		chat: 'Chat',
		credits: 'My credits',
		shop: 'Buy credits',
		creditsLeft: (n: string) => `${n} credits left`,
		theme: 'Theme',
		themes: { system: 'System', light: 'Light', dark: 'Dark' },
		language: 'Language',
		account: 'Account',
		signIn: 'Sign in',
		signUp: 'Sign up',
		signOut: 'Sign out',
		openChat: 'Open chat',
		offline: 'You are offline; we will refresh when you are back',
		newVersion: 'New version',
		reload: 'Reload',
		buyCredits: 'Buy credits',
		viewCredits: 'View credits',
		retry: 'Retry',
		refresh: 'Refresh',
		dismiss: 'Dismiss',
		levels: { healthy: 'Healthy', low: 'Running low', empty: 'Empty' },
		error: {
			notFound: 'Page not found',
			notFoundHint: 'The link may be out of date, or the address mistyped.',
			other: 'Something went wrong',
			otherHint: 'Please reload the page; if that does not help, try again later.',
			home: 'Back to the start'
		}
	}
});
