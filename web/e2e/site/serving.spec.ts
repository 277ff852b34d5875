// What nginx says beside the pages: the policy, caching, compression, addresses.
import { readdir } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { request as plain } from 'node:http';
import { expect, test } from './test';

const PAGES = [
	'/',
	'/sign-in',
	'/sign-up',
	'/shop',
	'/dashboard',
	'/dashboard/credits',
	'/dashboard/chat'
];

interface Answer {
	status: number;
	headers: Record<string, string | string[] | undefined>;
	body: Buffer;
}

/** As it is on the wire: nothing is followed, nothing decompressed. */
function get(url: string, headers: Record<string, string> = {}): Promise<Answer> {
	return new Promise((resolve, reject) => {
		plain(url, { headers }, (response) => {
			const chunks: Buffer[] = [];
			response.on('data', (chunk: Buffer) => chunks.push(chunk));
			response.on('end', () => {
				const { statusCode: status = 0, headers } = response;
				resolve({ status, headers, body: Buffer.concat(chunks) });
			});
		})
			.on('error', reject)
			.end();
	});
}

const built = async (pattern: RegExp) => {
	const files = await readdir(new URL('../../build', import.meta.url), { recursive: true });
	return files.filter((file) => pattern.test(file)).map((file) => `/${file}`);
};

for (const path of [...PAGES, '/nowhere']) {
	test(`${path} comes under the policy, and is asked for anew`, async ({ baseURL }) => {
		const { status, headers } = await get(`${baseURL ?? ''}${path}`);
		const policy = String(headers['content-security-policy']);

		expect(status).toBe(path === '/nowhere' ? 404 : 200);
		expect(headers['content-type']).toBe('text/html; charset=utf-8');
		expect(headers['cache-control']).toBe('no-cache');
		expect(headers['x-content-type-options']).toBe('nosniff');
		expect(headers['referrer-policy']).toBe('same-origin');
		expect(policy).toContain("default-src 'none'");
		expect(policy).toContain("script-src 'self';");
		expect(policy).toContain("require-trusted-types-for 'script'");
		expect(policy).toContain("frame-ancestors 'none'");
		expect(policy).not.toContain('unsafe-inline');
		expect(policy).not.toContain('unsafe-eval');
	});
}

test('no page has a script or a style of its own in it', async ({ baseURL }) => {
	for (const path of [...PAGES, '/nowhere']) {
		const { body } = await get(`${baseURL ?? ''}${path}`);
		expect(body.toString(), path).not.toMatch(/<script(?![^>]* src=)|<style|\sstyle=|\son\w+=/);
	}
});

test('what has a hash in its name is kept for ever', async ({ baseURL }) => {
	const files = await built(/^_app\/immutable\/.*\.(js|css)$/);
	expect(files.length).toBeGreaterThan(10);

	for (const file of files) {
		const { headers } = await get(`${baseURL ?? ''}${file}`);
		expect(headers['cache-control'], file).toBe('public, max-age=31536000, immutable');
	}
	const { headers } = await get(`${baseURL ?? ''}/_app/version.json`);
	expect(headers['cache-control']).toBe('no-cache');
});

test('scripts, styles and pages are compressed', async ({ baseURL }) => {
	const files = await built(/^_app\/immutable\/.*\.(js|css)$/);

	for (const path of ['/dashboard/credits', ...files]) {
		const url = `${baseURL ?? ''}${path}`;
		const [packed, bare] = [await get(url, { 'Accept-Encoding': 'gzip' }), await get(url)];
		expect(packed.headers['content-encoding'], path).toBe('gzip');
		expect(packed.headers['vary'], path).toBe('Accept-Encoding');
		expect(bare.headers['content-encoding'], path).toBeUndefined();
		expect(gunzipSync(packed.body).equals(bare.body), path).toBe(true);
	}
});

test("the API's answers are compressed, as JSON", async ({ baseURL }) => {
	const url = `${baseURL ?? ''}/api/credits/transactions`;
	const [packed, bare] = [await get(url, { 'Accept-Encoding': 'gzip' }), await get(url)];
	expect(packed.headers['content-encoding']).toBe('gzip');
	expect(bare.headers['content-encoding']).toBeUndefined();
	expect(JSON.parse(gunzipSync(packed.body).toString())).toEqual(JSON.parse(bare.body.toString()));
});

test('a page has one address', async ({ baseURL }) => {
	for (const path of ['/index.html', '/404.html', '/shop.html', '/dashboard/credits.html']) {
		expect((await get(`${baseURL ?? ''}${path}`)).status, path).toBe(404);
	}
	const { status, headers } = await get(`${baseURL ?? ''}/shop/?next=1`);
	expect(status).toBe(301);
	expect(headers['location']).toBe('/shop?next=1');
});

test('an unchanged page is not sent again', async ({ baseURL }) => {
	const url = `${baseURL ?? ''}/shop`;
	const { headers } = await get(url);
	const again = await get(url, { 'If-None-Match': String(headers['etag']) });
	expect(again.status).toBe(304);
	expect(again.body).toHaveLength(0);
});

test('how long an answer of the API keeps is what the API says', async ({ baseURL }) => {
	const { headers } = await get(`${baseURL ?? ''}/api/credits`);
	expect(headers['cache-control']).toBe('private, no-store');
});
