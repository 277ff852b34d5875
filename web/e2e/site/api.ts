// The API as a test wants it: sound to begin with, and each route can be made
// to answer something else.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { plenty, products, transaction, user, type Credits, type Transaction } from './wire';

export interface Call {
	url: URL;
	/** of a POST */
	body: string;
}

export type Answer = (response: ServerResponse, call: Call) => void | Promise<void>;

/** JSON */
export function reply(body: unknown, status = 200, headers: Record<string, string> = {}): Answer {
	return (response) => {
		response.writeHead(status, {
			'Content-Type': 'application/json',
			'Cache-Control': 'private, no-store',
			...headers
		});
		response.end(JSON.stringify(body));
	};
}

/** An error in the shape that the OpenAI SDKs know. */
export function refuse(
	status: number,
	code: string,
	more: Record<string, unknown> = {},
	headers: Record<string, string> = {}
): Answer {
	const message = 'A raw text of the server.';
	return reply({ error: { message, type: 'error', param: null, code, ...more } }, status, headers);
}

export const unavailable = refuse(503, 'service_unavailable', {}, { 'Retry-After': '5' });

/** No answer, until the browser gives up. */
export const silence: Answer = () => undefined;

/** Something that a test lets happen when it wants. */
export class Gate {
	open!: () => void;
	readonly opened = new Promise<void>((resolve) => (this.open = resolve));

	/** The answer, once the gate is open. */
	before(answer: Answer): Answer {
		return async (response, call) => {
			await this.opened;
			await answer(response, call);
		};
	}
}

export interface ChatOptions {
	/** tokens as the provider reports them: prompt, completion; null: not at all */
	usage?: [number, number] | null;
	/** wait for it before the header, and in the middle of the text */
	first?: Gate;
	middle?: Gate;
	/** the connection breaks in the middle */
	cut?: boolean;
	/** what the ledger says it cost; undefined: what the usage says; null: nothing yet */
	charge?: number | null;
}

const REQUEST = 'f3a1c2d4-0000-7000-8000-000000000001';

export class Api {
	credits!: Credits;
	transactions!: Transaction[];
	products: unknown[] = [];
	/** null: nobody is signed in */
	user: typeof user | null = null;
	/** by path */
	routes!: Record<string, Answer>;
	calls: Call[] = [];

	readonly #server = createServer((request, response) => void this.#handle(request, response));

	constructor() {
		this.reset();
	}

	/** Resolves to its port at 127.0.0.1. */
	async start(): Promise<number> {
		await once(this.#server.listen(0, '127.0.0.1'), 'listening');
		const address = this.#server.address();
		if (address === null || typeof address === 'string') throw new Error('no port');
		return address.port;
	}

	async stop() {
		this.#server.close();
		this.#server.closeAllConnections();
		await once(this.#server, 'close');
	}

	/** Ada is signed in, has plenty of credits, and all is well. */
	reset() {
		Object.assign(this, plenty(), { products, user, calls: [] });
		this.routes = {
			'/api/auth/get-session': (...of) =>
				reply(this.user && { session: { id: 'session-1' }, user: this.user })(...of),
			'/api/auth/sign-in/email': (...of) => this.#enter(...of),
			'/api/auth/sign-up/email': (...of) => this.#enter(...of),
			'/api/auth/sign-out': (...of) => {
				this.user = null;
				return reply({ success: true })(...of);
			},
			'/api/credits': (...of) => reply(this.#overview())(...of),
			'/api/credits/transactions': (...of) => this.#history(...of),
			'/api/products': (...of) => reply({ items: this.products, pagination: {} })(...of),
			'/api/chat': this.says('Hello.')
		};
	}

	/** What these paths answer comes when the gate is open. */
	hold(gate: Gate, ...paths: string[]) {
		for (const path of paths) {
			const answer = this.routes[path];
			if (answer === undefined) throw new Error(`no ${path}`);
			this.routes[path] = gate.before(answer);
		}
	}

	/** How often this path was asked for. */
	count(path: string): number {
		return this.calls.filter(({ url }) => url.pathname === path).length;
	}

	/** A streamed answer, in the ledger at its end. */
	says(text: string, options: ChatOptions = {}): Answer {
		const { usage = [34, 1200], first, middle, cut = false } = options;
		const words = text.match(/\s*\S+|\s+$/g) ?? [];

		return async (response) => {
			await first?.opened;
			response.writeHead(200, {
				'Content-Type': 'text/event-stream; charset=utf-8',
				'X-Credits-Request-Id': REQUEST
			});
			const send = (data: string) => response.write(`data: ${data}\n\n`);
			const chunk = (content: string, finish: string | null = null) =>
				send(
					JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: finish }] })
				);

			for (const [i, word] of words.entries()) {
				if (i === words.length >> 1) {
					await middle?.opened;
					if (cut) {
						response.destroy();
						return;
					}
				}
				chunk(word);
			}
			chunk('', 'stop');
			if (usage) {
				const [prompt_tokens, completion_tokens] = usage;
				send(JSON.stringify({ choices: [], usage: { prompt_tokens, completion_tokens } }));
			}
			this.#settle(usage ?? [0, 0], options.charge);
			send('[DONE]');
			response.end();
		};
	}

	#settle([promptTokens, completionTokens]: [number, number], charge?: number | null) {
		if (charge === null) return;
		const totalTokens = promptTokens + completionTokens;
		const amount = charge ?? Math.ceil(totalTokens / 1000);
		this.credits.balance -= amount;
		this.transactions.unshift(
			transaction({
				id: REQUEST,
				amount,
				metadata: { promptTokens, completionTokens, totalTokens, model: 'gpt-4o-mini' }
			})
		);
	}

	#overview() {
		const { balance, held, debt } = this.credits;
		return { ...this.credits, available: balance - held - debt };
	}

	#history(response: ServerResponse, call: Call) {
		const query = call.url.searchParams;
		const limit = Number(query.get('limit') ?? 50);
		const from = Number(query.get('cursor') ?? 0);
		const type = query.get('type');
		const since = query.get('since');
		const found = this.transactions
			.filter((it) => type === null || it.type === type)
			.filter((it) => since === null || it.createdAt >= since);
		const to = from + limit;

		return reply({
			transactions: found.slice(from, to),
			nextCursor: to < found.length ? `${to}` : null
		})(response, call);
	}

	#enter(response: ServerResponse, call: Call) {
		this.user = user;
		return reply({ token: 'token', user })(response, call);
	}

	async #handle(request: IncomingMessage, response: ServerResponse) {
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk as Buffer);
		const call = {
			url: new URL(request.url ?? '/', 'http://api'),
			body: Buffer.concat(chunks).toString()
		};

		this.calls.push(call);
		const answer = this.routes[call.url.pathname] ?? refuse(404, 'not_found');
		await answer(response, call);
	}
}
