-- A ledger that has seen life, made with the functions of its own version: a
-- row in every table, with every outcome and status that there is.

CREATE TABLE "session" (
    "id" text PRIMARY KEY,
    "expiresAt" timestamptz NOT NULL,
    "token" text NOT NULL UNIQUE,
    "userId" text NOT NULL
);
INSERT INTO "session"
SELECT 's' || n, 'infinity', 'token' || n, 'u' || n
  FROM generate_series(0, 29) n;

-- the users of the traffic: packages that end at different times
SELECT count(credit_grant('u' || n, 1000000, make_interval(days => k),
                          'test', n || '.' || k))
  FROM generate_series(0, 29) n, generate_series(1, 3) k;

-- those who stay as they are: ann has what there is
SELECT credit_grant('ann', 100, '30 days', 'manual', 'spent'),
       credit_grant('ann', 50, '60 days', 'manual', 'revoked'),
       credit_grant('ann', 70, '1 day', 'manual', 'expired'),
       credit_grant('ann', 40, NULL, 'manual', 'for ever');
UPDATE credit_package SET expiresAt = clock_timestamp(), status = 'expired'
 WHERE id = 'manual:expired';
SELECT count(*) FROM credit_hold_batch(
    array_fill('ann'::text, ARRAY[3]),
    ARRAY(SELECT gen_random_uuid() FROM generate_series(1, 3)), ARRAY[1, 2, 3],
    ARRAY[1, 1, 1], '1 day', 'node');
SELECT count(*) FROM credit_settle_batch(
    array_fill('ann'::text, ARRAY[4]),
    ARRAY(SELECT gen_random_uuid() FROM generate_series(1, 4)),
    ARRAY['settled', 'estimated', 'released', 'settled'],
    ARRAY[60, 20, 0, 30], ARRAY['chat', 'image', 'chat', 'other'],
    array_fill('{"totalTokens": 1, "model": "m"}'::jsonb, ARRAY[4]));
SELECT credit_revoke('ann', 'manual:revoked', 'a test');
SELECT credit_correct('ann', -3, 'c1', 'a test'),
       credit_correct('ann', 5, 'c2', 'a test'),
       credit_freeze('carl', 'a test');

-- eve has calls under way when the new version comes
SELECT credit_grant('eve', 100, NULL, 'manual', 'eve');

-- bob owes, and repaid some of it
SELECT count(*) FROM credit_settle_batch(ARRAY['bob'],
    ARRAY[gen_random_uuid()], ARRAY['settled'], ARRAY[30], ARRAY['chat'],
    ARRAY['{}'::jsonb]);
SELECT credit_grant('bob', 10, NULL, 'manual', 'bob');

-- Polar: a product, orders, a refund of one, a subscription, and what waits
SELECT count(outcome)
  FROM (VALUES
    ('e1', '{"type": "product.updated", "data": {"id": "p1",
        "modified_at": "2026-01-01T00:00:00Z",
        "metadata": {"credits": 500, "validity_period": "30d"}}}'),
    ('e2', '{"type": "order.paid", "data": {"id": "o1", "paid": true,
        "product_id": "p1", "net_amount": 1000,
        "customer": {"external_id": "dora"}}}'),
    ('e3', '{"type": "order.refunded", "data": {"id": "o1",
        "net_amount": 1000, "refunded_amount": 250}}'),
    ('e4', '{"type": "order.paid", "data": {"id": "o2", "paid": true,
        "product_id": "p1", "customer": {}}}'),
    ('e5', '{"type": "order.paid", "data": {"id": "o3", "paid": true,
        "product_id": "p1", "subscription_id": "s1",
        "billing_reason": "subscription_create",
        "subscription": {"current_period_start": "2090-01-01T00:00:00Z",
                         "current_period_end": "2090-02-01T00:00:00Z"},
        "customer": {"external_id": "dora"}}}'),
    ('e6', '{"type": "subscription.revoked",
        "timestamp": "2090-01-02T00:00:00Z", "data": {"id": "s1"}}'),
    ('e7', '{"type": "customer.created", "data": {}}'),
    ('e8', 'nonsense'),
    ('e9', '{"type": "order.paid", "data": {"id": "o4", "paid": false}}')
    ) AS v(id, payload),
    LATERAL credit_polar_event(v.id, v.payload, false);

-- what is due is done, so that the traffic does not do it
SELECT count(*) FROM credit_reap(100, false);

-- what the traffic was told: charged is what it was acknowledged
CREATE SCHEMA traffic;
CREATE TABLE traffic.settled (usr text, request uuid, charged bigint);
CREATE TABLE traffic.granted (usr text, credits bigint);
CREATE TABLE traffic.account AS TABLE credit_account;
CREATE TABLE traffic.package AS TABLE credit_package;
CREATE TABLE traffic.hold AS TABLE credit_hold;
CREATE TABLE traffic.charge AS TABLE credit_charge;
CREATE TABLE traffic.transaction AS TABLE credit_transaction;
CREATE TABLE traffic.event AS TABLE credit_event;
CREATE TABLE traffic."order" AS TABLE credit_order;
CREATE TABLE traffic.subscription AS TABLE credit_subscription;
CREATE TABLE traffic.product AS TABLE credit_product;
GRANT USAGE ON SCHEMA traffic TO credits_nginx;
GRANT INSERT ON traffic.settled, traffic.granted TO credits_nginx;
