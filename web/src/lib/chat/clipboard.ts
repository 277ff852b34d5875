/** false: the browser would not, for lack of https or of the permission. */
export async function copyText(text: string): Promise<boolean> {
	try {
		await navigator.clipboard.writeText(text);
		return true;
	} catch {
		return false;
	}
}

/** How long "copied" stays to be read, in ms. */
export const COPIED_FOR = 2_000;
