/** Reading of JSON that was not checked yet: each throws a DecodeError. */

export type Fields = Record<string, unknown>;

/** The server answered something else than was agreed. */
export class DecodeError extends Error {
	override name = 'DecodeError';
}

export function fail(what: string): never {
	throw new DecodeError(`unexpected ${what}`);
}

export function object(value: unknown, what: string): Fields {
	return typeof value === 'object' && value !== null && !Array.isArray(value)
		? (value as Fields)
		: fail(what);
}

export function array(value: unknown, what: string): unknown[] {
	return Array.isArray(value) ? value : fail(what);
}

export function text(fields: Fields, key: string): string {
	const value = fields[key];
	return typeof value === 'string' ? value : fail(key);
}

export function integer(fields: Fields, key: string): number {
	const value = fields[key];
	return Number.isSafeInteger(value) ? (value as number) : fail(key);
}

export function instant(fields: Fields, key: string): Date {
	const value = new Date(text(fields, key));
	return Number.isNaN(value.getTime()) ? fail(key) : value;
}

export function oneOf<T extends string>(fields: Fields, key: string, words: readonly T[]): T {
	return words.find((word) => word === fields[key]) ?? fail(key);
}
