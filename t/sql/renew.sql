-- A hold lives on while its answer runs.
BEGIN;
\ir include/ledger.sql
SELECT plan(20);

-- renews requests of users, row by row
CREATE FUNCTION renew(users text[], ns int[], ttl interval DEFAULT '1 hour')
RETURNS text[] LANGUAGE sql
BEGIN ATOMIC
    SELECT array_agg(r.outcome ORDER BY r.ord)
      FROM credit_renew_batch(users, ARRAY(SELECT rid(n) FROM unnest(ns) n),
                              ttl) r;
END;

-- the minutes that each hold has left
CREATE FUNCTION lives() RETURNS SETOF text LANGUAGE sql
BEGIN ATOMIC
    SELECT h.userId || ' ' || round(extract(epoch FROM
               h.expiresAt - clock_timestamp()) / 60)
      FROM credit_hold h ORDER BY h.userId, h.requestId;
END;

SELECT credit_grant('a', 10, NULL, 'test', 'a1') AS id,
       credit_grant('b', 10, NULL, 'test', 'b1') \gset
SELECT is(hold('a', 1, 3), held('held', 3, 7), 'a user holds');
SELECT is(hold('a', 2, 3), held('held', 3, 4), 'twice');
SELECT is(hold('b', 3, 3), held('held', 3, 7), 'and so does another');
CREATE TEMPORARY TABLE before AS
SELECT userId, requestId, amount, node, createdAt FROM credit_hold;

SELECT is(renew(ARRAY['b', 'a'], ARRAY[3, 1]), ARRAY['renewed', 'renewed'],
          'holds of several users are renewed');
SELECT results_eq('SELECT * FROM lives()', ARRAY['a 60', 'a 1', 'b 60'],
                  'and no others');
SELECT is(renew(ARRAY['a', 'a'], ARRAY[1, 2], '1 minute'),
          ARRAY['renewed', 'renewed'], 'a shorter life');
SELECT results_eq('SELECT * FROM lives()', ARRAY['a 60', 'a 1', 'b 60'],
                  'takes nothing from a longer one');
SELECT is(renew(ARRAY['a', 'a'], ARRAY[2, 2]), ARRAY['renewed', 'renewed'],
          'the same row twice is renewed once, and said twice');
SELECT results_eq($$
    SELECT userId, requestId, amount, node, createdAt FROM credit_hold
     ORDER BY requestId
$$, 'SELECT * FROM before ORDER BY requestId', 'all else stays as it was');

-- what has expired, but was not reaped
UPDATE credit_hold SET expiresAt = clock_timestamp() - interval '1 hour';
SELECT is(renew(ARRAY['a'], ARRAY[1]), ARRAY['renewed'],
          'one that has expired lives again');
SELECT results_eq('SELECT requestId FROM credit_reap(10, false)',
                  'SELECT rid(n) FROM generate_series(2, 3) n',
                  'and is not reaped; others are');
SELECT is(renew(ARRAY['a', 'b', 'a'], ARRAY[2, 3, 1]),
          ARRAY['gone', 'gone', 'renewed'], 'what was reaped is gone');

-- a settlement finds a hold that has moved
SELECT is(settle('a', 1, 2), settled('settled', 2, 0, 8, 0),
          'a renewed hold ends with its request');
SELECT is(renew(ARRAY['a', 'a', 'nobody'], ARRAY[1, 9, 1]),
          ARRAY['gone', 'gone', 'gone'], 'what there is not is gone');
SELECT is_empty('SELECT * FROM credit_hold', 'and does not come back');
SELECT is(renew('{}', '{}'), NULL, 'nothing is nothing');

SELECT throws_ok($$SELECT credit_renew_batch('{}', '{}', '0')$$, '22023',
                 NULL, 'refused: 0');
SELECT throws_ok($$SELECT credit_renew_batch('{}', '{}', '25 h')$$, '22023',
                 NULL, 'refused: 25 h');
SELECT throws_ok($$SELECT credit_renew_batch('{}', '{}', NULL)$$, '22023',
                 NULL, 'refused: null');

SELECT in_order();
SELECT * FROM finish();
ROLLBACK;
