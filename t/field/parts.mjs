// The bytes of a case: parts, and the pieces that an answer is written in.


// a text, a list of parts, { times, of } or { b64 }
export function bytes(part) {
    if (typeof part === 'string') {
        return Buffer.from(part);
    }
    if (Array.isArray(part)) {
        return Buffer.concat(part.map(bytes));
    }
    if (part.b64 !== undefined) {
        return Buffer.from(part.b64, 'base64');
    }
    const one = bytes(part.of);

    return Buffer.concat(Array(part.times).fill(one));
}


// what is written, with the pause in ms behind it
export function writes(pieces) {
    return pieces.flatMap((piece) => {
        if (piece.of !== undefined) {
            const data = bytes(piece.of);

            return Array.from({ length: piece.times },
                () => ({ data, pause: piece.pause ?? 0 }));
        }
        return piece.pause === undefined
            ? [{ data: bytes(piece), pause: 10 }]
            : [{ data: Buffer.alloc(0), pause: piece.pause }];
    });
}


// all that is written
export const whole = (pieces) =>
    Buffer.concat(writes(pieces).map(({ data }) => data));


// byte by byte, more takes too long
const BYTES_MAX = 4096;

export const canBeCut = (cut, { length }) =>
    length > 0 && (cut !== 'byte by byte' || length <= BYTES_MAX);

// other cuts of the same bytes: each gives the list of what is written
export const CUTS = {
    'in one write': (data) => [data],
    'byte by byte': (data) =>
        Array.from(data, (_, i) => data.subarray(i, i + 1)),
    'cut anywhere': (data, random) => {
        const cuts = [];

        for (let i = 0; i < data.length;) {
            const size = random.between(1, random.chance(70) ? 97 : 4096);

            cuts.push(data.subarray(i, i + size));
            i += size;
        }
        return cuts;
    },
};
