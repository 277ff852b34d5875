// Every SDK, through nginx, to its provider's stand-in: what it shows is what
// it shows without us, and the debit is what the provider counts.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { closeSql } from '../support/psql.mjs';
import { User } from './ledger.mjs';
import { startNginx } from './nginx.mjs';
import { PROVIDERS } from './providers/all.mjs';
import { ANSWERS, KEY, PICTURE, SCHEMA, TOOL } from './providers/scenes.mjs';
import { StandIn } from './providers/standin.mjs';
import { SDKS } from './sdks.mjs';

const CREDITS = 1_000_000;
const CODE = 'insufficient_credits';
// our message, and at most the status before it
const CLEAN = /^(402 )?You are out of credits\. Buy more to go on\.$/;

// those whose chats say their usage in a stream only when asked
const OPENAI_CHATS = ['openai', 'groq'];

const WISHES = {
    plain: {}, stream: { stream: true }, tools: { tool: TOOL },
    vision: { picture: PICTURE }, structured: { schema: SCHEMA },
};

const standIns = {};
let nginx;

before(async () => {
    for (const [api, provider] of Object.entries(PROVIDERS)) {
        standIns[api] = await StandIn.start(provider);
    }
    nginx = await startNginx(Object.fromEntries(
        Object.entries(standIns).map(([api, { port }]) => [api, port])));
});

after(async () => {
    Object.values(standIns).forEach((each) => each.stop());
    await nginx?.end();
    nginx?.remove();
    await closeSql();
});


// An SDK in a scene: asks the same with and without nginx between.
class Scene {
    heard = '';

    constructor(sdk, name) {
        this.sdk = SDKS[sdk];
        this.tag = `${sdk}/${name}`;
        this.standIn = standIns[this.sdk.api];
    }

    // base: where the API is; wish: see sdks.mjs
    #ask(base, key, wish) {
        return this.sdk.ask(this.sdk.client({ base, key }), {
            text: `Please answer. [${this.tag}]`,
            hear: (text) => {
                this.heard += text;
            },
            ...wish,
        });
    }

    direct(wish) {
        return this.#ask(`http://127.0.0.1:${this.standIn.port}`, KEY, wish);
    }

    through(user, wish) {
        return this.#ask(`http://127.0.0.1:${nginx.port}/${this.sdk.api}`,
            user.id, wish);
    }

    // how it fails
    failure(user) {
        return this.through(user).then(
            (shown) => assert.fail(`no error: ${JSON.stringify(shown)}`),
            // the AI SDK's, when it gives up, has the last one in it
            (error) => error.lastError ?? error);
    }

    // the bodies that the provider has got
    get bodies() {
        return this.standIn.calls(this.tag);
    }
}


// what the provider shall see of a body
const edited = (api, body) => OPENAI_CHATS.includes(api)
    && body.messages && body.stream
    ? { ...body, stream_options: { ...body.stream_options,
        include_usage: true } } : body;

const statusOf = (error) =>
    error.status ?? error.statusCode ?? error.status_code;

const RELEASED = { status: 'released', amount: 0 };


async function succeeds(sdk, name) {
    const { text, call, usage: { input, output } } = ANSWERS[name];
    const scene = new Scene(sdk, name);
    const user = await User.with(CREDITS);
    const shown = await scene.direct(WISHES[name]);

    assert.deepEqual(await scene.through(user, WISHES[name]), shown);
    assert.deepEqual(shown.call || undefined, call);
    assert.equal(shown.text || undefined, text);
    assert.deepEqual(scene.bodies[1],
        edited(scene.sdk.api, scene.bodies[0]));
    assert.deepEqual(await user.charges(1),
        [{ status: 'settled', amount: input + output, input, output }]);
    assert.equal(await user.balance(), CREDITS - input - output);
}

async function aborts(sdk) {
    const scene = new Scene(sdk, 'abort');
    const user = await User.with(CREDITS);
    const controller = new AbortController();

    // some reject then, and some end quietly
    await Promise.allSettled([scene.through(user, {
        stream: true, signal: controller.signal,
        hear: (text) => {
            scene.heard += text;
            controller.abort();
        },
    })]);
    assert.notEqual(scene.heard, '');
    assert.ok(ANSWERS.stream.text.startsWith(scene.heard));
    scene.standIn.open(scene.tag);

    const [charge] = await user.charges(1);

    assert.equal(charge.status, 'estimated');
    assert.equal(charge.amount, charge.input + charge.output);
    assert.ok(charge.output >= scene.heard.length / 4, `${charge.output}`);
    assert.ok(charge.output <= ANSWERS.stream.usage.output);
    assert.equal(await user.balance(), CREDITS - charge.amount);
}

async function isRefused(sdk) {
    const scene = new Scene(sdk, 'broke');
    const user = await User.with(0);
    const error = await scene.failure(user);
    const { shows = CLEAN, code } = scene.sdk;

    assert.equal(statusOf(error), 402);
    assert.match(error.message, shows);
    assert.equal(code?.(error) ?? CODE, CODE);
    assert.deepEqual(scene.bodies, []);
    assert.deepEqual(await user.charges(0), []);
}

async function isToldToWait(sdk) {
    const scene = new Scene(sdk, 'busy');
    const user = await User.with(CREDITS);
    const { text, usage: { input, output } } = ANSWERS.plain;

    if (scene.sdk.tries === 1) {
        assert.equal(statusOf(await scene.failure(user)), 429);
        assert.deepEqual(await user.charges(1), [RELEASED]);
        return;
    }

    assert.equal((await scene.through(user)).text, text);
    assert.equal(scene.bodies.length, 2);
    assert.deepEqual(await user.charges(2), [RELEASED,
        { status: 'settled', amount: input + output, input, output }]);
    assert.equal(await user.balance(), CREDITS - input - output);
}

async function fails(sdk) {
    const scene = new Scene(sdk, 'away');
    const user = await User.with(CREDITS);
    const { tries } = scene.sdk;

    assert.equal(statusOf(await scene.failure(user)), 503);
    assert.equal(scene.bodies.length, tries);
    assert.deepEqual(await user.charges(tries), Array(tries).fill(RELEASED));
    assert.equal(await user.balance(), CREDITS);
}


describe('each SDK as without nginx, and what it costs', { concurrency: 32 },
    () => {
        for (const sdk of Object.keys(SDKS)) {
            for (const name of Object.keys(WISHES)) {
                test(`${sdk}: ${name}`, () => succeeds(sdk, name));
            }
            test(`${sdk}: abort`, () => aborts(sdk));
            test(`${sdk}: 402`, () => isRefused(sdk));
            test(`${sdk}: 429`, () => isToldToWait(sdk));
            test(`${sdk}: 503`, () => fails(sdk));
        }
    });
