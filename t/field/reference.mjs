// A simple meter, by which ours is measured: it has the whole body at once and
// reads it with JSON.parse, each dialect by itself, as docs/metering.md says.
import { framesOf } from './frames.mjs';
import { readAnswer } from './dialects.mjs';

const COUNTS = ['prompt', 'completion', 'total', 'cached', 'cacheWrite',
    'cacheWrite1h', 'audioInput', 'imageInput', 'reasoning', 'audioOutput',
    'images', 'searches', 'cost'];

const tokens = (bytes) => Math.ceil(bytes / 4);


// what of it was said, when each count was looked at alone
function said(usage, { produced, ended, prompt, output }) {
    const counts = { ...usage };
    let zero = false;

    if (counts.prompt === 0 && prompt > 0) {
        delete counts.prompt;
        zero = true;
    }
    if (counts.completion === 0 && produced > 0) {
        delete counts.completion;
        zero = true;
    }
    if (counts.total === 0 && (prompt > 0 || produced > 0)) {
        delete counts.total;
    }
    if (ended) {
        const { total = -1 } = counts;

        if (counts.prompt === undefined && total > counts.completion) {
            counts.prompt = total - counts.completion;
        }
        if (counts.completion === undefined && counts.prompt !== undefined) {
            if (total > counts.prompt) {
                counts.completion = total - counts.prompt;
            } else if (produced === 0 || !output) {
                counts.completion = 0;
            }
        }
    }
    return { counts, zero };
}


// the row of the table: [status, reason, capture]
function row(answer, { ended, produced, counts, zero }, { end, capture,
    output }) {
    const { error, page, unreadable, faults, known, bytes } = answer;

    if (error) {
        return produced > 0 ? ['estimated', 'upstream_error']
            : ['released', 'upstream_error'];
    }
    if (page && bytes > 0) {
        return capture ? ['estimated', 'unreadable', true]
            : ['released', 'upstream_error'];
    }
    if (ended && counts.prompt !== undefined
        && counts.completion !== undefined
        && counts.prompt + counts.completion > 0) {
        return ['settled', ''];
    }
    const begun = produced > 0
        || ['prompt', 'completion', 'total', 'images', 'searches', 'cost']
            .some((name) => counts[name] > 0)
        || (ended && (faults > 0 || (known && !output)));

    if (begun) {
        if (unreadable > 0 || (ended && faults > 0)) {
            return ['estimated', 'unreadable', true];
        }
        if (ended && zero) {
            return ['estimated', 'zero_usage'];
        }
        if (end === 'left') {
            return ['estimated', 'client_gone', true];
        }
        return ['estimated', ended ? 'no_usage' : 'truncated'];
    }
    if (ended || end === 'whole') {
        return ['released', 'empty_answer'];
    }
    return end === 'left' ? ['estimated', 'client_gone', true]
        : ['released', 'truncated'];
}


function estimated({ ended, produced, counts }, { prompt, hidden }) {
    const usage = { ...counts };
    const { total = -1 } = counts;

    if (usage.prompt === undefined) {
        usage.prompt = ended && total > 0 && usage.completion === undefined
            ? Math.min(prompt, Math.max(0, total - produced)) : prompt;
    }
    if (!ended || usage.completion === undefined) {
        usage.completion = ended && total > usage.prompt
            ? Math.max(total - usage.prompt, produced)
            : Math.max(usage.completion ?? 0, produced + hidden);
    }
    usage.total = Math.max(total, usage.prompt + usage.completion);
    return usage;
}


// given: dialect, operation, label, body, end (whole, cut, left), prompt and
// hidden (tokens, estimated), capture, output (it produces text)
export function metered(given) {
    const { dialect, operation, label, body, prompt, output } = given;
    const frames = framesOf(body, label);
    const answer = readAnswer(dialect, operation, frames, body.length);
    const ended = !answer.error && answer.finished;
    const produced = tokens(answer.page && !answer.error ? answer.bytes
        : answer.text + answer.unreadable);
    const seen = { ended, produced,
        ...said(answer.usage, { produced, ended, prompt, output }) };
    const [status, reason, capture = false] = row(answer, seen, given);
    const usage = status === 'released' ? {}
        : status === 'estimated' ? estimated(seen, given)
            : { ...seen.counts, total: seen.counts.total
                ?? seen.counts.prompt + seen.counts.completion };

    return { status, reason, atLeastHold: capture && given.capture,
        ...Object.fromEntries(
            COUNTS.map((name) => [name, usage[name] ?? -1])) };
}
