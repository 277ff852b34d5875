// A subscription grants with each payment, and nothing but a payment grants.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MONTHLY, Polar } from './polar.mjs';
import { Person, question } from './product.mjs';

const polar = await Polar.ofProduct();


async function subscriber() {
    const person = await Person.signUp();
    const order = await polar.buy(MONTHLY, person.id);

    return { person, order };
}


async function assertPackages(person, ...expected) {
    const { packages } = await person.credits();

    assert.deepEqual(packages.map(({ source, remainingCredits, status }) =>
        [source, remainingCredits, status]),
    expected.map(([remaining, status]) =>
        ['subscription', remaining, status]));
}


const endOf = async (order) =>
    new Date((await polar.order({ id: order.id }))
        .subscription.current_period_end).getTime();


test('renewal: each cycle grants once', async () => {
    const { person, order } = await subscriber();
    await polar.quiet();
    await assertPackages(person, [2_000, 'active']);
    const firstEnd = await endOf(order);

    await polar.subscription(order, 'cycle');
    await polar.quiet();
    await assertPackages(person, [2_000, 'active'], [2_000, 'active']);

    // each until the end of its own month
    const { balance, packages } = await person.credits();
    assert.equal(balance, 4_000);
    assert.deepEqual(
        packages.map(({ expiresAt }) => new Date(expiresAt).getTime()),
        [firstEnd, await endOf(order)]);

    const renewal = await polar.order(
        { subscription_id: order.subscription_id });
    assert.notEqual(renewal.id, order.id);
    for (const { id } of [order, renewal]) {
        const [event] = await polar.deliveries('order.paid', id);
        for (const { outcome } of await polar.send(event, 10)) {
            assert.equal(outcome, 'applied');
        }
    }
    await assertPackages(person, [2_000, 'active'], [2_000, 'active']);
});


test('renewal: the renewal is there before the first payment', async () => {
    await polar.hold();
    const { person, order } = await subscriber();
    await polar.subscription(order, 'cycle');
    const renewal = await polar.order(
        { subscription_id: order.subscription_id });

    await polar.deliver('order.paid', renewal.id);
    await polar.deliver('order.paid', order.id);
    await assertPackages(person, [2_000, 'active'], [2_000, 'active']);
    await polar.release();
    await polar.quiet();
    await assertPackages(person, [2_000, 'active'], [2_000, 'active']);
});


test('grants: no event of the subscription itself grants', async () => {
    await polar.hold();
    const { person, order } = await subscriber();
    for (const act of ['cancel', 'uncancel', 'cycle', 'revoke']) {
        await polar.subscription(order, act);
    }

    const held = (await polar.webhooks())
        .filter(({ type, state }) => state === 'held'
            && type !== 'order.paid');
    assert.ok(held.length > 20);
    for (const event of held) {
        const [{ status }] = await polar.send(event);
        assert.equal(status, 200, event.type);
        assert.deepEqual((await person.credits()).packages, [], event.type);
    }
});


test('canceled: the credits last as long as the period', async () => {
    const { person, order } = await subscriber();
    await polar.subscription(order, 'cancel');
    await polar.quiet();

    await assertPackages(person, [2_000, 'active']);
    await person.openai.chat.completions.create(
        question('[provider usage=500+500]'));
    await person.settled(1);
    await assertPackages(person, [1_999, 'active']);

    // it is not renewed: that is the end of it
    await polar.subscription(order, 'cycle');
    await polar.quiet();
    await assertPackages(person, [1_999, 'expired']);
});


test('revoked: no credits from then on, of no cycle', async () => {
    const { person, order } = await subscriber();
    await polar.subscription(order, 'cycle');
    await polar.subscription(order, 'revoke');
    await polar.quiet();

    await assertPackages(person, [2_000, 'expired'], [2_000, 'expired']);
    assert.equal((await person.credits()).balance, 0);
    await assert.rejects(
        person.openai.chat.completions.create(question('hello')),
        (error) => error.status === 402);
});


test('revoked before paid: the package is there, and over', async () => {
    await polar.hold();
    const { person, order } = await subscriber();
    await polar.subscription(order, 'revoke');

    await polar.deliver('subscription.revoked', order.subscription_id);
    assert.equal(await polar.deliver('order.paid', order.id), 'applied');
    await assertPackages(person, [2_000, 'expired']);

    // what was true before it ended does not bring it back
    await polar.release();
    await polar.quiet();
    await assertPackages(person, [2_000, 'expired']);
    assert.equal((await person.credits()).balance, 0);
});


test('revoked: other packages stay', async () => {
    const { person, order } = await subscriber();
    person.grant(70, '1 year');
    await polar.subscription(order, 'revoke');
    await polar.quiet();

    assert.equal((await person.credits()).balance, 70);
});


test('refund: a cycle that is refunded', async () => {
    const { person, order } = await subscriber();
    await polar.subscription(order, 'cycle');
    await polar.refund(order, 250);
    await polar.quiet();

    await assertPackages(person, [1_000, 'active'], [2_000, 'active']);
});
