// An answer of three credits, to a user who has a hundred.
import assert from 'node:assert/strict';
import { Chat } from './client.mjs';

export const ORDERS = 'usage=1000+2000 chunks=5';

// how a request id looks in the journal
export const uuid = (text) => Buffer.from(text.replaceAll('-', ''), 'hex');


// a streamed answer that waits in its middle
export async function underWay(nginx, user) {
    const answer = new Chat(nginx, user,
        { stream: true, orders: `${ORDERS} gate=3` });

    await user.waiting(1);
    await answer.response;
    return answer;
}


// it comes to its end; the request's id
export async function finish(user, answer) {
    await user.openGate();

    const { status, headers, text } = await answer.end();
    assert.equal(status, 200);
    assert.match(text, /data: \[DONE\]\n\n$/);
    return headers['x-credits-request-id'];
}


// one that has ended, whose settlement cannot get at the account before the
// session commits; with the request's id
export async function stuck(live, nginx, user) {
    const answer = await underWay(nginx, user);
    const session = live.session();

    await session.query(`BEGIN; SELECT FROM credit_account
        WHERE userId = '${user.id}' FOR UPDATE;`);
    return { session, id: await finish(user, answer) };
}


export async function chargedOnce(user) {
    const charges = await user.settled(1);

    assert.deepEqual(charges.map(({ status, amount, debt }) =>
        [status, amount, debt]), [['settled', 3, 0]]);
    assert.equal(await user.balance(), 97);
}
