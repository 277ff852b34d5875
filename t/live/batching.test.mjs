// Those who wait together go to Postgres together.
import assert from 'node:assert/strict';
import { pooled } from '../support/until.mjs';
import { chat, keepAlive } from './client.mjs';
import { live } from './live.mjs';

const rows = (metrics, lane) =>
    metrics[`${lane}_rows_total`] / metrics[`${lane}_batches_total`];


live('one after the other: a hold is a batch', async (live) => {
    const nginx = await live.nginx({ workers: 1 });
    const user = await live.user(100);

    for (let i = 0; i < 20; i++) {
        await chat(nginx, user, { orders: 'usage=1+1', agent: keepAlive });
    }

    const metrics = await nginx.metrics();
    assert.equal(metrics.hold_rows_total, 20);
    assert.equal(rows(metrics, 'hold'), 1);
});


live('many at once: holds and settlements share batches', async (live) => {
    const nginx = await live.nginx({ workers: 1 });
    const users = await Promise.all(
        Array.from({ length: 50 }, () => live.user(100)));

    await pooled(1000, 50, (i) => chat(nginx, users[i % users.length],
        { orders: 'usage=1+1', agent: keepAlive }));
    await Promise.all(users.map((user) => user.settled(20)));

    const metrics = await nginx.metrics();
    assert.equal(metrics.hold_rows_total, 1000);
    assert.ok(rows(metrics, 'hold') > 2, 'holds');
    assert.ok(rows(metrics, 'settle') > 2, 'settlements');
});
