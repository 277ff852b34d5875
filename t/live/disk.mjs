// A disk that a test can fill.
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, rmdirSync, symlinkSync,
    writeSync } from 'node:fs';

const { RUN_DIR } = process.env;
const BLOCK = Buffer.alloc(4096);


export class Disk {
    #fd;

    // throws when this system lets nobody mount
    constructor(size = '64k') {
        const place = mkdtempSync(`${RUN_DIR}/disk-`);

        execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=0700`,
            'tmpfs', place], { stdio: 'pipe' });
        // from here on it lives as long as somebody has it open, so that
        // nothing stays behind, whatever ends the test
        this.#fd = openSync(place);
        execFileSync('umount', ['-l', place]);
        rmdirSync(place);
    }

    get path() {
        return `/proc/${process.pid}/fd/${this.#fd}`;
    }

    get #filler() {
        return `${this.path}/filler`;
    }

    // while nginx does not run
    takeJournalOf(nginx) {
        rmSync(`${nginx.prefix}/journal`, { recursive: true });
        symlinkSync(this.path, `${nginx.prefix}/journal`);
    }

    // no block is left
    fill() {
        const file = openSync(this.#filler, 'a');

        try {
            for (;;) {
                writeSync(file, BLOCK);
            }
        } catch (error) {
            if (error.code !== 'ENOSPC') {
                throw error;
            }
        } finally {
            closeSync(file);
        }
    }

    makeRoom() {
        rmSync(this.#filler);
    }
}


// why there can be none; undefined: there can
export function noDisk() {
    try {
        new Disk();
    } catch {
        return 'mounting is not permitted';
    }
}
