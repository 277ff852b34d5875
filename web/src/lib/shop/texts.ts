import { dictionary } from '$lib/i18n/dictionary';
import type { Validity } from '$lib/api/types';

const units = {
	zh: { day: '天', month: '个月', year: '年' },
	en: { day: 'day', month: 'month', year: 'year' }
};

export const texts = dictionary({
	zh: {
		title: '购买积分',
		lead: '1 积分 = 1,000 tokens，按每次回答的实际用量扣费。',
		loading: '正在加载商品',
		credits: (n: string) => `${n} 积分`,
		tokens: (n: string) => `约 ${n} tokens`,
		per: { month: '/ 月', year: '/ 年' },
		every: { month: '每月发放', year: '每年发放' },
		valid: ({ count, unit }: Validity) => `有效期 ${count} ${units.zh[unit]}`,
		rate: (price: string) => `每 1,000 积分 ${price}`,
		once: '一次性购买',
		buy: '购买',
		buyLabel: (name: string) => `购买 ${name}`,
		buying: '正在前往付款…',
		empty: '暂时没有可购买的积分包',
		emptyHint: '请稍后再来看看。',
		loadFailed: '加载失败，请重试',
		gone: '该商品已下架，请选择其他商品',
		checkoutFailed: '无法打开付款页面，请重试',
		payment: '付款由 Polar 处理；付款完成后会回到“我的积分”，通常几秒内到账。'
	},
	en: {
		title: 'Buy credits',
		lead: '1 credit = 1,000 tokens, charged by what each answer really used.',
		loading: 'Loading products',
		credits: (n: string) => `${n} credits`,
		tokens: (n: string) => `About ${n} tokens`,
		per: { month: '/ month', year: '/ year' },
		every: { month: 'Granted every month', year: 'Granted every year' },
		valid: ({ count, unit }: Validity) =>
			`Valid ${count} ${units.en[unit]}${count === 1 ? '' : 's'}`,
		rate: (price: string) => `${price} per 1,000 credits`,
		once: 'One-time purchase',
		buy: 'Buy',
		buyLabel: (name: string) => `Buy ${name}`,
		buying: 'Opening the checkout…',
		empty: 'Nothing is for sale right now',
		emptyHint: 'Please look in again later.',
		loadFailed: 'Could not load; please try again',
		gone: 'This product is no longer for sale; please choose another one',
		checkoutFailed: 'The checkout could not be opened; please try again',
		payment:
			'Polar handles the payment; afterwards you come back to “My credits”, and the credits are usually there within seconds.'
	}
});
