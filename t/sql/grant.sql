BEGIN;
\ir include/ledger.sql
SELECT plan(27);

SELECT is(credit_grant('a', 100, '30 days', 'polar', 'ord_1'),
          'polar:ord_1', 'a grant returns the id of the package');
SELECT is(credit_grant('a', 999, NULL, 'polar', 'ord_1'), 'polar:ord_1',
          'a repetition returns the same id');
SELECT results_eq($$
    SELECT credits, remainingCredits, status, source, sourceId,
           expiresAt = createdAt + interval '30 days'
      FROM credit_package WHERE userId = 'a'
$$, $$
    VALUES (100::bigint, 100::bigint, 'active', 'polar', 'ord_1', true)
$$, 'a repetition does not change the package');

SELECT throws_ok($$
    SELECT credit_grant('b', 100, '30 days', 'polar', 'ord_1')
$$, '23505', 'polar "ord_1" was granted to another user',
    'one order is not granted to two users');
SELECT is_empty($$ SELECT * FROM credit_account WHERE userId = 'b' $$,
                'the other user does not even get an account');
SELECT is(credit_grant('b', 5, NULL, 'stripe', 'ord_1'), 'stripe:ord_1',
          'another source may use the same id');
SELECT is((SELECT expiresAt FROM credit_package WHERE userId = 'b'),
          'infinity', 'a package without a validity never expires');

-- debt
SELECT is(settle('c', 1, 12), settled('settled', 12, 12, 0, 0),
          'a user without an account owes all of a charge');
SELECT is(credit_grant('c', 10, NULL, 'test', 'c1'), 'test:c1',
          'a grant may be smaller than the debt');
SELECT results_eq($$
    SELECT remainingCredits, status FROM credit_package WHERE userId = 'c'
$$, $$ VALUES (0::bigint, 'depleted') $$,
    'a package that is smaller than the debt is used up at once');
SELECT is(credit_grant('c', 10, NULL, 'test', 'c2'), 'test:c2',
          'a second grant exceeds what is left of the debt');
SELECT results_eq($$
    SELECT packageId, amount, type, description, metadata ->> 'reason'
      FROM credit_transaction WHERE userId = 'c' ORDER BY packageId
$$, $$
    VALUES ('test:c1' COLLATE "C", 10::bigint, 'other', 'Debt repaid',
            'debt_repaid'),
           ('test:c2', 2::bigint, 'other', 'Debt repaid', 'debt_repaid')
$$, 'each package repays its part, with a transaction of its own');
SELECT results_eq($$
    SELECT debt, granted, spent FROM credit_account WHERE userId = 'c'
$$, $$ VALUES (0::bigint, 20::bigint, 12::bigint) $$,
    'the debt is gone, and what repaid it counts as spent');
SELECT is(hold('c', 2, 100), held('held', 8, 0),
          'what the debt left of the packages can be held');

-- arguments
CREATE FUNCTION bad(args text) RETURNS text LANGUAGE sql
RETURN throws_ok('SELECT credit_grant(' || args || ')', '22023', NULL,
                 'refused: ' || regexp_replace(args, '\s+', ' ', 'g'));

SELECT bad($$NULL, 1, NULL, 'test', 'x'$$);
SELECT bad($$'', 1, NULL, 'test', 'x'$$);
SELECT bad($$repeat('u', 256), 1, NULL, 'test', 'x'$$);
SELECT bad($$'u', NULL, NULL, 'test', 'x'$$);
SELECT bad($$'u', 0, NULL, 'test', 'x'$$);
SELECT bad($$'u', -1, NULL, 'test', 'x'$$);
SELECT bad($$'u', 1000000000001, NULL, 'test', 'x'$$);
SELECT bad($$'u', 1, '0', 'test', 'x'$$);
SELECT bad($$'u', 1, '100 years', 'test', 'x'$$);
SELECT bad($$'u', 1, NULL, 'a:b', 'x'$$);
SELECT bad($$'u', 1, NULL, 'test', ''$$);
SELECT bad($$'u', 1, NULL, 'test', NULL$$);

SELECT in_order();
SELECT * FROM finish();
ROLLBACK;
