// The built site behind nginx with the configuration that it comes with; only
// where the API is, is a test's own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const WEB = fileURLToPath(new URL('../..', import.meta.url));

// one process: it needs no user of its own to read the files
const config = (port: number, api: number) => `
daemon off;
master_process off;
pid nginx.pid;
error_log error.log warn;
events {}

http {
	include /etc/nginx/mime.types;
	default_type application/octet-stream;
	access_log off;
	include "${WEB}/../t/support/temp.conf";
	include "${WEB}/nginx/http.conf";

	server {
		listen 127.0.0.1:${port};
		root "${WEB}/build";
		include "${WEB}/nginx/headers.conf";
		include "${WEB}/nginx/site.conf";

		location /api/ {
			proxy_pass http://127.0.0.1:${api};
			proxy_http_version 1.1;
			proxy_set_header Connection "";
			proxy_buffering off;
			proxy_read_timeout 1h;
		}
	}
}
`;

async function freePort(): Promise<number> {
	const server = createServer();
	await once(server.listen(0, '127.0.0.1'), 'listening');
	const address = server.address();
	await once(server.close(), 'close');
	if (address === null || typeof address === 'string') throw new Error('no port');
	return address.port;
}

async function listens(port: number): Promise<boolean> {
	const socket = connect(port, '127.0.0.1');
	try {
		await once(socket, 'connect');
		return true;
	} catch {
		return false;
	} finally {
		socket.destroy();
	}
}

export interface Nginx {
	url: string;
	/** Throws if it had anything alarming to say. */
	stop: () => Promise<void>;
}

/** api: the port of it at 127.0.0.1 */
export async function startNginx(api: number): Promise<Nginx> {
	const prefix = await mkdtemp(join(tmpdir(), 'nginx-credits-site-'));
	const port = await freePort();
	const log = () => readFile(join(prefix, 'error.log'), 'utf8');

	await mkdir(join(prefix, 'tmp'));
	await writeFile(join(prefix, 'nginx.conf'), config(port, api));
	const output = openSync(join(prefix, 'error.log'), 'a');
	const child = spawn('nginx', ['-p', prefix, '-c', 'nginx.conf', '-e', 'error.log'], {
		stdio: ['ignore', output, output],
		env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` }
	});
	closeSync(output);
	const ended = once(child, 'exit');
	const kill = () => child.kill();
	process.once('exit', kill);

	while (!(await listens(port))) {
		if (child.exitCode !== null) throw new Error(`nginx did not start:\n${await log()}`);
		await sleep(10);
	}

	return {
		url: `http://127.0.0.1:${port}`,
		async stop() {
			child.kill('SIGTERM');
			await ended;
			process.off('exit', kill);
			const alarming = (await log())
				.split('\n')
				.filter((line) => /\[(alert|crit|emerg)\]/.test(line));
			await rm(prefix, { recursive: true });
			if (alarming.length > 0) throw new Error(alarming.join('\n'));
		}
	};
}
