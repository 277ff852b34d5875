// Whether all promises were kept: each mismatch as a line of text.
const FATE = 5000;      // ms: a frozen worker may have slept before it died

const credits = (tokens) => Math.ceil(tokens / 1000);

const name = ({ n, user, kind, stream, path, status, tokens, ended, left,
    node }) =>
    `request ${n} (${user.id}, node ${node}, ${path}, ${kind}, ${
        stream ? 'stream' : 'json'}, ${tokens} tokens; seen: ${status ?? '-'}${
        ended ? ' to the end' : ''}${left ? ', left' : ''})`;

const show = (rows) => rows.map(({ status, amount, debt, hold, reason }) =>
    `${status} ${amount} of ${hold}, debt ${debt}, ${reason || '-'}`)
    .join('; ') || 'nothing';


// which final rows an answer may have
const ALLOWED = {
    usage: ['settled'],
    slow: ['settled'],
    none: ['estimated'],
    truncate: ['estimated'],
    midstream: ['estimated', 'released'],
    cut: ['settled', 'estimated', 'released'],
    status: ['released'],
};


function allowed(request, whole) {
    const { kind } = request;

    if (request.status >= 400) {
        return kind === 'cut' ? ['estimated', 'released'] : ['released'];
    }
    if (whole || ['cut', 'midstream'].includes(kind)) {
        return ALLOWED[kind];
    }
    // who leaves early does not wait for a refusal, nor for the usage
    return ['estimated', kind === 'status' ? 'released' : 'settled'];
}


// a worker was killed while this was under way, or may have been
const interrupted = ({ pid, endedAt }, killed) =>
    killed.has(pid) && killed.get(pid) < endedAt + FATE;


function* answer(request, call, rows, { killed, stopped }) {
    const excused = interrupted(call, killed) && !request.ended;
    const what = `${name(request)}, ${call.id} of ${call.pid}`;

    if (rows.length !== 1 && !(excused && rows.length === 0)) {
        yield `${what}: one final row, not ${show(rows)}`;
        return;
    }
    if (rows.length === 0) {
        return;
    }

    const [row] = rows;
    const fine = allowed(request, request.ended);
    // told to leave at once before an answer had begun
    const free = excused || !request.status && stopped.has(call.pid)
        && row.reason === 'worker_stopped';

    if (!fine.includes(row.status) && !(free && row.status === 'released')) {
        yield `${what}: ${fine.join(' or ')}, not ${show(rows)}`;
    }
    if (row.status === 'settled' && row.amount !== credits(request.tokens)) {
        yield `${what}: ${credits(request.tokens)} credits, not ${show(rows)}`;
    }
    if (row.status === 'estimated'
        && (row.amount < 1 || row.hold > 0 && row.amount > row.hold)) {
        yield `${what}: an estimate within the hold, not ${show(rows)}`;
    }
}


// what the client has seen of the usage, or should not have
function* content({ kind, stream, includeUsage, text, tokens, ended, ...rest })
{
    const found = /"total_tokens": ?(\d+)/.exec(text)?.[1];
    const shown = ended && (!stream || includeUsage)
        && ['usage', 'slow'].includes(kind);

    if (shown && Number(found) !== tokens) {
        yield `${name({ kind, stream, tokens, ended, ...rest })}: ${
            tokens} tokens in the answer, not ${found}`;
    }
    if (stream && !includeUsage && found !== undefined) {
        yield `${name({ kind, stream, tokens, ended, ...rest })}: usage that `
            + 'nobody asked for';
    }
}


// every answer, from the provider's side and from the client's
function* answers(run) {
    const { requests, calls, charges } = run;
    const asked = new Map();

    for (const call of calls) {
        const request = requests[call.n];

        if (asked.has(call.n)) {
            yield `${name(request)}: the provider was asked twice`;
        }
        asked.set(call.n, call);
        yield* answer(request, call, charges.get(call.id) ?? [], run);
    }

    for (const request of requests) {
        const call = asked.get(request.n);

        if (request.stuck) {
            yield `${name(request)}: has no end`;
        }
        if (request.status === 200 && (!call || call.id !== request.id)) {
            yield `${name(request)}: an answer to ${request.id}, which the `
                + 'provider does not know';
        }
        yield* content(request);
    }
}


// final rows without an answer, and of the wrong user
function* strangers({ requests, calls, charges }) {
    const owner = new Map(calls.map(({ id, n }) => [id, requests[n].user.id]));

    for (const [id, rows] of charges) {
        if (rows.length > 1) {
            yield `${id} has ${rows.length} final rows: ${show(rows)}`;
        }
        for (const row of rows) {
            if (row.status === 'released' && row.amount > 0) {
                yield `${id}: released, and still charged: ${show(rows)}`;
            }
            if (row.amount > 0 && owner.get(id) !== row.user) {
                yield `${id}: ${row.user} paid for what ${owner.get(id)
                    ?? 'nobody'} asked: ${show(rows)}`;
            }
        }
    }
}


function* balances({ users, charges }) {
    const rows = [...charges.values()].flat();

    for (const user of users) {
        const own = rows.filter((row) => row.user === user.id);
        const sum = (value) => own.reduce((all, row) => all + value(row), 0);
        const spent = sum(({ amount }) => amount);
        const beyond = sum(({ amount, hold }) => Math.max(0, amount - hold));
        const debt = sum((row) => row.debt);

        if (spent > user.granted + beyond) {
            yield `${user.id} spent ${spent} of ${user.granted} credits, ${
                beyond} of them beyond their holds`;
        }
        if (debt > 0 && !user.inDebt) {
            yield `${user.id} has made a debt of ${debt}`;
        }
        if (user.group === 'idle' && own.length > 0) {
            yield `${user.id} asked for nothing: ${show(own)}`;
        }
    }
}


// needs nodes that have ended
function* logs({ nodes }) {
    for (const [i, node] of nodes.entries()) {
        for (const line of node.complaints) {
            yield `node ${i}: ${line}`;
        }
    }
}


// Takes what was asked, seen and recorded; see chaos.mjs.
export function mismatches(run) {
    return [...answers(run), ...strangers(run), ...balances(run),
        ...logs(run)];
}


// ids that must have a final row before the nodes are stopped
export const awaited = ({ requests }) =>
    requests.filter(({ ended }) => ended).map(({ id }) => id);
