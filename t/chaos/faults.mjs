// What befalls the nodes and PostgreSQL, one thing after the other in each.
import { setTimeout as sleep } from 'node:timers/promises';
import { killWorker } from '../support/nginx.mjs';
import { ended } from '../support/process.mjs';
import { until } from '../support/until.mjs';
import { Random } from '../support/random.mjs';

const NODE = {
    killWorker: 4, killNode: 2, reload: 2, quit: 2, term: 1,
    freezeWorker: 2, fillDisk: 2,
};
const POSTGRES = {
    terminate: 3, killBackend: 1, freezeBackend: 3, killPostmaster: 2,
    immediate: 2,
};
const FREEZE = [500, 1000, 3000];

// what the faults make nginx say
const KILLED = /worker process (\d+) exited on signal 9/;
const NO_SPACE = /credits journal: .* nothing more is admitted \(28: No space/;
// nginx's own, when it is told to leave at once while it leaves by and by
const OPEN
    = /\[alert\] (\d+)#\d+: (aborting$|.*open socket #\d+ left in connection)/;

const FULL = /\[alert\].*credits journal: .* nothing more is admitted/g;
const MENDED = /\[notice\].*credits journal .* can be written again/g;
const count = (text, line) => [...text.matchAll(line)].length;


// a process that may have ended is left alone
function signal(pid, name) {
    if (!ended(pid)) {
        process.kill(pid, name);
    }
}


// next() is every kind once, in any order, then whatever comes
function deck(random, weights) {
    const kinds = Object.keys(weights).filter((kind) => weights[kind] > 0);

    return {
        random,
        next: () => kinds.length > 0
            ? kinds.splice(random.between(0, kinds.length - 1), 1)[0]
            : random.weighted(weights),
    };
}


export class Faults {
    // process id of what was killed: when
    killed = new Map();
    // those of whole nodes
    deadNodes = new Set();
    // process ids of what was told to leave at once
    stopped = new Set();
    log = [];
    #started = Date.now();
    #frozen = new Set();

    constructor(seed, { nodes, cluster, over }) {
        Object.assign(this, { seed, nodes, cluster, over });
        for (const node of nodes) {
            node.expect({ test: (line) => this.#asked(line, node) });
        }
    }

    #asked(line, node) {
        return this.killed.has(Number(KILLED.exec(line)?.[1]))
            || this.stopped.has(Number(OPEN.exec(line)?.[1]))
            || node.hasDisk && NO_SPACE.test(line);
    }

    // when the load is over, all that was done is undone again
    async run(seconds) {
        await Promise.all([
            ...this.nodes.map((node, i) => {
                const next = deck(new Random(this.seed * 100 + i), {
                    ...NODE, fillDisk: node.hasDisk ? NODE.fillDisk : 0,
                });

                return this.#befall(next, [300, 2500], (fault, random) =>
                    this.#node(fault, random, node, i));
            }),
            this.#befall(deck(new Random(this.seed * 100 + 99), POSTGRES),
                [500, 2500], (fault, random) =>
                    this.#postgres(fault, random, seconds)),
        ]);
    }

    // on an early end
    thaw() {
        for (const pid of this.#frozen) {
            signal(pid, 'SIGCONT');
        }
    }

    // how often each of them was done
    get counts() {
        const counts = {};

        for (const { fault } of this.log) {
            counts[fault] = (counts[fault] ?? 0) + 1;
        }
        return counts;
    }

    async #befall({ random, next }, [shortest, longest], strike) {
        while (!this.over()) {
            await sleep(random.between(shortest, longest));
            if (!this.over()) {
                await strike(next(), random);
            }
        }
    }

    #note(fault, where) {
        this.log.push({ at: Date.now() - this.#started, fault, where });
    }

    async #node(fault, random, node, i) {
        const worker = random.pick(node.workers);

        this.#note(fault, `node ${i}`);
        switch (fault) {
        case 'killWorker':
            this.killed.set(worker, Date.now());
            await killWorker(node, worker);
            break;
        case 'killNode':
            for (const pid of node.processes) {
                this.killed.set(pid, Date.now());
                this.deadNodes.add(pid);
            }
            await node.crash();
            await sleep(random.between(0, 1000));
            await node.start();
            break;
        case 'reload':
            await node.reload();
            break;
        case 'term':
            node.processes.forEach((pid) => this.stopped.add(pid));
            await node.stop('SIGTERM');
            await node.start();
            break;
        case 'quit':
            await node.stop('SIGQUIT');
            await sleep(random.between(0, 500));
            await node.start();
            break;
        case 'freezeWorker':
            await this.#freeze(worker, random);
            break;
        case 'fillDisk':
            await this.#fill(node, random);
            break;
        }
    }

    async #freeze(pid, random) {
        signal(pid, 'SIGSTOP');
        this.#frozen.add(pid);
        await sleep(random.between(200, random.pick(FREEZE)));
        signal(pid, 'SIGCONT');
        this.#frozen.delete(pid);
    }

    // Ends when what was kept in memory is in the journal: a kill before that
    // would be the second fault at once, and nothing promises to survive it.
    async #fill(node, random) {
        const before = node.log.length;

        node.fill();
        await sleep(random.between(300, 1500));
        node.empty();
        await until('all workers can write again', () => {
            const log = node.log.slice(before);

            return count(log, MENDED) >= count(log, FULL);
        });
        // charges follow within a turn of the workers' housekeeping
        await sleep(1500);
    }

    async #postgres(drawn, random, seconds) {
        const late = Date.now() - this.#started > seconds * 500;
        const { backends } = this.cluster;
        const fault = late && !this.counts.failover ? 'failover' : drawn;

        this.#note(fault, 'postgres');
        switch (fault) {
        case 'failover':
            await this.cluster.failover();
            break;
        case 'terminate':
            backends.forEach((pid) => signal(pid, 'SIGTERM'));
            break;
        case 'killBackend':
            backends.slice(0, 1).forEach((pid) => signal(pid, 'SIGKILL'));
            break;
        case 'freezeBackend':
            if (backends.length > 0) {
                await this.#freeze(random.pick(backends), random);
            }
            break;
        case 'killPostmaster':
        case 'immediate':
            await this.cluster.primary.kill(
                fault === 'immediate' ? 'SIGQUIT' : 'SIGKILL');
            await sleep(random.between(0, 1000));
            await this.cluster.primary.start();
            break;
        }
    }
}
