import { expect, it } from 'vitest';
import { externaliseScripts } from './adapter.js';

it('moves inline scripts into files, and leaves the others alone', () => {
	const files = new Map<string, string>();
	const html = externaliseScripts(
		'<script src="/a.js"></script><div><script>\n{ boot(); }\n</script></div>',
		(name, code) => files.set(name, code)
	);
	const [[name, code] = []] = files;

	expect(code).toBe('\n{ boot(); }\n');
	expect(html).toBe(
		`<script src="/a.js"></script><div><script src="/_app/immutable/boot/${name}"></script></div>`
	);
});
