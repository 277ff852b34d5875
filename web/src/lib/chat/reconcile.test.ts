import { describe, expect, it } from 'vitest';
import { ApiError } from '$lib/api/http';
import type { Credits, Transaction } from '$lib/api/types';
import { reconcile, type Ledger } from './reconcile';
import type { Answer } from './types';

const answer: Answer = {
	role: 'assistant',
	id: 'a',
	model: 'm',
	text: 'Hello',
	state: 'done',
	requestId: 'r',
	usage: { total: 1500 },
	charge: { state: 'reported', credits: 2, input: 500, output: 1000 }
};
const failed: Answer = {
	role: 'assistant',
	id: 'a',
	model: 'm',
	text: '',
	state: 'failed',
	charge: { state: 'pending' }
};

const row: Transaction = {
	id: 'r',
	type: 'chat',
	description: null,
	amount: 5,
	packages: [],
	metadata: { promptTokens: 500, completionTokens: 1000, totalTokens: 1500 },
	createdAt: new Date(0)
};

const idle: Credits = { balance: 10, held: 0, debt: 0, available: 10, packages: [] };

/** A ledger that answers so, the last answer over and over. */
function ledger(...states: { credits?: Partial<Credits>; rows?: Transaction[]; down?: true }[]) {
	let asked = -1;
	const state = () => states[Math.min(asked, states.length - 1)];
	const it: Ledger & { asked: () => number } = {
		credits: () => {
			asked++;
			if (state()?.down) return Promise.reject(new Error('down'));
			return Promise.resolve({ ...idle, ...state()?.credits });
		},
		transactions: () => Promise.resolve(state()?.rows ?? []),
		asked: () => asked + 1
	};
	return it;
}

const settle = (of: Answer, before: number | undefined, from: Ledger, delays?: number[]) =>
	reconcile(of, before, delays, from, () => Promise.resolve());

describe('reconcile', () => {
	it("prefers the ledger's row to what was reported", async () => {
		expect(await settle(answer, 10, ledger({ rows: [row] }))).toEqual({
			state: 'settled',
			credits: 5,
			input: 500,
			output: 1000,
			estimated: false
		});
	});

	it('says when the ledger estimated', async () => {
		const estimated = { ...row, metadata: { ...row.metadata, estimated: true } };
		const charge = await settle(answer, 10, ledger({ rows: [estimated] }));
		expect(charge).toMatchObject({ state: 'settled', estimated: true });
	});

	it('asks again while credits are held, and when the ledger is down', async () => {
		const from = ledger({ credits: { held: 5 } }, { down: true }, { rows: [row] });
		expect(await settle(answer, 10, from)).toMatchObject({ state: 'settled' });
		expect(from.asked()).toBe(3);
	});

	it('asks as often as it is told to', async () => {
		const from = ledger({ down: true });
		await settle(answer, 10, from, [0, 0]);
		expect(from.asked()).toBe(2);
	});

	it('asks no more when the session is over', async () => {
		let asked = 0;
		const credits = () => {
			asked++;
			return Promise.reject(new ApiError(401, 'unauthorized', undefined));
		};
		expect(await settle(failed, 10, { ...ledger({}), credits })).toEqual({ state: 'unknown' });
		expect(asked).toBe(1);
	});

	it('keeps the report when the ledger never says', async () => {
		expect(await settle(answer, 10, ledger({ down: true }))).toBe(answer.charge);
	});

	it('never believes that an answer with text was free', async () => {
		const said: Answer = { ...failed, text: 'Hello', state: 'cut', requestId: 'r' };
		expect(await settle(said, 10, ledger({}))).toEqual({ state: 'unknown' });
	});

	describe('of a request without an answer', () => {
		it('confirms that nothing was charged', async () => {
			expect(await settle(failed, 10, ledger({}))).toEqual({ state: 'none' });
			const known = { ...failed, requestId: 'r' };
			expect(await settle(known, undefined, ledger({}))).toEqual({ state: 'none' });
		});

		it.each([
			['credits are held', { held: 1, available: 9 }],
			['something is owed', { debt: 1 }],
			['the balance is another', { balance: 9 }]
		])('does not say so while %s', async (_, credits) => {
			expect(await settle(failed, 10, ledger({ credits }))).toEqual({ state: 'unknown' });
		});

		it('does not say so when the balance before is not known', async () => {
			expect(await settle(failed, undefined, ledger({}))).toEqual({ state: 'unknown' });
		});

		it('waits for what was held to be given back', async () => {
			const from = ledger({ credits: { held: 5 } }, {});
			expect(await settle(failed, 10, from)).toEqual({ state: 'none' });
		});
	});
});
