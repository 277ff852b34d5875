// Charges that Postgres will never take.
import { sql } from '../support/psql.mjs';
import { restore } from './postgres.mjs';


// while the body runs, Postgres refuses every charge of this user
export async function poisoned(user, body) {
    await sql`
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.userId = ${user.id} THEN
                RAISE EXCEPTION 'refused by the test' USING ERRCODE = '22023';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER refuse BEFORE INSERT ON credit_charge
            FOR EACH ROW EXECUTE FUNCTION refuse();`;
    try {
        await body();
    } finally {
        await restore();
        await sql`DROP FUNCTION refuse() CASCADE;`;
    }
}
