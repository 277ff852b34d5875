/** English: 1 credit, 2 credits */
export function plural(n: string | number, word: string): string {
	return `${n}` === '1' ? word : `${word}s`;
}
