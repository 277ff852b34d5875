import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ask, emptyConversation, lastAnswer, replaceAnswer } from './conversation';
import { keyOf, load, save } from './history';
import { Library } from './library.svelte';
import { defaultModel } from './models';
import type { Conversation } from './types';

class FakeStore {
	entries = new Map<string, string>();
	getItem = (key: string) => this.entries.get(key) ?? null;
	setItem = (key: string, value: string) => this.entries.set(key, value);
}

let local: FakeStore;
let library: Library;

beforeEach(() => {
	local = new FakeStore();
	vi.stubGlobal('localStorage', local);
	vi.stubGlobal('sessionStorage', new FakeStore());
	library = new Library();
});
afterEach(() => vi.unstubAllGlobals());

function conversation(text: string, updatedAt: number): Conversation {
	return { ...ask(emptyConversation('gpt-4o'), text), updatedAt };
}

function done(of: Conversation): Conversation {
	const answer = lastAnswer(of);
	if (!answer) throw new Error('no answer');
	return replaceAnswer(of, { ...answer, text: 'yes', state: 'done' });
}

const wrote = (user: string) => library.merge({ key: keyOf(user) } as StorageEvent);
const titles = () => library.all.map(({ title }) => title);

it('begins with a new conversation, of the model that was used last', () => {
	expect(library.current.model).toBe(defaultModel);
	save(local, 'u', conversation('a', 1));
	library.open('u');
	expect(library.current.messages).toEqual([]);
	expect(library.current.model).toBe('gpt-4o');
});

it('keeps the model that was picked before the user was known, for that user', () => {
	save(local, 'u', conversation('a', 1));
	library.setModel('gpt-4.1');
	library.open('u');
	expect(library.current.model).toBe('gpt-4.1');
	library.close();
	library.open('v');
	expect(library.current.model).toBe(defaultModel);
});

it('shows in this tab what it showed before it was reloaded', () => {
	library.open('u');
	const it = conversation('a', 1);
	library.put(it);
	library.keep(it.id);
	library.show(it.id);

	const reloaded = new Library();
	reloaded.open('u');
	expect(reloaded.current.id).toBe(it.id);
});

it('goes on with what began before the user was known', () => {
	const it = conversation('early', 2);
	library.put(it);
	library.show(it.id);
	save(local, 'u', conversation('old', 1));

	library.open('u');
	expect(library.current.id).toBe(it.id);
	expect(load(local, 'u').map(({ title }) => title)).toEqual(['early', 'old']);
});

it('shows nothing of one user to the next', () => {
	library.open('u');
	const it = conversation('secret', 1);
	library.put(it);
	library.show(it.id);
	library.close();
	library.open('v');
	expect(titles()).toEqual([]);
	expect(library.current.messages).toEqual([]);
});

it('changes the model of the new conversation, or of the one on the screen', () => {
	library.open('u');
	library.setModel('gpt-4.1');
	expect(library.current.model).toBe('gpt-4.1');
	expect(titles()).toEqual([]);

	const it = conversation('a', 1);
	library.put(it);
	library.show(it.id);
	library.setModel('gpt-4.1-mini');
	expect(library.find(it.id)?.model).toBe('gpt-4.1-mini');
});

it('takes what another tab has kept, but for what is being written here', () => {
	library.open('u');
	const live = conversation('live', 2);
	const ended = done(conversation('ended', 1));
	for (const each of [live, ended]) {
		library.put(each);
		library.keep(each.id);
	}
	save(local, 'u', conversation('other', 3));
	wrote('v');
	expect(titles()).toEqual(['live', 'ended']);
	wrote('u');
	expect(titles()).toEqual(['other', 'live', 'ended']);
	expect(lastAnswer(library.find(live.id) ?? ended)?.state).toBe('waiting');
});

it('forgets a conversation, and shows a new one in its place', () => {
	library.open('u');
	const it = done(conversation('a', 1));
	library.put(it);
	library.keep(it.id);
	library.show(it.id);
	library.forget(it.id);
	expect(library.current.messages).toEqual([]);
	expect(load(local, 'u')).toEqual([]);
});
