/** Lines on a grid of 24, for Icon.svelte. */
export const arrowDown = 'M12 5v14M6 13l6 6 6-6';
export const arrowUp = 'M12 19V5M6 11l6-6 6 6';
export const copy = 'M9 9h10.5v10.5H9zM6 15H4.5V4.5H15V6';
export const history = 'M4 12a8 8 0 1 0 2.6-5.9L4 8.5M4 4v4.5h4.5M12 8v4.5l3 1.5';
export const pencil = 'M4.5 19.5l1-4L16 5l3 3L8.5 18.5zM13.5 7.5l3 3';
export const plus = 'M12 5v14M5 12h14';
export const square = 'M7 7h10v10H7z';
export const trash = 'M5 7h14M10 7V4.5h4V7M7 7l.8 12.5h8.4L17 7M10.3 11v5M13.7 11v5';
