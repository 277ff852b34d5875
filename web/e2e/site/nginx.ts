// The built site behind nginx with the configuration that it comes with; only
// where the API is, is a test's own.
import { fileURLToPath } from 'node:url';
import { Nginx } from '../../../t/support/nginx.mjs';
import { freePorts } from '../../../t/support/ports.mjs';

const WEB = fileURLToPath(new URL('../..', import.meta.url));

const http = (port: number, api: number) => `
	include /etc/nginx/mime.types;
	default_type application/octet-stream;
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
`;

/** api: the port of it at 127.0.0.1 */
export async function startNginx(api: number): Promise<Nginx> {
	const [port = 0] = freePorts(1);
	const nginx = new Nginx({ port, http: http(port, api), modules: [] });

	await nginx.start();
	return nginx;
}
