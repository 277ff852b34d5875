// That a test fails when its nginx has said what nobody asked for.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Nginx, killWorker } from './nginx.mjs';
import { freePorts } from './ports.mjs';

const CHECK_LOG = fileURLToPath(new URL('check-log', import.meta.url));

const http = (port) => `
    server {
        listen 127.0.0.1:${port};
        location = /crit { proxy_pass http://unix:/nowhere.sock; }
    }
`;


// the body gets an nginx that runs
function withNginx(name, body) {
    test(name, async () => {
        const [port] = freePorts(1);
        const nginx = new Nginx({ port, http: http(port), modules: [] });

        await nginx.start();
        try {
            await body(nginx);
        } finally {
            if (nginx.running) {
                await nginx.crash();
            }
            nginx.remove();
        }
    });
}


const causeCrit = (nginx) => fetch(`http://127.0.0.1:${nginx.port}/crit`);

// of the shell's suites; the lines that it prints
function checkLog(...files) {
    try {
        return execFileSync(CHECK_LOG, files,
            { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    } catch ({ stdout }) {
        return stdout || 'failed';
    }
}


withNginx('nothing to complain of', async (nginx) => {
    await fetch(`http://127.0.0.1:${nginx.port}/`);
    assert.equal(await nginx.stop(), 0);
    await nginx.end();
    assert.equal(checkLog(`${nginx.prefix}/error.log`), '');
});

withNginx('[crit]', async (nginx) => {
    await causeCrit(nginx);
    await assert.rejects(nginx.stop(), /\[crit\].*nowhere\.sock/);
    assert.match(checkLog(`${nginx.prefix}/error.log`), /\[crit\]/);
});

withNginx('[crit] that the test expects', async (nginx) => {
    nginx.expect(/\[crit\].*nowhere\.sock/);
    await causeCrit(nginx);
    await nginx.end();
});

withNginx('what is expected does not come', async (nginx) => {
    nginx.expect(/\[crit\].*nowhere\.sock/);
    await assert.rejects(nginx.end(), /there is no .*nowhere/);
});

withNginx('a worker that is killed', async (nginx) => {
    await killWorker(nginx, nginx.workers[0]);
    await assert.rejects(nginx.stop(), /\[alert\].* exited on signal 9/);
});

withNginx('a master that is killed', async (nginx) => {
    await nginx.crash();
    await assert.rejects(nginx.stop(), /it ended with SIGKILL/);
});

for (const line of [
    '==1==ERROR: AddressSanitizer: heap-use-after-free on address 0x1',
    'x.c:1:2: runtime error: shift exponent 64 is too large',
    'nginx: x.c:1: f: Assertion `x\' failed.',
    '2026/01/01 00:00:00 [notice] 1#1: worker process 2 exited with code 1',
    'nginx: [emerg] bind() failed',
]) {
    withNginx(line, async (nginx) => {
        const log = `${nginx.prefix}/error.log`;

        appendFileSync(log, `${line}\n`);
        await assert.rejects(nginx.stop());
        assert.equal(checkLog(log), `${line}\n`);
    });
}

withNginx('no log at all', async (nginx) => {
    assert.equal(checkLog(`${nginx.prefix}/none.log`), 'failed');
});


test('free ports are different, free, and not the kernel\'s', async () => {
    const ports = freePorts(20);
    const servers = ports.map((port) =>
        createServer().listen(port, '127.0.0.1'));

    await Promise.all(servers.map((server) => once(server, 'listening')));
    for (const server of servers) {
        server.close();
    }
    assert.equal(new Set(ports).size, 20);
    assert.ok(ports.every((port) => port >= 20_000 && port < 32_000));
});
