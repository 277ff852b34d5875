// What a team without the module would write: an application server that
// does the module's work on the same ledger.  It is measured, so it is written
// with care: one process, prepared statements, a pool, connections that stay
// open, sessions remembered for as long as the module does.
//
// An application has no journal.  What keeps an answer from going out
// uncharged is that its end leaves after the charge is in Postgres.
//
// DATABASE_URL         the ledger
// BETTER_AUTH_SECRET   signed the cookies
// PROVIDER             host:port
import { randomUUID } from 'node:crypto';
import { Agent, createServer, request as httpRequest } from 'node:http';
import pg from 'pg';
import { parseQuestion, price } from './chat.mjs';
import { Ledger } from './ledger.mjs';
import { makeMeter } from './meter.mjs';
import { Sessions } from './session.mjs';

const { DATABASE_URL, BETTER_AUTH_SECRET, PROVIDER } = process.env;

const pool = new pg.Pool({
    connectionString: DATABASE_URL, max: 20, idleTimeoutMillis: 0,
});
pool.on('error', (error) => console.error(`postgres: ${error.message}`));

const ledger = new Ledger(pool);
const sessions = new Sessions(BETTER_AUTH_SECRET,
    (token) => ledger.session(token));
const agent = new Agent({ keepAlive: true, maxFreeSockets: 128 });
const [hostname, port] = PROVIDER.split(':');


function fail(response, status, code) {
    response.statusCode = status;
    response.setHeader('Content-Type', 'application/json');
    response.setHeader('Cache-Control', 'private, no-store');
    response.end(JSON.stringify({
        error: { message: code, type: code, param: null, code },
    }));
}


// The body, or null: the client left before it had asked.
async function read(request) {
    const chunks = [];

    try {
        for await (const chunk of request) {
            chunks.push(chunk);
        }
    } catch {
        return null;
    }
    return Buffer.concat(chunks);
}


function ask(path, body) {
    return new Promise((resolve, reject) => {
        httpRequest({
            agent, hostname, port, path, method: 'POST',
            headers: {
                'Content-Type': 'application/json',
                'Content-Length': body.length,
            },
        }).once('response', resolve).once('error', reject).end(body);
    });
}


// All but the end of the answer; when the client leaves, what is left of the
// answer is still read, for its usage.
function forward(answer, meter, response) {
    return new Promise((resolve, reject) => {
        answer.on('data', (bytes) => {
            const kept = meter.feed(bytes);

            if (kept.length > 0 && !response.destroyed
                && !response.write(kept)) {
                answer.pause();
                response.once('drain', () => answer.resume());
            }
        });
        response.once('close', () => answer.resume());
        answer.once('end', resolve);
        answer.once('error', reject);
    });
}


function chargeFor(usage, hold, model) {
    if (usage === null) {
        return {
            status: 'estimated', credits: hold,
            metadata: { model, totalTokens: 0, estimated: true },
        };
    }

    return {
        status: 'settled', credits: price(usage.total_tokens),
        metadata: {
            model,
            promptTokens: usage.prompt_tokens,
            completionTokens: usage.completion_tokens,
            totalTokens: usage.total_tokens,
        },
    };
}


async function answerQuestion(path, question, user, id, hold, response) {
    const answer = await ask(path, question.body);
    const type = answer.headers['content-type'];
    const meter = makeMeter(type, question.hidesUsage);

    response.statusCode = answer.statusCode;
    response.setHeader('Content-Type', type ?? 'application/octet-stream');
    response.setHeader('X-Credits-Request-Id', id);

    await forward(answer, meter, response);
    const end = meter.end();
    const charge = answer.statusCode < 300
        ? chargeFor(meter.usage, hold, question.model)
        : { status: 'released', credits: 0, metadata: {} };

    await ledger.settle(user, id, charge.status, charge.credits,
        charge.metadata);
    response.end(end);

    console.log(`consumed ${charge.credits} credits for`
        + ` ${charge.metadata.totalTokens ?? 0} tokens (user: ${user})`);
}


async function handle(request, response) {
    const user = await sessions.user(request.headers.cookie);
    let question;

    if (user === null) {
        fail(response, 401, 'unauthorized');
        return;
    }

    const bytes = await read(request);
    if (bytes === null) {
        return;
    }

    try {
        question = parseQuestion(bytes);
    } catch {
        fail(response, 400, 'invalid_body');
        return;
    }

    const id = randomUUID();
    const hold = await ledger.hold(user, id, question.want);
    if (hold === 0) {
        fail(response, 402, 'insufficient_credits');
        return;
    }

    try {
        await answerQuestion(request.url, question, user, id, hold, response);
    } catch (error) {
        // settles once: what has been charged stays charged
        await ledger.settle(user, id, 'released', 0, {});
        throw error;
    }
}


const server = createServer((request, response) => {
    handle(request, response).catch((error) => {
        console.error(error.message);
        if (response.headersSent) {
            response.destroy();
        } else {
            fail(response, 502, 'upstream_error');
        }
    });
});
server.keepAliveTimeout = 0;   // the load keeps its connections

server.listen(0, '127.0.0.1', () => {
    console.log(`listening on http://127.0.0.1:${server.address().port}`);
});

process.once('SIGTERM', () => {
    server.close(() => {
        agent.destroy();
        pool.end();
    });
    server.closeAllConnections();
});
