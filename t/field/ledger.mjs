// What the ledger knows of a case's user.
import { sql } from '../support/psql.mjs';
import { until } from '../support/until.mjs';


// { holds, rows, status, credits, debt, metadata }: the last row's, the sum
// of charges, the account's
async function look(user) {
    const [[found]] = await sql`
        SELECT json_build_object(
                   'holds', (SELECT count(*) FROM credit_hold
                              WHERE userId = ${user}),
                   'rows', count(*),
                   'status', coalesce((array_agg(status
                       ORDER BY createdAt DESC))[1]::text, 'none'),
                   'metadata', coalesce((array_agg(metadata
                       ORDER BY createdAt DESC))[1], '{}'),
                   'credits', coalesce(sum(amount), 0),
                   'debt', coalesce((SELECT debt FROM credit_account
                                      WHERE userId = ${user}), 0))
          FROM credit_charge WHERE userId = ${user};`;

    return JSON.parse(found);
}


// The same when nothing is under way any more: no hold, and so many rows.
// When that does not come, what is there; the expectations name it.
export async function settled(user, rows, limit) {
    let found;

    await until('', async () => {
        found = await look(user);
        return found.holds === 0 && found.rows >= rows;
    }, limit).catch(() => {});
    return found;
}
