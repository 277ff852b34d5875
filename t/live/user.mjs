// Somebody who pays, as the ledger and the provider see them.
import { randomUUID } from 'node:crypto';
import { sql } from '../support/psql.mjs';
import { until } from '../support/until.mjs';

const provider = `http://127.0.0.1:${process.env.TEST_NGINX_PROVIDER_PORT}`;


export class User {
    // also what the provider counts their requests under
    id = `user-${randomUUID()}`;
    // answers that ended early, or never came, and are charged all the same
    unfinished = 0;

    static async with(credits) {
        const user = new User();

        await user.grant(credits);
        return user;
    }

    async grant(credits) {
        await sql`SELECT credit_grant(${this.id}, ${credits}, '1 day', 'test',
                                      ${randomUUID()});`;
    }

    // the final rows of requests, oldest first
    async charges() {
        const found = await sql`
            SELECT requestId, status, amount, debt, hold,
                   metadata ->> 'reason'
              FROM credit_charge WHERE userId = ${this.id}
             ORDER BY createdAt, requestId;`;

        return found.map(([id, status, amount, debt, hold, reason]) => ({
            id, status, amount: Number(amount), debt: Number(debt),
            hold: Number(hold), reason,
        }));
    }

    // those that cost something
    async paid() {
        return (await this.charges())
            .filter(({ status }) => status !== 'released');
    }

    async holds() {
        const [[count]] = await sql`SELECT count(*) FROM credit_hold
             WHERE userId = ${this.id};`;

        return Number(count);
    }

    async balance() {
        const [[balance]] = await sql`
            SELECT coalesce(sum(remainingCredits), 0) FROM credit_package
             WHERE userId = ${this.id};`;

        return Number(balance);
    }

    // nothing is under way any more; the charges
    async settled(count) {
        await until(`${count} charges and no hold (${this.id})`, async () =>
            await this.holds() === 0
            && (await this.paid()).length >= count);
        return this.paid();
    }

    // { calls, completed, aborted, inflight } of this user's requests
    async provider() {
        return (await fetch(`${provider}/_calls?tag=${this.id}`)).json();
    }

    // requests that wait at the provider
    async waiting(count) {
        await until(`${count} requests at the provider`, async () =>
            (await this.provider()).inflight === count);
    }

    // once: what waits goes on, and nothing will wait again
    async openGate() {
        await fetch(`${provider}/_gate?tag=${this.id}`, { method: 'POST' });
    }
}
