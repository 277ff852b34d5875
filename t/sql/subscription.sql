-- Packages of subscriptions: one for each paid cycle, as long as it lasts.
BEGIN;
\ir include/ledger.sql
\ir include/polar.sql
SELECT plan(31);

CREATE FUNCTION month(n int) RETURNS jsonb LANGUAGE sql
RETURN jsonb_build_object(
    'current_period_start', credit_time_format(timestamptz '2090-01-01 00:00Z' + make_interval(months => n)),
    'current_period_end', credit_time_format(timestamptz '2090-02-01 00:00Z' + make_interval(months => n)));

-- the order of the month that begins n months after January 2090
CREATE FUNCTION cycle(o text, s text, n int, change jsonb DEFAULT '{"a": 1}')
RETURNS text LANGUAGE sql
RETURN send('paid-' || o, 'order.paid', merge(merge(ord(o), jsonb_build_object(
    'subscription_id', s,
    'billing_reason', CASE n WHEN 0 THEN 'subscription_create'
                             ELSE 'subscription_cycle' END,
    'subscription', month(n))), change));

CREATE FUNCTION changed(type text, s text, at text, change jsonb) RETURNS text
LANGUAGE sql
RETURN send(type || at, 'subscription.' || type, merge(sub(s), change), at);

CREATE FUNCTION until(o text) RETURNS text LANGUAGE sql
RETURN (SELECT coalesce(CASE WHEN expiresAt <= clock_timestamp() THEN 'over' END,
                        to_char(expiresAt AT TIME ZONE 'UTC', 'YYYY-MM-DD'))
          FROM credit_package WHERE sourceId = o);

SET LOCAL timezone = 'Asia/Shanghai';

-- renewal: each paid cycle grants once
SELECT is(cycle('a0', 'a', 0), 'applied: granted package subscription:a0 of '
    '10000 credits to user ann', 'the first cycle');
SELECT is(until('a0'), '2090-02-01', 'lasts as long as its period');
SELECT is((SELECT source FROM credit_package), 'subscription', 'and says what it is');
SELECT is(send('c1', 'subscription.cycled', merge(sub('a'), month(1)), '2090-02-01T00:00:00Z'),
          'ignored: ', 'the next one begins');
SELECT is(until('a0'), '2090-02-01', 'and changes nothing');
SELECT matches(cycle('a1', 'a', 1), '^applied', 'until it is paid');
SELECT is(until('a1'), '2090-03-01', 'and then it grants, until the end of its own period');
SELECT is((SELECT count(*) FROM credit_package), 2::bigint, 'once');
SELECT matches(cycle('a1', 'a', 1, '{"subscription": {"current_period_end": "2099-01-01T00:00:00Z"}}'),
               '^applied', 'delivered again');
SELECT is(until('a1'), '2090-03-01', 'nothing moves');

-- canceled runs out, revoked ends
SELECT is(changed('canceled', 'a', '2090-02-02T00:00:00Z', month(1)
          || '{"cancel_at_period_end": true, "ends_at": "2090-03-01T00:00:00Z"}'),
          'ignored: ', 'canceled');
SELECT is(until('a1'), '2090-03-01', 'lets it run out');
SELECT is(changed('uncanceled', 'a', '2090-02-03T00:00:00Z', month(1)), 'ignored: ', 'uncanceled');
SELECT is(changed('revoked', 'a', '2090-02-04T00:00:00Z', month(1) || '{"status": "canceled"}'),
          'applied: subscription a has ended, and with it: {subscription:a0,subscription:a1}', 'revoked');
SELECT is(until('a0') || ' ' || until('a1'), 'over over', 'ends what is left');
SELECT is(credit_overview('ann')::jsonb #>> '{packages,0,status}', 'expired', 'at once');
SELECT is(changed('updated', 'a', '2090-02-05T00:00:00Z', month(1)), 'ignored: ', 'later news');
SELECT is(until('a1'), 'over', 'wake nothing');

-- another end of the same period
SELECT matches(cycle('b0', 'b', 0), '^applied', 'another subscription');
SELECT is(changed('updated', 'b', '2090-01-02T00:00:00Z', month(0) || '{"current_period_end": "2090-02-15T00:00:00Z"}'),
          'applied: subscription b lasts until 2090-02-15T00:00:00.000Z, and with it: {subscription:b0}',
          'whose period becomes longer');
SELECT is(until('b0'), '2090-02-15', 'as does the package');
SELECT is(changed('updated', 'b', '2090-01-01T00:00:00Z', month(0)), 'ignored: ', 'older news');
SELECT is(until('b0'), '2090-02-15', 'do not');
SELECT is(credit_extend('ann', 'subscription:b0', '2090-04-01 00:00Z', 'a gift'),
          '2090-04-01 00:00Z'::timestamptz, 'an operator extends it');
SELECT is(changed('updated', 'b', '2090-01-03T00:00:00Z', month(0) || '{"current_period_end": "2090-02-15T00:00:00Z"}'),
          'ignored: ', 'news without news');
SELECT is(until('b0'), '2090-04-01', 'leave it');

-- revoked before paid
SELECT matches(changed('revoked', 'z', '2090-01-01T00:00:00Z', '{"ended_at": "2026-01-01T00:00:00Z"}'),
               '^applied', 'revoked before anything else is heard');
SELECT is(cycle('z0', 'z', 0) || ' ' || until('z0'), 'applied: granted package subscription:z0 of 10000 '
          'credits to user ann, ended with its subscription over', 'the order comes and is over');

-- not a cycle
SELECT matches(cycle('p0', 'p', 0, '{"billing_reason": "subscription_update"}'),
               '^rejected: order p0 of user ann pays for no cycle', 'the difference of two plans grants nothing');
SELECT matches(cycle('p1', 'p', 0, '{"subscription": {"current_period_end": "2026-01-01T00:00:00Z"}}'),
               '^rejected: .* the period of subscription p is over', 'nor does a period that is over');

SELECT in_order();
SELECT * FROM finish();
ROLLBACK;
