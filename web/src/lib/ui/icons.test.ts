import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { iconNames } from './icons';

it('names the icons that there are', () => {
	const svg = readFileSync('static/icons.svg', 'utf8');
	const ids = Array.from(svg.matchAll(/ id="([^"]+)"/g), ([, id]) => id);
	expect(ids).toEqual([...iconNames]);
});
