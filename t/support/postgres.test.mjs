// Where a private PostgreSQL lives.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync }
    from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { freePorts } from './ports.mjs';
import { query } from './psql.mjs';
import { until } from './until.mjs';

const SCRIPT = fileURLToPath(new URL('../../demo/postgres', import.meta.url));


test('in the run\'s directory, also where only we can enter it', async () => {
    // mode 0700, as /root has
    const run = mkdtempSync(`${process.env.RUN_DIR ?? tmpdir()}/closed-`);
    const [port, other] = freePorts(2);
    const postgres = (...parameters) => execFileSync(SCRIPT, parameters,
        { env: { ...process.env, RUN_DIR: run }, encoding: 'utf8' }).trim();
    const start = (name, where) =>
        postgres('start', `${run}/${name}`, where, 'fsync=off');

    try {
        const url = start('first', port);

        assert.equal(statSync(run).mode & 0o777, 0o700);
        assert.ok(existsSync(`${run}/first/data/PG_VERSION`));
        query(url, 'CREATE TABLE kept AS SELECT 1 AS n; CHECKPOINT;');

        postgres('copy', `${run}/second`, `${run}/first`);
        const standby = start('second', other);
        await until('the standby follows', () =>
            query(url, 'SELECT 1 FROM pg_stat_replication;').length > 0);
        assert.deepEqual(
            query(standby, 'SELECT n, pg_is_in_recovery() FROM kept;'),
            [['1', 't']]);
        postgres('remove', `${run}/second`);

        postgres('stop', `${run}/first`, 'immediate');
        assert.deepEqual(query(start('first', port), 'TABLE kept;'), [['1']]);
    } finally {
        postgres('remove', `${run}/second`);
        postgres('remove', `${run}/first`);
        assert.deepEqual(readdirSync(run), ['log']);
        rmSync(run, { recursive: true });
    }
});
