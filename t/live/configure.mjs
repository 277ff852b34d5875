// Another configuration than the usual one.
import { readFileSync, writeFileSync } from 'node:fs';


// Each change is [what nginx.conf says, what it says then]; it is in force
// after the next start or reload.
export function configure(nginx, ...changes) {
    const path = `${nginx.prefix}/nginx.conf`;
    let text = readFileSync(path, 'utf8');

    for (const [old, now] of changes) {
        if (!text.includes(old)) {
            throw new Error(`nginx.conf does not say "${old}"`);
        }
        text = text.replace(old, now);
    }
    writeFileSync(path, text);
}
