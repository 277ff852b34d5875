-- What users read: their balance and packages, and pages of transactions.
BEGIN;
\ir include/ledger.sql
SELECT plan(31);

CREATE FUNCTION page(lim int, cur text DEFAULT NULL, type text DEFAULT NULL,
                     since timestamptz DEFAULT NULL)
RETURNS jsonb LANGUAGE sql
RETURN credit_transactions_page('a', lim, cur, type, since)::jsonb;

CREATE FUNCTION amounts(page jsonb) RETURNS bigint[] LANGUAGE sql
RETURN (SELECT array_agg((e ->> 'amount')::bigint ORDER BY n)
          FROM jsonb_array_elements(page -> 'transactions')
               WITH ORDINALITY AS t(e, n));

SELECT is(credit_overview('nobody'),
    '{"balance":0,"held":0,"debt":0,"available":0,"packages":[]}',
    'a user without an account has no credits and no packages');
SELECT is(credit_transactions_page('nobody', 50, NULL, NULL, NULL),
    '{"transactions":[],"nextCursor":null}',
    'a user without an account has no transactions');

SELECT credit_grant('a', 10, '3 days', 'polar', 'o1') AS id,
       credit_grant('a', 5, '2 days', 'polar', 'o2') AS id,
       credit_grant('a', 7, NULL, 'gift', 'g"1') AS id,
       credit_grant('a', 3, '1 day', 'polar', 'gone') AS id,
       credit_grant('a', 2, '1 hour', 'polar', 'used') \gset

SELECT is(settle('a', 1, 2), settled('settled', 2, 0, 25, 0),
          'a package is used up');
UPDATE credit_package SET expiresAt = '2026-01-02 03:04:05.678901+00',
       createdAt = '2026-01-01 00:00:00+08'
 WHERE id = 'polar:gone';
UPDATE credit_package SET expiresAt = '2100-01-01 00:00+00',
       createdAt = '2026-02-01 00:00+00'
 WHERE id <> 'polar:gone' AND expiresAt < 'infinity';
UPDATE credit_package SET createdAt = '2026-03-01 00:00+00'
 WHERE id = 'gift:g"1';
SELECT is(hold('a', 2, 6), held('held', 6, 16),
          'a hold leaves less available');

SET LOCAL timezone = 'Asia/Shanghai';
SELECT is(credit_overview('a'),
    '{"balance":22,"held":6,"debt":0,"available":16,"packages":['
    '{"id":"polar:o1","source":"polar","credits":10,'
    '"remainingCredits":10,"status":"active",'
    '"expiresAt":"2100-01-01T00:00:00.000Z",'
    '"createdAt":"2026-02-01T00:00:00.000Z"},'
    '{"id":"polar:o2","source":"polar","credits":5,'
    '"remainingCredits":5,"status":"active",'
    '"expiresAt":"2100-01-01T00:00:00.000Z",'
    '"createdAt":"2026-02-01T00:00:00.000Z"},'
    '{"id":"gift:g\"1","source":"gift","credits":7,'
    '"remainingCredits":7,"status":"active",'
    '"expiresAt":null,'
    '"createdAt":"2026-03-01T00:00:00.000Z"},'
    '{"id":"polar:used","source":"polar","credits":2,'
    '"remainingCredits":0,"status":"depleted",'
    '"expiresAt":"2100-01-01T00:00:00.000Z",'
    '"createdAt":"2026-02-01T00:00:00.000Z"},'
    '{"id":"polar:gone","source":"polar","credits":3,'
    '"remainingCredits":3,"status":"expired",'
    '"expiresAt":"2026-01-02T03:04:05.678Z",'
    '"createdAt":"2025-12-31T16:00:00.000Z"}'
    ']}', 'the overview is this document, to the byte');
SELECT is((SELECT status FROM credit_package WHERE id = 'polar:gone'),
          'active', 'the clock decides what has expired, not the reaper');

-- pages: newest first, one entry a request
SELECT is(settle('a', 2, 12, 'settled', 'image'),
          settled('settled', 12, 0, 10, 0),
          'an image is paid from two packages');
SELECT is(settle('a', 3, 1, 'estimated'), settled('estimated', 1, 0, 9, 0),
          'a chat is paid from one package');
SELECT is(settle('a', 4, 9), settled('settled', 9, 0, 0, 0),
          'a charge takes the last credits');
SELECT is(settle('a', 5, 4), settled('settled', 4, 4, 0, 0),
          'a charge without credits is only debt');
SELECT is(settle('a', 6, 0), settled('settled', 0, 4, 0, 0),
          'a request that costs nothing is charged nothing');
SELECT is(settle('b', 7, 1), settled('settled', 1, 1, 0, 0),
          'another user is charged, too');

SELECT is(amounts(page(50)), '{4,9,1,12,2}'::bigint[],
          'a page has what cost the user something, newest first');
SELECT is(page(50) ->> 'nextCursor', NULL,
          'a page that is not full has no cursor');
SELECT is(page(5) ->> 'nextCursor', NULL,
          'nor has a full one with nothing behind it');
SELECT is(page(50) -> 'transactions' -> 0 -> 'packages', '[]'::jsonb,
          'an entry that is only debt has no packages');
SELECT is(page(50) -> 'transactions' -> 3 ->> 'amount', '12',
          'the amount of an entry is the whole charge');
SELECT is((page(50) -> 'transactions' -> 3 -> 'packages')::text,
          '[{"amount": 10, "packageId": "polar:o1"}, '
          '{"amount": 2, "packageId": "polar:o2"}]',
          'its packages are in the order in which they paid');
SELECT results_eq($$
    SELECT json_object_keys(
        credit_transactions_page('a', 1, NULL, NULL, NULL)::json
        -> 'transactions' -> 0)
$$, ARRAY['id', 'type', 'description', 'amount', 'packages', 'metadata',
          'createdAt'], 'an entry has these keys, in this order');
SELECT is(page(1) -> 'transactions' -> 0 ->> 'id', rid(5)::text,
          'the id of an entry is the request');

-- the amounts of each page
CREATE FUNCTION walk(size int) RETURNS SETOF bigint[] LANGUAGE plpgsql AS $$
DECLARE
    here jsonb := page(size);
BEGIN
    RETURN NEXT amounts(here);
    WHILE here ->> 'nextCursor' IS NOT NULL LOOP
        here := page(size, here ->> 'nextCursor');
        RETURN NEXT amounts(here);
    END LOOP;
END $$;

-- as a batch leaves them
UPDATE credit_charge SET createdAt = '2026-04-01' WHERE userId = 'a';
SELECT results_eq('SELECT walk(1)',
    $$ VALUES ('{4}'::bigint[]), ('{9}'), ('{1}'), ('{12}'), ('{2}') $$,
    'cursors lose and repeat nothing, even within one moment');
SELECT results_eq('SELECT walk(2)',
    $$ VALUES ('{4,9}'::bigint[]), ('{1,12}'), ('{2}') $$,
    'nor do they on pages of two entries');
SELECT results_eq('SELECT walk(4)',
    $$ VALUES ('{4,9,1,12}'::bigint[]), ('{2}') $$,
    'nor on pages of four');

UPDATE credit_charge SET createdAt = '2026-03-01' WHERE requestId = rid(1);
SELECT is(amounts(page(50, NULL, 'image')), '{12}'::bigint[],
          'a page may be of one type');
SELECT is(amounts(page(50, NULL, NULL, '2026-04-01')),
          '{4,9,1,12}'::bigint[], 'a page may begin at a time');

SELECT throws_ok('SELECT page(0)', '22023', NULL, 'refused: limit 0');
SELECT throws_ok('SELECT page(201)', '22023', NULL, 'refused: limit 201');
SELECT throws_ok('SELECT page(NULL)', '22023', NULL, 'refused: no limit');
SELECT throws_ok($$SELECT page(1, NULL, 'audio')$$, '22023', NULL,
                 'refused: a type that is none');
SELECT throws_ok($$SELECT page(1, '1.2; DROP TABLE credit_hold')$$, '22023',
                 NULL, 'refused: a cursor that is none');
SELECT throws_ok($$SELECT page(1, '')$$, '22023', NULL,
                 'refused: an empty cursor');

SELECT * FROM finish();
ROLLBACK;
