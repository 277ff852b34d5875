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
		account: '账户',
		signIn: '登录',
		signUp: '注册',
		openChat: '打开对话',
		offline: '网络已断开，恢复后会自动刷新',
		newVersion: '有新版本',
		reload: '刷新',
		buyCredits: '购买积分',
		viewCredits: '查看积分',
		retry: '重试',
		refresh: '刷新',
		dismiss: '关闭',
		levels: { healthy: '充足', low: '即将用完', empty: '已用完' }
	},
	en: {
		brand: 'nginx-credits',
		skip: 'Skip to content',
		navigation: 'Main',
		chat: 'Chat',
		credits: 'My credits',
		shop: 'Buy credits',
		creditsLeft: (n: string) => `${n} credits left`,
		account: 'Account',
		signIn: 'Sign in',
		signUp: 'Sign up',
		openChat: 'Open chat',
		offline: 'You are offline; we will refresh when you are back',
		newVersion: 'New version',
		reload: 'Reload',
		buyCredits: 'Buy credits',
		viewCredits: 'View credits',
		retry: 'Retry',
		refresh: 'Refresh',
		dismiss: 'Dismiss',
		levels: { healthy: 'Healthy', low: 'Running low', empty: 'Empty' }
	}
});
