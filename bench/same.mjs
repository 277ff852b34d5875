// That the servers do the same work, before it is measured how fast.
import assert from 'node:assert/strict';


// what the client did not ask for
function withoutUsage(stream) {
    return stream.split('\n\n')
        .filter((event) => !event.includes('"choices":[],"usage":{'))
        .join('\n\n');
}


// Throws unless a server passes on the provider's answer, hides the usage
// chunk when it counts, and then wants a signed cookie.
export async function checkAnswer(url, { question, answer, cookie, charges }) {
    const ask = (header) => fetch(url, {
        method: 'POST', body: question,
        headers: { 'Content-Type': 'application/json', Cookie: header },
    });
    const response = await ask(cookie);

    assert.equal(response.status, 200, url);
    assert.equal(await response.text(),
        charges ? withoutUsage(answer) : answer, url);

    if (charges) {
        const refused = await ask(cookie.replace('=', '=x'));

        assert.equal(refused.status, 401, url);
        await refused.text();
    }
}
