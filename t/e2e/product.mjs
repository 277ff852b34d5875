// The product under test, seen from outside: people, their credits, the
// provider's counters.
import { randomInt, randomUUID } from 'node:crypto';
import { request } from 'node:http';
import OpenAI from 'openai';
import { query } from '../support/psql.mjs';
import { until } from '../support/until.mjs';

const { BASE_URL, DATABASE_URL, PROVIDER_URL } = process.env;


// From any address of this machine: how often one may sign up from each is
// limited.
function auth(endpoint, body, cookie = '') {
    return new Promise((resolve, reject) => {
        const sent = request(`${BASE_URL}/api/auth/${endpoint}`, {
            method: 'POST', agent: false,
            localAddress: `127.${randomInt(256)}.${randomInt(256)}.2`,
            headers: {
                'Content-Type': 'application/json', Origin: BASE_URL, cookie,
            },
        });

        sent.once('error', reject);
        sent.once('response', async (response) => {
            let text = '';
            for await (const part of response.setEncoding('utf8')) {
                text += part;
            }
            if (response.statusCode === 200) {
                resolve({ headers: response.headers, body: JSON.parse(text) });
            } else {
                reject(new Error(
                    `${endpoint}: ${response.statusCode} ${text}`));
            }
        });
        sent.end(JSON.stringify(body));
    });
}


// rows as arrays of text; the variables are psql's, used as :'name'
export const sql = (text, variables) => query(DATABASE_URL, text, variables);


// a new person, signed up with Better Auth through nginx
export class Person {
    static async signUp() {
        const person = new Person();
        const { headers, body } = await auth('sign-up/email', {
            name: 'Test', email: `${randomUUID()}@example.com`,
            password: randomUUID(),
        });

        [person.cookie] = /[^ ,;]*session_token=[^;]*/
            .exec(headers['set-cookie'].join());
        person.id = body.user.id;
        // the provider counts this person's requests apart
        person.tag = person.id;
        return person;
    }

    signOut() {
        return auth('sign-out', {}, this.cookie);
    }

    // the package's id
    grant(credits, validity) {
        return sql(`SELECT credit_grant(:'user', :credits, :'validity',
                                        'test', :'order');`,
            { user: this.id, credits, validity, order: randomUUID() })[0][0];
    }

    // the official client; it asks for /chat/completions below its base URL
    get openai() {
        return new OpenAI({
            apiKey: 'unused',
            baseURL: `${BASE_URL}/api`,
            maxRetries: 0,
            defaultHeaders: {
                cookie: this.cookie, 'x-provider-tag': this.tag,
            },
            fetch: (url, init) =>
                fetch(url.replace(/\/chat\/completions$/, '/chat'), init),
        });
    }

    get(path) {
        return fetch(`${BASE_URL}${path}`,
            { headers: { cookie: this.cookie } });
    }

    async credits() {
        return (await this.get('/api/credits')).json();
    }

    async transactions() {
        const response = await this.get('/api/credits/transactions');

        return (await response.json()).transactions;
    }

    // an answer is settled right after its end
    async settled(count) {
        return until(`${count} transactions, and no hold`, async () => {
            const transactions = await this.transactions();
            const { held } = await this.credits();

            return transactions.length >= count && held === 0
                && transactions;
        });
    }

    async provider() {
        const response = await fetch(
            `${PROVIDER_URL}/_calls?tag=${this.tag}`);

        return response.json();
    }

    openGate() {
        return fetch(`${PROVIDER_URL}/_gate?tag=${this.tag}`,
            { method: 'POST' });
    }
}


export const question = (text) => ({
    model: 'gpt-4o-mini',
    messages: [{ role: 'user', content: text }],
});
