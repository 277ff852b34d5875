// What a request may order from the stand-in, in the header X-Provider or in
// the last message as [provider usage=1234+14000 delay=0].  Orders are
// separated by blanks; a value that holds a blank or a bracket is percent-
// encoded.  An unknown order is an error, so that a test cannot order in vain.

export class OrderError extends Error {}

const flag = (value) => {
    if (value !== undefined) {
        throw new OrderError('takes no value');
    }
    return true;
};

const integer = (value) => {
    if (!/^\d{1,15}$/.test(value ?? '')) {
        throw new OrderError('needs an integer');
    }
    return Number(value);
};

const text = (value) => {
    try {
        return decodeURIComponent(value);
    } catch {
        throw new OrderError('needs a percent-encoded text');
    }
};

const oneOf = (...words) => (value) => {
    if (!words.includes(value)) {
        throw new OrderError(`needs one of: ${words.join(', ')}`);
    }
    return value;
};

const usage = (value) => {
    if (value === 'none' || value === 'null') {
        return value;
    }

    const match = /^(\d{1,15})\+(\d{1,15})$/.exec(value ?? '');
    if (match === null) {
        throw new OrderError('needs prompt+completion, none or null');
    }
    return { prompt: Number(match[1]), completion: Number(match[2]) };
};

const header = (value) => {
    const match = /^([\w-]+):(.*)$/.exec(text(value));
    if (match === null) {
        throw new OrderError('needs Name:value');
    }
    return [match[1], match[2]];
};

const KNOWN = {
    // the answer
    usage,                          // tokens: prompt+completion, none or null
    total: integer,                 // total_tokens, if it is not the sum
    cached: integer,                // cached_tokens
    text,                           // what it says
    bytes: integer,                 // or filler: the size of each delta
    chunks: integer,                // how many deltas
    raw: (value) => Buffer.from(value ?? '', 'base64'),   // the whole body
    status: integer,                // from 400: an error
    header,                         // another response header
    type: text,                     // Content-Type

    // when
    delay: integer,                 // ms before each event
    first: integer,                 // ms before the header
    gate: integer,                  // wait after n events for POST /_gate
    hang: flag,                     // never answer
    tag: text,                      // counted under this name, too

    // how it fails
    error: oneOf('midstream'),      // an error object inside the stream
    cut: integer,                   // close the connection after n events
    truncate: flag,                 // leave out the end

    // how it is written
    gzip: flag,
    split: integer,                 // in pieces of n bytes
    crlf: flag,
    nospace: flag,                  // after "data:"
    comments: flag,                 // between events
    finalnewline: oneOf('no'),
    obfuscation: flag,
};


// orders as an object; throws OrderError
export function parseOrders(line) {
    const orders = { headers: [] };

    for (const word of line.split(/\s+/).filter(Boolean)) {
        const [name, ...rest] = word.split('=');
        const value = rest.length ? rest.join('=') : undefined;

        if (!Object.hasOwn(KNOWN, name)) {
            throw new OrderError(`unknown order "${name}"`);
        }

        try {
            if (name === 'header') {
                orders.headers.push(KNOWN.header(value));
            } else {
                orders[name] = KNOWN[name](value);
            }
        } catch (error) {
            throw new OrderError(`order "${name}" ${error.message}`);
        }
    }

    return orders;
}


// the orders in the text of a message, as one line
export function ordersInText(message) {
    const matches = message.matchAll(/\[provider ([^\]\n]*)\]/g);

    return [...matches].map((match) => match[1]).join(' ');
}
