// What a case expects, and what was seen instead.


const at = (value, path) => path.split('.').reduce(
    (found, name) => found?.[name], value);

// texts that are no JSON have no members
function parsed(body) {
    try {
        return JSON.parse(body);
    } catch {
        return undefined;
    }
}


// an event with "choices":[] and a usage object
function isUsage(event) {
    const data = parsed(event.replace(/^data: ?/, ''));

    return data?.choices?.length === 0 && typeof data.usage === 'object'
        && data.usage !== null;
}

const withoutUsage = (body) => body.toString().split(/(?<=\n\n)/)
    .filter((event) => !isUsage(event)).join('');


function providerBody(expected, seen) {
    const sent = seen.providerBodies.at(-1);
    const json = sent && parsed(sent);
    const each = (members, fits, word) => Object.entries(members ?? {})
        .filter(([path, value]) => !fits(at(json, path), value))
        .map(([path, value]) => `provider_body ${word}: ${path} is ${
            JSON.stringify(at(json, path))}, not ${JSON.stringify(value)}`);

    return [
        ...expected.same && !(sent && seen.request.equals(sent))
            ? ['provider_body: not as the client sent it'] : [],
        ...each(expected.has,
            (is, value) => JSON.stringify(is) === JSON.stringify(value), 'has'),
        ...each(expected.at_most, (is, value) => is <= value, 'at_most'),
        ...each(expected.at_least, (is, value) => is >= value, 'at_least'),
        ...(expected.lacks ?? []).filter((path) => !json
            || at(json, path) !== undefined)
            .map((path) => `provider_body: has ${path}`),
    ];
}


const clip = (value) => {
    const text = JSON.stringify(value) ?? 'nothing';

    return text.length > 200 ? `${text.slice(0, 200)}...` : text;
};

const is = (name, fits) => (expected, seen) => fits(expected, seen)
    ? [] : [`${name}: expected ${clip(expected)}`];

const text = ({ body }) => body.toString();

const CHECKS = {
    client_status: (expected, { status }) =>
        [expected].flat().includes(status)
            ? [] : [`client_status: expected ${expected}, got ${status}`],
    client_bytes: is('client_bytes', (expected, { body, pieces }) =>
        expected === 'same' ? body.equals(pieces)
            : text({ body }) === withoutUsage(pieces)),
    client_has: (expected, seen) => expected
        .filter((each) => !text(seen).includes(each))
        .map((each) => `client_has: no ${each} in ${clip(text(seen))}`),
    client_matches: is('client_matches', (expected, seen) =>
        new RegExp(expected).test(text(seen))),
    client_json: (expected, seen) => Object.entries(expected)
        .filter(([path, value]) => at(parsed(text(seen)), path) !== value)
        .map(([path, value]) => `client_json: ${path} is ${
            clip(at(parsed(text(seen)), path))}, not ${clip(value)}`),
    provider_called: (expected, { calls }) => expected === calls > 0
        ? [] : [`provider_called: ${calls} times`],
    provider_calls: (expected, { calls }) => expected === calls
        ? [] : [`provider_calls: expected ${expected}, got ${calls}`],
    provider_body: providerBody,
    ledger_status: (expected, { ledger }) =>
        expected.split('|').includes(ledger.status) ? []
            : [`ledger_status: expected ${expected}, got ${ledger.status}`],
    credits: (expected, { ledger }) => expected === ledger.credits
        ? [] : [`credits: expected ${expected}, got ${ledger.credits}`],
    credits_min: (expected, { ledger }) => expected <= ledger.credits
        ? [] : [`credits: at least ${expected}, got ${ledger.credits}`],
    credits_max: (expected, { ledger }) => expected >= ledger.credits
        ? [] : [`credits: at most ${expected}, got ${ledger.credits}`],
    prompt_tokens: (expected, { ledger: { metadata } }) =>
        expected === metadata.promptTokens ? []
            : [`prompt_tokens: expected ${expected}, got ${
                metadata.promptTokens}`],
    completion_tokens: (expected, { ledger: { metadata } }) =>
        expected === metadata.completionTokens ? []
            : [`completion_tokens: expected ${expected}, got ${
                metadata.completionTokens}`],
    reason: (expected, { ledger: { metadata: { reason } } }) =>
        (expected === true ? Boolean(reason) : expected === reason)
            ? [] : [`reason: expected ${expected}, got ${reason}`],
    metadata_has: (expected, { ledger: { metadata } }) => expected
        .filter((each) => !JSON.stringify(metadata).includes(each))
        .map((each) => `metadata_has: no ${each}`),
    debt: (expected, { ledger }) => expected === ledger.debt
        ? [] : [`debt: expected ${expected}, got ${ledger.debt}`],
};


// seen: status, body, pieces (what was to come), calls, providerBodies,
// request (as sent) and ledger; a list of what differs
export function differences(expect, seen) {
    return Object.entries(expect).flatMap(([name, expected]) => {
        if (CHECKS[name] === undefined) {
            return [`${name}: no such expectation`];
        }
        return CHECKS[name](expected, seen);
    });
}
