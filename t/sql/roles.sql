-- nginx may call what it calls, and nothing else.
BEGIN;
\ir include/ledger.sql
SELECT plan(18);

SELECT credit_grant('a', 10, NULL, 'test', 'a') \gset

SELECT results_eq($$
    SELECT p.proname FROM pg_proc p
     WHERE p.proname LIKE 'credit\_%'
           AND p.pronamespace = 'public'::regnamespace
           AND has_function_privilege('credits_nginx', p.oid, 'EXECUTE')
     ORDER BY p.proname
$$, ARRAY['credit_hold_batch', 'credit_overview', 'credit_polar_event',
          'credit_reap',
          'credit_session_batch', 'credit_settle_batch',
          'credit_transactions_page']::name[], 'the functions of nginx');
SELECT is_empty($$
    SELECT c.relname FROM pg_class c
     WHERE c.relname LIKE 'credit\_%' AND c.relkind IN ('r', 'v')
           AND has_table_privilege('credits_nginx', c.oid,
                   'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES,
                    TRIGGER')
$$, 'and no table');

-- throws_ok rolls the role back with the error
CREATE FUNCTION denied(statement text) RETURNS text LANGUAGE sql
RETURN throws_ok('SET LOCAL ROLE credits_nginx; ' || statement, '42501',
                 NULL, 'denied: ' || statement);

SELECT denied('SELECT * FROM credit_account');
SELECT denied('UPDATE credit_package SET remainingCredits = 9');
SELECT denied('DELETE FROM credit_charge');
SELECT denied('TRUNCATE credit_hold');
SELECT denied('SELECT * FROM credit_invariants');
SELECT denied($$SELECT credit_grant('a', 1, NULL, 'test', 'b')$$);
SELECT denied($$SELECT credit_freeze('a', 'no')$$);
SELECT denied($$SELECT credit_open(ARRAY['b'])$$);

CREATE FUNCTION allowed(statement text) RETURNS text LANGUAGE sql
RETURN lives_ok('SET LOCAL ROLE credits_nginx; ' || statement
                || '; RESET ROLE', 'allowed: ' || left(statement, 40));

SELECT allowed($$SELECT * FROM credit_hold_batch(ARRAY['a'],
    ARRAY['00000000-0000-0000-0000-000000000001'::uuid], ARRAY[3], ARRAY[1],
    '1 minute', 'n')$$);
SELECT allowed($$SELECT * FROM credit_settle_batch(ARRAY['a'],
    ARRAY['00000000-0000-0000-0000-000000000001'::uuid], ARRAY['settled'],
    ARRAY[2], ARRAY['chat'], ARRAY['{}'::jsonb])$$);
SELECT allowed($$SELECT credit_overview('a')$$);
SELECT allowed($$SELECT credit_transactions_page('a', 9, NULL, NULL,
                                                 NULL)$$);
SELECT allowed($$SELECT * FROM credit_reap(9, false)$$);
SELECT allowed($$SELECT * FROM credit_polar_event('e', '{}', false)$$);
SELECT is((SELECT remainingCredits FROM credit_package WHERE userId = 'a'),
          8::bigint, 'and they did it');

SELECT in_order();
SELECT * FROM finish();
ROLLBACK;
