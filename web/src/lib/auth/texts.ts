import { dictionary } from '$lib/i18n/dictionary';

export const texts = dictionary({
	zh: {
		name: '姓名',
		email: '邮箱',
		password: '密码',
		showPassword: '显示密码',
		hidePassword: '隐藏密码',
		passwordHint: '至少 8 个字符',
		signIn: '登录',
		signingIn: '正在登录…',
		signInLead: '登录后继续对话，查看积分。',
		toSignUp: '还没有账户？',
		signUp: '注册',
		signingUp: '正在注册…',
		signUpLead: '创建账户后即可购买积分，开始对话。',
		toSignIn: '已有账户？',
		errors: {
			wrong: '邮箱或密码不正确',
			taken: '该邮箱已注册，请直接登录',
			invalidEmail: '邮箱格式不正确',
			shortPassword: '密码至少需要 8 个字符',
			longPassword: '密码太长，最多 128 个字符',
			tooMany: (n: string) => `尝试次数过多，请 ${n} 秒后再试`,
			unreachable: '无法连接服务器，请检查网络后重试',
			other: '暂时无法完成，请稍后再试'
		}
	},
	en: {
		name: 'Name',
		email: 'Email',
		password: 'Password',
		showPassword: 'Show password',
		hidePassword: 'Hide password',
		passwordHint: 'At least 8 characters',
		signIn: 'Sign in',
		signingIn: 'Signing in…',
		signInLead: 'Sign in to go on chatting and to see your credits.',
		toSignUp: 'No account yet?',
		signUp: 'Sign up',
		signingUp: 'Signing up…',
		signUpLead: 'Create an account to buy credits and start chatting.',
		toSignIn: 'Already have an account?',
		errors: {
			wrong: 'Wrong email or password',
			taken: 'This email already has an account; sign in instead',
			invalidEmail: 'This is not a valid email address',
			shortPassword: 'The password needs at least 8 characters',
			longPassword: 'The password is too long; 128 characters at most',
			tooMany: (n: string) => `Too many tries; wait ${n} s`,
			unreachable: 'Could not reach the server; check your connection and try again',
			other: 'This did not work; please try again later'
		}
	}
});

export type AuthTexts = (typeof texts)['zh'];
