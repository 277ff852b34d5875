import { beforeEach, describe, expect, it } from 'vitest';
import { ask, emptyConversation } from './conversation';
import { keyOf, load, MAX_CONVERSATIONS, MAX_LENGTH, remove, save } from './history';
import { encode, VERSION } from './stored';
import type { Conversation } from './types';

/** Like localStorage, with room for so many UTF-16 units. */
class FakeStore {
	entries = new Map<string, string>();

	constructor(private room = Infinity) {}

	getItem(key: string) {
		return this.entries.get(key) ?? null;
	}

	setItem(key: string, value: string) {
		if (value.length > this.room) throw new DOMException('full', 'QuotaExceededError');
		this.entries.set(key, value);
	}
}

function conversation(text: string, updatedAt: number): Conversation {
	return { ...ask(emptyConversation('m'), text), updatedAt };
}

/** What is loaded after so many turns. */
function turns(count: number, text: string): Conversation {
	let it = emptyConversation('m');
	for (let i = 0; i < count; i++) it = ask(it, `${i} ${text}`);
	return it;
}

let store: FakeStore;
beforeEach(() => {
	store = new FakeStore();
});

const titles = (user = 'u') => load(store, user).map(({ title }) => title);

describe('history', () => {
	it('comes back, newest first', () => {
		save(store, 'u', conversation('old', 1));
		save(store, 'u', conversation('new', 3));
		save(store, 'u', conversation('middle', 2));
		expect(titles()).toEqual(['new', 'middle', 'old']);
	});

	it('replaces a conversation that goes on', () => {
		const it = conversation('a', 1);
		save(store, 'u', it);
		save(store, 'u', { ...it, updatedAt: 2 });
		expect(load(store, 'u')).toHaveLength(1);
	});

	it('keeps users apart', () => {
		save(store, 'u', conversation('mine', 1));
		save(store, 'v', conversation('yours', 1));
		expect(titles('u')).toEqual(['mine']);
		expect(titles('v')).toEqual(['yours']);
	});

	it('forgets what is removed', () => {
		const it = conversation('a', 1);
		save(store, 'u', it);
		expect(remove(store, 'u', it.id)).toEqual([]);
		expect(titles()).toEqual([]);
	});

	it('drops the oldest when there are too many', () => {
		for (let i = 0; i <= MAX_CONVERSATIONS; i++) save(store, 'u', conversation(`${i}`, i));
		expect(titles()).toHaveLength(MAX_CONVERSATIONS);
		expect(titles()).not.toContain('0');
	});

	it('is bounded in size', () => {
		const text = 'x'.repeat(MAX_LENGTH / 4);
		for (let i = 0; i < 8; i++) save(store, 'u', conversation(text, i));
		expect(store.getItem(keyOf('u'))?.length).toBeLessThanOrEqual(MAX_LENGTH);
		expect(titles()).toHaveLength(3);
	});

	it('keeps the end of a conversation that alone is too long', () => {
		const it = turns(200, 'x'.repeat(MAX_LENGTH / 100));
		save(store, 'u', it);

		const kept = load(store, 'u')[0]?.messages ?? [];
		expect(store.getItem(keyOf('u'))?.length).toBeLessThanOrEqual(MAX_LENGTH);
		expect(kept.length).toBeGreaterThan(20);
		expect(kept[0]?.role).toBe('user');
		expect(kept.at(-1)?.id).toBe(it.messages.at(-1)?.id);
	});

	it('keeps less in a store that is nearly full', () => {
		store = new FakeStore(5_000);
		for (let i = 0; i < 30; i++) save(store, 'u', conversation(`${i}`, i));
		expect(titles()[0]).toBe('29');
	});

	it('does without a store', () => {
		store = new FakeStore(0);
		expect(save(store, 'u', conversation('a', 1))).toEqual([]);
		const forbidden = {
			getItem() {
				throw new DOMException('forbidden', 'SecurityError');
			},
			setItem() {
				throw new DOMException('forbidden', 'SecurityError');
			}
		};
		expect(load(forbidden, 'u')).toEqual([]);
		expect(save(forbidden, 'u', conversation('a', 1))).toEqual([]);
	});
});

describe('what is stored', () => {
	const stored = (value: string) => {
		store.setItem(keyOf('u'), value);
		return load(store, 'u');
	};

	it('is read only if it is of this version', () => {
		const value = encode([conversation('a', 1)]);
		expect(stored(value)).toHaveLength(1);
		expect(stored(value.replace(`"version":${VERSION}`, '"version":99'))).toEqual([]);
	});

	it.each(['', 'null', '{', '[]', '{"version":1}', '{"version":1,"conversations":{}}'])(
		'may be anything: %j',
		(value) => {
			expect(stored(value)).toEqual([]);
		}
	);

	it('leaves out a conversation that it cannot read', () => {
		const broken = {
			...conversation('broken', 2),
			messages: [{ role: 'system', id: 'x', text: '' }]
		};
		const value = JSON.stringify({
			version: VERSION,
			conversations: [broken, { id: 1 }, null, conversation('fine', 1)]
		});
		expect(stored(value).map(({ title }) => title)).toEqual(['fine']);
	});

	it('has no answer that is still being written', () => {
		const it = stored(encode([conversation('a', 1)]))[0];
		expect(it?.messages.at(-1)).toMatchObject({ state: 'cut', charge: { state: 'unknown' } });
	});

	it('has a charge that can still be looked up', () => {
		const value = encode([conversation('a', 1)]).replace('"state":', '"requestId":"r","state":');
		const it = stored(value)[0];
		expect(it?.messages.at(-1)).toMatchObject({ requestId: 'r', charge: { state: 'pending' } });
	});

	it('has no charge that is none', () => {
		const value = encode([conversation('a', 1)]).replace(
			'{"state":"pending"}',
			'{"state":"settled","credits":-5}'
		);
		expect(stored(value)[0]?.messages.at(-1)).toMatchObject({ charge: { state: 'unknown' } });
	});
});
