BEGIN;
\ir include/ledger.sql
SELECT plan(48);

-- three packages, two of which end at the same moment
SELECT credit_grant('a', 5, '2 days', 'test', 'late') AS id,
       credit_grant('a', 3, '1 day', 'test', 'y') AS id,
       credit_grant('a', 4, '1 day', 'test', 'x') \gset
UPDATE credit_package SET expiresAt = date_trunc('day', expiresAt)
 WHERE id IN ('test:x', 'test:y');

SELECT is(hold('a', 1, 10), held('held', 10, 2),
          'a hold takes from what is available');
SELECT is(settle('a', 1, 9), settled('settled', 9, 0, 3, 0),
          'what is charged below it goes back');
SELECT results_eq($$
    SELECT id, packageId, amount, type, description, metadata, requestId
      FROM credit_transaction WHERE userId = 'a' ORDER BY line
$$, $$
    SELECT rid(1) || v.n, v.package COLLATE "C", v.amount, 'chat',
           'AI Chat - 15234 tokens', '{"promptTokens": 10000,
               "completionTokens": 5234, "totalTokens": 15234,
               "model": "gpt-5"}'::jsonb, rid(1)
      FROM (VALUES ('-1', 'test:x', 4::bigint), ('-2', 'test:y', 3),
                   ('-3', 'test:late', 2)) v (n, package, amount)
$$, 'the first to expire pays first, then by id; each row its own amount');
SELECT results_eq($$
    SELECT id, remainingCredits, status FROM credit_package
     WHERE userId = 'a' ORDER BY id
$$, $$
    VALUES ('test:late' COLLATE "C", 3::bigint, 'active'),
           ('test:x', 0, 'depleted'), ('test:y', 0, 'depleted')
$$, 'what is used up is depleted');
SELECT results_eq($$
    SELECT status, type, amount, debt, hold, description
      FROM credit_charge WHERE userId = 'a'
$$, $$
    VALUES ('settled', 'chat', 9::bigint, 0::bigint, 10::bigint,
            'AI Chat - 15234 tokens')
$$, 'the charge has the whole amount, and the hold that it had');
SELECT is_empty('SELECT * FROM credit_hold', 'the hold ends with it');

-- once
SELECT is(settle('a', 1, 9), settled('duplicate', 0, 0, 3, 0),
          'a repetition charges nothing');
SELECT is(settle('a', 1, 2, 'estimated'), settled('duplicate', 0, 0, 3, 0),
          'nor does one with another status and amount');
SELECT is(settle('a', 1, 0, 'released'), settled('duplicate', 0, 0, 3, 0),
          'nor can a charge be released any more');
SELECT is((SELECT count(*) FROM credit_transaction), 3::bigint,
          'repetitions leave no transaction');

-- released: the first final row stays
SELECT is(hold('a', 2, 2), held('held', 2, 1), 'another request holds');
SELECT is(settle('a', 2, 0, 'released'), settled('released', 0, 0, 3, 0),
          'a release gives all of the hold back');
SELECT is(settle('a', 2, 2), settled('duplicate', 0, 0, 3, 0),
          'a settlement after the release charges nothing');
SELECT is((SELECT status FROM credit_charge WHERE requestId = rid(2)),
          'released', 'the first final row stays');

-- above the hold: other credits, then debt
SELECT is(hold('a', 3, 1), held('held', 1, 2),
          'a request holds less than it uses');
SELECT is(settle('a', 3, 8), settled('settled', 8, 5, 0, 0),
          'it is charged above the hold, and above all credits');
SELECT results_eq($$
    SELECT amount, debt, hold FROM credit_charge WHERE requestId = rid(3)
$$, $$ VALUES (8::bigint, 5::bigint, 1::bigint) $$,
    'what no package can pay is debt');
SELECT is((SELECT sum(amount) FROM credit_transaction
            WHERE requestId = rid(3)), 3::numeric, 'packages pay the rest');
SELECT is(hold('a', 4, 1), held('insufficient', 0, -5),
          'debt blocks admission');
SELECT in_order();

-- estimated, images, other, nothing
SELECT credit_grant('b', 100, NULL, 'test', 'b') \gset
SELECT is(settle('b', 1, 4, 'estimated', 'chat', '{"totalTokens": 3500}'),
          settled('estimated', 4, 0, 96, 0),
          'an estimate is charged as it is');
SELECT is(settle('b', 2, 4, 'settled', 'image', '{"totalTokens": 3500}'),
          settled('settled', 4, 0, 92, 0), 'an image is charged like a chat');
SELECT is(settle('b', 3, 4, 'estimated', 'other', '{}'),
          settled('estimated', 4, 0, 88, 0), 'and so is anything else');
SELECT results_eq($$
    SELECT description FROM credit_transaction WHERE userId = 'b'
     ORDER BY requestId
$$, ARRAY['AI Chat - 3500 tokens (estimated)', 'Image - 3500 tokens',
          'Other - 0 tokens (estimated)'],
    'a description says type, tokens and whether it was estimated');
SELECT is(settle('b', 4, 0), settled('settled', 0, 0, 88, 0),
          'nothing used costs nothing');
SELECT is(settle('b', 5, 0, 'estimated'), settled('estimated', 0, 0, 88, 0),
          'nor does nothing estimated');
SELECT is((SELECT count(*) FROM credit_transaction WHERE userId = 'b'),
          3::bigint, 'and leaves no transaction');
SELECT is(hold('b', 4, 1), held('closed', 0, 88), 'but it is final');

-- a hold that was swept is still charged; see also reap.sql
SELECT is(hold('b', 6, 10), held('held', 10, 78), 'a hold that will be late');
UPDATE credit_hold SET expiresAt = clock_timestamp();
SELECT is((SELECT count(*) FROM credit_reap(10, false)), 1::bigint,
          'is swept');
SELECT is(settle('b', 6, 9), settled('settled', 9, 0, 79, 0),
          'and its settlement is still charged');

-- a package that expired between hold and settlement pays first
SELECT credit_grant('c', 10, '1 day', 'test', 'c1') AS id,
       credit_grant('c', 10, NULL, 'test', 'c2') \gset
SELECT is(hold('c', 1, 5), held('held', 5, 15), 'both packages can be spent');
UPDATE credit_package SET expiresAt = clock_timestamp()
 WHERE id = 'test:c1';
SELECT is(settle('c', 2, 1), settled('settled', 1, 0, 9, 5),
          'without a hold, what can be spent now pays');
SELECT is(settle('c', 1, 4), settled('settled', 4, 0, 9, 0),
          'with one, what could be spent at its time');
SELECT results_eq($$
    SELECT packageId, amount FROM credit_transaction
     WHERE userId = 'c' ORDER BY requestId
$$, $$ VALUES ('test:c1' COLLATE "C", 4::bigint), ('test:c2', 1) $$,
    'each from its package');

-- a batch
SELECT credit_grant('d', 10, '1 day', 'test', 'd1') AS id,
       credit_grant('d', 10, '2 days', 'test', 'd2') AS id,
       credit_grant('D', 2, NULL, 'test', 'D1') \gset
SELECT is(hold('d', 1, 8), held('held', 8, 12), 'one of the batch holds');
SELECT results_eq($$
    SELECT * FROM credit_settle_batch(
        ARRAY['d', 'new', 'd', 'D', 'd', 'd'],
        ARRAY[rid(1), rid(2), rid(1), rid(4), rid(5), rid(6)],
        ARRAY['settled', 'released', 'settled', 'estimated', 'settled',
              'settled'],
        ARRAY[7, 0, 7, 3, 4, 11],
        ARRAY['chat', 'chat', 'chat', 'image', 'other', 'chat'],
        array_fill('{}'::jsonb, ARRAY[6]))
$$, $$
    VALUES (4, 'estimated', 3::bigint, 1::bigint, 0::bigint, 0::bigint),
           (1, 'settled', 7, 0, 13, 0), (3, 'duplicate', 0, 0, 13, 0),
           (5, 'settled', 4, 0, 9, 0), (6, 'settled', 11, 2, 0, 0),
           (2, 'released', 0, 0, 0, 0)
$$, 'a batch: in the order of users and rows, each row after the one before');
SELECT results_eq($$
    SELECT requestId, line, packageId, amount FROM credit_transaction
     WHERE userId = 'd' ORDER BY requestId, line
$$, $$
    VALUES (rid(1), 1, 'test:d1' COLLATE "C", 7::bigint),
           (rid(5), 1, 'test:d1', 3), (rid(5), 2, 'test:d2', 1),
           (rid(6), 1, 'test:d2', 9)
$$, 'a charge is split where a package ends');

-- arguments
CREATE FUNCTION bad(args text) RETURNS text LANGUAGE sql
RETURN throws_ok('SELECT credit_settle_batch(' || args || ')', '22023',
                 NULL, 'refused: ' || regexp_replace(args, '\s+', ' ', 'g'));

SELECT bad($$ARRAY[''], ARRAY[rid(9)], ARRAY['settled'], ARRAY[1],
             ARRAY['chat'], ARRAY['{}'::jsonb]$$);
SELECT bad($$ARRAY['d'], ARRAY[NULL::uuid], ARRAY['settled'], ARRAY[1],
             ARRAY['chat'], ARRAY['{}'::jsonb]$$);
SELECT bad($$ARRAY['d'], ARRAY[rid(9)], ARRAY['repaid'], ARRAY[1],
             ARRAY['chat'], ARRAY['{}'::jsonb]$$);
SELECT bad($$ARRAY['d'], ARRAY[rid(9)], ARRAY['settled'], ARRAY[-1],
             ARRAY['chat'], ARRAY['{}'::jsonb]$$);
SELECT bad($$ARRAY['d'], ARRAY[rid(9)], ARRAY['settled'],
             ARRAY[1000000000001], ARRAY['chat'], ARRAY['{}'::jsonb]$$);
SELECT bad($$ARRAY['d'], ARRAY[rid(9)], ARRAY['released'], ARRAY[1],
             ARRAY['chat'], ARRAY['{}'::jsonb]$$);
SELECT bad($$ARRAY['d'], ARRAY[rid(9)], ARRAY['settled'], ARRAY[1],
             ARRAY['audio'], ARRAY['{}'::jsonb]$$);
SELECT bad($$ARRAY['d'], ARRAY[rid(9)], ARRAY['settled'], ARRAY[1],
             ARRAY['chat'], ARRAY['[]'::jsonb]$$);
SELECT bad($$ARRAY['d'], ARRAY[rid(9), rid(8)], ARRAY['settled'], ARRAY[1],
             ARRAY['chat'], ARRAY['{}'::jsonb]$$);

SELECT in_order();
SELECT * FROM finish();
ROLLBACK;
