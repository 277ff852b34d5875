// What reached the provider, in all and by tag, for tests to ask about.

const newCounters = () => ({
    calls: 0,           // requests that arrived
    completed: 0,       // answers handed over whole
    aborted: 0,         // answers that ended early, whoever ended them
    inflight: 0,
});

const tallies = new Map();
let ended = [];         // see answers()

function tally(tag) {
    if (!tallies.has(tag)) {
        let open;
        const opened = new Promise((resolve) => { open = resolve; });

        tallies.set(tag, {
            counters: newCounters(), last: null, gate: { opened, open },
        });
    }
    return tallies.get(tag);
}


// The tag '' stands for all requests.

export const counters = (tag) => tally(tag).counters;
export const last = (tag) => tally(tag).last;
export const openGate = (tag) => tally(tag).gate.open();
export const gateOpened = (tag) => tally(tag).gate.opened;

// the tagged requests that have ended: { tag, id, status, completed, endedAt },
// id being the X-Client-Request-Id, endedAt in ms since 1970
export const answers = (tag) =>
    ended.filter((each) => tag === '' || each.tag === tag);

export function forget(tag) {
    if (tag === '') {
        tallies.clear();
    } else {
        tallies.delete(tag);
    }
    ended = ended.filter((each) => tag !== '' && each.tag !== tag);
}


// counts a request now and its end when the response closes
export function count(tag, request, body, response) {
    const record = {
        method: request.method,
        url: request.url,
        headers: request.headers,
        rawHeaders: request.rawHeaders,
        body: body.toString('base64'),
    };

    const counted = (tag === '' ? [''] : ['', tag]).map((name) => {
        const entry = tally(name);
        entry.last = record;
        entry.counters.calls++;
        entry.counters.inflight++;
        return entry.counters;
    });

    response.once('close', () => {
        if (tag !== '') {
            ended.push({
                tag, id: request.headers['x-client-request-id'] ?? null,
                status: response.statusCode,
                completed: response.writableFinished, endedAt: Date.now(),
            });
        }
        for (const each of counted) {
            each.inflight--;
            each[response.writableFinished ? 'completed' : 'aborted']++;
        }
    });
}
