import { expect, it } from 'vitest';
import { perFrame } from './frames';

function frames() {
	const due: (() => void)[] = [];
	const drawn: number[] = [];
	const it = perFrame<number>(
		(value) => drawn.push(value),
		(callback) => due.push(callback)
	);

	return { ...it, due, drawn, frame: () => due.splice(0).forEach((callback) => callback()) };
}

it('draws the newest, once per frame', () => {
	const { push, frame, due, drawn } = frames();
	push(1);
	push(2);
	expect(due).toHaveLength(1);
	frame();
	push(3);
	frame();
	frame();
	expect(drawn).toEqual([2, 3]);
});

it('draws nothing that was cancelled', () => {
	const { push, cancel, frame, drawn } = frames();
	push(1);
	cancel();
	frame();
	expect(drawn).toEqual([]);
	push(2);
	frame();
	expect(drawn).toEqual([2]);
});
