// The ledger's functions, called for one request at a time.  Each call is a
// statement, prepared once a connection, and a transaction of its own.

const SESSION = {
    name: 'session',
    text: 'SELECT userId FROM credit_session_batch($1::text[])',
};
const HOLD = {
    name: 'hold',
    text: `SELECT amount FROM credit_hold_batch($1::text[], $2::uuid[],
               $3::bigint[], ARRAY[1]::bigint[], '15 min', 'bench')`,
};
const SETTLE = {
    name: 'settle',
    text: `SELECT outcome FROM credit_settle_batch($1::text[], $2::uuid[],
               $3::text[], $4::bigint[], ARRAY['chat'], $5::jsonb[])`,
};


export class Ledger {
    #pool;

    constructor(pool) {
        this.#pool = pool;
    }

    async #first(statement, values) {
        const { rows } = await this.#pool.query({
            ...statement, values: values.map((value) => [value]),
        });

        return rows[0];
    }

    // The user of a login session, or null.
    async session(token) {
        return (await this.#first(SESSION, [token]))?.userid ?? null;
    }

    // Sets up to `want` credits aside; how many, 0: there are none.
    async hold(user, request, want) {
        return Number((await this.#first(HOLD, [user, request, want])).amount);
    }

    // Once per request; status settled, estimated or released.
    async settle(user, request, status, credits, metadata) {
        await this.#first(SETTLE, [
            user, request, status, credits, JSON.stringify(metadata),
        ]);
    }
}
