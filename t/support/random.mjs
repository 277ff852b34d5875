// Choices that a seed repeats.

export class Random {
    #state;

    // seed: an integer; close seeds give unrelated sequences
    constructor(seed) {
        this.#state = (Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995) | 1;
        for (let i = 0; i < 8; i++) {
            this.#next();
        }
    }

    // Marsaglia's xorshift, 32 bits
    #next() {
        this.#state ^= this.#state << 13;
        this.#state ^= this.#state >>> 17;
        this.#state ^= this.#state << 5;
        return this.#state >>> 0;
    }

    // an integer, both ends included
    between(low, high) {
        return low + this.#next() % (high - low + 1);
    }

    chance(percent) {
        return this.between(1, 100) <= percent;
    }

    pick(list) {
        return list[this.between(0, list.length - 1)];
    }

    // a key of { key: weight }
    weighted(weights) {
        const entries = Object.entries(weights);
        let at = this.between(1, entries.reduce((sum, [, w]) => sum + w, 0));

        return entries.find(([, weight]) => (at -= weight) <= 0)[0];
    }
}
