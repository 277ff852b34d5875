BEGIN;
\ir include/ledger.sql
SELECT plan(24);

SELECT is_empty('SELECT * FROM credit_reap(10, false)',
                'where nothing is due, nothing ends');

SELECT credit_grant('a', 10, '1 day', 'test', 'a1') AS id,
       credit_grant('b', 10, '1 day', 'test', 'b1') \gset
SELECT is(hold('a', 1, 3), held('held', 3, 7), 'a user holds');
SELECT is(hold('a', 2, 3), held('held', 3, 4), 'twice');
SELECT is(hold('b', 3, 3), held('held', 3, 7), 'and so does another');
SELECT is_empty('SELECT * FROM credit_reap(10, false)',
                'a hold that is not due stays');

UPDATE credit_hold SET expiresAt = clock_timestamp()
 WHERE requestId IN (rid(1), rid(3));
SELECT is((SELECT count(*) FROM credit_reap(1, false)), 1::bigint,
          'of those that are due, as many end as were asked for');
SELECT is((SELECT count(*) FROM credit_reap(10, false)), 1::bigint,
          'the rest ends with the next call');
SELECT results_eq($$
    SELECT userId, held FROM credit_account ORDER BY userId
$$, $$ VALUES ('a' COLLATE "C", 3::bigint), ('b', 0) $$, 'they are given back');
SELECT is_empty('SELECT * FROM credit_charge',
                'without a final row');
SELECT in_order();
SELECT is(hold('a', 1, 2), held('held', 2, 5), 'the request may still hold');
SELECT is(settle('b', 3, 3), settled('settled', 3, 0, 7, 0),
          'and is still charged');

-- a package waits for holds that were made while it was valid
UPDATE credit_package SET expiresAt = clock_timestamp();
SELECT is_empty('SELECT * FROM credit_reap(10, false)',
                'the package of a user without holds expires');
SELECT results_eq($$
    SELECT userId, status, remainingCredits FROM credit_package
     ORDER BY userId
$$, $$
    VALUES ('a' COLLATE "C", 'active', 10::bigint), ('b', 'expired', 7)
$$, 'and keeps what was left, for the record');
SELECT is(settle('a', 1, 2), settled('settled', 2, 0, 0, 3),
          'the other one still pays');
UPDATE credit_hold SET expiresAt = clock_timestamp();
SELECT is((SELECT (userId, requestId, amount)::text
             FROM credit_reap(10, false)),
          ('a', rid(2), 3)::text, 'and its last hold is named');
SELECT is((SELECT status FROM credit_package WHERE userId = 'a'), 'expired',
          'and expires with it');

-- captured
SELECT credit_grant('c', 10, '1 day', 'test', 'c1') AS id \gset
SELECT is(hold('c', 4, 3), held('held', 3, 7), 'a hold that will be lost');
UPDATE credit_hold SET expiresAt = clock_timestamp();
SELECT is((SELECT count(*) FROM credit_reap(10, true)), 1::bigint,
          'is charged where that is wanted');
SELECT is(settle('c', 4, 2), settled('duplicate', 0, 0, 7, 0),
          'and that is final');

SELECT throws_ok('SELECT credit_reap(0, false)', '22023', NULL, 'refused: 0');
SELECT throws_ok('SELECT credit_reap(NULL, false)', '22023', NULL,
                 'refused: null');
SELECT throws_ok('SELECT credit_reap(100001, false)', '22023', NULL,
                 'refused: 100001');

SELECT in_order();
SELECT * FROM finish();
ROLLBACK;
