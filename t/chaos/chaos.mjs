// One seed: chaos.mjs SEED, started by t/chaos/run.  The seed decides who asks
// for what and which fault comes next; the machine decides what meets what.
import { copyFileSync, cpSync, existsSync, mkdirSync, rmSync, writeFileSync }
    from 'node:fs';
import { freePorts } from '../support/ports.mjs';
import { closeSql } from '../support/psql.mjs';
import { until } from '../support/until.mjs';
import { Cluster } from './cluster.mjs';
import { Crowd } from './crowd.mjs';
import { Faults } from './faults.mjs';
import { Auditor, charges, expireHolds, holds, invariants }
    from './ledger.mjs';
import { Node } from './node.mjs';
import { awaited, mismatches } from './verdict.mjs';

const { RUN_DIR, SECONDS_PER_SEED, TEST_NGINX_PROVIDER_PORT } = process.env;
const provider = `http://127.0.0.1:${TEST_NGINX_PROVIDER_PORT}`;
const seed = Number(process.argv[2]);
const seconds = Number(SECONDS_PER_SEED);
// ms, that what comes by itself may take
const LONGEST = 30_000;
const kept = new URL(`../../.run/chaos-${seed}`, import.meta.url).pathname;


class Run {
    nodes = [];
    found = [];
    #over = false;
    #auditor = new Auditor();

    async start() {
        const ports = freePorts(3);

        this.cluster = await Cluster.create(ports.pop());
        this.crowd = new Crowd(seed);
        await this.crowd.open();
        for (const disk of [true, false]) {
            this.nodes.push(await Node.launch(ports.pop(), { disk }));
        }
        if (!this.nodes[0].hasDisk) {
            console.log('no disk is filled: that needs the right to mount');
        }
        this.faults = new Faults(seed, {
            nodes: this.nodes, cluster: this.cluster, over: () => this.#over,
        });
    }

    async load() {
        const over = () => this.#over;
        const timer = setTimeout(() => { this.#over = true; },
            seconds * 1000);
        let quiet = false;
        const audits = this.#auditor.run(() => quiet);

        try {
            await Promise.all([
                this.crowd.load(this.nodes, over), this.faults.run(seconds),
            ]);
        } finally {
            clearTimeout(timer);
            this.#over = true;
            quiet = true;
            await audits;
        }
        this.found.push(...this.#auditor.violations);
    }

    // Waits for what must come by itself; what does not come is found.
    async settle() {
        await until('PostgreSQL answers', () =>
            invariants().then(() => true, () => false));
        await this.#expect('every request has left the provider', async () =>
            (await this.#ask('_calls')).inflight === 0);
        await this.#expect('every answer that was seen is charged',
            async () => {
                const rows = await charges();

                return awaited(this.crowd).every((id) => rows.has(id));
            });
        await this.#expect('holds end, but for those of nodes that died',
            async () => (await this.#strayHolds()).length === 0);
        for (const { id, user, amount, pid } of await this.#strayHolds()) {
            this.found.push(`${user} still has a hold of ${amount} for ${id}, `
                + `asked for by process ${pid}`);
        }
        await expireHolds();
        await this.#expect('expired holds are given back', async () =>
            (await holds()).length === 0);
    }

    // of a killed worker the other one takes care, of a killed node nobody
    async #strayHolds() {
        const { deadNodes } = this.faults;

        return (await holds()).filter(({ pid }) => !deadNodes.has(pid));
    }

    async #expect(what, condition) {
        try {
            await until(what, condition, LONGEST);
        } catch (error) {
            this.found.push(error.message);
        }
    }

    async #ask(path) {
        return (await fetch(`${provider}/${path}`)).json();
    }

    async stop() {
        for (const [i, node] of this.nodes.entries()) {
            await node.stop('SIGQUIT');
            for (const name of node.journal) {
                this.found.push(`node ${i} has left ${name} in its journal`);
            }
        }
    }

    async judge() {
        this.calls = (await this.#ask('_answers'))
            .map(({ tag, id, ...rest }) => ({
                ...rest, n: Number(tag), id: id.split(' ')[1],
                pid: Number(id.split(' ')[0]),
            }));
        this.charges = await charges();
        this.found.push(...await invariants(), ...mismatches({
            requests: this.crowd.requests, users: this.crowd.users,
            calls: this.calls, charges: this.charges, nodes: this.nodes,
            killed: this.faults.killed, stopped: this.faults.stopped,
        }));
    }

    report() {
        const { requests } = this.crowd;
        const count = (list, test) => list.filter(test).length;
        const rows = [...this.charges.values()].flat();
        const replays = this.nodes.flatMap(({ log }) =>
            [...log.matchAll(/(\d+) records of a worker that is gone/g)])
            .reduce((sum, [, records]) => sum + Number(records), 0);
        const of = (status) => count(rows, (row) => row.status === status);

        console.log(`seed ${seed}: ${requests.length} requests, ${
            count(requests, ({ ended }) => ended)} answered, ${
            count(requests, ({ status }) => status === 402)} 402, ${
            count(requests, ({ status }) => status >= 500)} 5xx, ${
            count(requests, ({ left }) => left)} hung up; ${
            Object.entries(this.faults.counts).sort()
                .map((each) => each.join(' ')).join(', ')}; ${
            replays} replays; ${of('settled')} settled, ${
            of('estimated')} estimated, ${of('released')} released; ${
            this.#auditor.audits} audits; ${this.found.length} mismatches`);
        for (const line of this.found) {
            console.log(`    ${line}`);
        }
        console.log(`${this.found.length ? 'not ok' : 'ok'} seed ${seed}`);
    }

    // for whoever looks for the reason
    keep() {
        rmSync(kept, { recursive: true, force: true });
        mkdirSync(kept, { recursive: true });
        for (const [i, { prefix }] of this.nodes.entries()) {
            cpSync(prefix, `${kept}/node-${i}`, { recursive: true });
        }
        for (const name of ['postgres', 'postgres-standby']) {
            if (existsSync(`${RUN_DIR}/${name}/log`)) {
                copyFileSync(`${RUN_DIR}/${name}/log`, `${kept}/${name}.log`);
            }
        }
        writeFileSync(`${kept}/run.json`, JSON.stringify({
            found: this.found, faults: this.faults?.log,
            killed: [...this.faults?.killed ?? []], calls: this.calls,
            charges: [...this.charges?.values() ?? []].flat(),
            requests: this.crowd?.requests,
        }, null, 1));
        console.log(`kept in ${kept}`);
    }

    async close() {
        this.faults?.thaw();
        await Promise.all(this.nodes.map((node) => node.stop('SIGTERM')));
        this.unmount();
        await closeSql();
        await this.cluster?.close();
    }

    unmount() {
        this.nodes.forEach((node) => node.unmount());
    }
}


const run = new Run();

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(name, () => {
        run.close().finally(() => process.exit(130));
    });
}
process.once('exit', () => run.unmount());

try {
    await run.start();
    await run.load();
    await run.settle();
    await run.stop();
    await run.judge();
    run.report();
} catch (error) {
    run.found.push(error.stack);
    console.log(`${error.stack}\nnot ok seed ${seed}`);
}
if (run.found.length > 0) {
    run.keep();
}
await run.close();
// what a failure has left under way ends here
process.exit(run.found.length > 0 ? 1 : 0);
