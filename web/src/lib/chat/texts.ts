import { dictionary } from '$lib/i18n/dictionary';

const credits = (n: string) => (n === '1' ? 'credit' : 'credits');

export const texts = dictionary({
	zh: {
		title: '对话',
		description: '与模型对话，每次回答用了多少积分一目了然。',
		credits: '积分',
		onHold: (n: string) => `（−${n} 进行中）`,
		unknownBalance: '余额未知',
		model: '模型',
		newChat: '新对话',
		earlier: '历史对话',
		earlierHint: '只保存在这个浏览器里。',
		noEarlier: '还没有历史对话',
		remove: (title: string) => `删除对话：${title}`,
		close: '关闭',
		total: (c: string) => `本次对话 ${c} 积分`,

		start: '开始对话',
		startHint: '1 积分 = 1,000 tokens，按实际用量计费。',
		suggestions: [
			'用三句话介绍一下你自己，再列出你擅长的五件事。',
			'写一个 SQL 查询：找出最近 7 天每天的活跃用户数。',
			'把「今天的努力，是明天的底气」译成英文，给三个版本。'
		],

		you: '你',
		assistant: '助手',
		messages: '消息',
		copy: '复制',
		copied: '已复制',
		code: '代码',
		regenerate: '重新生成',
		sendAgain: '重新发送',
		edit: '编辑',
		cancel: '取消',
		toBottom: '回到底部',

		stillWaiting: '仍在等待模型响应',
		cost: (c: string, t: string, i: string, o: string) =>
			`消耗 ${c} 积分 · ${t} tokens（输入 ${i} + 输出 ${o}）`,
		estimated: '估算',
		settling: '正在结算…',
		checking: '正在核对扣费…',
		seeHistory: '查看消费记录',
		notCharged: '未扣费',
		stopped: '已停止 · 按已生成内容计费',
		cut: '连接中断，回答可能不完整',
		tooLongAnswer: '已达到长度上限，回答不完整',
		notSent: '未发送',
		failures: {
			held: '积分正被你进行中的其他回答占用，等它们结束后再试',
			'signed-out': '登录已过期，请重新登录',
			frozen: '账户已被冻结，请联系支持',
			'too-long': '对话太长，请缩短消息或新建对话',
			refused: '模型没有接受这个请求，请修改消息或换一个模型',
			unavailable: '服务暂时不可用',
			network: '连接中断，没有收到回答'
		},
		retryIn: (n: string) => `请求过于频繁，${n} 秒后重试`,
		retry: '重试',

		message: '输入消息',
		hint: 'Enter 发送 · Shift+Enter 换行',
		send: '发送',
		stop: '停止',
		offline: '网络已断开',
		outOfCredits: '积分不足',
		insufficient: '积分已用完 — 购买积分后即可继续对话，草稿和历史都会保留',
		restored: '积分已到账',
		low: (n: string) => `积分剩余 ${n}，建议尽快购买`,

		announce: {
			generating: '正在生成',
			ready: (c: string, b: string) => `回答已完成，消耗 ${c} 积分，余额 ${b}`
		}
	},
	en: {
		title: 'Chat',
		description: 'Chat with a model, and see what each answer cost.',
		credits: 'Credits',
		onHold: (n: string) => ` (−${n} on hold)`,
		unknownBalance: 'Balance unknown',
		model: 'Model',
		newChat: 'New chat',
		earlier: 'Earlier chats',
		earlierHint: 'Kept in this browser only.',
		noEarlier: 'No earlier chats',
		remove: (title: string) => `Delete chat: ${title}`,
		close: 'Close',
		total: (c: string) => `This chat: ${c} ${credits(c)}`,

		start: 'Start a conversation',
		startHint: '1 credit = 1,000 tokens, charged by what was really used.',
		suggestions: [
			'Introduce yourself in three sentences, then list five things you are good at.',
			'Write a SQL query: active users per day over the last 7 days.',
			'Explain what a reverse proxy does, to someone who has never run a server.'
		],

		you: 'You',
		assistant: 'Assistant',
		messages: 'Messages',
		copy: 'Copy',
		copied: 'Copied',
		code: 'Code',
		regenerate: 'Regenerate',
		sendAgain: 'Send again',
		edit: 'Edit',
		cancel: 'Cancel',
		toBottom: 'Jump to latest',

		stillWaiting: 'Still waiting for the model',
		cost: (c: string, t: string, i: string, o: string) =>
			`${c} ${credits(c)} · ${t} tokens (${i} in + ${o} out)`,
		estimated: 'estimated',
		settling: 'Settling…',
		checking: 'Checking the charge…',
		seeHistory: 'See your transactions',
		notCharged: 'not charged',
		stopped: 'Stopped · charged for what was generated',
		cut: 'Connection lost; the answer may be incomplete',
		tooLongAnswer: 'The answer reached its length limit and is incomplete',
		notSent: 'Not sent',
		failures: {
			held: 'Your credits are set aside for your other answers in progress; try again when they end',
			'signed-out': 'Your session has ended; please sign in again',
			frozen: 'Your account is frozen; please contact support',
			'too-long': 'The conversation is too long; shorten your message or start a new chat',
			refused: 'The model did not accept this; change your message or choose another model',
			unavailable: 'Service unavailable',
			network: 'Connection lost; no answer arrived'
		},
		retryIn: (n: string) => `Too many requests; retry in ${n} s`,
		retry: 'Retry',

		message: 'Message',
		hint: 'Enter to send · Shift+Enter for a new line',
		send: 'Send',
		stop: 'Stop',
		offline: 'Offline',
		outOfCredits: 'Out of credits',
		insufficient: 'You are out of credits — buy more to go on; your draft and messages are kept',
		restored: 'Credits added',
		low: (n: string) => `${n} ${credits(n)} left; consider buying more`,

		announce: {
			generating: 'Generating',
			ready: (c: string, b: string) => `Answer ready, ${c} ${credits(c)}, ${b} left`
		}
	}
});
