// How documents are written: JSON with any blanks and escapes, AWS's messages.

// JSON that is written as it is
export class Literal {
    constructor(text) {
        this.text = text;
    }
}


const SHORT = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\t': '\\t' };

const escaped = (unit) =>
    `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

// a string; percent: of the characters that need no escape and have one
function string(text, random, percent) {
    let out = '';

    for (const character of text) {
        const unit = character.charCodeAt(0);

        if (SHORT[character]) {
            out += SHORT[character];
        } else if (unit < 0x20
            || (character.length === 1 && unit >= 0xd800 && unit < 0xe000)
            || (percent && random.chance(percent))) {
            out += [...Array(character.length).keys()]
                .map((i) => escaped(character[i])).join('');
        } else {
            out += character;
        }
    }
    return `"${out}"`;
}


function value(of, random, style) {
    if (of instanceof Literal) {
        return of.text;
    }
    if (typeof of === 'string') {
        return string(of, random, style.percent);
    }
    if (Array.isArray(of)) {
        return `[${of.map((each) => value(each, random, style))
            .join(`,${style.blank}`)}]`;
    }
    if (typeof of === 'object' && of !== null) {
        return `{${style.blank}${Object.entries(of)
            .filter(([, each]) => each !== undefined)
            .map(([name, each]) => `"${name}":${style.blank}`
                + value(each, random, style)).join(`,${style.blank}`)}}`;
    }
    return JSON.stringify(of);
}


// A document; lines: it may have several, none of which begins with a brace:
// behind a fault that would be another document.
export const written = (of, random, lines = false) => value(of, random, {
    percent: random.chance(20) ? random.pick([3, 50]) : 0,
    blank: random.chance(10) ? (lines ? random.pick([' ', '\n ', '\n\t']) : ' ')
        : '',
});


// a message of AWS's event stream; its checksums are zero
export function message(payload, random) {
    const header = (name, text) => Buffer.concat([
        Buffer.from([name.length]), Buffer.from(name), Buffer.from([7, 0,
            text.length]), Buffer.from(text)]);
    const failed = payload.includes('"error"');
    const headers = Buffer.concat([
        header(failed ? ':exception-type' : ':event-type', 'some'),
        ...(random.chance(80)
            ? [header(':content-type', 'application/json')] : []),
        header(':message-type', failed ? 'exception' : 'event')]);
    const body = Buffer.from(payload);
    const prelude = Buffer.alloc(12);

    prelude.writeUInt32BE(12 + headers.length + body.length + 4, 0);
    prelude.writeUInt32BE(headers.length, 4);
    return Buffer.concat([prelude, headers, body, Buffer.alloc(4)]);
}
