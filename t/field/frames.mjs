// The documents in an answer's body: one, an array or lines of them,
// server-sent events, or AWS's binary messages.
import { readDocument } from './torn.mjs';

/** A document: { value, bytes, behind, fault, excused }.
 *  bytes: its length; behind: those of them behind its first fault;
 *  excused: its event is called an error. */

const BLANK = /^[ \t\r\n]*$/;
const LF = 0x0a;
const BRACE = 0x7b;

const text = (bytes) => bytes.toString('latin1');


// one whole document is most common
function parsed(bytes) {
    try {
        return { value: JSON.parse(bytes.toString()),
            bytes: text(bytes).trimEnd().length, behind: 0, fault: false };
    } catch {
        return undefined;
    }
}


// of one line or message: documents one behind the other
function inPayload(payload) {
    const one = parsed(payload);

    if (one) {
        return [one];
    }
    const documents = [];

    for (let at = 0;;) {
        const { value, end, fault } = readDocument(payload, at);
        const rest = payload.subarray(end);
        const next = rest.findIndex((byte) => !BLANK.test(
            String.fromCharCode(byte)));
        const broken = fault || (next >= 0 && rest[next] !== BRACE);
        const behind = fault ? rest.length
            : broken ? rest.length - next : 0;

        documents.push({ value, bytes: end - at + behind, behind,
            fault: broken });
        if (broken || next < 0) {
            return documents;
        }
        at = end + next;
    }
}


// JSON: { documents, closed }
function documentsOf(body) {
    const documents = [];
    let array = false;
    let closed = false;

    for (let at = 0; at < body.length;) {
        const byte = String.fromCharCode(body[at]);

        if (byte === '[' && documents.length === 0 && !array) {
            array = true;
            at++;
        } else if (byte === ']' && array) {
            closed = true;
            at++;
        } else if (/[\s,\u00ef\u00bb\u00bf\u001e]/.test(byte)) {
            at++;
        } else {
            const { value, end, fault } = readDocument(body, at);
            let next = end;

            while (fault && next < body.length
                && !(body[next] === BRACE && body[next - 1] === LF)) {
                next++;
            }
            documents.push({ value, bytes: next - at, behind: next - end,
                fault });
            closed = false;
            at = next;
        }
    }
    return { documents, array, closed };
}


// of server-sent events; the payload [DONE] is none
function eventsOf(body) {
    const documents = [];
    let payload;
    let excused = false;
    let error = false;
    let done = false;

    const over = () => {
        if (payload !== undefined) {
            if (/^\[DONE\][ \t]*$/.test(text(payload))) {
                done = true;
            } else if (!BLANK.test(text(payload))) {
                documents.push(...inPayload(payload)
                    .map((each) => ({ ...each, excused })));
            }
            payload = undefined;
        }
    };

    // with a document that is whole, or has a fault, the event is over
    const isOver = () => inPayload(payload).at(-1).fault === false
        || readDocument(payload).end < payload.length;

    for (const line of lines(body)) {
        const at = text(line.subarray(0, 16));
        const data = at[0] === '{' ? line
            : at.startsWith('data: ') ? line.subarray(6)
                : at.startsWith('data:') ? line.subarray(5) : undefined;

        if (line.length === 0) {
            over();
            excused = false;
        } else if (data !== undefined && payload !== undefined && !isOver()) {
            payload = Buffer.concat([payload, Buffer.from('\n'), data]);
        } else if (data !== undefined) {
            over();
            payload = data;
        } else if (/^event: *error$/.test(text(line)) && !line.torn
            || at.startsWith('error:')) {
            error = true;
            excused = true;
        }
    }
    over();
    return { documents, error, done };
}


function lines(body) {
    const list = [];
    const end = /\r\n|\r|\n/g;
    const all = text(body);
    let at = 0;

    for (const { index, 0: { length } } of all.matchAll(end)) {
        list.push(body.subarray(at, index));
        at = index + length;
    }
    if (at < body.length) {
        list.push(Object.assign(body.subarray(at), { torn: true }));
    }
    return list;
}


// of AWS's messages: length, headers' length, checksum, headers, payload,
// checksum
function messagesOf(body) {
    const documents = [];
    let error = false;
    let faults = 0;

    for (let at = 0; at < body.length;) {
        const rest = body.subarray(at);

        if (rest.length < 12) {
            faults++;
            break;
        }
        const length = rest.readUInt32BE(0);
        const headers = rest.readUInt32BE(4);
        const names = text(rest.subarray(12, 12 + headers));
        const type = /:message-type\x07(..)([a-z]*)/s.exec(names);
        const payload = rest.subarray(12 + headers, length - 4);
        const excused = rest.length >= 12 + headers
            && type !== null && type[2] !== 'event';

        error ||= excused;
        if (payload.length) {
            documents.push(...inPayload(payload)
                .map((each) => ({ ...each, excused })));
        }
        faults += rest.length < length;
        at += length;
    }
    return { documents, error, faults };
}


// { framing, ... }: the first bytes decide, the label is a hint
export function framesOf(body, label) {
    const all = text(body);
    const begin = all.replace(/^[ \t\r\n]*(\u00ef\u00bb\u00bf)?/, '');

    if (label === 'encoded') {
        return { framing: 'opaque', documents: [] };
    }
    if (begin === '') {
        return { framing: /^[ \t\r\n]*$/.test(all) ? 'none' : 'page',
            documents: [] };
    }
    if (/^[{[]/.test(begin)) {
        return { framing: 'documents', ...documentsOf(body) };
    }
    if (begin[0] === '\0') {
        return { framing: 'messages', ...messagesOf(body) };
    }
    if (begin[0] === ':' || /^(data|event|id|retry|error):/.test(begin)) {
        return { framing: 'events',
            ...eventsOf(Buffer.from(begin, 'latin1')) };
    }
    return begin[0] !== '<' && label === 'events'
        ? { framing: 'events', ...eventsOf(Buffer.from(begin, 'latin1')) }
        : { framing: 'page', documents: [] };
}
