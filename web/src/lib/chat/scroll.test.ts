import { expect, it } from 'vitest';
import { atBottom, follows } from './scroll';

const at = (scrollTop: number, scrollHeight = 1000) => ({
	scrollTop,
	scrollHeight,
	clientHeight: 400
});

it('knows the bottom, and nearly the bottom', () => {
	expect(atBottom(at(600))).toBe(true);
	expect(atBottom(at(560))).toBe(true);
	expect(atBottom(at(500))).toBe(false);
	expect(atBottom(at(0, 300))).toBe(true);
});

it('goes on following while the content grows faster than it is followed', () => {
	expect(follows(true, 600, at(600, 2000))).toBe(true);
	expect(follows(true, 600, at(700, 2000))).toBe(true);
});

it('lets go when the reader scrolls up', () => {
	expect(follows(true, 600, at(400))).toBe(false);
});

it('does not let go for a move up near the bottom', () => {
	expect(follows(true, 600, at(590))).toBe(true);
});

it('does not follow again before the reader is back at the bottom', () => {
	expect(follows(false, 100, at(300))).toBe(false);
	expect(follows(false, 300, at(600))).toBe(true);
});
