import { dictionary } from '$lib/i18n/dictionary';
import { plural } from '$lib/i18n/plural';

/** Of the cards that come after the balance. */
export const texts = dictionary({
	zh: {
		outlook: {
			pace: (n: string, date: string) => `按近 7 天用量，约可用 ${n} 天（至 ${date}）`,
			long: '按近 7 天用量，可用一年以上',
			idle: '近 7 天没有消费',
			today: (n: string) => `今日消费 ${n} 积分`
		},
		chart: {
			total: (n: string) => `共 ${n} 积分`,
			day: (date: string, n: string) => `${date}：${n} 积分`,
			summary: (total: string, most: string, date: string) =>
				`近 14 天共消费 ${total} 积分，${date} 最多，为 ${most} 积分。`,
			none: '近 14 天没有消费。',
			days: '每日用量',
			table: '查看数据表',
			columns: { date: '日期', credits: '积分', requests: '次数' }
		},
		packages: {
			empty: '还没有积分包',
			emptyHint: '购买后即可开始对话',
			past: (n: string) => `历史（${n}）`,
			next: '下一个使用',
			left: (r: string, t: string) => `剩余 ${r}/${t}`,
			expires: (date: string) => `过期时间 ${date}`,
			expired: (date: string) => `已于 ${date} 过期`,
			never: '永久有效',
			soon: (n: number) => `${n} 天后过期`,
			unused: (n: string) => `预计有 ${n} 积分会过期`,
			sources: { order: '购买', subscription: '订阅', granted: '赠送' },
			statuses: { active: '活跃', expired: '已过期', depleted: '已用完', refunded: '已退款' }
		},
		history: {
			columns: {
				type: '类型',
				description: '描述',
				tokens: 'Tokens',
				amount: '金额',
				time: '时间'
			},
			types: { all: '全部', chat: '对话', image: '图片', other: '其他' },
			ranges: { today: '今天', '7d': '7 天', '30d': '30 天' },
			typeFilter: '按类型筛选',
			rangeFilter: '按时间筛选',
			kinds: { refund: '退款', revocation: '撤回', correction: '更正' },
			repaid: '抵扣欠款',
			estimated: '估算',
			tokens: (n: string) => `${n} tokens`,
			split: (i: string, o: string) => `输入 ${i} + 输出 ${o}`,
			more: '加载更多',
			loaded: (n: string) => `已加载 ${n} 条`,
			csv: '导出 CSV',
			exporting: '正在导出…',
			empty: '还没有消费记录',
			emptyHint: '去对话',
			none: '没有符合条件的记录'
		}
	},
	en: {
		outlook: {
			pace: (n: string, date: string) =>
				`About ${n} ${plural(n, 'day')} left at your 7-day pace (until ${date})`,
			long: 'More than a year left at your 7-day pace',
			idle: 'No use in the last 7 days',
			today: (n: string) => `${n} ${plural(n, 'credit')} today`
		},
		chart: {
			total: (n: string) => `${n} ${plural(n, 'credit')} in all`,
			day: (date: string, n: string) => `${date}: ${n} ${plural(n, 'credit')}`,
			summary: (total: string, most: string, date: string) =>
				`${total} ${plural(total, 'credit')} in the last 14 days, most of them on ${date}: ${most}.`,
			none: 'Nothing was used in the last 14 days.',
			days: 'Use per day',
			table: 'Show as table',
			columns: { date: 'Date', credits: 'Credits', requests: 'Requests' }
		},
		packages: {
			empty: 'No packages yet',
			emptyHint: 'buy one to start',
			past: (n: string) => `Past (${n})`,
			next: 'Used next',
			left: (r: string, t: string) => `${r} of ${t} left`,
			expires: (date: string) => `Expires ${date}`,
			expired: (date: string) => `Expired ${date}`,
			never: 'Never expires',
			soon: (n: number) => `Expires in ${n} ${plural(n, 'day')}`,
			unused: (n: string) => `About ${n} may expire unused`,
			sources: { order: 'Purchase', subscription: 'Subscription', granted: 'Granted' },
			statuses: {
				active: 'Active',
				expired: 'Expired',
				depleted: 'Used up',
				refunded: 'Refunded'
			}
		},
		history: {
			columns: {
				type: 'Type',
				description: 'Description',
				tokens: 'Tokens',
				amount: 'Amount',
				time: 'Time'
			},
			types: { all: 'All', chat: 'Chat', image: 'Image', other: 'Other' },
			ranges: { today: 'Today', '7d': '7 days', '30d': '30 days' },
			typeFilter: 'Filter by type',
			rangeFilter: 'Filter by time',
			kinds: { refund: 'Refund', revocation: 'Revoked', correction: 'Correction' },
			repaid: 'Debt repaid',
			estimated: 'estimated',
			tokens: (n: string) => `${n} tokens`,
			split: (i: string, o: string) => `${i} in + ${o} out`,
			more: 'Load more',
			loaded: (n: string) => `${n} loaded`,
			csv: 'Export CSV',
			exporting: 'Exporting…',
			empty: 'No transactions yet',
			emptyHint: 'Start a chat',
			none: 'Nothing matches these filters'
		}
	}
});

export type DetailTexts = (typeof texts)['zh'];
