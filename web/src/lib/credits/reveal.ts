import type { Attachment } from 'svelte/attachments';

/** Scrolls to the element when it appears, if it is the one that was linked to. */
export function reveal(wanted: boolean): Attachment {
	return (element) => {
		if (wanted) element.scrollIntoView({ block: 'center' });
	};
}
