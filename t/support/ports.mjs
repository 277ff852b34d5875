// Ports that nobody listens on.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const FREE_PORT
    = fileURLToPath(new URL('../../tools/free-port', import.meta.url));


// so many different ones
export const freePorts = (count) =>
    execFileSync(FREE_PORT, [count], { encoding: 'utf8' })
        .trim().split('\n').map(Number);
