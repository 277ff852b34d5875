// SQL through psql; rows are arrays of text.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';

const OPTIONS = ['-XqAt', '-F', '\t', '-v', 'ON_ERROR_STOP=1'];
const MARK = '--done--\n';

const rows = (text) =>
    text.split('\n').slice(0, -1).map((line) => line.split('\t'));

const literal = (value) => `'${String(value).replaceAll("'", "''")}'`;


// the variables are psql's, used as :'name'
export function query(url, text, variables = {}) {
    const options = Object.entries(variables)
        .flatMap(([name, value]) => ['-v', `${name}=${value}`]);

    return rows(execFileSync('psql', [...OPTIONS, ...options, url],
        { input: text, encoding: 'utf8' }));
}


// One connection; queries go one after the other.  An error ends it.
export class Session {
    #child;
    #closed;
    #last = Promise.resolve();
    #text = '';
    #error = '';

    constructor(url = process.env.TEST_NGINX_ADMIN_URL) {
        this.#child = spawn('psql', [...OPTIONS, url],
            { stdio: ['pipe', 'pipe', 'pipe'] });
        this.#closed = once(this.#child, 'close');

        const { stdin, stdout, stderr } = this.#child;

        stdout.setEncoding('utf8').on('data', (text) => {
            this.#text += text;
        });
        stderr.setEncoding('utf8').on('data', (text) => {
            this.#error += text;
        });
        // what cannot be written is told by the end of the process
        stdin.on('error', () => {});
    }

    get alive() {
        return this.#child.exitCode === null
            && this.#child.signalCode === null;
    }

    query(text) {
        const answer = this.#last.then(() => this.#ask(text));

        this.#last = answer.catch(() => {});
        return answer;
    }

    async #ask(text) {
        this.#child.stdin.write(`${text}\nSELECT '--done--';\n`);

        while (!this.#text.endsWith(MARK)) {
            const [event] = await Promise.race([
                once(this.#child.stdout, 'data'),
                this.#closed.then(() => [null]),
            ]);
            if (event === null) {
                throw new Error(`psql: ${this.#error}`);
            }
        }
        const answer = this.#text.slice(0, -MARK.length);
        this.#text = '';
        return rows(answer);
    }

    async close() {
        this.#child.stdin.end();
        await this.#closed;
    }
}


let shared;

// sql`SELECT ... ${value}`: values become literals
export async function sql(strings, ...values) {
    if (!shared?.alive) {
        shared = new Session();
    }
    return shared.query(String.raw({ raw: strings },
        ...values.map(literal)));
}


// the process cannot end while it is open
export async function closeSql() {
    await shared?.close();
    shared = undefined;
}
