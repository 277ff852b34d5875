import { decodeSession } from '$lib/api/decode';
import { getJson, json, request } from '$lib/api/http';
import type { User } from '$lib/api/types';

/** Who is signed in: undefined while unknown, null for nobody. */
class Session {
	#user = $state.raw<User | null>();
	#first: Promise<User | null | undefined> | undefined;

	get user() {
		return this.#user;
	}

	/** The first answer of the server: asked for once, however many want it. */
	known(): Promise<User | null | undefined> {
		return (this.#first ??= this.load());
	}

	/** Asks the server. An error leaves what was known. */
	async load(): Promise<User | null | undefined> {
		try {
			this.#user = await getJson('/api/auth/get-session', decodeSession, { anonymous: true });
		} catch {
			// the pages work without it; each call of the API is checked by itself
		}
		return this.#user;
	}

	/** Throws an ApiError: 401 for a wrong password, 429 for too many tries. */
	async signIn(email: string, password: string): Promise<void> {
		await request('/api/auth/sign-in/email', {
			...json({ email, password, rememberMe: true }),
			anonymous: true
		});
		await this.load();
	}

	/** Throws an ApiError: 422 for an address that has an account. */
	async signUp(name: string, email: string, password: string): Promise<void> {
		await request('/api/auth/sign-up/email', {
			...json({ name, email, password }),
			anonymous: true
		});
		await this.load();
	}

	async signOut(): Promise<void> {
		await request('/api/auth/sign-out', { ...json({}), anonymous: true });
		this.end();
	}

	/** The server says that nobody is signed in: until somebody signs in, that is so. */
	end() {
		this.#user = null;
	}
}

export const session = new Session();
