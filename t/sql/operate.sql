-- What operators do leaves a trace, and does what it says.
BEGIN;
\ir include/ledger.sql
\ir include/polar.sql
SELECT plan(44);

-- the last thing that an operator did, and what is expected of it
CREATE TYPE traced AS (type text, usr text, detail text, reason text,
                       by_caller boolean);

CREATE FUNCTION trace() RETURNS traced LANGUAGE sql
BEGIN ATOMIC
    SELECT e.type, e.userId, e.detail, e.payload::jsonb ->> 'reason',
           (e.payload::jsonb ->> 'by') = session_user
      FROM credit_event e
     WHERE e.source = 'operator' AND e.type <> 'correction'
     ORDER BY e.createdAt DESC LIMIT 1;
END;

CREATE FUNCTION traced(type text, usr text, detail text, reason text)
RETURNS traced LANGUAGE sql
RETURN ROW(type, usr, detail, reason, true)::traced;

-- what a user sees of the account, and what is expected of it
CREATE TYPE shown AS (balance bigint, held bigint, debt bigint);

CREATE FUNCTION account(usr text) RETURNS shown LANGUAGE sql
BEGIN ATOMIC
    SELECT (d ->> 'balance')::bigint, (d ->> 'held')::bigint,
           (d ->> 'debt')::bigint
      FROM (SELECT credit_overview(usr)::jsonb AS d) x;
END;

CREATE FUNCTION shown(balance bigint, held bigint, debt bigint)
RETURNS shown LANGUAGE sql
RETURN ROW(balance, held, debt)::shown;

SELECT credit_grant('ann', 100, '30 days', 'manual', 'a1') AS x,
       credit_grant('ann', 50, '60 days', 'manual', 'a2') AS x \gset

-- revoke
SELECT is(settle('ann', 1, 30), settled('settled', 30, 0, 120, 0),
          'a package is spent in part');
SELECT is(credit_revoke('ann', 'manual:a1', 'by mistake'), 70::bigint,
          'what is left of it is revoked');
SELECT is(account('ann'), shown(50, 0, 0), 'and can be spent no more');
SELECT is((SELECT status FROM credit_package WHERE id = 'manual:a1'),
          'refunded', 'the package says so');
SELECT is(trace(),
          traced('revoke', 'ann', 'took 70 credits of package manual:a1',
                 'by mistake'),
          'and so does the trace: who, what, how much, why');
SELECT is(credit_revoke('ann', 'manual:a1', 'again'), 0::bigint,
          'a second time there is nothing left');
SELECT throws_ok($$SELECT credit_revoke('ann', 'manual:a9', 'x')$$, 'P0002',
                 NULL, 'what is not there cannot be revoked');
SELECT throws_ok($$SELECT credit_revoke('bob', 'manual:a2', 'x')$$, 'P0002',
                 NULL, 'nor what is another''s');
SELECT throws_ok($$SELECT credit_revoke('ann', 'manual:a2', '')$$, '22023',
                 NULL, 'nor anything without a reason');
SELECT is(account('ann'), shown(50, 0, 0), 'what failed took nothing');

-- extend
UPDATE credit_package
   SET expiresAt = now() - interval '1 hour', status = 'expired'
 WHERE id = 'manual:a2';
SELECT is(account('ann'), shown(0, 0, 0), 'what has expired cannot be spent');
SELECT is(credit_extend('ann', 'manual:a2', '2090-01-01 00:00Z', 'illness'),
          '2090-01-01 00:00Z'::timestamptz, 'but can be extended');
SELECT is(account('ann'), shown(50, 0, 0), 'and then be spent');
SELECT matches(trace()::text, '^\(extend,ann,"package manual:a2 expires '
               '2090-01-01T00:00:00.000Z instead of .*",illness,t\)$',
               'the trace has both expiries');
SELECT is(credit_extend('ann', 'manual:a2', 'infinity', 'for ever'),
          'infinity'::timestamptz, 'also for ever');
SELECT throws_ok($$SELECT credit_extend('ann', 'manual:a1', 'infinity', 'x')$$,
                 '22023', NULL, 'what is used up cannot be extended');

-- correct
SELECT is(credit_correct('ann', 20, 't1', 'charged twice'), 20::bigint,
          'a correction gives credits');
SELECT is(account('ann'), shown(70, 0, 0), 'which can be spent');
SELECT is(credit_correct('ann', 20, 't1', 'charged twice'), 0::bigint,
          'once for each id');
SELECT is(credit_correct('ann', -60, 't2', 'granted twice'), -60::bigint,
          'or it takes credits');
SELECT results_eq($$
    SELECT id, remainingCredits FROM credit_package WHERE status = 'active'
$$, $$ VALUES ('manual:a2' COLLATE "C", 10::bigint) $$,
    'what expires first goes first');
SELECT is(trace(),
          traced('correct', 'ann',
                 'correction t2 of -60 credits, of which -60',
                 'granted twice'),
          'the trace says what was asked and what was done');
SELECT is(credit_correct('ann', -60, 't3', 'more'), -10::bigint,
          'it takes what is there');
SELECT is(account('ann'), shown(0, 0, 0), 'and makes no debt');
SELECT is(settle('ann', 2, 15), settled('settled', 15, 15, 0, 0),
          'a user without credits gets into debt');
SELECT is(credit_correct('ann', 40, 't4', 'forgiven'), 40::bigint,
          'a correction may exceed the debt');
SELECT is(account('ann'), shown(25, 0, 0), 'it repays the debt first');
SELECT throws_ok($$SELECT credit_correct('ann', 0, 't5', 'x')$$, '22023',
                 NULL, 'a correction of nothing is refused');
SELECT throws_ok($$SELECT credit_correct('ann', 2000000000000, 't5', 'x')$$,
                 '22023', NULL, 'and so is one of too much');

-- freeze
SELECT is(hold('ann', 3, 5), held('held', 5, 20), 'a user holds credits');
SELECT lives_ok($$SELECT credit_freeze('ann', 'fraud?')$$,
                'a user is frozen');
SELECT is(hold('ann', 4, 5), held('frozen', 0, 20), 'nothing is admitted');
SELECT is(hold('ann', 3, 5), held('held', 5, 20),
          'what was admitted before goes on');
SELECT is(settle('ann', 3, 5), settled('settled', 5, 0, 20, 0),
          'and is settled');
SELECT is(trace(), traced('freeze', 'ann', '', 'fraud?'),
          'the trace says why');
SELECT lives_ok($$SELECT credit_unfreeze('ann', 'no fraud')$$,
                'the user is unfrozen');
SELECT is(hold('ann', 5, 5), held('held', 5, 15), 'and is admitted again');

-- lists
SELECT results_eq($$ SELECT userId, amount, node FROM credit_holds('ann') $$,
    $$ VALUES ('ann', 5::bigint, 'node-1') $$,
    'the list of holds says whose they are, how much and of which node');
SELECT is_empty($$ SELECT * FROM credit_holds('bob') $$,
                'the list of a user has no hold of another');
SELECT is(send('ev1', 'order.paid',
               ord('o1', '{"customer": {"external_id": null}}'))
          LIKE 'pending%', true, 'an order of nobody is pending');
SELECT results_eq($$
    SELECT id, payload::jsonb ->> 'type'
      FROM credit_events(p_outcome => 'pending')
$$, $$ VALUES ('ev1' COLLATE "C", 'order.paid') $$,
    'the list of events can be asked for an outcome');
SELECT is((SELECT count(*) FROM credit_events('ann', p_limit => 3)), 3::bigint,
          'and for a number of them');

-- the ledger adds up
SELECT results_eq($$
    SELECT sum(credits)::bigint, sum(debt)::bigint
      FROM credit_ledger((now() AT TIME ZONE 'UTC')::date, 'ann')
$$, $$
    SELECT (SELECT sum(remainingCredits) FROM credit_package
             WHERE userId = 'ann')::bigint, 15::bigint
$$, 'the month''s ledger adds up to what is there');
SELECT in_order();
SELECT * FROM finish();
ROLLBACK;
