// What a reader asks for that waits for a settlement under way.
import assert from 'node:assert/strict';
import { chargedOnce, stuck } from './answer.mjs';
import { get } from './client.mjs';
import { live } from './live.mjs';


live('a parameter that is not valid is refused at once, whatever is under way',
    async (live) => {
        const nginx = await live.nginx({ workers: 1 });
        const user = await live.user(100);
        const { session } = await stuck(live, nginx, user);
        let waited = false;
        const reader = get(nginx, user, '/transactions').then((answer) => {
            waited = true;
            return answer;
        });

        for (const bad of ['limit=%01', 'type=%ff', `cursor=${'x'.repeat(257)}`,
            'since=a%00b']) {
            const { status } = await get(nginx, user,
                `/transactions?${bad}`);
            assert.equal(status, 400, bad);
            assert.ok(!waited, 'a reader that came before still waits');
        }
        await session.query('COMMIT;');
        assert.equal((await reader).status, 200);
        await chargedOnce(user);
    });


live('a parameter that Postgres refuses, of a reader that waited: 400',
    async (live) => {
        const nginx = await live.nginx({ workers: 1 });
        const user = await live.user(100);
        const { session } = await stuck(live, nginx, user);
        const queries = ['limit=-1', 'limit=x', 'cursor=x', 'since=x',
            'limit=5'];
        const answers = queries.map((query) =>
            get(nginx, user, `/transactions?${query}`));

        await session.query('COMMIT;');
        assert.deepEqual((await Promise.all(answers))
            .map(({ status }) => status), [400, 400, 400, 400, 200]);
        await chargedOnce(user);
    });
