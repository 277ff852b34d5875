// What befalls the PostgreSQL that t/with-services has started.
import { Server } from '../support/postgres.mjs';
import { closeSql, sql } from '../support/psql.mjs';

const server = Server.ofServices;

let stopped = false;
let frozen = false;


export async function stop() {
    await closeSql();
    stopped = true;
    await server.stop();
}


// a host that hangs: connections stay, nothing is answered
export function freeze() {
    frozen = true;
    server.signalAll('SIGSTOP');
}


// as it was before stop() or freeze()
export async function restore() {
    if (frozen) {
        server.signalAll('SIGCONT');
        frozen = false;
    }
    if (stopped) {
        await server.start();
        stopped = false;
    }
}


// ends nginx's connections, as an operator or a failover does
export const terminate = () => sql`
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
     WHERE application_name = 'nginx-credits';`;
