/** Where the sidebar and the tab bar lead; text: a key of the shell's texts. */
export const links = [
	{ href: '/dashboard/chat', text: 'chat', icon: 'chat' },
	{ href: '/dashboard/credits', text: 'credits', icon: 'coins' }
] as const;
