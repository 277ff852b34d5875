-- What nobody ended.

CREATE OR REPLACE FUNCTION credit_reap(p_max int)
RETURNS TABLE (holds int, packages int)
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
    package_users text[];
    package_ids text[];
    locked text[];
BEGIN
    IF (p_max BETWEEN 1 AND 100000) IS NOT TRUE THEN
        RAISE EXCEPTION 'credit_reap: invalid maximum'
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

    holds := 0;
    packages := 0;

    IF hold_users IS NULL AND package_users IS NULL THEN
        RETURN NEXT;
        RETURN;
    END IF;

    -- an account that is in use is left for the next time
    SELECT array_agg(s.userId) INTO locked
      FROM (SELECT a.userId FROM credit_account a
             WHERE a.userId = ANY (hold_users || package_users)
             ORDER BY a.userId FOR NO KEY UPDATE SKIP LOCKED) s;

    -- no final row is written: a settlement that comes later is charged
    WITH gone AS (
        DELETE FROM credit_hold h
         USING unnest(hold_users, hold_requests) AS i(usr, request)
         WHERE i.usr = ANY (locked) AND h.userId = i.usr
               AND h.requestId = i.request AND h.expiresAt <= t
        RETURNING h.userId, h.amount
    ), freed AS (
        UPDATE credit_account a SET held = a.held - s.amount
          FROM (SELECT g.userId, sum(g.amount)::bigint AS amount
                  FROM gone g GROUP BY g.userId) s
         WHERE a.userId = s.userId
    )
    SELECT count(*) INTO holds FROM gone;

    -- the grace of a package lasts as long as any hold from its lifetime:
    -- its settlement may take from the package
    UPDATE credit_package p SET status = 'expired'
      FROM unnest(package_users, package_ids) AS i(usr, package)
     WHERE i.usr = ANY (locked) AND p.userId = i.usr AND p.id = i.package
           AND p.status = 'active' AND p.expiresAt <= t
           AND NOT EXISTS (SELECT FROM credit_hold h
                            WHERE h.userId = p.userId
                                  AND h.createdAt < p.expiresAt);

    GET DIAGNOSTICS packages = ROW_COUNT;

    RETURN NEXT;
END $$;

COMMENT ON FUNCTION credit_reap IS
'Ends what nobody ended, at most p_max (1..100000) of each kind, and returns
how many: holds past their expiry are given back, without a final row, because
their request may have cost something: a settlement that comes later is still
charged; packages past their expiry become expired as soon as no hold is left
that was made while they were valid, and keep their remainingCredits for the
record. Accounts in use are skipped, so several nodes may call it at any time.
Errors: 22023.';
