/** Lines on a grid of 24, for Icon.svelte. */
export const alert = 'M12 8v5M12 16.5v.01M12 3.5l9 16H3z';
export const arrowRight = 'M5 12h14M13 6l6 6-6 6';
export const bag = 'M5 8h14l1 12H4zM8.5 10.5V7a3.5 3.5 0 0 1 7 0v3.5';
export const chat =
	'M20 11.5a7.5 7 0 0 1-7.5 7c-1.2 0-2.4-.2-3.4-.6L4.5 19.5l1.2-3.7A6.6 6.6 0 0 1 5 11.5a7.5 7 0 0 1 15 0zM9 11.5h.01M12.5 11.5h.01M16 11.5h.01';
export const check = 'M5 12.5l4.5 4.5L19 7.5';
export const chevronDown = 'M6 9.5l6 6 6-6';
export const clock = 'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 7.5V12l3 2';
export const close = 'M6 6l12 12M18 6L6 18';
export const coins =
	'M4.5 7c0-1.7 3.4-3 7.5-3s7.5 1.3 7.5 3-3.4 3-7.5 3-7.5-1.3-7.5-3zM4.5 7v5c0 1.7 3.4 3 7.5 3s7.5-1.3 7.5-3V7M4.5 12v5c0 1.7 3.4 3 7.5 3s7.5-1.3 7.5-3v-5';
export const download = 'M12 4v11M7.5 11l4.5 4.5 4.5-4.5M5 19.5h14';
export const eye =
	'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z';
export const eyeOff =
	'M4 4l16 16M9.9 5.8A9 9 0 0 1 12 5.5c6 0 9.5 6.5 9.5 6.5a16 16 0 0 1-2.7 3.4M6.2 7.4A16 16 0 0 0 2.5 12S6 18.5 12 18.5a9 9 0 0 0 4.3-1.1M9.9 10a3 3 0 0 0 4.2 4.2';
export const hourglass = 'M7 4h10M7 20h10M8 4v3.5l4 4.5 4-4.5V4M8 20v-3.5l4-4.5 4 4.5V20';
export const inbox = 'M4 13l2.5-8h11L20 13v6H4zM4 13h4.5l1.5 2.5h4l1.5-2.5H20';
export const moon = 'M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z';
export const monitor = 'M4 5h16v11H4zM9 20h6M12 16v4';
export const refresh =
	'M19.5 11a7.6 7.6 0 0 0-14-3M5 4v4.5h4.5M4.5 13a7.6 7.6 0 0 0 14 3M19 20v-4.5h-4.5';
export const shield =
	'M12 3.5l7 2.5v5.5c0 4.2-2.8 7.4-7 9-4.2-1.6-7-4.8-7-9V6zM9 12l2.2 2.2L15.2 10';
export const signOut = 'M10 4.5H5.5v15H10M14.5 8l4 4-4 4M18.5 12H10';
export const spark = 'M12 3.5l1.9 6.6 6.6 1.9-6.6 1.9L12 20.5l-1.9-6.6L3.5 12l6.6-1.9z';
export const sun =
	'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M18.7 5.3l-1.4 1.4M6.7 17.3l-1.4 1.4';
export const undo = 'M8.5 5L4 9.5 8.5 14M4.5 9.5h9.5a5.5 5.5 0 0 1 0 11H10';
export const user =
	'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4.5 20c.6-3.6 3.6-5.5 7.5-5.5s6.9 1.9 7.5 5.5';
