// JSON as far as it goes: of a document that was cut, or has a fault, what
// stands before that.


// a string that was cut; bytes: of what was there, unescaped
export class Torn {
    constructor(text, bytes) {
        this.text = text;
        this.bytes = bytes;
    }
}

// member of an object, or last element of an array, that was cut: its length
export const OPEN = '\0open';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const BLANKS = new Set([0x20, 0x09, 0x0a, 0x0d]);
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;
const NUMBER_BEGUN =
    /^-?$|^-?(0|[1-9]\d*)(\.\d*)?$|^-?(0|[1-9]\d*)(\.\d+)?[eE][+-]?\d*$/;
const LITERALS = { t: ['true', true], f: ['false', false], n: ['null', null] };


// signals the end of what can be read; fault: where, or -1 for a cut
class Stop extends Error {
    constructor(fault) {
        super();
        this.fault = fault;
    }
}


// bytes of UTF-8 at the end that are the beginning of a character
function tornCharacter(bytes) {
    for (let n = 1; n <= 3 && n <= bytes.length; n++) {
        const byte = bytes[bytes.length - n];

        if (byte >= 0xc0) {
            const needs = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;

            return n < needs ? n : 0;
        }
        if (byte < 0x80) {
            break;
        }
    }
    return 0;
}


const TORN_ESCAPE =
    /^((?:[^\\]|\\u[0-9a-fA-F]{4}|\\[^u])*)\\(?:u[0-9a-fA-F]{0,3})?$/;
const HALF_PAIR = /((?:^|[^\\])(?:\\\\)*)\\u[dD][89abAB][0-9a-fA-F]{2}$/;

// of a string's inside that was cut: an escape that is not whole is nothing
function tornString(inside) {
    const text = inside.toString('latin1')
        .replace(TORN_ESCAPE, '$1').replace(HALF_PAIR, '$1');
    const bytes = Buffer.from(text, 'latin1');
    const torn = tornCharacter(bytes);
    const whole = JSON.parse(
        `"${bytes.toString('utf8', 0, bytes.length - torn)}"`);

    return new Torn(whole, Buffer.byteLength(whole) + torn);
}


class Reader {
    #bytes;
    #at;

    constructor(bytes, at) {
        this.#bytes = bytes;
        this.#at = at;
    }

    get at() {
        return this.#at;
    }

    // put(value) is called with what there is, also before it is whole
    value(put) {
        this.#blanks();
        const byte = this.#byte();

        if (byte === QUOTE) {
            put(this.#string(put));
        } else if (byte === 0x7b) {
            this.#object(put);
        } else if (byte === 0x5b) {
            this.#array(put);
        } else {
            put(this.#scalar(String.fromCharCode(byte)));
        }
    }

    #byte() {
        if (this.#at >= this.#bytes.length) {
            throw new Stop(-1);
        }
        return this.#bytes[this.#at];
    }

    #blanks() {
        while (BLANKS.has(this.#bytes[this.#at])) {
            this.#at++;
        }
    }

    // one of these bytes comes next
    #take(characters, blanks = true) {
        if (blanks) {
            this.#blanks();
        }
        const found = String.fromCharCode(this.#byte());

        if (!characters.includes(found)) {
            throw new Stop(this.#at);
        }
        this.#at++;
        return found;
    }

    #string(put) {
        const begin = ++this.#at;

        try {
            while (this.#byte() !== QUOTE) {
                this.#character();
            }
        } catch (stop) {
            put?.(tornString(this.#bytes.subarray(begin, this.#at)));
            throw stop;
        }
        this.#at++;
        return JSON.parse(this.#bytes.toString('utf8', begin - 1, this.#at));
    }

    #character() {
        if (this.#byte() < 0x20) {
            throw new Stop(this.#at);
        }
        if (this.#bytes[this.#at++] !== BACKSLASH) {
            return;
        }
        if (this.#take('"\\/bfnrtu', false) === 'u') {
            for (let i = 0; i < 4; i++) {
                this.#take('0123456789abcdefABCDEF', false);
            }
        }
    }

    #scalar(first) {
        const begin = this.#at;

        if (LITERALS[first]) {
            const [name, value] = LITERALS[first];

            for (const character of name) {
                if (String.fromCharCode(this.#byte()) !== character) {
                    throw new Stop(this.#at);
                }
                this.#at++;
            }
            return value;
        }
        for (;; this.#at++) {
            const text = this.#bytes.toString('latin1', begin, this.#at);

            if (this.#at >= this.#bytes.length) {
                throw new Stop(-1);
            }
            if (!NUMBER_BEGUN.test(
                text + String.fromCharCode(this.#bytes[this.#at]))) {
                if (!NUMBER.test(text)) {
                    throw new Stop(this.#at);
                }
                return JSON.parse(text);
            }
        }
    }

    // a container is put as soon as it has begun
    #container(into, put, read) {
        const begin = this.#at++;

        put(into);
        try {
            read();
        } catch (stop) {
            const length = (stop.fault < 0 ? this.#bytes.length : stop.fault)
                - begin;

            if (Array.isArray(into)) {
                into.push({ [OPEN]: length });
            } else {
                into[OPEN] = length;
            }
            throw stop;
        }
    }

    #object(put) {
        const into = {};

        this.#container(into, put, () => {
            this.#blanks();
            if (this.#byte() === 0x7d) {
                this.#at++;
                return;
            }
            do {
                this.#take('"');
                this.#at--;
                const key = this.#string();

                this.#take(':');
                this.value((value) => {
                    into[key] = value;
                });
            } while (this.#take(',}') === ',');
        });
    }

    #array(put) {
        const into = [];

        this.#container(into, put, () => {
            this.#blanks();
            if (this.#byte() === 0x5d) {
                this.#at++;
                return;
            }
            for (;;) {
                const index = into.length;

                this.value((value) => {
                    into[index] = value;
                });
                if (this.#take(',]') === ']') {
                    return;
                }
            }
        });
    }
}


// The document at `at`: { value, end, fault }.  end: behind it, or behind what
// could be read of it; fault: it has one, or was cut.
export function readDocument(bytes, at = 0) {
    const reader = new Reader(bytes, at);
    let value;

    try {
        reader.value((read) => {
            value = read;
        });
        return { value, end: reader.at, fault: false };
    } catch (stop) {
        if (!(stop instanceof Stop)) {
            throw stop;
        }
        return { value, fault: true,
            end: stop.fault < 0 ? bytes.length : stop.fault };
    }
}
