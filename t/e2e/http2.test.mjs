// The same over HTTP/2.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:http2';
import { test } from 'node:test';
import { Person, question } from './product.mjs';

const url = `http://127.0.0.1:${process.env.HTTP2_PORT}`;


test('a streamed answer over HTTP/2', async (t) => {
    const person = await Person.signUp();
    person.grant(100, '1 day');

    const session = connect(url);
    t.after(() => session.close());

    const request = session.request({
        ':method': 'POST', ':path': '/api/chat', cookie: person.cookie,
        'content-type': 'application/json',
    });
    request.end(JSON.stringify({
        ...question('[provider usage=1234+14000]'), stream: true,
    }));

    const [headers] = await once(request, 'response');
    let body = '';
    for await (const text of request.setEncoding('utf8')) {
        body += text;
    }

    assert.equal(headers[':status'], 200);
    assert.match(body, /\n\ndata: \[DONE\]\n\n$/);
    assert.doesNotMatch(body, /"usage":\{/);

    const [transaction] = await person.settled(1);
    assert.equal(transaction.id, headers['x-credits-request-id']);
    assert.equal(transaction.amount, 16);
    assert.equal((await person.credits()).balance, 84);
});
