// A test on a real nginx, and what must hold after every one of them.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { Nginx } from './nginx.mjs';
import { restore } from './postgres.mjs';
import { Session, closeSql, sql } from './sql.mjs';
import { until } from './until.mjs';
import { User } from './user.mjs';

const ALARM
    = /\[(alert|crit|emerg)\]|Sanitizer|runtime error|open socket/;
const EXIT = /(process \d+) exited with code (\d+)/g;


class Live {
    nodes = [];
    users = [];
    #expected = [];
    #sessions = [];

    async nginx(options) {
        const nginx = await Nginx.start(options);

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

    // lines that the test has asked for; each must come
    expect(...lines) {
        this.#expected.push(...lines);
    }

    // fails when the test broke what no test may break
    async check() {
        await this.#atRest();
        for (const nginx of this.nodes) {
            assert.equal(await nginx.stop(), 0, 'nginx ended well');
            assert.deepEqual(
                nginx.journal.filter((name) => name.endsWith('.journal')), [],
                'all charges have left the journal');
        }
        this.#checkLogs();
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

    #checkLogs() {
        const text = this.nodes.map((nginx) => nginx.log).join('');
        const alarms = text.split('\n').filter((line) => ALARM.test(line));

        assert.deepEqual(alarms.filter((line) =>
            !this.#expected.some((each) => each.test(line))), []);
        for (const line of this.#expected) {
            assert.match(text, line);
        }
        for (const [, who, code] of text.matchAll(EXIT)) {
            assert.equal(code, '0', `${who} ended well`);
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
            rmSync(nginx.prefix, { recursive: true });
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
