// At most one drawing per frame, of what is newest then.

export interface Frames<T> {
	push: (value: T) => void;
	/** What was pushed and not drawn never is. */
	cancel: () => void;
}

export function perFrame<T>(
	draw: (value: T) => void,
	schedule: (callback: () => void) => void = requestAnimationFrame
): Frames<T> {
	let latest: { value: T } | undefined;

	return {
		push(value) {
			if (!latest) {
				schedule(() => {
					if (latest) draw(latest.value);
					latest = undefined;
				});
			}
			latest = { value };
		},
		cancel() {
			latest = undefined;
		}
	};
}
