// Somebody who pays, as the ledger sees them.
import { randomUUID } from 'node:crypto';
import { sql } from '../support/psql.mjs';
import { until } from '../support/until.mjs';


export class User {
    // also the key that their SDK is given
    id = `user-${randomUUID()}`;

    static async with(credits) {
        const user = new User();

        if (credits > 0) {
            await sql`SELECT credit_grant(${user.id}, ${credits}, '1 day',
                                          'test', ${randomUUID()});`;
        }
        return user;
    }

    // What became of so many requests, oldest first, when nothing is held any
    // more; tokens are undefined where the ledger has none.
    async charges(count) {
        const rows = await until(`${count} charges of ${this.id}`, async () => {
            const [[held]] = await sql`SELECT count(*) FROM credit_hold
                 WHERE userId = ${this.id};`;
            const found = await sql`
                SELECT status, amount, metadata ->> 'promptTokens',
                       metadata ->> 'completionTokens'
                  FROM credit_charge WHERE userId = ${this.id}
                 ORDER BY createdAt, requestId;`;

            return held === '0' && found.length >= count && found;
        });

        return rows.map(([status, amount, input, output]) => ({
            status, amount: Number(amount),
            ...input && { input: Number(input) },
            ...output && { output: Number(output) },
        }));
    }

    async balance() {
        const [[balance]] = await sql`
            SELECT coalesce(sum(remainingCredits), 0) FROM credit_package
             WHERE userId = ${this.id};`;

        return Number(balance);
    }
}
