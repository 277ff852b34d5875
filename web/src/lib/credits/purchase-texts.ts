import { dictionary } from '$lib/i18n/dictionary';
import { plural } from '$lib/i18n/plural';

export const texts = dictionary({
	zh: {
		waiting: '正在确认付款…',
		arrived: (n: string) => `已到账 +${n} 积分`,
		slow: '付款确认需要几分钟',
		toChat: '返回对话'
	},
	en: {
		waiting: 'Confirming your payment…',
		arrived: (n: string) => `${n} ${plural(n, 'credit')} added`,
		slow: 'This can take a few minutes',
		toChat: 'Back to the chat'
	}
});
