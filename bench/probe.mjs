// What is read before and after a round: processor time, the ledger, the
// module's counters.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const TICKS = Number(process.env.CLOCK_TICKS);   // a second
const QUIET_DEADLINE = 30000;                    // milliseconds


// from the 3rd field of proc(5) on
function stat(pid) {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');

    return text.slice(text.lastIndexOf(')') + 2).split(' ');
}


function children(pid) {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1')
        .split(' ').filter((child) => child !== '');
}


// Seconds of processor time (utime + stime) that a process, its children and
// those of them that have ended have used.
export function processorTime(pid) {
    const own = stat(pid).slice(11, 15).reduce((a, b) => a + Number(b), 0);

    return children(pid).reduce((sum, child) => {
        const [utime, stime] = stat(child).slice(11, 13).map(Number);

        return sum + utime + stime;
    }, own) / TICKS;
}


// The module's counters by name, without prefix and suffix.
export async function counters(url) {
    const response = await fetch(url);

    if (!response.ok) {
        throw new Error(`${url}: ${response.status}`);
    }

    return Object.fromEntries((await response.text()).split('\n')
        .filter((line) => line.startsWith('nginx_credits_'))
        .map((line) => line.split(' '))
        .map(([name, value]) => [
            name.slice('nginx_credits_'.length).replace(/_total$/, ''),
            Number(value),
        ]));
}


// commits: of transactions that wrote, which are those that wait for the
// disk.  A transaction id each; pg_stat_database would come a second late, and
// counts those that only read as well.
async function look(database) {
    const { rows: [row] } = await database.query(`
        SELECT sum(held) AS held, sum(spent) AS spent,
               pg_snapshot_xmax(pg_current_snapshot())::text AS commits,
               (SELECT count(*) FROM pg_stat_activity
                 WHERE datname = current_database() AND state <> 'idle'
                       AND pid <> pg_backend_pid()) AS busy
          FROM credit_account`);

    return {
        held: Number(row.held), spent: Number(row.spent),
        commits: Number(row.commits), busy: Number(row.busy),
    };
}


// The ledger, as soon as every hold has ended and nothing moves any more.
export async function quietLedger(database) {
    const deadline = Date.now() + QUIET_DEADLINE;
    let last = await look(database);

    for (;;) {
        await sleep(20);
        const now = await look(database);

        if (now.held === 0 && now.busy === 0
            && now.commits === last.commits) {
            return now;
        }
        if (Date.now() > deadline) {
            throw new Error(`${now.held} credits are still held`);
        }
        last = now;
    }
}


// What must be empty.
export async function brokenInvariants(database) {
    return (await database.query('SELECT * FROM credit_invariants')).rows;
}
