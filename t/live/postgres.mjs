// What befalls the PostgreSQL that t/with-services has started.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { children } from './process.mjs';
import { closeSql, sql } from './sql.mjs';

const { TEST_NGINX_ADMIN_URL, RUN_DIR } = process.env;
const run = promisify(execFile);
const script = new URL('../../demo/postgres', import.meta.url).pathname;
const directory = `${RUN_DIR}/postgres`;
// as t/with-services starts it
const settings = ['fsync=off', 'max_connections=200'];

let stopped = false;
let frozen = false;


export async function stop() {
    await closeSql();
    stopped = true;
    await run(script, ['stop', directory]);
}


function signalAll(signal) {
    const [line] = readFileSync(`${directory}/data/postmaster.pid`, 'utf8')
        .split('\n');
    const pid = Number(line);

    for (const each of [pid, ...children(pid)]) {
        process.kill(each, signal);
    }
}


// a host that hangs: connections stay, nothing is answered
export function freeze() {
    frozen = true;
    signalAll('SIGSTOP');
}


// as it was before stop() or freeze()
export async function restore() {
    if (frozen) {
        signalAll('SIGCONT');
        frozen = false;
    }
    if (stopped) {
        await run(script, ['start', directory,
            new URL(TEST_NGINX_ADMIN_URL).port, ...settings]);
        stopped = false;
    }
}


// ends nginx's connections, as an operator or a failover does
export const terminate = () => sql`
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
     WHERE application_name = 'nginx-credits';`;
