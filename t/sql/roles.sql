-- nginx may call what it calls, and nothing else.
BEGIN;
\ir include/ledger.sql
SELECT plan(21);

SELECT credit_grant('a', 10, NULL, 'test', 'a') \gset

-- A function that is called from outside pins the search path; each of them
-- is here, with whether nginx may call it.  The others are theirs alone.
SELECT results_eq($$
    SELECT p.proname,
           has_function_privilege('credits_nginx', p.oid, 'EXECUTE')
      FROM pg_proc p
     WHERE p.proname LIKE 'credit\_%' AND p.proconfig IS NOT NULL
           AND p.pronamespace = 'public'::regnamespace
     ORDER BY 1
$$, $$
    VALUES ('credit_correct'::name, false), ('credit_events', false),
           ('credit_extend', false), ('credit_freeze', false),
           ('credit_grant', false), ('credit_hold_batch', true),
           ('credit_holds', false), ('credit_ledger', false),
           ('credit_overview', true), ('credit_polar_event', true),
           ('credit_reap', true), ('credit_renew_batch', true),
           ('credit_replay', false), ('credit_revoke', false),
           ('credit_session_batch', true), ('credit_settle_batch', true),
           ('credit_transactions_page', true), ('credit_unfreeze', false)
$$, 'every function that is called from outside is nginx''s or an operator''s');
SELECT is_empty($$
    SELECT p.proname FROM pg_proc p
     WHERE p.proname LIKE 'credit\_%' AND p.proconfig IS NULL
           AND p.pronamespace = 'public'::regnamespace
           AND (p.prosecdef
                OR has_function_privilege('credits_nginx', p.oid, 'EXECUTE'))
$$, 'no other gives anybody a right');
SELECT is_empty($$
    SELECT p.proname
      FROM pg_proc p, aclexplode(coalesce(p.proacl,
                                          acldefault('f', p.proowner))) a
     WHERE p.proname LIKE 'credit\_%' AND a.grantee <> p.proowner
           AND a.grantee <> 'credits_nginx'::regrole
           AND p.pronamespace = 'public'::regnamespace
$$, 'nobody else may call any');
SELECT is_empty($$
    SELECT c.relname FROM pg_class c
     WHERE c.relname LIKE 'credit\_%' AND c.relkind IN ('r', 'v')
           AND has_table_privilege('credits_nginx', c.oid,
                   'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES,
                    TRIGGER')
$$, 'nginx may touch no table');

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
SELECT denied($$SELECT credit_accounts_ensure(ARRAY['b'])$$);

CREATE FUNCTION allowed(statement text) RETURNS text LANGUAGE sql
RETURN lives_ok('SET LOCAL ROLE credits_nginx; ' || statement
                || '; RESET ROLE', 'allowed: ' || left(statement, 40));

SELECT allowed($$SELECT * FROM credit_hold_batch(ARRAY['a'],
    ARRAY['00000000-0000-0000-0000-000000000001'::uuid], ARRAY[3], ARRAY[1],
    '1 minute', 'n')$$);
SELECT allowed($$SELECT * FROM credit_renew_batch(ARRAY['a'],
    ARRAY['00000000-0000-0000-0000-000000000001'::uuid], '1 minute')$$);
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
