-- Polar's events: what grants, what does not, and what is kept.
BEGIN;
\ir include/ledger.sql
\ir include/polar.sql
SELECT plan(68);

-- an order that is paid
SELECT is(send('e1', 'order.paid', ord('o1')),
          'applied: granted package order:o1 of 10000 credits to user ann',
          'a paid order is granted');
SELECT results_eq($$
    SELECT userId, source, sourceId, credits, status,
           expiresAt = createdAt + interval '365 days'
      FROM credit_package
$$, $$
    VALUES ('ann' COLLATE "C", 'order', 'o1', 10000::bigint, 'active', true)
$$, 'its package has the credits and the validity of its product');
SELECT is(send('e1', 'order.paid', ord('o1')),
          'applied: granted package order:o1 of 10000 credits to user ann',
          'the same delivery again gets the same answer');
SELECT is(send('e2', 'order.paid', ord('o1')),
          'ignored: order o1 has its package',
          'another event of the same order grants nothing');
SELECT is(send('e3', 'order.paid',
               ord('o1', '{"customer": {"external_id": "eve"}}')),
          'ignored: order o1 has its package',
          'nor does one that names another user');
SELECT is((SELECT sum(credits) FROM credit_package), 10000::numeric,
          'whatever is delivered, an order is one package');
SELECT results_eq($$
    SELECT source, type, id, userId, outcome, payload::jsonb ->> 'type'
      FROM credit_event WHERE type <> 'grant' ORDER BY id
$$, $$
    VALUES ('polar' COLLATE "C", 'order.paid' COLLATE "C", 'e1' COLLATE "C",
            'ann' COLLATE "C", 'applied', 'order.paid'),
           ('polar', 'order.paid', 'e2', 'ann', 'ignored', 'order.paid'),
           ('polar', 'order.paid', 'e3', 'eve', 'ignored', 'order.paid')
$$, 'every event is kept, with its outcome');

-- only order.paid grants, the expiry is fixed at the grant, and a type that
-- nobody knows is taken all the same
SELECT is(send('n-' || type, type,
               ord('o1', '{"modified_at": "2027-01-01T00:00:00Z"}')),
          'ignored: ', type || ' changes nothing')
  FROM unnest(ARRAY['order.created', 'order.updated', 'checkout.updated',
      'customer.state_changed', 'refund.created', 'discount.created',
      'nobody.knows']) AS t(type);
SELECT is(send('n-' || type, type, ord('o9')), 'ignored: ',
          type || ' grants nothing')
  FROM unnest(ARRAY['order.created', 'order.updated']) AS t(type);
SELECT is(send('n-' || type, type, sub('s9')), 'ignored: ',
          type || ' grants nothing')
  FROM unnest(ARRAY['subscription.created', 'subscription.active',
      'subscription.canceled', 'subscription.uncanceled', 'subscription.cycled',
      'subscription.updated', 'subscription.past_due']) AS t(type);
SELECT results_eq('SELECT id FROM credit_package',
                  $$ VALUES ('order:o1' COLLATE "C") $$,
                  'no event but order.paid grants');
SELECT is((SELECT expiresAt - createdAt FROM credit_package),
          interval '365 days', 'none moves the expiry of what was granted');
SELECT matches(send('u1', 'order.paid', ord('o8', '{"paid": false}')),
               'rejected: order o8 is not paid',
               'an order that is not paid is not granted');

-- the product's metadata count, whatever the order's own say
CREATE FUNCTION granted(id text, metadata jsonb) RETURNS text LANGUAGE sql
BEGIN ATOMIC
    SELECT split_part(send('m-' || id, 'order.paid',
        jsonb_set(ord(id, '{"product_id": "p"}'), '{product,metadata}',
                  metadata)), ':', 1);
END;

-- what an order was granted, and what is expected of it
CREATE TYPE gift AS (credits bigint, validity interval);

CREATE FUNCTION package(id text) RETURNS gift LANGUAGE sql
BEGIN ATOMIC
    SELECT credits, expiresAt - createdAt
      FROM credit_package WHERE sourceId = $1;
END;

CREATE FUNCTION gift(credits bigint, validity interval)
RETURNS gift LANGUAGE sql
RETURN ROW(credits, validity)::gift;

SELECT is(granted('m1', '{"credits": "500", "validity_period": "30"}'),
          'applied', 'credits and days may be strings');
SELECT is(package('m1'), gift(500, '30 days'), 'strings are read as numbers');
SELECT is(granted('m2', '{"credits": 500, "validity_period": "30d"}'),
          'applied', 'a validity may be in days');
SELECT is(package('m2'), gift(500, '30 days'), 'd means days');
SELECT is(granted('m3', '{"credits": "0100", "validity_period": "12m"}'),
          'applied', 'a validity may be in months');
SELECT results_eq($$
    SELECT credits, expiresAt = createdAt + interval '12 months'
      FROM credit_package WHERE sourceId = 'm3'
$$, 'VALUES (100::bigint, true)', 'm means months of the calendar');
SELECT is(granted('m4', '{"credits": 1, "validity_period": "2y"}'),
          'applied', 'a validity may be in years');
SELECT ok((SELECT expiresAt = createdAt + interval '2 years'
             FROM credit_package WHERE sourceId = 'm4'),
          'y means years of the calendar');
SELECT is(granted('m5', '{"credits": 1}'), 'applied',
          'a product needs no validity');
SELECT ok((SELECT expiresAt = createdAt + interval '1 year'
             FROM credit_package WHERE sourceId = 'm5'),
          'without a validity a package lasts a year');
SELECT is(send('m6', 'order.paid',
               ord('m6', '{"metadata": {"credits": 77,
                                        "validity_period": 1}}')),
          'applied: granted package order:m6 of 10000 credits to user ann',
          'the order''s own metadata, which a buyer may shape, grant nothing');

CREATE TEMPORARY TABLE hostile (metadata jsonb);
INSERT INTO hostile VALUES ('{}'), ('{"credits": null}'), ('{"credits": 0}'),
    ('{"credits": -5}'), ('{"credits": 1.5}'), ('{"credits": true}'),
    ('{"credits": "1e9"}'), ('{"credits": "12 "}'), ('{"credits": ""}'),
    ('{"credits": 1000000000001}'), ('{"credits": 99999999999999999999999}'),
    ('{"credits": [5]}'), ('{"credits": {"a": 1}}'), ('{"Credits": 5}'),
    ('{"credits": 5, "validity_period": 0}'),
    ('{"credits": 5, "validity_period": -1}'),
    ('{"credits": 5, "validity_period": 1.5}'),
    ('{"credits": 5, "validity_period": "1w"}'),
    ('{"credits": 5, "validity_period": "99999y"}'),
    ('{"credits": 5, "validity_period": true}'),
    ('{"credits": 5, "validity_period": ""}');
SELECT is_empty($$
    SELECT metadata FROM hostile
     WHERE granted(metadata::text, metadata) <> 'rejected'
$$, 'hostile metadata are rejected');
SELECT is((SELECT count(*) FROM credit_event
            WHERE outcome = 'rejected' AND id LIKE 'm-%'
                  AND payload IS NOT NULL),
          (SELECT count(*) FROM hostile),
          'each event that was rejected is kept for a human');
SELECT is_empty($$ SELECT * FROM credit_package WHERE sourceId LIKE '{%' $$,
                'hostile metadata make no package');

-- whose it is
CREATE FUNCTION whose(id text, change jsonb) RETURNS text LANGUAGE sql
BEGIN ATOMIC
    SELECT send('w-' || id, 'order.paid', ord(id, change));
    SELECT userId FROM credit_package WHERE sourceId = $1;
END;
SELECT is(whose('w1', '{"customer": {"external_id": null},
                        "metadata": {"reference_id": "bob", "userId": "eve"}}'),
          'bob', 'without external_id, reference_id names the user');
SELECT is(whose('w2', '{"customer": {}, "metadata": {"userId": "carl"}}'),
          'carl', 'without both, userId names the user');
SELECT is(whose('w3', '{"metadata": {"reference_id": "eve"}}'), 'ann',
          'external_id comes before reference_id');
SELECT is(whose('w4', '{"customer": {"external_id": null}}'), NULL,
          'an order that names no user is granted to nobody');
SELECT matches((SELECT outcome || ': ' || detail
                  FROM credit_event WHERE id = 'w-w4'),
               '^pending: order w4 of customer c1 names no user',
               'such an order waits, and says of which customer it is');
SELECT is(whose('w5', jsonb_build_object(
              'customer', jsonb_build_object('external_id', repeat('u', 256)),
              'metadata', '{"userId": "dora"}'::jsonb)),
          'dora', 'an id that is too long for one is passed over');

-- replay, by redelivery or by hand
SELECT matches(send('w-w4', 'order.paid',
                    ord('w4', '{"customer": {"external_id": null}}')),
               '^pending', 'an order that waits still waits when redelivered');
SELECT results_eq($$
    SELECT outcome, detail FROM credit_replay('w-w4', 'ticket 7', 'bob')
$$, $$
    VALUES ('applied', 'granted package order:w4 of 10000 credits to user bob')
$$, 'an operator names the user');
SELECT results_eq($$
    SELECT outcome FROM credit_replay('w-w4', 'again', 'eve')
$$, $$ VALUES ('ignored') $$, 'a second replay grants nothing');
SELECT results_eq($$
    SELECT outcome, userId FROM credit_event WHERE id = 'w-w4'
$$, $$ VALUES ('applied', 'bob' COLLATE "C") $$,
    'the event says that it was applied, and to whom');
SELECT is(granted('r1', '{"credits": "many"}'), 'rejected',
          'an order of a product with a typing error is rejected');
SELECT is(send('p1', 'product.updated',
               '{"id": "p", "modified_at": "2026-02-01T00:00:00Z",
                 "metadata": {"credits": 250, "validity_period": 10}}'),
          'applied: product p: {"credits": 250, "validity_period": 10}',
          'a product can be mended');
SELECT is(send('p0', 'product.updated',
               '{"id": "p", "modified_at": "2026-01-01T00:00:00Z",
                 "metadata": {"credits": 1}}'),
          'ignored: ', 'older news of a product is ignored');
SELECT is(granted('r1', '{"credits": "many"}'), 'applied',
          'the rejected order is applied when it is redelivered');
SELECT is(package('r1'), gift(250, '10 days'),
          'it is granted as the product is now');
SELECT is(whose('r2', '{"product": null, "product_id": "p"}'), 'ann',
          'an order may come without its product');
SELECT is(package('r2'), gift(250, '10 days'),
          'it is granted as the product is known');

-- what is hardly an event
CREATE FUNCTION raw(id text, payload text) RETURNS text LANGUAGE sql
BEGIN ATOMIC
    SELECT e.outcome || ': ' || e.detail
      FROM credit_polar_event(id, payload, false) e;
END;
SELECT is(raw('x' || n, payload), 'malformed: not an event of Polar''s',
          'malformed: ' || left(payload, 24))
  FROM (VALUES (1, 'nonsense'), (2, '[]'), (3, '{"type": 7}'),
               (4, '{"type": ""}'), (5, repeat('[', 100000)),
               (6, '{"type": "order.paid"} x')) v(n, payload);
SELECT is((SELECT count(*) FROM credit_event
            WHERE outcome = 'malformed' AND payload IS NOT NULL),
          6::bigint, 'what is malformed is kept, too');
SELECT is(raw('y1', '{"type": "order.paid", "data": [1]}'),
          'rejected: an order without an id',
          'an order without an id is rejected');
SELECT is(raw('y2', replace(jsonb_build_object('type', 'order.paid', 'data',
              ord('y2', '{"customer": {"name": "@"}}'))::text,
              '@', '\u0000\ud83d')),
          'applied: granted package order:y2 of 10000 credits to user ann',
          'a name that Postgres cannot hold costs nobody an order');
SELECT throws_ok($$SELECT * FROM credit_polar_event('', '{}', false)$$, '22023',
                 NULL, 'an event without an id is refused');

SELECT in_order();
SELECT * FROM finish();
ROLLBACK;
