// What the ledger says, during the run and after it.
import { setTimeout as sleep } from 'node:timers/promises';
import { Session, sql } from '../support/psql.mjs';

const INTERVAL = 200;

// One statement, one snapshot.  Users who may come into debt are left out of
// the second part: their answers may take what is held for others of theirs.
const AUDIT = `
    SELECT userId, invariant, got, want FROM credit_invariants
    UNION ALL
    SELECT h.userId, 'holds are within what packages have', h.amount,
           coalesce(p.amount, 0)
      FROM (SELECT userId, sum(amount) AS amount FROM credit_hold
             GROUP BY userId) h
           LEFT JOIN (SELECT userId, sum(remainingCredits) AS amount
                        FROM credit_package
                       WHERE status = 'active'
                             AND expiresAt > clock_timestamp()
                       GROUP BY userId) p USING (userId)
     WHERE h.userId NOT LIKE 'debtor-%' AND h.amount > coalesce(p.amount, 0);`;


export class Auditor {
    audits = 0;
    violations = new Set();

    // until over(); while PostgreSQL is away there is nothing to see
    async run(over) {
        let session = new Session();

        while (!over()) {
            try {
                for (const row of await session.query(AUDIT)) {
                    this.violations.add(`audit: ${row.join(', ')}`);
                }
                this.audits++;
            } catch {
                await session.close();
                session = new Session();
            }
            await sleep(INTERVAL);
        }
        await session.close();
    }
}


// final rows by request id
export async function charges() {
    const found = await sql`
        SELECT requestId, userId, status, amount, debt, hold,
               metadata ->> 'reason'
          FROM credit_charge WHERE status <> 'repaid';`;
    const byId = new Map();

    for (const [id, user, status, amount, debt, hold, reason] of found) {
        byId.set(id, [...byId.get(id) ?? [], {
            id, user, status, amount: Number(amount), debt: Number(debt),
            hold: Number(hold), reason,
        }]);
    }
    return byId;
}


// open holds, with the process that asked for each
export async function holds() {
    const found = await sql`
        SELECT requestId, userId, amount, split_part(node, '/', 2)
          FROM credit_hold;`;

    return found.map(([id, user, amount, pid]) =>
        ({ id, user, amount: Number(amount), pid: Number(pid) }));
}


// as if an hour had passed: the nodes give them back
export const expireHolds = () =>
    sql`UPDATE credit_hold SET expiresAt = clock_timestamp();`;


export async function invariants() {
    const found = await sql`TABLE credit_invariants;`;

    return found.map((row) => row.join(', '));
}
