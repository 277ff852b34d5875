-- The view that must be empty is not empty when something is wrong.
BEGIN;
\ir include/ledger.sql
SELECT plan(13);

SELECT credit_grant('a', 10, NULL, 'test', 'a1') \gset
SELECT is(settle('a', 1, 12), settled('settled', 12, 2, 0, 0),
          'a charge with debt');
SELECT credit_grant('a', 10, NULL, 'test', 'a2') \gset
SELECT is(hold('a', 2, 3), held('held', 3, 5), 'a hold');
SELECT in_order();

-- runs and undoes a statement, and says which invariants it broke
CREATE FUNCTION breaks(statement text, expected text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    broken text;
BEGIN
    BEGIN
        EXECUTE statement;
        SELECT string_agg(DISTINCT v.invariant, '; ') INTO broken
          FROM credit_invariants v;
        RAISE EXCEPTION 'undo';
    EXCEPTION
        WHEN raise_exception THEN
            RETURN matches(broken, expected, 'seen: '
                   || regexp_replace(statement, '\s+', ' ', 'g'));
    END;
END $$;

SELECT breaks('UPDATE credit_account SET held = held + 1', '^held is');
SELECT breaks('UPDATE credit_account SET debt = debt + 1', '^debt is');
SELECT breaks('UPDATE credit_account SET spent = spent + 1', '^spent is');
SELECT breaks('UPDATE credit_account SET granted = granted + 1',
              '^granted is');
SELECT breaks('UPDATE credit_package SET remainingCredits = 9
                WHERE id = ''test:a2''', '^package test:a2 is what');
SELECT breaks('DELETE FROM credit_charge WHERE status = ''settled''',
              'charge \S+01 is what');
SELECT breaks('DELETE FROM credit_package WHERE id = ''test:a1''',
              'package test:a1 has its grant');
SELECT breaks('DELETE FROM credit_event', 'package test:a1 has its grant');
SELECT breaks('DELETE FROM credit_account', '^a user with rows');
SELECT breaks('INSERT INTO credit_charge SELECT userId, requestId,
                   ''released'', ''chat'', 0, 0, 3, '''', ''{}'', now()
                 FROM credit_hold', 'has no final row');

SELECT * FROM finish();
ROLLBACK;
