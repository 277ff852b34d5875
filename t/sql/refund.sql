-- Refunds take back their share of what is unspent, whatever comes when.
BEGIN;
\ir include/ledger.sql
\ir include/polar.sql
SELECT plan(36);

-- an order of 1000 credits for $10.00, refunded up to so many cents
CREATE FUNCTION paid(o text, usr text) RETURNS text LANGUAGE sql
RETURN split_part(send('paid-' || o, 'order.paid', jsonb_set(ord(o,
    jsonb_build_object('customer', jsonb_build_object('external_id', usr))),
    '{product,metadata,credits}', '1000')), ':', 1);

CREATE FUNCTION refund(o text, cents int, status text DEFAULT 'partially_refunded',
                       debt boolean DEFAULT false) RETURNS text LANGUAGE sql
RETURN send('refund-' || o || '-' || cents, 'order.refunded', ord(o,
    jsonb_build_object('status', status, 'refunded_amount', cents)),
    debt => debt);

CREATE FUNCTION left_of(o text) RETURNS text LANGUAGE sql
RETURN (SELECT remainingCredits || ' ' || status FROM credit_package
         WHERE sourceId = o);

CREATE FUNCTION account(usr text) RETURNS text LANGUAGE sql
RETURN (SELECT concat_ws(' ', granted, spent, debt, held)
          FROM credit_account WHERE userId = usr);

-- a part, and more of it: never more than the order gave
SELECT is(paid('a', 'ann'), 'applied', 'an order of 1000 credits');
SELECT is(refund('a', 333), 'applied: order a: took 333 of 333 credits back '
    'from package order:a of user ann', 'a third takes a third');
SELECT is(left_of('a'), '667 active', 'and the rest stays');
SELECT is(refund('a', 333), 'applied: order a: took 333 of 333 credits back '
    'from package order:a of user ann', 'the same delivery does nothing more');
SELECT is(left_of('a'), '667 active', 'and the package stays as it is');
SELECT is(send('other', 'order.refunded', ord('a', '{"refunded_amount": 333}')),
    'applied: order a: nothing more to take back of package order:a',
    'nor does another event with the same sum');
SELECT is(refund('a', 500), 'applied: order a: took 167 of 167 credits back '
    'from package order:a of user ann', 'sums are of all refunds until now');
SELECT is(refund('a', 400), 'applied: order a: nothing more to take back of '
    'package order:a', 'an older sum that comes late takes nothing');
SELECT is(refund('a', 1000, 'refunded'), 'applied: order a: took 500 of 500 '
    'credits back from package order:a of user ann', 'the whole');
SELECT is(left_of('a'), '0 refunded', 'leaves a refunded package');
SELECT is(refund('a', 99999, 'refunded'), 'applied: order a: nothing more to '
    'take back of package order:a', 'and no sum takes more than was given');
SELECT is(account('ann'), '1000 1000 0 0', 'to the credit');
SELECT results_eq($$
    SELECT amount, type, description, metadata, packageId
      FROM credit_transaction WHERE userId = 'ann' ORDER BY amount
$$, $$
    SELECT i.n, 'other', 'Refund of order a', '{"kind": "refund", "orderId": "a"}'::jsonb,
           'order:a' COLLATE "C"
      FROM (VALUES (167::bigint), (333), (500)) i(n)
$$, 'the user sees each');

-- rounding
SELECT is(paid('r', 'rob'), 'applied', 'another');
SELECT matches(refund('r', 1), 'took 1 of 1 credits', 'a cent');
SELECT is(send('odd', 'order.refunded', ord('r', '{"refunded_amount": 10, "net_amount": 3333}')),
    'applied: order r: took 2 of 2 credits back from package order:r of user rob',
    'what does not divide stays with the user: 10 of 3333 is 3 of 1000');

-- spent credits are not taken, and are debt only if asked for
SELECT is(paid('b', 'bob'), 'applied', 'bob');
SELECT is(settle('bob', 1, 800), settled('settled', 800, 0, 200, 0),
          'has spent 800');
SELECT is(refund('b', 500), 'applied: order b: took 200 of 500 credits back '
    'from package order:b of user bob; the rest was spent', 'half is refunded');
SELECT is(left_of('b') || ' ' || account('bob'), '0 depleted 1000 1000 0 0',
          'never below zero');
SELECT is(paid('b2', 'bob'), 'applied', 'the next order');
SELECT is(refund('b', 1000, 'refunded'), 'applied: order b: took 0 of 500 '
    'credits back from package order:b of user bob; the rest was spent',
    'the other half');
SELECT is(left_of('b2'), '1000 active', 'takes from no other package');
SELECT is(refund('b2', 0, 'refunded', true),
    'applied: order b2: took 1000 of 1000 credits back from package order:b2 of '
    'user bob', 'a free order, refunded, is refunded wholly');

SELECT is(paid('c', 'carl'), 'applied', 'carl');
SELECT is(settle('carl', 2, 900), settled('settled', 900, 0, 100, 0),
          'has spent 900');
SELECT is(refund('c', 300, debt => true), 'applied: order c: took 100 of 300 '
    'credits back from package order:c of user carl; the rest was spent: debt',
    'with debt');
SELECT is(account('carl'), '1000 1200 200 0', 'owes the rest');

-- in any order
SELECT is(refund('d', 500), 'applied: order d: the refund waits for the order '
    'to be paid', 'a refund before its order');
SELECT is(account('dora'), NULL, 'has nothing to take from');
SELECT is(paid('d', 'dora'), 'applied', 'and is not forgotten');
SELECT is(left_of('d') || ' ' || account('dora'), '500 active 1000 500 0 0',
          'when the order comes');
SELECT is(send('e', 'order.paid', ord('e',
    '{"refunded_amount": 250, "customer": {"external_id": "eve"}}')),
    'applied: granted package order:e of 10000 credits to user eve; order e: '
    'took 2500 of 2500 credits back from package order:e of user eve',
    'an order that says so itself');
SELECT matches(send('bad', 'order.refunded', ord('a', '{"refunded_amount": -5}')),
    '^rejected', 'a refund of nonsense is for a human');
SELECT is(settle('eve', 3, 7000), settled('settled', 7000, 0, 500, 0),
          'and life goes on');

SELECT in_order();
SELECT * FROM finish();
ROLLBACK;
