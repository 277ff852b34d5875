-- What t/sql/run installed: twice into public, twice into the schema "Other".
BEGIN;
SELECT plan(8);

SELECT tables_are('Other', ARRAY['credit_account', 'credit_package',
    'credit_hold', 'credit_charge', 'credit_transaction', 'credit_event',
    'credit_order', 'credit_subscription', 'credit_product',
    'credit_schema']);

SELECT is_empty($$
    SELECT p.proname FROM pg_proc p
     WHERE p.pronamespace = '"Other"'::regnamespace AND p.prosecdef
           AND NOT p.proconfig @> ARRAY['search_path="Other", pg_temp']
$$, 'functions with their owner''s rights pin the search path');

SELECT is_empty($$
    SELECT p.proname FROM pg_proc p
     WHERE p.pronamespace = '"Other"'::regnamespace
           AND obj_description(p.oid) IS NULL
$$, 'every function says what it does');

SELECT is_empty($$
    SELECT c.relname FROM pg_constraint k
           JOIN pg_class c ON c.oid = k.conrelid
           JOIN pg_attribute a ON a.attrelid = c.oid
                                  AND a.attnum = k.conkey[1]
     WHERE k.contype IN ('p', 'u')
           AND c.relnamespace = '"Other"'::regnamespace
           AND a.attname <> 'userid'
           AND c.relname NOT IN ('credit_event', 'credit_order',
                                 'credit_subscription', 'credit_product',
                                 'credit_schema')
$$, 'every key begins with the user, but those of the world outside');

SELECT is("Other".credit_grant('u', 7, NULL, 'test', 'o'), 'test:o',
          'the other schema works');
SELECT is((SELECT amount FROM "Other".credit_hold_batch(ARRAY['u'],
              ARRAY[gen_random_uuid()], ARRAY[9], ARRAY[1], '1 minute', 'n')),
          7::bigint, 'and holds its own credits');
SELECT is_empty('SELECT * FROM credit_account WHERE userId = ''u''',
                'and not those of public');
SELECT is_empty('SELECT * FROM "Other".credit_invariants',
                'every invariant holds');

SELECT * FROM finish();
ROLLBACK;
