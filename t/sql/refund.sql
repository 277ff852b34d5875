-- Refunds take back their share of what is unspent, whatever comes when.
BEGIN;
\ir include/ledger.sql
\ir include/polar.sql
SELECT plan(38);

-- an order of 1000 credits for $10.00, refunded up to so many cents
CREATE FUNCTION paid(o text, usr text) RETURNS text LANGUAGE sql
RETURN split_part(send('paid-' || o, 'order.paid', jsonb_set(ord(o,
    jsonb_build_object('customer', jsonb_build_object('external_id', usr))),
    '{product,metadata,credits}', '1000')), ':', 1);

CREATE FUNCTION refund(o text, cents int,
    status text DEFAULT 'partially_refunded', debt boolean DEFAULT false)
RETURNS text LANGUAGE sql
RETURN send('refund-' || o || '-' || cents, 'order.refunded', ord(o,
    jsonb_build_object('status', status, 'refunded_amount', cents)),
    debt => debt);

-- an order's package, and what is expected of it
CREATE TYPE kept AS (remaining bigint, status text);

CREATE FUNCTION package(o text) RETURNS kept LANGUAGE sql
BEGIN ATOMIC
    SELECT remainingCredits, status FROM credit_package WHERE sourceId = o;
END;

CREATE FUNCTION kept(remaining bigint, status text) RETURNS kept LANGUAGE sql
RETURN ROW(remaining, status)::kept;

-- a user's account, and what is expected of it
CREATE TYPE totals AS (granted bigint, spent bigint, debt bigint, held bigint);

CREATE FUNCTION account(usr text) RETURNS totals LANGUAGE sql
BEGIN ATOMIC
    SELECT granted, spent, debt, held FROM credit_account WHERE userId = usr;
END;

CREATE FUNCTION totals(granted bigint, spent bigint, debt bigint, held bigint)
RETURNS totals LANGUAGE sql
RETURN ROW(granted, spent, debt, held)::totals;

-- a part, and more of it: never more than the order gave
SELECT is(paid('a', 'ann'), 'applied', 'an order grants 1000 credits');
SELECT is(refund('a', 333),
          'applied: order a: took 333 of 333 credits back from package '
          'order:a of user ann',
          'a refund of a third takes a third of the credits back');
SELECT is(package('a'), kept(667, 'active'),
          'the package keeps the rest of its credits');
SELECT is(refund('a', 333),
          'applied: order a: took 333 of 333 credits back from package '
          'order:a of user ann', 'the same delivery gets the same answer');
SELECT is(package('a'), kept(667, 'active'),
          'the same delivery takes nothing more');
SELECT is(send('other', 'order.refunded',
               ord('a', '{"refunded_amount": 333}')),
          'applied: order a: nothing more to take back of package order:a',
          'another event with the same sum takes nothing more');
SELECT is(refund('a', 500),
          'applied: order a: took 167 of 167 credits back from package '
          'order:a of user ann',
          'a sum is that of all refunds until now, what is new is taken');
SELECT is(refund('a', 400),
          'applied: order a: nothing more to take back of package order:a',
          'an older sum that comes late takes nothing');
SELECT is(refund('a', 1000, 'refunded'),
          'applied: order a: took 500 of 500 credits back from package '
          'order:a of user ann', 'a refund of the whole takes the rest');
SELECT is(package('a'), kept(0, 'refunded'),
          'a package that is refunded wholly says so');
SELECT is(refund('a', 99999, 'refunded'),
          'applied: order a: nothing more to take back of package order:a',
          'no sum takes more than was given');
SELECT is(account('ann'), totals(1000, 1000, 0, 0),
          'what was taken back counts as spent, to the credit');
SELECT results_eq($$
    SELECT amount, type, description, metadata, packageId
      FROM credit_transaction WHERE userId = 'ann' ORDER BY amount
$$, $$
    SELECT i.n, 'other', 'Refund of order a',
           '{"kind": "refund", "orderId": "a"}'::jsonb, 'order:a' COLLATE "C"
      FROM (VALUES (167::bigint), (333), (500)) i(n)
$$, 'the user sees a transaction for each refund');

-- rounding
SELECT is(paid('r', 'rob'), 'applied', 'an order is refunded in odd parts');
SELECT matches(refund('r', 1), 'took 1 of 1 credits',
               'a refund of a cent takes one of 1000 credits');
SELECT is(send('odd', 'order.refunded',
               ord('r', '{"refunded_amount": 10, "net_amount": 3333}')),
    'applied: order r: took 2 of 2 credits back from package order:r of user '
    'rob', 'what does not divide stays with the user: 10 of 3333 is 3 of 1000');

-- spent credits are not taken, and are debt only if asked for
SELECT is(paid('b', 'bob'), 'applied', 'an order is spent before its refund');
SELECT is(settle('bob', 1, 800), settled('settled', 800, 0, 200, 0),
          'of its 1000 credits 800 are spent');
SELECT is(refund('b', 500),
          'applied: order b: took 200 of 500 credits back from package '
          'order:b of user bob; the rest was spent',
          'a refund of the half takes only what is left');
SELECT is(package('b'), kept(0, 'depleted'),
          'the package is used up, not below zero');
SELECT is(account('bob'), totals(1000, 1000, 0, 0),
          'the user does not owe what was spent');
SELECT is(paid('b2', 'bob'), 'applied', 'the user buys another package');
SELECT is(refund('b', 1000, 'refunded'),
          'applied: order b: took 0 of 500 credits back from package order:b '
          'of user bob; the rest was spent',
          'a refund of the other half finds nothing in the package');
SELECT is(package('b2'), kept(1000, 'active'),
          'a refund takes from no other package');
SELECT is(refund('b2', 0, 'refunded', true),
          'applied: order b2: took 1000 of 1000 credits back from package '
          'order:b2 of user bob',
          'a free order, refunded, is refunded wholly');

SELECT is(paid('c', 'carl'), 'applied', 'an order is refunded with debt');
SELECT is(settle('carl', 2, 900), settled('settled', 900, 0, 100, 0),
          'of its 1000 credits 900 are spent');
SELECT is(refund('c', 300, debt => true),
          'applied: order c: took 100 of 300 credits back from package order:c '
          'of user carl; the rest was spent: debt',
          'what was spent becomes debt where that is asked for');
SELECT is(account('carl'), totals(1000, 1200, 200, 0),
          'the user owes what the package could not give');

-- in any order
SELECT is(refund('d', 500),
          'applied: order d: the refund waits for the order to be paid',
          'a refund may come before its order is paid');
SELECT is(account('dora'), NULL, 'a refund makes no account');
SELECT is(paid('d', 'dora'), 'applied', 'the order is paid after its refund');
SELECT is(package('d'), kept(500, 'active'),
          'its package has only what was not refunded');
SELECT is(account('dora'), totals(1000, 500, 0, 0),
          'the account shows the grant and the refund');
SELECT is(send('e', 'order.paid', ord('e',
    '{"refunded_amount": 250, "customer": {"external_id": "eve"}}')),
    'applied: granted package order:e of 10000 credits to user eve; order e: '
    'took 2500 of 2500 credits back from package order:e of user eve',
    'a paid order may say itself what was refunded');
SELECT matches(send('bad', 'order.refunded',
                    ord('a', '{"refunded_amount": -5}')),
               '^rejected', 'a refund of nonsense is for a human');
SELECT is(settle('eve', 3, 7000), settled('settled', 7000, 0, 500, 0),
          'after a refund the rest of a package can be spent');

SELECT in_order();
SELECT * FROM finish();
ROLLBACK;
