// Users who are signed in and have more credits than they can spend.
import { signedCookie } from './app/session.mjs';

const CREDITS = 1e9;


// Returns the Cookie header of each.  database: a connected pg.Client of a
// superuser; secret: what Better Auth signs with.
export async function createUsers(database, secret, count) {
    await database.query(`
        INSERT INTO "user" ("id", "name", "email", "emailVerified")
        SELECT 'bench-' || n, 'Bench', n || '@example.com', true
          FROM generate_series(1, $1::int) n`, [count]);
    await database.query(
        'SELECT credit_grant("id", $1, \'30 days\', \'bench\', "id")'
        + ' FROM "user"', [CREDITS]);

    const { rows } = await database.query(`
        INSERT INTO "session"
               ("id", "token", "userId", "expiresAt", "updatedAt")
        SELECT "id", replace(gen_random_uuid()::text, '-', ''), "id",
               now() + interval '7 days', now()
          FROM "user"
        RETURNING "token"`);

    return rows.map(({ token }) => signedCookie(token, secret));
}
