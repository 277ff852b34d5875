// Polar's signature over a delivery.
import { createHmac } from 'node:crypto';


// The key is the secret itself, all of its bytes.  Secrets that Polar made
// since September 2026 are signed as Standard Webhooks says: the key is what
// follows whsec_, decoded.
function keyOf(secret, scheme) {
    if (scheme === 'standard') {
        return Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    }
    return Buffer.from(secret);
}


// seconds: of this attempt, since 1970; scheme: 'polar' or 'standard'
export function sign(secret, scheme, id, seconds, body) {
    const digest = createHmac('sha256', keyOf(secret, scheme))
        .update(`${id}.${seconds}.${body}`).digest('base64');

    return `v1,${digest}`;
}
