// Who asks, for what, and what they saw of it.
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from '../support/psql.mjs';
import { Chat, keepAlive } from '../live/client.mjs';
import { Random } from '../support/random.mjs';

// A strict hold covers what is asked for: such users never have debt.
const GROUPS = {
    rich: { users: 8, weight: 40, path: '/auto', credits: [100_000] },
    scarce: { users: 10, weight: 45, path: '/strict', credits: [5, 9, 7] },
    hot: { users: 1, weight: 0, path: '/strict', credits: [3] },
    debtor: { users: 4, weight: 15, path: '/auto', credits: [15] },
    idle: { users: 2, weight: 0, path: '', credits: [10] },
};
const CLIENTS = 40;
const PARALLEL = 16;    // of the hot user
const PATIENCE = 60_000;

// what the provider is ordered to do
const KINDS = {
    usage: 58, none: 8, truncate: 5, cut: 9, midstream: 6, status: 9, slow: 5,
};


class User {
    granted = 0;

    constructor(group, i) {
        Object.assign(this, GROUPS[group], { group, id: `${group}-${i}` });
    }

    get inDebt() {
        return this.group === 'debtor';
    }

    async grant(credits, order) {
        await sql`SELECT credit_grant(${this.id}, ${credits}, '1 day',
                                      'chaos', ${`${this.id}/${order}`});`;
        this.granted += credits;
    }
}


function plan(random, user, n) {
    const stream = random.chance(60);
    const kind = stream ? random.weighted(KINDS)
        : random.weighted({ ...KINDS, midstream: 0 });
    const maxTokens = random.pick([400, 990, 1900, 2900]);
    const chunks = random.between(2, 20);   // the error comes in the middle
    const request = {
        n, user, kind, stream, maxTokens,
        path: user.path + (random.chance(20) ? '/no-drain' : ''),
        includeUsage: stream && random.chance(40),
        // of a debtor it may be more than was held
        tokens: random.between(2, user.inDebt ? 6000 : maxTokens),
        chunks: stream ? chunks : 2,
        leave: random.chance(15) && {
            how: random.pick(['FIN', 'RST']),
            after: random.between(0, random.pick([4, 40, 400])),
        },
    };

    request.orders = orders(random, request);
    return request;
}


function orders(random, { n, kind, tokens, chunks, stream }) {
    const prompt = Math.min(random.between(1, 50), tokens - 1);
    const words = [`tag=${n}`, `chunks=${chunks}`, `usage=${
        kind === 'none' ? kind : `${prompt}+${tokens - prompt}`}`];
    const specific = {
        truncate: 'truncate',
        cut: `cut=${random.between(0, stream ? chunks + 3 : 1)}`,
        midstream: 'error=midstream',
        status: `status=${random.pick([400, 429, 500, 503])}`,
        slow: `first=${random.between(500, 4000)}`,
    }[kind];

    if (specific) {
        words.push(specific);
    }
    words.push(`delay=${random.chance(60) ? 0 : random.between(1, 40)}`);
    return words.join(' ');
}


// adds what the client sees of the answer to the request as it comes
async function watch(chat, request) {
    request.text = '';

    try {
        const response = await chat.response;

        request.status = response.statusCode;
        request.id = response.headers['x-credits-request-id'];
        for await (const chunk of response.setEncoding('utf8')) {
            request.text += chunk;
        }
        request.whole = response.complete;
    } catch {
        // it broke off; what came until then has been seen
    }
}


function isDocument(text) {
    try {
        return typeof JSON.parse(text) === 'object';
    } catch {
        return false;
    }
}


// what a client may take for the end has come
function hasEnd({ stream, whole, text }) {
    return whole || (stream ? text.includes('data: [DONE]\n')
        : isDocument(text));
}


async function ask(node, request) {
    const chat = new Chat(node, request.user, {
        ...request,
        agent: request.n % 2 === 0 && !request.leave && keepAlive,
    });
    const end = watch(chat, request);

    if (request.leave) {
        await Promise.race([end, sleep(request.leave.after)]);
        if (request.whole === undefined && chat.request.socket?.connecting
            === false && !chat.request.socket.destroyed) {
            request.left = true;
            await chat.leave(request.leave.how);
        } else {
            chat.request.destroy();
        }
    }

    const patience = setTimeout(() => {
        request.stuck = true;
        chat.request.destroy();
    }, PATIENCE);

    await end;
    clearTimeout(patience);
    request.ended = request.status === 200 && hasEnd(request);
}


export class Crowd {
    requests = [];
    #seed;
    #random;
    #orders = 0;

    constructor(seed) {
        this.#seed = seed;
        this.#random = new Random(seed);
        this.users = Object.keys(GROUPS).flatMap((group) =>
            Array.from({ length: GROUPS[group].users },
                (_, i) => new User(group, i)));
    }

    async open() {
        for (const user of this.users) {
            for (const credits of user.credits) {
                await user.grant(credits, this.#orders++);
            }
        }
    }

    // until over() says so
    async load(nodes, over) {
        await Promise.all([
            this.#buy(over),
            this.#race(nodes, over),
            ...Array.from({ length: CLIENTS }, (_, i) =>
                this.#chat(nodes, new Random(this.#seed * 1000 + i), over)),
        ]);
    }

    async #ask(nodes, random, user) {
        const request = plan(random, user, this.requests.length);

        request.node = random.between(0, nodes.length - 1);
        this.requests.push(request);
        await ask(nodes[request.node], request);
        return request.status;
    }

    async #chat(nodes, random, over) {
        const weights = Object.fromEntries(Object.entries(GROUPS)
            .map(([group, { weight }]) => [group, weight]));

        while (!over()) {
            const group = random.weighted(weights);
            const status = await this.#ask(nodes, random,
                random.pick(this.#group(group)));

            // a node that is away answers at once
            await sleep(status ? random.between(0, 30) : 50);
        }
    }

    // all workers at once are asked for credits that do not suffice for all
    async #race(nodes, over) {
        const random = new Random(this.#seed * 1000 + CLIENTS);
        const [hot] = this.#group('hot');

        while (!over()) {
            await this.#order(hot, random.between(1, 4));
            await Promise.all(Array.from({ length: PARALLEL },
                () => this.#ask(nodes, random, hot)));
        }
    }

    async #buy(over) {
        const buyers = [...this.#group('scarce'), ...this.#group('debtor')];

        while (!over()) {
            await this.#order(this.#random.pick(buyers),
                this.#random.between(1, 12));
            await sleep(this.#random.between(10, 200));
        }
    }

    #group(name) {
        return this.users.filter(({ group }) => group === name);
    }

    // the same again until it is known to be there
    async #order(user, credits) {
        const order = this.#orders++;

        while (!await user.grant(credits, order)
            .then(() => true, () => false)) {
            await sleep(50);
        }
    }
}
