// What is read of an HTTP message as it grows.


// of a chunked body, as far as it has come
export function dechunked(body) {
    const parts = [];
    let at = 0;

    for (;;) {
        const eol = body.indexOf('\r\n', at);
        const size = eol < 0 ? NaN
            : parseInt(body.toString('latin1', at, eol), 16);

        if (Number.isNaN(size)) {
            return { data: Buffer.concat(parts), ended: false };
        }
        if (size === 0) {
            return { data: Buffer.concat(parts),
                ended: body.indexOf('\r\n', eol + 2) >= 0 };
        }
        parts.push(body.subarray(eol + 2, eol + 2 + size));
        at = eol + 2 + size + 2;
        if (at > body.length) {
            return { data: Buffer.concat(parts), ended: false };
        }
    }
}


// { status, body } of an answer, or undefined before its head is complete
export function answer(data) {
    const at = data.indexOf('\r\n\r\n');

    if (at < 0) {
        return undefined;
    }
    const head = data.toString('latin1', 0, at);
    const rest = data.subarray(at + 4);

    return {
        status: Number(head.slice(9, 12)),
        body: /^transfer-encoding: *chunked/im.test(head)
            ? dechunked(rest).data : rest,
    };
}
