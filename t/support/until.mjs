// Waiting for what happens elsewhere.
import { setTimeout as sleep } from 'node:timers/promises';


// Resolves when the condition resolves to something true, to that.  The limit
// is there only so that a broken product fails and does not hang.
export async function until(what, condition, limit = 60_000) {
    const end = Date.now() + limit;

    for (;;) {
        const value = await condition();
        if (value) {
            return value;
        }
        if (Date.now() > end) {
            throw new Error(`not in ${limit} ms: ${what}`);
        }
        await sleep(10);
    }
}


// calls work(0) ... work(count - 1), so many at a time; the results in order
export async function pooled(count, width, work) {
    const results = Array(count);
    let next = 0;

    const worker = async () => {
        while (next < count) {
            const i = next++;
            results[i] = await work(i);
        }
    };

    await Promise.all(Array.from({ length: width }, worker));
    return results;
}
