// Webhooks on their way: signed, first in first out as far as that goes,
// tried again with back-off.
import { randomUUID } from 'node:crypto';
import { sign } from './sign.mjs';
import { stamp } from './wire.mjs';

const {
    WEBHOOK_URL, POLAR_WEBHOOK_SECRET = '', POLAR_SIGNATURE = 'polar',
    POLAR_RETRY = 2000,
} = process.env;

const ATTEMPTS = 10;
const ANSWER_WITHIN = 10_000;       // ms
const LONGEST_PAUSE = 20 * 60_000;  // ms
// an event waits for those before it, but not for ever
const FIRST_IN_FIRST_OUT = 60_000;  // ms

// { id, type, payload, createdAt, state, attempts, tried }; createdAt is ms
// since 1970; state: 'held', 'waiting', 'pausing' after an attempt that failed,
// 'delivered', or 'failed' for good
export const events = [];

let holding = false;
let pumping = false;


// one attempt, whose answer is { at, status, body } or { at, error }
async function attempt(event) {
    const at = Date.now();
    const seconds = Math.floor(at / 1000);
    let answer;

    try {
        const response = await fetch(WEBHOOK_URL, {
            method: 'POST',
            headers: {
                'user-agent': 'polar.sh webhooks',
                'content-type': 'application/json',
                'webhook-id': event.id,
                'webhook-timestamp': String(seconds),
                'webhook-signature': sign(POLAR_WEBHOOK_SECRET,
                    POLAR_SIGNATURE, event.id, seconds, event.payload),
                'webhook-api-version': '2026-10',
            },
            body: event.payload,
            // a redirect is a failure
            redirect: 'manual',
            signal: AbortSignal.timeout(ANSWER_WITHIN),
        });
        answer = { at, status: response.status, body: await response.text() };
    } catch (error) {
        answer = { at, error: (error.cause ?? error).message };
    }

    event.attempts.push(answer);
    if (answer.status >= 200 && answer.status < 300) {
        event.state = 'delivered';
    }
    return answer;
}


function postpone(event, tries) {
    const pause = Math.min(POLAR_RETRY * 2 ** (tries - 1), LONGEST_PAUSE);

    event.state = 'pausing';
    setTimeout(() => {
        if (event.state === 'pausing') {
            event.state = 'waiting';
            pump();
        }
    }, pause);
    setTimeout(pump, FIRST_IN_FIRST_OUT);
}


// the first that waits, unless it waits for one before it
function next() {
    const since = Date.now() - FIRST_IN_FIRST_OUT;
    const event = events.find(({ state, createdAt }) => state === 'waiting'
        || state === 'pausing' && createdAt > since);

    return event?.state === 'waiting' ? event : undefined;
}


async function pump() {
    if (pumping) {
        return;
    }
    pumping = true;

    for (let event = next(); event !== undefined; event = next()) {
        await attempt(event);

        if (event.state !== 'delivered') {
            if (event.attempts.length >= ATTEMPTS) {
                event.state = 'failed';
            } else {
                postpone(event, event.attempts.length);
            }
        }
        event.tried();
    }
    pumping = false;
}


// Resolves when it has been tried once or is held back.
export function emit(type, data) {
    const now = new Date();
    const event = {
        id: randomUUID(), type,
        payload: JSON.stringify({ type, timestamp: stamp(now), data }),
        createdAt: now.getTime(), attempts: [],
        state: holding ? 'held' : 'waiting',
    };

    const tried = new Promise((resolve) => { event.tried = resolve; });
    events.push(event);
    if (event.state === 'held') {
        event.tried();
    }
    pump();
    return tried;
}


// from now on
export function hold() {
    holding = true;
}


// and those that were held back go, in the order in which they were made
export function release() {
    holding = false;
    for (const event of events.filter(({ state }) => state === 'held')) {
        event.state = 'waiting';
    }
    pump();
}


// now, whatever has become of it, so many times at once; the answers
export async function send(event, times) {
    const answers = await Promise.all(
        Array.from({ length: times }, () => attempt(event)));

    // those behind it need not wait any longer
    pump();
    return answers;
}
