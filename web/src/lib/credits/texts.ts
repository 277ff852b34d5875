import { dictionary } from '$lib/i18n/dictionary';

/** What the page says at once; what its other cards say is in detail-texts.ts. */
export const texts = dictionary({
	zh: {
		title: '我的积分',
		description: '查看积分余额、积分包和消费记录。',
		loading: '正在加载积分',
		failed: '加载失败，请重试',
		stale: '数据可能不是最新',
		balance: {
			title: '总积分余额',
			held: (n: string) => `其中 ${n} 积分进行中`,
			debt: (n: string) => `欠 ${n} 积分，下次购买时抵扣`,
			refreshed: (time: string) => `刷新，上次更新于 ${time}`
		},
		titles: { chart: '近 14 天用量', packages: '积分包', history: '消费记录' }
	},
	en: {
		title: 'My credits',
		description: 'Your credit balance, your packages and what was charged.',
		loading: 'Loading credits',
		failed: 'Could not load',
		stale: 'May be out of date',
		balance: {
			title: 'Total balance',
			held: (n: string) => `${n} on hold`,
			debt: (n: string) => `${n} owed; the next purchase repays it`,
			refreshed: (time: string) => `Refresh, last updated at ${time}`
		},
		titles: { chart: 'Last 14 days', packages: 'Packages', history: 'Transactions' }
	}
});
