// Records of the journal, as a worker writes them: core/credits_record.c.


// bit by bit: there is no CRC32C in Node.js
function crc32c(bytes) {
    let crc = 0xffffffff;

    for (const byte of bytes) {
        crc ^= byte;
        for (let bit = 0; bit < 8; bit++) {
            crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
        }
    }
    return ~crc >>> 0;
}


function frame(version, status, texts, numbers, request) {
    const length = 12 + texts.length + 16 + 8 * numbers.length
        + texts.join('').length;
    const head = Buffer.alloc(4);

    head.writeUInt8(version, 0);
    head.writeUInt8(status, 1);
    head.writeUInt16LE(length, 2);

    const body = Buffer.concat([head,
        Buffer.from(texts.map((text) => text.length)), request,
        Buffer.from(BigInt64Array.from(numbers, BigInt).buffer),
        Buffer.from(texts.join(''))]);
    const checksum = Buffer.alloc(4);

    checksum.writeUInt32LE(crc32c(body));
    return Buffer.concat([Buffer.from('NCr\xed', 'latin1'), checksum, body]);
}


// what 0.9.0 has left; usage: prompt, completion, total, cached
export const version1 = ({ user, request, credits, usage }) =>
    frame(1, 1, [user, 'gpt-4o', 'chat', ''], [credits, 0, ...usage],
        request);


// usage: all 13 counts; texts: answered model, tier, operation, price
export const version2 = ({ user, request, credits, usage, texts }) =>
    frame(2, 2, [user, 'gpt-4o', 'chat', 'truncated', ...texts],
        [credits, 0, ...usage], request);
