// Who is asking: Better Auth's signed cookie, and the session behind it.
import { createHmac, timingSafeEqual } from 'node:crypto';

const COOKIE = 'better-auth.session_token';
const CACHE_TIME = 2000;   // milliseconds, as nginx.conf.in has it
const CACHE_SIZE = 10000;


function sign(token, secret) {
    return createHmac('sha256', secret).update(token).digest();
}


// The Cookie header for a session's token.
export function signedCookie(token, secret) {
    const signature = sign(token, secret).toString('base64');

    return `${COOKIE}=${encodeURIComponent(`${token}.${signature}`)}`;
}


// The token of a Cookie header, or null: no cookie, or not signed by us.
export function verifiedToken(header, secret) {
    const found = (header ?? '').split(/; */)
        .filter((cookie) => cookie.startsWith(`${COOKIE}=`));
    let value;

    if (found.length !== 1) {
        return null;
    }

    try {
        value = decodeURIComponent(found[0].slice(COOKIE.length + 1));
    } catch {
        return null;
    }

    const dot = value.lastIndexOf('.');
    const token = value.slice(0, Math.max(dot, 0));
    const signature = Buffer.from(value.slice(dot + 1), 'base64');
    const expected = sign(token, secret);

    return signature.length === expected.length
        && timingSafeEqual(signature, expected) ? token : null;
}


export class Sessions {
    #secret;
    #find;
    #cache = new Map();

    // find: async, the user's id for a token, or null
    constructor(secret, find) {
        this.#secret = secret;
        this.#find = find;
    }

    // The id of the user whose cookie this is, or null.
    async user(header) {
        const token = verifiedToken(header, this.#secret);

        return token === null ? null : this.#lookUp(token);
    }

    // requests that come together share one look-up
    #lookUp(token) {
        const now = Date.now();
        const cached = this.#cache.get(token);

        if (cached?.until > now) {
            return cached.user;
        }

        if (this.#cache.size >= CACHE_SIZE) {
            this.#cache.clear();
        }

        const user = this.#find(token);
        this.#cache.set(token, { user, until: now + CACHE_TIME });
        user.catch(() => this.#cache.delete(token));

        return user;
    }
}
