import { dictionary } from '$lib/i18n/dictionary';

export const texts = dictionary({
	zh: {
		notFound: '找不到这个页面',
		notFoundHint: '链接可能已失效，或地址有误。',
		other: '出了点问题',
		otherHint: '请重新加载页面；如果仍然不行，请稍后再试。',
		home: '回到首页'
	},
	en: {
		notFound: 'Page not found',
		notFoundHint: 'The link may be out of date, or the address mistyped.',
		other: 'Something went wrong',
		otherHint: 'Please reload the page; if that does not help, try again later.',
		home: 'Back to the start'
	}
});
