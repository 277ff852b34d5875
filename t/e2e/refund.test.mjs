// A refund takes back its share, and no more than the order gave.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LARGE, Polar, SMALL } from './polar.mjs';
import { Person, question } from './product.mjs';

const polar = await Polar.ofProduct();


async function buyer(product, more) {
    const person = await Person.signUp();
    const order = await polar.buy(product, person.id, more);

    return { person, order };
}


async function assertPackage(person, remainingCredits, status) {
    const { packages, balance, debt } = await person.credits();

    assert.deepEqual(
        packages.map((each) => [each.remainingCredits, each.status]),
        [[remainingCredits, status]]);
    assert.equal(balance, status === 'active' ? remainingCredits : 0);
    assert.equal(debt, 0);
}


test('refund: refunds in parts, each counted once', async () => {
    // tax goes back, too, and is not part of the share
    const { person, order } = await buyer(LARGE,
        { customer_billing_address: { country: 'DE' } });

    await polar.refund(order, 250);
    await polar.quiet();
    await assertPackage(person, 7_500, 'active');

    await polar.refund(order, 1);
    await polar.quiet();
    await assertPackage(person, 7_490, 'active');

    await polar.refund(order);
    await polar.quiet();
    await assertPackage(person, 0, 'refunded');
});


test('refund: the history tells of it', async () => {
    const { person, order } = await buyer(SMALL);
    await polar.refund(order, 50);
    await polar.quiet();

    const [{ type, amount, metadata }] = await person.transactions();
    assert.deepEqual([type, amount, metadata.kind], ['other', 25, 'refund']);
});


test('refund: a refund told a hundred times at once', async () => {
    const { person, order } = await buyer(LARGE);
    await polar.quiet();
    await polar.hold();
    await polar.refund(order, 300);

    const [event] = await polar.deliveries('order.refunded', order.id);
    for (const { status } of await polar.send(event, 100)) {
        assert.equal(status, 200);
    }
    await assertPackage(person, 7_000, 'active');
});


test('refund: refunds in the wrong order', async () => {
    const { person, order } = await buyer(LARGE);
    await polar.quiet();
    await polar.hold();
    await polar.refund(order, 300);
    await polar.refund(order, 200);
    const [first, second] = await polar.deliveries('order.refunded', order.id);

    await polar.send(second);
    await assertPackage(person, 5_000, 'active');
    await polar.send(first);
    await assertPackage(person, 5_000, 'active');
});


test('refund: the refund is there before the payment', async () => {
    for (const [amount, left, status] of
        [[400, 6_000, 'active'], [undefined, 0, 'refunded']]) {
        await polar.hold();
        const { person, order } = await buyer(LARGE);
        await polar.refund(order, amount);

        await polar.deliver('order.refunded', order.id);
        assert.deepEqual((await person.credits()).packages, []);
        assert.equal(await polar.deliver('order.paid', order.id), 'applied');
        await assertPackage(person, left, status);
        // those that were held back, in their own order
        await polar.release();
        await polar.quiet();
        await assertPackage(person, left, status);
    }
});


test('refund: what was spent is not taken from other packages', async () => {
    const { person, order } = await buyer(SMALL);
    await polar.quiet();
    await person.openai.chat.completions.create(
        question('[provider usage=30000+30000]'));
    await person.settled(1);
    await assertPackage(person, 40, 'active');
    const gift = person.grant(500, '1 year');

    // 80 of 100 are paid back, 40 are left
    await polar.refund(order, 160);
    await polar.quiet();
    const { packages, balance } = await person.credits();
    assert.equal(balance, 500);
    assert.deepEqual(packages
        .filter(({ remainingCredits }) => remainingCredits > 0)
        .map(({ id }) => id), [gift]);

    await polar.refund(order);
    await polar.quiet();
    assert.equal((await person.credits()).balance, 500);
});


test("refund: one order's refund leaves the other alone", async () => {
    const { person, order } = await buyer(SMALL);
    await polar.buy(SMALL, person.id);
    await polar.refund(order);
    await polar.quiet();

    const { balance, packages } = await person.credits();
    assert.equal(balance, 100);
    assert.deepEqual(packages.map(({ status }) => status),
        ['active', 'refunded']);
});
