// Builds each mutant in build/mutants/<name>, and runs the chaos test there.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync }
    from 'node:fs';

const root = new URL('../../', import.meta.url).pathname;
const { SEEDS = '5', NGX_SRC = '/usr/share/nginx/src' } = process.env;
const PARTS = ['config', 'demo', 'ngx_http_credits_module', 'sql', 't/chaos',
    't/live', 't/support', 't/with-services', 'tools'];
const ENGINE = 'ngx_http_credits_module/engine';

// file, what is there, what the mutant has instead
const MUTANTS = {
    'settle-twice': [
        ['sql/40-settle.sql',
            'i.ord > i.first OR c.requestId IS NOT NULL,', 'false,'],
        ['sql/migrations/0001-tables.sql', `NOT NULL,
    PRIMARY KEY (userId, requestId)
);`, `NOT NULL
);`],
        ['sql/migrations/0001-tables.sql', `CHECK (line > 0),
    PRIMARY KEY (userId, requestId, line)
);`, `CHECK (line > 0)
);`],
    ],
    'hold-without-lock': [
        ['sql/30-hold.sql',
            'locked := credit_accounts_lock(users, skip_locked);',
            `SELECT array_agg(s.userId) INTO locked
      FROM (SELECT a.userId FROM credit_account a
             WHERE a.userId = ANY (users) ORDER BY a.userId) s;`],
    ],
    'commit-not-awaited': [
        ['demo/database.sh', `'GRANT credits_nginx TO :"role";'`,
            `'GRANT credits_nginx TO :"role";
              ALTER ROLE :"role" SET synchronous_commit = off;'`],
    ],
    'retry-under-a-new-id': [
        [`${ENGINE}/ngx_credits_settle.c`,
            `    credits_uuid_text(r->request, id);

`, `    if (op->unknown) {
        r->request[15]++;
    }
    credits_uuid_text(r->request, id);

`],
    ],
    'lost-is-done': [
        [`${ENGINE}/ngx_credits_batch.c`, `        op->sent = 0;
        op->alone |= alone;
`, `        if (batch->kind->undroppable && unknown) {
            void ngx_credits_settle_mutant(ngx_credits_op_t *op);

            ngx_credits_settle_mutant(op);
            ngx_credits_batch_finish(op, NGX_CREDITS_OK);
            continue;
        }

        op->sent = 0;
        op->alone |= alone;
`],
        [`${ENGINE}/ngx_credits_settle.c`, `static void
ngx_credits_settle_lost(ngx_credits_op_t *op)
{`, `void
ngx_credits_settle_mutant(ngx_credits_op_t *op)
{
    ngx_credits_settle_settled(ngx_credits_settle_op(op));
}


static void
ngx_credits_settle_lost(ngx_credits_op_t *op)
{`],
    ],
    'journal-after-the-end': [
        [`${ENGINE}/ngx_credits_settle.c`, `    segment = settle->journal
              ? ngx_credits_journal_write(settle->journal, record) : NULL;

    rc =`, `    segment = NULL;

    rc =`],
        // with the batch
        [`${ENGINE}/ngx_credits_settle.c`,
            `    r = &ngx_credits_settle_op(op)->record;
`, `    ngx_credits_settle_op_t  *s = ngx_credits_settle_op(op);

    r = &s->record;
    if (s->segment == NULL) {
        s->segment = ngx_credits_journal_write(s->settle->journal, r);
        s->settle->unwritten -= (s->segment != NULL);
    }
`],
        // nor before that
        [`${ENGINE}/ngx_credits_settle.c`,
            `    waiting = &settle->batch.waiting;
`, `    return;

    waiting = &settle->batch.waiting;
`],
    ],
};


function patch(directory, file, from, to) {
    const path = `${directory}/${file}`;
    const parts = readFileSync(path, 'utf8').split(from);

    if (parts.length !== 2) {
        throw new Error(`${file}: ${parts.length - 1} places to mutate, `
            + `not one:\n${from}`);
    }
    writeFileSync(path, parts.join(to));
}


function build(name) {
    const directory = `${root}build/mutants/${name}`;

    rmSync(directory, { recursive: true, force: true });
    mkdirSync(`${directory}/t`, { recursive: true });
    for (const part of PARTS) {
        cpSync(root + part, `${directory}/${part}`, {
            recursive: true,
            filter: (path) => !path.includes('/node_modules'),
        });
    }
    for (const change of MUTANTS[name]) {
        patch(directory, ...change);
    }

    const { status } = spawnSync(`${directory}/tools/build-module`,
        [NGX_SRC, `${directory}/build`], { stdio: 'inherit' });

    if (status !== 0) {
        throw new Error(`${name}: cannot be built`);
    }
    return directory;
}


// the first seed with mismatches and the first of them, or undefined
async function hunt(directory) {
    const { TEST_NGINX_LOAD_MODULES, SEED, ...env } = process.env;
    const child = spawn(`${directory}/t/chaos/run`,
        { env: { ...env, SEEDS }, stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';

    child.stdout.setEncoding('utf8').on('data', (part) => { text += part; });
    const [code] = await once(child, 'close');
    const caught
        = /^seed (?<seed>\d+): .* \d+ mismatches\n {4}(?<first>.*)$/m
            .exec(text)?.groups;

    if (code !== 0 && !caught) {
        throw new Error(`the test has broken down:\n${text}`);
    }
    return caught;
}


const names = process.argv.length > 2 ? process.argv.slice(2)
    : Object.keys(MUTANTS);
let missed = 0;

for (const name of names) {
    const caught = await hunt(build(name));

    if (caught) {
        console.log(`ok ${name}: caught by seed ${caught.seed}: ${
            caught.first}`);
    } else {
        missed++;
        console.log(`not ok ${name}: survived ${SEEDS} seeds`);
    }
}
console.log(`${names.length - missed} caught, ${missed} missed`);
process.exitCode = missed > 0 ? 1 : 0;
