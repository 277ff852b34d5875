export function query(
	url: string,
	text: string,
	variables?: Record<string, string | number>
): string[][];
