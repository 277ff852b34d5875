-- What nobody ended.

CREATE OR REPLACE FUNCTION credit_reap(p_max int, p_capture boolean)
RETURNS TABLE (userId text, requestId uuid, amount bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path FROM CURRENT
-- see credit_hold_batch
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
DECLARE
    t timestamptz := clock_timestamp();
    hold_users text[];
    hold_requests uuid[];
    hold_amounts bigint[];
    package_users text[];
    package_ids text[];
    locked text[];
BEGIN
    IF (p_max BETWEEN 1 AND 100000 AND p_capture IS NOT NULL) IS NOT TRUE THEN
        RAISE EXCEPTION 'credit_reap: invalid argument'
              USING ERRCODE = '22023';
    END IF;

    -- candidates without a lock: a reaper that locked holds before accounts
    -- would deadlock with every settlement
    SELECT array_agg(s.userId), array_agg(s.requestId)
      INTO hold_users, hold_requests
      FROM (SELECT h.userId, h.requestId FROM credit_hold h
             WHERE h.expiresAt <= t
             ORDER BY h.expiresAt LIMIT p_max) s;

    SELECT array_agg(s.userId), array_agg(s.id)
      INTO package_users, package_ids
      FROM (SELECT p.userId, p.id FROM credit_package p
             WHERE p.status = 'active' AND p.expiresAt < 'infinity'
                   AND p.expiresAt <= t
             ORDER BY p.expiresAt LIMIT p_max) s;

    IF hold_users IS NULL AND package_users IS NULL THEN
        RETURN;
    END IF;

    -- an account that is in use is left for the next time
    SELECT array_agg(s.userId) INTO locked
      FROM (SELECT a.userId FROM credit_account a
             WHERE a.userId = ANY (hold_users || package_users)
             ORDER BY a.userId FOR NO KEY UPDATE SKIP LOCKED) s;

    -- those whose account is ours, and which nobody has ended meanwhile
    SELECT array_agg(h.userId ORDER BY h.userId, h.requestId),
           array_agg(h.requestId ORDER BY h.userId, h.requestId),
           array_agg(h.amount ORDER BY h.userId, h.requestId)
      INTO hold_users, hold_requests, hold_amounts
      FROM unnest(hold_users, hold_requests) AS i(usr, request)
           CROSS JOIN LATERAL (
               SELECT h.* FROM credit_hold h
                WHERE i.usr = ANY (locked) AND h.userId = i.usr
                      AND h.requestId = i.request AND h.expiresAt <= t
                LIMIT 1) h;

    IF hold_users IS NOT NULL AND p_capture THEN
        PERFORM credit_settle_batch(
            hold_users, hold_requests,
            array_fill('estimated'::text, ARRAY[cardinality(hold_users)]),
            hold_amounts,
            array_fill('other'::text, ARRAY[cardinality(hold_users)]),
            array_fill('{"estimated": true, "reason": "hold_expired"}'::jsonb,
                       ARRAY[cardinality(hold_users)]),
            false);

    ELSIF hold_users IS NOT NULL THEN
        -- no final row is written: a settlement that comes later is charged
        DELETE FROM credit_hold h
         USING unnest(hold_users, hold_requests) AS i(usr, request)
         WHERE h.userId = i.usr AND h.requestId = i.request;

        UPDATE credit_account a SET held = a.held - s.amount
          FROM (SELECT i.usr, sum(i.amount)::bigint AS amount
                  FROM unnest(hold_users, hold_amounts) AS i(usr, amount)
                 GROUP BY i.usr) s
         WHERE a.userId = s.usr;
    END IF;

    -- the grace of a package lasts as long as any hold from its lifetime:
    -- its settlement may take from the package
    UPDATE credit_package p SET status = 'expired'
      FROM unnest(package_users, package_ids) AS i(usr, package)
     WHERE i.usr = ANY (locked) AND p.userId = i.usr AND p.id = i.package
           AND p.status = 'active' AND p.expiresAt <= t
           AND NOT EXISTS (SELECT FROM credit_hold h
                            WHERE h.userId = p.userId
                                  AND h.createdAt < p.expiresAt);

    RETURN QUERY
    SELECT i.usr, i.request, i.amount
      FROM unnest(hold_users, hold_requests, hold_amounts)
           AS i(usr, request, amount);
END $$;

COMMENT ON FUNCTION credit_reap IS
'Ends what nobody ended, at most p_max (1..100000) of each kind, and returns
the holds. A hold past its expiry is given back, without a final row, because
its request may have cost something: a settlement that comes later is still
charged. With p_capture it is charged instead, as an estimate of its amount,
and that is final. A package past its expiry becomes expired as soon as no hold
is left that was made while it was valid, and keeps its remainingCredits for
the record. Accounts in use are skipped, so several nodes may call it at any
time. Errors: 22023.';
