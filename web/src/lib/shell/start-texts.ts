import { dictionary } from '$lib/i18n/dictionary';

export const texts = dictionary({
	zh: {
		title: 'AI 对话，用多少付多少',
		lead: '预付积分，按每次回答实际使用的 token 扣费：1 积分 = 1,000 tokens。余额和每一笔花费都看得见。',
		description: '按实际 token 用量计费的 AI 对话：预付积分，每一笔消费都清楚可查。',
		features: [
			{
				title: '按实际用量计费',
				text: '回答结束后才扣费，以模型报告的 token 数为准；没有得到回答，就不收费。'
			},
			{
				title: '先过期的先使用',
				text: '总是先用最早过期的积分包，并提前告诉你有多少积分可能会过期。'
			},
			{
				title: '每一笔都看得见',
				text: '每个回答旁都写着花费；消费记录里有模型、token 数和时间，可导出 CSV。'
			}
		],
		sampleQuestion: '一积分能聊多少？',
		sampleAnswer: '一积分等于 1,000 tokens，通常够一问一答好几轮。',
		sampleCost: '消耗 2 积分 · 1,234 tokens（输入 34 + 输出 1,200）'
	},
	en: {
		title: 'AI chat, paid by what you use',
		lead: 'Prepaid credits, charged by the tokens that each answer really used: 1 credit = 1,000 tokens. Your balance and every charge stay in plain sight.',
		description:
			'AI chat charged by the tokens it really used: prepaid credits, and every charge in plain sight.',
		features: [
			{
				title: 'Charged by real use',
				text: 'An answer is charged when it has ended, by the tokens the model reports. No answer, no charge.'
			},
			{
				title: 'What expires first is spent first',
				text: 'The package with the earliest expiry always pays, and you hear in time what might expire unused.'
			},
			{
				title: 'Every charge in plain sight',
				text: 'Each answer shows its price; the history has model, tokens and time, and exports to CSV.'
			}
		],
		sampleQuestion: 'How far does a credit go?',
		sampleAnswer: 'One credit is 1,000 tokens: usually several questions with their answers.',
		sampleCost: '2 credits · 1,234 tokens (34 in + 1,200 out)'
	}
});
