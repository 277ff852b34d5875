BEGIN;
\ir include/ledger.sql
SELECT plan(34);

SELECT is(hold('nobody', 1, 10), held('insufficient', 0, 0),
          'without an account nothing is available');
SELECT is_empty('SELECT * FROM credit_account', 'and none is opened');

SELECT credit_grant('a', 60, '1 day', 'test', 'a1') AS id,
       credit_grant('a', 40, NULL, 'test', 'a2') \gset

SELECT is(hold('a', 1, 30), held('held', 30, 70),
          'what is wanted is held, if it is there');
SELECT is(hold('a', 2, 30, 30), held('held', 30, 40),
          'also where no less would do');
SELECT is(hold('a', 3, 50, 50), held('insufficient', 0, 40),
          'where no less would do, nothing is held');
SELECT is(hold('a', 4, 50, 41), held('insufficient', 0, 40),
          'nor below the least that would do');
SELECT is(hold('a', 4, 50), held('held', 40, 0),
          'where less would do, what there is');
SELECT is(hold('a', 5, 50), held('insufficient', 0, 0),
          'where nothing is left, nothing is held');
SELECT is(hold('a', 6, 0, 0), held('held', 0, 0),
          'what is free needs nothing');
SELECT is(hold('a', 1, 99, 99), held('held', 30, 0),
          'a retry gets the same, whatever it asks');
SELECT results_eq($$
    SELECT requestId, amount, node, expiresAt - createdAt
      FROM credit_hold WHERE userId = 'a' ORDER BY requestId
$$, $$
    SELECT rid(v.n), v.amount, 'node-1', interval '1 minute'
      FROM (VALUES (1, 30::bigint), (2, 30), (4, 40), (6, 0)) v (n, amount)
$$, 'each hold is a row, with its node and its end');
SELECT in_order();

-- a request that has ended
SELECT is(settle('a', 4, 0, 'released'), settled('released', 0, 0, 100, 60),
          'a request that is released');
SELECT is(hold('a', 4, 1), held('closed', 0, 40), 'holds no more');
SELECT is(settle('a', 7, 5), settled('settled', 5, 0, 95, 60),
          'a request that is settled without a hold');
SELECT is(hold('a', 7, 1), held('closed', 0, 35), 'holds no more, either');
SELECT is(settle('a', 8, 50), settled('settled', 50, 0, 45, 60),
          'a charge may take what others hold');
SELECT is(hold('a', 9, 1), held('insufficient', 0, -15),
          'their holds stay, and nothing is available');

-- time decides, not a swept status
SELECT credit_grant('b', 10, '1 day', 'test', 'b1') AS id,
       credit_grant('b', 7, NULL, 'test', 'b2') \gset
UPDATE credit_package SET expiresAt = clock_timestamp() WHERE id = 'test:b1';
SELECT is(hold('b', 1, 10), held('held', 7, 0),
          'an expired package is not counted');

-- many rows of several users at once, decided one after another
SELECT credit_grant('c', 10, NULL, 'test', 'c1') AS id,
       credit_grant('B', 3, NULL, 'test', 'B1') \gset
SELECT results_eq($$
    SELECT * FROM credit_hold_batch(
        ARRAY['c', 'B', 'c', 'nobody', 'c', 'c', 'c'],
        ARRAY[rid(1), rid(2), rid(3), rid(4), rid(5), rid(1), rid(6)],
        ARRAY[4, 4, 4, 4, 4, 4, 4], ARRAY[4, 1, 4, 1, 4, 4, 1],
        '1 minute', 'n')
$$, $$
    VALUES (2, 'held', 3::bigint, 3::bigint, 3::bigint, 0::bigint, 0::bigint),
           (1, 'held', 4, 10, 4, 0, 6),
           (3, 'held', 4, 10, 8, 0, 2),
           (5, 'insufficient', 0, 10, 8, 0, 2),
           (6, 'held', 4, 10, 8, 0, 2),
           (7, 'held', 2, 10, 10, 0, 0),
           (4, 'insufficient', 0, 0, 0, 0, 0)
$$, 'a batch: in the order of users and rows, never more than there is');

SELECT credit_grant('d', 250, NULL, 'test', 'd1') \gset
SELECT results_eq($$
    SELECT h.outcome, count(*), sum(h.amount), min(h.available)
      FROM credit_hold_batch(array_fill('d'::text, ARRAY[400]),
               ARRAY(SELECT rid(n) FROM generate_series(1, 400) n),
               array_fill(3::bigint, ARRAY[400]),
               array_fill(2::bigint, ARRAY[400]), '1 minute', 'n') h
     GROUP BY h.outcome ORDER BY h.outcome
$$, $$
    VALUES ('held', 83::bigint, 249::numeric, 1::bigint),
           ('insufficient', 317, 0, 1)
$$, '400 rows of one user get what there is, to the last');
SELECT is_empty($$
    SELECT * FROM credit_hold_batch('{}', '{}', '{}', '{}', '1 minute', 'n')
$$, 'a batch without rows has no result');

-- arguments
CREATE FUNCTION bad(args text) RETURNS text LANGUAGE sql
RETURN throws_ok('SELECT credit_hold_batch(' || args || ')', '22023', NULL,
                 'refused: ' || regexp_replace(args, '\s+', ' ', 'g'));

SELECT bad($$ARRAY[NULL], ARRAY[rid(1)], ARRAY[1], ARRAY[1], '1 s', 'n'$$);
SELECT bad($$ARRAY[''], ARRAY[rid(1)], ARRAY[1], ARRAY[1], '1 s', 'n'$$);
SELECT bad($$ARRAY[repeat('u', 256)], ARRAY[rid(1)], ARRAY[1], ARRAY[1],
             '1 s', 'n'$$);
SELECT bad($$ARRAY['d'], ARRAY[NULL::uuid], ARRAY[1], ARRAY[1], '1 s', 'n'$$);
SELECT bad($$ARRAY['d'], ARRAY[rid(1)], ARRAY[-1], ARRAY[-1], '1 s', 'n'$$);
SELECT bad($$ARRAY['d'], ARRAY[rid(1)], ARRAY[1000000000001], ARRAY[1],
             '1 s', 'n'$$);
SELECT bad($$ARRAY['d'], ARRAY[rid(1)], ARRAY[1], ARRAY[2], '1 s', 'n'$$);
SELECT bad($$ARRAY['d', 'd'], ARRAY[rid(1)], ARRAY[1], ARRAY[1], '1 s',
             'n'$$);
SELECT bad($$ARRAY['d'], ARRAY[rid(1)], ARRAY[1], ARRAY[1], '0', 'n'$$);
SELECT bad($$ARRAY['d'], ARRAY[rid(1)], ARRAY[1], ARRAY[1], '25 h', 'n'$$);
SELECT bad($$ARRAY['d'], ARRAY[rid(1)], ARRAY[1], ARRAY[1], NULL, 'n'$$);

SELECT in_order();
SELECT * FROM finish();
ROLLBACK;
