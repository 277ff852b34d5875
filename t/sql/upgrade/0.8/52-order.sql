-- What an order, its refunds and its subscription do to packages, whatever
-- the order in which one hears of them.

CREATE OR REPLACE FUNCTION credit_order_lock(p_source text, p_id text)
RETURNS credit_order
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    INSERT INTO credit_order (source, id) VALUES (p_source, p_id)
        ON CONFLICT DO NOTHING;

    SELECT o.* FROM credit_order o
     WHERE o.source = p_source AND o.id = p_id FOR NO KEY UPDATE;
END;

COMMENT ON FUNCTION credit_order_lock IS
'Locks an order, of which nothing need have been heard before.';


CREATE OR REPLACE FUNCTION credit_subscription_lock(p_source text, p_id text)
RETURNS credit_subscription
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    INSERT INTO credit_subscription (source, id) VALUES (p_source, p_id)
        ON CONFLICT DO NOTHING;

    SELECT s.* FROM credit_subscription s
     WHERE s.source = p_source AND s.id = p_id FOR NO KEY UPDATE;
END;

COMMENT ON FUNCTION credit_subscription_lock IS
'Locks a subscription, of which nothing need have been heard before. Its orders
are locked after it.';


CREATE OR REPLACE FUNCTION credit_order_reclaim(
    p_source text, p_id text, p_debt boolean)
RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    o credit_order := credit_order_lock(p_source, p_id);
    due bigint;
    taken bigint;
BEGIN
    IF o.packageId IS NULL THEN
        RETURN 'the refund waits for the order to be paid';
    END IF;

    -- in the user's favour where it does not divide
    due := CASE WHEN o.refundedWhole OR o.refunded >= o.net THEN o.credits
                ELSE div(o.credits::numeric * o.refunded, o.net)::bigint END;

    IF due <= o.reclaimed THEN
        RETURN 'nothing more to take back of package ' || o.packageId;
    END IF;

    PERFORM credit_lock(ARRAY[o.userId], false);

    taken := credit_debit(o.userId, o.packageId, due - o.reclaimed, p_debt,
                          CASE WHEN due = o.credits THEN 'refunded'
                               ELSE 'depleted' END,
                          'Refund of order ' || o.id,
                          jsonb_build_object('kind', 'refund',
                                             'orderId', o.id));

    UPDATE credit_order u SET reclaimed = due
     WHERE u.source = p_source AND u.id = p_id;

    RETURN format('took %s of %s credits back from package %s of user %s%s',
                  taken, due - o.reclaimed, o.packageId, o.userId,
                  CASE WHEN taken = due - o.reclaimed THEN ''
                       WHEN p_debt THEN '; the rest was spent: debt'
                       ELSE '; the rest was spent' END);
END $$;

COMMENT ON FUNCTION credit_order_reclaim IS
'Takes back the share of an order''s credits that its refunds stand for, as far
as that has not been done and is unspent, and says what it did. What was spent
becomes debt with p_debt, and is let go without.';


CREATE OR REPLACE FUNCTION credit_order_paid(
    p_source text, p_id text, p_user text, p_credits bigint,
    p_validity interval, p_subscription text, p_period_start timestamptz,
    p_period_end timestamptz, p_debt boolean)
RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    o credit_order;
    ended timestamptz;
    package text;
BEGIN
    IF p_subscription IS NOT NULL THEN
        ended := (credit_subscription_lock(p_source, p_subscription)).endedAt;
    END IF;

    o := credit_order_lock(p_source, p_id);

    IF o.packageId IS NOT NULL THEN
        RETURN NULL;
    END IF;

    package := credit_grant(p_user, p_credits, p_validity,
                            CASE WHEN p_subscription IS NULL THEN 'order'
                                 ELSE 'subscription' END,
                            p_id, least(p_period_end, ended));

    UPDATE credit_order u
       SET userId = p_user, packageId = package, credits = p_credits,
           subscriptionId = p_subscription,
           periodStart = p_period_start, periodEnd = p_period_end
     WHERE u.source = p_source AND u.id = p_id;

    RETURN format('granted package %s of %s credits to user %s%s%s', package,
                  p_credits, p_user,
                  CASE WHEN ended IS NOT NULL
                       THEN ', ended with its subscription' ELSE '' END,
                  CASE WHEN o.refundedWhole OR o.refunded > 0
                       THEN '; ' || credit_order_reclaim(p_source, p_id,
                                                         p_debt)
                       ELSE '' END);
END $$;

COMMENT ON FUNCTION credit_order_paid IS
'Grants an order its package, once, and says what it did; null if it has one.
The package is valid for p_validity (null: no limit), but not beyond the end of
its period or of its subscription, and refunds that came before are taken
back. Errors: those of credit_grant.';


CREATE OR REPLACE FUNCTION credit_order_refunded(
    p_source text, p_id text, p_refunded bigint, p_net bigint,
    p_whole boolean, p_debt boolean)
RETURNS text
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    INSERT INTO credit_order AS o (source, id, net, refunded, refundedWhole)
    VALUES (p_source, p_id, p_net, p_refunded, p_whole)
        ON CONFLICT (source, id) DO UPDATE
           SET net = excluded.net,
               refunded = greatest(o.refunded, excluded.refunded),
               refundedWhole = o.refundedWhole OR excluded.refundedWhole;

    SELECT credit_order_reclaim(p_source, p_id, p_debt);
END;

COMMENT ON FUNCTION credit_order_refunded IS
'Notes that p_refunded of p_net, or the whole order, was paid back until now,
takes credits back accordingly, and says what it did. An order that has not
been granted yet: when it is.';


CREATE OR REPLACE FUNCTION credit_subscription_changed(
    p_source text, p_id text, p_at timestamptz, p_ended timestamptz,
    p_period_start timestamptz, p_period_end timestamptz)
RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    s credit_subscription := credit_subscription_lock(p_source, p_id);
    users text[];
    packages text[];
BEGIN
    IF s.endedAt IS NOT NULL OR p_at < s.changedAt AND p_ended IS NULL THEN
        RETURN NULL;
    END IF;

    UPDATE credit_subscription u
       SET changedAt = greatest(u.changedAt, p_at), endedAt = p_ended
     WHERE u.source = p_source AND u.id = p_id;

    WITH moved AS (
        UPDATE credit_order o
           SET periodEnd = coalesce(p_period_end, o.periodEnd)
         WHERE o.source = p_source AND o.subscriptionId = p_id
               AND o.packageId IS NOT NULL
               AND (p_ended IS NOT NULL
                    OR o.periodStart = p_period_start
                       AND o.periodEnd <> p_period_end)
        RETURNING o.userId, o.packageId
    )
    SELECT array_agg(m.userId), array_agg(m.packageId) INTO users, packages
      FROM moved m;

    PERFORM credit_lock(users, false);

    PERFORM credit_expire_at(p.userId, p.id,
                             CASE WHEN p_ended IS NULL THEN p_period_end
                                  ELSE '-infinity' END)
       FROM unnest(users, packages) AS i(usr, package)
            JOIN credit_package p ON p.userId = i.usr AND p.id = i.package
      WHERE greatest(p.expiresAt, p_period_end) > clock_timestamp()
            AND p.status IN ('active', 'expired');

    RETURN CASE WHEN p_ended IS NOT NULL
                THEN format('subscription %s has ended, and with it: %s',
                            p_id, coalesce(packages::text, 'no package'))
                WHEN packages IS NOT NULL
                THEN format('subscription %s lasts until %s, and with it: %s',
                            p_id, credit_iso(p_period_end), packages) END;
END $$;

COMMENT ON FUNCTION credit_subscription_changed IS
'Lets the packages of a subscription expire with it, and says what it did; null
if it did nothing. p_ended: what is left of all of them ends now, and of those
that are granted later. Otherwise what was granted for the period that began at
p_period_start gets its end, if that is not what it was before. p_at is the
processor''s time of the event: older news than the last is not looked at, and
neither is any after the end.';
