// Stick to the bottom while an answer grows, unless the reader scrolled up.

export interface Viewport {
	scrollTop: number;
	scrollHeight: number;
	clientHeight: number;
}

/** Closer than this to the end is the end, in CSS pixels. */
const SLACK = 48;

/** Is the end in view? */
export function atBottom({ scrollTop, scrollHeight, clientHeight }: Viewport): boolean {
	return scrollHeight - clientHeight - scrollTop <= SLACK;
}

/**
 * Whether to keep following after a scroll event. Only a move up lets go: when
 * content grew faster than it was followed, the end is out of view as well.
 */
export function follows(following: boolean, before: number, now: Viewport): boolean {
	if (atBottom(now)) return true;

	return following && now.scrollTop >= before;
}
