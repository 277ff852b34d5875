// Processes, as /proc tells of them.
import { readFileSync, readdirSync } from 'node:fs';
import { until } from './until.mjs';


function read(path) {
    try {
        return readFileSync(path, 'utf8');
    } catch {
        return '';      // it has ended meanwhile
    }
}


export const children = (pid) =>
    read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean)
        .map(Number);

export const title = (pid) =>
    read(`/proc/${pid}/cmdline`).replace(/[\0 ]+$/, '');

// a zombie has ended: in a container there may be nobody to wait for it
export const ended = (pid) =>
    !/\) [^ZX] /.test(read(`/proc/${pid}/stat`));

export const gone = (pid) =>
    until(`the end of process ${pid}`, () => ended(pid));

// VmRSS or VmHWM, in KiB
export const memory = (pid, name) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm')
        .exec(read(`/proc/${pid}/status`))[1]);

export const openFiles = (pid) => readdirSync(`/proc/${pid}/fd`).length;
