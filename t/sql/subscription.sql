-- Packages of subscriptions: one for each paid cycle, as long as it lasts.
BEGIN;
\ir include/ledger.sql
\ir include/polar.sql
SELECT plan(32);

-- the period of the month that begins n months after January 2090
CREATE FUNCTION month(n int) RETURNS jsonb LANGUAGE sql
RETURN jsonb_build_object(
    'current_period_start', credit_time_format(
        timestamptz '2090-01-01 00:00Z' + make_interval(months => n)),
    'current_period_end', credit_time_format(
        timestamptz '2090-02-01 00:00Z' + make_interval(months => n)));

-- the order of that month
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
BEGIN ATOMIC
    SELECT CASE WHEN expiresAt <= clock_timestamp() THEN 'over'
                ELSE to_char(expiresAt AT TIME ZONE 'UTC', 'YYYY-MM-DD') END
      FROM credit_package WHERE sourceId = o;
END;

SET LOCAL timezone = 'Asia/Shanghai';

-- renewal: each paid cycle grants once
SELECT is(cycle('a0', 'a', 0),
          'applied: granted package subscription:a0 of 10000 credits to user '
          'ann', 'the first cycle grants when it is paid');
SELECT is(until('a0'), '2090-02-01',
          'its package lasts as long as its period');
SELECT is((SELECT source FROM credit_package), 'subscription',
          'its package says that it is of a subscription');
SELECT is(send('c1', 'subscription.cycled', merge(sub('a'), month(1)),
               '2090-02-01T00:00:00Z'),
          'ignored: ', 'the start of the next cycle grants nothing');
SELECT is(until('a0'), '2090-02-01',
          'it does not prolong the package of the first');
SELECT matches(cycle('a1', 'a', 1), '^applied',
               'the next cycle grants when it is paid');
SELECT is(until('a1'), '2090-03-01',
          'its package lasts until the end of its own period');
SELECT is((SELECT count(*) FROM credit_package), 2::bigint,
          'each cycle that was paid has one package');
SELECT matches(cycle('a1', 'a', 1, '{"subscription": {
                   "current_period_end": "2099-01-01T00:00:00Z"}}'),
               '^applied', 'a repeated delivery gets an answer like the first');
SELECT is(until('a1'), '2090-03-01',
          'it does not prolong its package');

-- canceled runs out, revoked ends
SELECT is(changed('canceled', 'a', '2090-02-02T00:00:00Z', month(1)
                  || '{"cancel_at_period_end": true,
                       "ends_at": "2090-03-01T00:00:00Z"}'),
          'ignored: ', 'a cancellation changes nothing yet');
SELECT is(until('a1'), '2090-03-01',
          'a canceled subscription''s package runs out');
SELECT is(changed('uncanceled', 'a', '2090-02-03T00:00:00Z', month(1)),
          'ignored: ', 'nor does it change anything to uncancel');
SELECT is(changed('revoked', 'a', '2090-02-04T00:00:00Z',
                  month(1) || '{"status": "canceled"}'),
          'applied: subscription a has ended, and with it: '
          '{subscription:a0,subscription:a1}',
          'a revoked subscription ends with all of its packages');
SELECT is(ARRAY[until('a0'), until('a1')], ARRAY['over', 'over'],
          'what is left of them is over at once');
SELECT is(credit_overview('ann')::jsonb #>> '{packages,0,status}', 'expired',
          'the user sees at once that a package has expired');
SELECT is(changed('updated', 'a', '2090-02-05T00:00:00Z', month(1)),
          'ignored: ', 'later news of a subscription that ended is ignored');
SELECT is(until('a1'), 'over', 'what has ended with it stays over');

-- another end of the same period
SELECT matches(cycle('b0', 'b', 0), '^applied',
               'another subscription grants its first cycle');
SELECT is(changed('updated', 'b', '2090-01-02T00:00:00Z', month(0)
                  || '{"current_period_end": "2090-02-15T00:00:00Z"}'),
          'applied: subscription b lasts until 2090-02-15T00:00:00.000Z, and '
          'with it: {subscription:b0}', 'a period may become longer');
SELECT is(until('b0'), '2090-02-15', 'its package becomes longer with it');
SELECT is(changed('updated', 'b', '2090-01-01T00:00:00Z', month(0)),
          'ignored: ', 'older news of a subscription is ignored');
SELECT is(until('b0'), '2090-02-15', 'it does not shorten the package');
SELECT is(credit_extend('ann', 'subscription:b0', '2090-04-01 00:00Z',
                        'a gift'),
          '2090-04-01 00:00Z'::timestamptz,
          'an operator may extend the package of a subscription');
SELECT is(changed('updated', 'b', '2090-01-03T00:00:00Z', month(0)
                  || '{"current_period_end": "2090-02-15T00:00:00Z"}'),
          'ignored: ', 'an update with the period that is known is ignored');
SELECT is(until('b0'), '2090-04-01', 'it leaves the extended package alone');

-- revoked before paid
SELECT matches(changed('revoked', 'z', '2090-01-01T00:00:00Z',
                       '{"ended_at": "2026-01-01T00:00:00Z"}'),
               '^applied', 'a subscription may be revoked before it is known');
SELECT is(cycle('z0', 'z', 0),
          'applied: granted package subscription:z0 of 10000 credits to user '
          'ann, ended with its subscription',
          'an order of a revoked subscription is granted and ended');
SELECT is(until('z0'), 'over', 'its package is over');

-- not a cycle
SELECT matches(cycle('p0', 'p', 0,
                     '{"billing_reason": "subscription_update"}'),
               '^rejected: order p0 of user ann pays for no cycle',
               'the difference of two plans grants nothing');
SELECT matches(cycle('p1', 'p', 0, '{"subscription": {
                   "current_period_end": "2026-01-01T00:00:00Z"}}'),
               '^rejected: .* the period of subscription p is over',
               'nor does a period that is over');

SELECT in_order();
SELECT * FROM finish();
ROLLBACK;
