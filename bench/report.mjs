// The report in words and columns.
import { spawnSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';

const {
    BENCH_SECONDS, BENCH_USERS, LOAD_CPUS, SERVER_CPUS,
} = process.env;
const NAMES = {
    plain: 'proxy_pass', module: 'nginx-credits', app: 'Node.js',
};
const WIDTHS = [-14, 7, 8, 8, 8, 6, 10, 9, 10];
// a commit for two requests and more is what sharing means
const FALL = 2;


// What was measured with what, and how to read it.  database: a connected
// pg.Client.
export async function head(database) {
    const { rows: [{ version, fsync, commit }] } = await database.query(`
        SELECT current_setting('server_version_num')::int / 10000 AS version,
               current_setting('fsync') AS fsync,
               current_setting('synchronous_commit') AS commit`);
    const { stderr } = spawnSync('nginx', ['-v'], { encoding: 'utf8' });
    const nginx = /nginx\/(\S+)/.exec(stderr)[1];
    const load = loadavg()[0].toFixed(2);

    return `\
proxy_pass     nginx ${nginx}, one worker, no module in the location
nginx-credits  the same worker, credits on, sessions of Better Auth
Node.js        ${process.version}, one process, bench/app: the same work with pg

PostgreSQL ${version}, fsync ${fsync}, synchronous_commit ${commit}, \
its default settings otherwise
${cpus().length} x ${cpus()[0].model}, load ${load} before the start
processor ${SERVER_CPUS}: the measured server; \
${LOAD_CPUS}: wrk and the provider; any: PostgreSQL

Two rounds of ${BENCH_SECONDS} s each, there and back; ${BENCH_USERS} users \
in turn; connections stay
open, the next request leaves when the last answer is complete.

p50, p99   latency, milliseconds
server     processor time a request, microseconds
busy       of one processor; below 100%, the server waited: for PostgreSQL, or
           for wrk and the provider
Postgres   its processor time a request, microseconds
commits    a request, of transactions that write
rows       a batch, holds/settlements
vs         nginx-credits, as a multiple`;
}


function line(cells) {
    return cells.map((cell, i) => (WIDTHS[i] < 0
        ? String(cell).padEnd(-WIDTHS[i])
        : String(cell).padStart(WIDTHS[i]))).join('');
}


function perBatch(rows, batches) {
    return batches > 0 ? (rows / batches).toFixed(1) : '-';
}


function derive(total) {
    const { asked, time } = total;

    return {
        rate: total.requests / time,
        p50: total.p50,
        p99: total.p99,
        server: 1e6 * total.server / asked,
        busy: 100 * total.server / time,
        postgres: 1e6 * total.postgres / asked,
        commits: total.commits / asked,
        rows: `${perBatch(total.holds, total.holdBatches)}/`
            + perBatch(total.settlements, total.settleBatches),
    };
}


function values(name, of) {
    return line([NAMES[name], of.rate.toFixed(0), of.p50.toFixed(2),
        of.p99.toFixed(2), of.server.toFixed(0), `${of.busy.toFixed(0)}%`,
        of.postgres.toFixed(0), of.commits.toFixed(2), of.rows]);
}


function ratio(value) {
    return `x${value < 1 ? value.toPrecision(2)
        : value.toFixed(value < 10 ? 1 : 0)}`;
}


function ratios(name, of, to) {
    return line([`vs ${NAMES[name]}`, ...['rate', 'p50', 'p99', 'server']
        .map((column) => ratio(of[column] / to[column]))]);
}


// One level of concurrency.
export function table(connections, servers) {
    const derived = Object.fromEntries(Object.entries(servers)
        .map(([name, total]) => [name, derive(total)]));
    const { plain, module, app } = derived;

    return [
        '',
        line([`c=${connections}`, 'req/s', 'p50', 'p99', 'server', 'busy',
            'Postgres', 'commits', 'rows']),
        ...Object.entries(derived).map(([name, of]) => values(name, of)),
        ratios('plain', module, plain),
        ratios('app', module, app),
    ].join('\n');
}


function commitsAt(results, format, connections) {
    return derive(results.find((result) => result.format === format
        && result.connections === connections).servers.module).commits;
}


// The one thing that must show: natural batching.
export function verdict(results) {
    const formats = [...new Set(results.map(({ format }) => format))];
    const levels = results.map(({ connections }) => connections);
    const low = Math.min(...levels);
    const high = Math.max(...levels);
    let passed = true;

    const falls = formats.map((format) => {
        const idle = commitsAt(results, format, low);
        const busy = commitsAt(results, format, high);

        passed &&= busy * FALL <= idle;
        return `${format} ${idle.toFixed(2)} -> ${busy.toFixed(2)}`;
    });

    return {
        passed,
        text: `${passed ? 'PASS' : 'FAIL'}: load shares commits: a request's,`
            + ` c=${low} -> c=${high}: ${falls.join(', ')}`,
    };
}
