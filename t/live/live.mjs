// A test on a real nginx, and what must hold after every one of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Session, closeSql, sql } from '../support/psql.mjs';
import { until } from '../support/until.mjs';
import { Node } from './nginx.mjs';
import { restore } from './postgres.mjs';
import { User } from './user.mjs';


class Live {
    nodes = [];
    users = [];
    #sessions = [];

    async nginx(options) {
        const nginx = await Node.launch(options);

        this.nodes.push(nginx);
        return nginx;
    }

    async user(credits) {
        const user = await User.with(credits);

        this.users.push(user);
        return user;
    }

    // a connection of its own, for transactions
    session() {
        const session = new Session();

        this.#sessions.push(session);
        return session;
    }

    // fails when the test broke what no test may break
    async check() {
        await this.#atRest();
        for (const nginx of this.nodes) {
            await nginx.end();
            assert.deepEqual(
                nginx.journal.filter((name) => name.endsWith('.journal')), [],
                'all charges have left the journal');
        }
        assert.deepEqual(await sql`TABLE credit_invariants;`, []);

        for (const user of this.users) {
            const { completed } = await user.provider();

            assert.equal((await user.paid()).length,
                completed + user.unfinished,
                'every answer was charged, once');
        }
    }

    async #atRest() {
        for (const user of this.users) {
            await until(`the end of the requests of ${user.id}`, async () =>
                (await user.provider()).inflight === 0);
            await until(`the end of the holds of ${user.id}`, async () =>
                await user.holds() === 0);
        }
    }

    showLogs() {
        for (const nginx of this.nodes) {
            console.error(nginx.log.split('\n').slice(-60).join('\n'));
        }
    }

    async close() {
        // still running when the test has failed
        await Promise.all(this.nodes.filter((nginx) => nginx.running)
            .map((nginx) => nginx.crash()));
        await Promise.all(this.#sessions.map((session) => session.close()));
        await closeSql();
        for (const nginx of this.nodes) {
            nginx.remove();
        }
    }
}


// the body gets a Live; it need not stop what it starts
export function live(name, body, options) {
    test(name, options ?? {}, async () => {
        const world = new Live();

        try {
            try {
                await body(world);
            } finally {
                // whatever the test has done to it
                await restore();
            }
            await world.check();
        } catch (error) {
            world.showLogs();
            throw error;
        } finally {
            await world.close();
        }
    });
}
