// Rounds of load, in turn on each server; prints what they showed.  The
// environment is that of bench/servers and t/with-services.
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import {
    brokenInvariants, counters, processorTime, quietLedger,
} from './probe.mjs';
import { head, table, verdict } from './report.mjs';
import { checkAnswer } from './same.mjs';
import { createUsers } from './users.mjs';

const env = process.env;
const SECONDS = Number(env.BENCH_SECONDS);
const WARM_UP = 1;               // a round of each, that does not count
const LEVELS = [1, 8, 64];       // connections, each with one request
const HERE = fileURLToPath(new URL('.', import.meta.url));
const METRICS = `http://127.0.0.1:${env.CREDITS_PORT}/metrics`;

// every answer reports 200 tokens: one credit
const FORMATS = [
    { name: 'JSON', question: 'question.json', answer: 'answer.json' },
    { name: 'SSE', question: 'question-stream.json', answer: 'answer.sse' },
].map((format) => ({
    ...format,
    question: `${HERE}${format.question}`,
    content: readFileSync(`${HERE}provider/${format.answer}`, 'utf8'),
}));
const SERVERS = {
    plain: { port: env.PLAIN_PORT, pid: env.NGINX_PID },
    module: { port: env.CREDITS_PORT, pid: env.NGINX_PID, charges: true },
    app: { port: env.APP_PORT, pid: env.APP_PID, charges: true },
};
const COOKIES = `${env.RUN_DIR}/cookies`;

const execute = promisify(execFile);


function urlOf(server, format) {
    return `http://127.0.0.1:${server.port}/${format.answer}`;
}


async function load(server, format, connections, seconds) {
    const url = urlOf(server, format);
    const { stdout } = await execute('wrk', [
        '-t', '1', '-c', connections, '-d', `${seconds}s`,
        '--timeout', '10s', '-s', `${HERE}load.lua`, url,
        '--', COOKIES, format.question,
    ]);
    const result = JSON.parse(stdout.trim().split('\n').at(-1));

    if (result.requests === 0 || result.refused + result.failed > 0) {
        throw new Error(`${url} did not answer as it should: ${stdout}`);
    }
    return result;
}


async function probe(database, server) {
    return {
        ledger: await quietLedger(database),
        counters: await counters(METRICS),
        server: processorTime(server.pid),
        postgres: processorTime(env.POSTGRES_PID),
    };
}


function difference(before, after) {
    return Object.fromEntries(Object.keys(after)
        .map((name) => [name, after[name] - before[name]]));
}


// Numbers of a server that gives answers away would be worth nothing.  wrk
// leaves without the last answer of each connection; it may be charged.
function checkBooks(server, spent, requests, connections) {
    const least = server.charges ? requests : 0;
    const most = server.charges ? requests + connections : 0;

    if (spent < least || spent > most) {
        throw new Error(`${requests} answers, but ${spent} credits charged`);
    }
}


async function round(database, server, format, connections, seconds) {
    const before = await probe(database, server);
    const result = await load(server, format, connections, seconds);
    const after = await probe(database, server);
    const ledger = difference(before.ledger, after.ledger);
    const counts = difference(before.counters, after.counters);

    checkBooks(server, ledger.spent, result.requests, connections);

    return {
        requests: result.requests,
        // with those whose answer wrk did not wait for
        asked: server.charges ? ledger.spent : result.requests,
        time: result.time / 1e6,
        p50: result.p50 / 1e3,
        p99: result.p99 / 1e3,
        server: after.server - before.server,
        postgres: after.postgres - before.postgres,
        commits: ledger.commits,
        holds: counts.hold_rows,
        holdBatches: counts.hold_batches,
        settlements: counts.settle_rows,
        settleBatches: counts.settle_batches,
    };
}


// Sums of a server's rounds; of the percentiles, which cannot be summed, the
// mean.
function sum(rounds) {
    const total = { p50: 0, p99: 0 };

    for (const one of rounds) {
        for (const [name, value] of Object.entries(one)) {
            total[name] = (total[name] ?? 0) + value;
        }
    }
    total.p50 /= rounds.length;
    total.p99 /= rounds.length;

    return total;
}


// there and back, so that no server gains by its place
async function measure(database, format, connections) {
    const names = Object.keys(SERVERS);
    const rounds = Object.fromEntries(names.map((name) => [name, []]));

    for (const name of [...names, ...[...names].reverse()]) {
        rounds[name].push(await round(database, SERVERS[name], format,
            connections, SECONDS));
    }

    return Object.fromEntries(names.map((name) => [name, sum(rounds[name])]));
}


const database = new pg.Client({ connectionString: env.TEST_NGINX_ADMIN_URL });
await database.connect();
const cookies = await createUsers(database, env.TEST_NGINX_AUTH_SECRET,
    Number(env.BENCH_USERS));
writeFileSync(COOKIES, `${cookies.join('\n')}\n`, { mode: 0o600 });

console.log(await head(database));

for (const format of FORMATS) {
    for (const server of Object.values(SERVERS)) {
        await checkAnswer(urlOf(server, format), {
            question: readFileSync(format.question),
            answer: format.content, cookie: cookies[0],
            charges: server.charges,
        });
        await round(database, server, format, LEVELS.at(-1), WARM_UP);
    }
}

const results = [];
for (const format of FORMATS) {
    console.log(`\n${format.name}, answers of ${format.content.length} bytes`);
    for (const connections of LEVELS) {
        const servers = await measure(database, format, connections);

        results.push({ format: format.name, connections, servers });
        console.log(table(connections, servers));
    }
}

const broken = await brokenInvariants(database);
await database.end();
if (broken.length > 0) {
    throw new Error(`broken invariants: ${JSON.stringify(broken)}`);
}

const { text, passed } = verdict(results);
console.log(`\n${text}`);
process.exitCode = passed ? 0 : 1;
