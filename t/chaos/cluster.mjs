// The PostgreSQL that t/with-services has started, its standby, and what
// befalls them.
import { Server } from '../support/postgres.mjs';
import { title } from '../support/process.mjs';
import { Session, sql } from '../support/psql.mjs';
import { until } from '../support/until.mjs';

const { RUN_DIR } = process.env;
const NGINX = / nginx_test credits /;
const HOST = '127.0.0.1';


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


export class Cluster {
    #standby;
    #url;           // the standby's, as superuser

    // What is acknowledged is on both from then on.  Nginx and sql`` go
    // through the URLs in the environment to whichever is the primary.
    static async create(port) {
        const cluster = new Cluster();
        const { TEST_NGINX_ADMIN_URL: admin, TEST_NGINX_DATABASE_URL: nginx }
            = process.env;

        cluster.primary = Server.ofServices;
        cluster.#standby = await cluster.primary.copy(
            `${RUN_DIR}/postgres-standby`, port,
            ['wal_retrieve_retry_interval=100ms']);
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

    // of the primary, those that serve nginx
    get backends() {
        return this.primary.processes.filter((pid) => NGINX.test(title(pid)));
    }

    // the primary is lost, its standby takes its place
    async failover() {
        await this.primary.kill('SIGQUIT');
        this.primary = this.#standby;

        const session = new Session(this.#url);

        await session.query('SELECT pg_promote();');
        await session.close();
    }

    close() {
        return this.#standby?.remove();
    }
}
