// The PostgreSQL that t/with-services has started, its standby, and what
// befalls them.
import { execFile } from 'node:child_process';
import { copyFileSync, chownSync, mkdirSync, readFileSync, realpathSync,
    rmSync, statSync } from 'node:fs';
import { promisify } from 'node:util';
import { children, gone, title } from '../live/process.mjs';
import { sql } from '../live/sql.mjs';
import { until } from '../live/until.mjs';

const run = promisify(execFile);
const script = new URL('../../demo/postgres', import.meta.url).pathname;
const { RUN_DIR, TEST_NGINX_POSTGRES } = process.env;
const NGINX = / nginx_test credits /;
const HOST = '127.0.0.1';


class Server {
    constructor(directory, port, settings = []) {
        this.directory = directory;
        this.port = port;
        this.settings = ['max_connections=200', ...settings,
            ...TEST_NGINX_POSTGRES.split(' ')];
    }

    get #pidFile() {
        return `${this.directory}/data/postmaster.pid`;
    }

    get pid() {
        return Number(readFileSync(this.#pidFile, 'utf8').split('\n')[0]);
    }

    // those that serve nginx
    get backends() {
        return children(this.pid).filter((pid) => NGINX.test(title(pid)));
    }

    async start() {
        await run(script,
            ['start', this.directory, this.port, ...this.settings]);
    }

    // SIGKILL, or SIGQUIT: an immediate shutdown.  Resolves when nobody uses
    // the data any more.
    async stop(signal) {
        const { pid } = this;
        const all = [pid, ...children(pid)];

        process.kill(pid, signal);
        await Promise.all(all.map(gone));
        // pg_ctl would take the process for alive until it is waited for
        rmSync(this.#pidFile, { force: true });
    }

    remove() {
        return run(script, ['remove', this.directory]);
    }
}


function alone(url, port) {
    const result = new URL(url);

    result.port = port;
    return result.href;
}


// one URL for both: whoever takes writes
function both(url, port) {
    const result = new URL(url);
    const hosts = `${result.host},${HOST}:${port}`;

    return url.replace(result.host, hosts) + '?target_session_attrs=read-write';
}


// a copy of the primary that follows it
async function follow(primary, port) {
    const directory = `${realpathSync(primary.directory)}-standby`;
    const { uid, gid } = statSync(primary.directory);
    const { username, password } = new URL(process.env.TEST_NGINX_ADMIN_URL);

    mkdirSync(directory, { mode: 0o700 });
    copyFileSync(`${primary.directory}/password`, `${directory}/password`);
    for (const path of [directory, `${directory}/password`]) {
        chownSync(path, uid, gid);
    }
    await run('pg_basebackup', ['-R', '-c', 'fast', '--no-sync',
        '-D', `${directory}/data`, '-h', HOST, '-p', primary.port,
        '-U', username], {
        uid, gid, cwd: '/', env: { ...process.env, PGPASSWORD: password },
    });
    return new Server(directory, port, ['wal_retrieve_retry_interval=100ms']);
}


export class Cluster {
    #standby;
    #url;           // the standby's, as superuser

    // What is acknowledged is on both from then on.  Nginx and sql`` go
    // through the URLs in the environment to whichever is the primary.
    static async create(port) {
        const cluster = new Cluster();
        const { TEST_NGINX_ADMIN_URL: admin, TEST_NGINX_DATABASE_URL: nginx }
            = process.env;

        cluster.primary = new Server(`${RUN_DIR}/postgres`,
            new URL(admin).port);
        cluster.#standby = await follow(cluster.primary, port);
        await cluster.#standby.start();
        cluster.#url = alone(admin, port);
        process.env.TEST_NGINX_ADMIN_URL = both(admin, port);
        process.env.TEST_NGINX_DATABASE_URL = both(nginx, port);

        await sql`ALTER SYSTEM SET synchronous_standby_names = '*';`;
        await sql`SELECT pg_reload_conf();`;
        await until('the standby follows', async () => (await sql`
            SELECT 1 FROM pg_stat_replication
             WHERE sync_state = 'sync';`).length > 0);
        return cluster;
    }

    // the primary is lost, its standby takes its place
    async failover() {
        await this.primary.stop('SIGQUIT');
        this.primary = this.#standby;
        await run('psql', ['-Xq', '-c', 'SELECT pg_promote()', this.#url]);
    }

    close() {
        return this.#standby?.remove();
    }
}
