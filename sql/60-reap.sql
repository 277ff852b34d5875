-- What nobody ended.

CREATE OR REPLACE FUNCTION credit_holds_reap(
    users text[], requests uuid[], locked text[], p_capture boolean,
    t timestamptz)
RETURNS TABLE (usr text, request uuid, amount bigint)
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    due_users text[];
    due_requests uuid[];
    due_amounts bigint[];
BEGIN
    -- those whose account is ours, and which nobody has ended meanwhile
    SELECT array_agg(h.userId ORDER BY h.userId, h.requestId),
           array_agg(h.requestId ORDER BY h.userId, h.requestId),
           array_agg(h.amount ORDER BY h.userId, h.requestId)
      INTO due_users, due_requests, due_amounts
      FROM unnest(users, requests) AS i(usr, request)
           CROSS JOIN LATERAL (
               SELECT h.* FROM credit_hold h
                WHERE i.usr = ANY (locked) AND h.userId = i.usr
                      AND h.requestId = i.request AND h.expiresAt <= t
                LIMIT 1) h;

    IF due_users IS NULL THEN
        RETURN;
    END IF;

    IF p_capture THEN
        PERFORM credit_settle_batch(
            due_users, due_requests,
            array_fill('estimated'::text, ARRAY[cardinality(due_users)]),
            due_amounts,
            array_fill('other'::text, ARRAY[cardinality(due_users)]),
            array_fill('{"estimated": true, "reason": "hold_expired"}'::jsonb,
                       ARRAY[cardinality(due_users)]),
            false);
    ELSE
        -- no final row is written: a settlement that comes later is charged
        DELETE FROM credit_hold h
         USING unnest(due_users, due_requests) AS i(usr, request)
         WHERE h.userId = i.usr AND h.requestId = i.request;

        UPDATE credit_account a SET held = a.held - s.amount
          FROM (SELECT i.usr, sum(i.amount)::bigint AS amount
                  FROM unnest(due_users, due_amounts) AS i(usr, amount)
                 GROUP BY i.usr) s
         WHERE a.userId = s.usr;
    END IF;

    RETURN QUERY
    SELECT * FROM unnest(due_users, due_requests, due_amounts);
END $$;

COMMENT ON FUNCTION credit_holds_reap IS
'Gives back, or charges with p_capture, those of these holds that are due at t
and whose account the caller has locked, and returns them.';


CREATE OR REPLACE FUNCTION credit_packages_reap(
    users text[], packages text[], locked text[], t timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    -- the grace of a package lasts as long as any hold from its lifetime:
    -- its settlement may take from the package
    UPDATE credit_package p SET status = 'expired'
      FROM unnest(users, packages) AS i(usr, package)
     WHERE i.usr = ANY (locked) AND p.userId = i.usr AND p.id = i.package
           AND p.status = 'active' AND p.expiresAt <= t
           AND NOT EXISTS (SELECT FROM credit_hold h
                            WHERE h.userId = p.userId
                                  AND h.createdAt < p.expiresAt);
END $$;

COMMENT ON FUNCTION credit_packages_reap IS
'Marks as expired those of these packages that are at t, whose account the
caller has locked, and for which no hold waits.';


CREATE OR REPLACE FUNCTION credit_reap(p_max int, p_capture boolean)
RETURNS TABLE (userId text, requestId uuid, amount bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path FROM CURRENT
AS $$
DECLARE
    t timestamptz := clock_timestamp();
    hold_users text[];
    requests uuid[];
    package_users text[];
    packages text[];
    locked text[];
BEGIN
    IF (p_max BETWEEN 1 AND 100000 AND p_capture IS NOT NULL) IS NOT TRUE THEN
        RAISE EXCEPTION 'credit_reap: invalid argument'
              USING ERRCODE = '22023';
    END IF;

    -- candidates without a lock: a reaper that locked holds before accounts
    -- would deadlock with every settlement
    SELECT array_agg(s.userId), array_agg(s.requestId)
      INTO hold_users, requests
      FROM (SELECT h.userId, h.requestId FROM credit_hold h
             WHERE h.expiresAt <= t
             ORDER BY h.expiresAt LIMIT p_max) s;

    SELECT array_agg(s.userId), array_agg(s.id)
      INTO package_users, packages
      FROM (SELECT p.userId, p.id FROM credit_package p
             WHERE p.status = 'active' AND p.expiresAt < 'infinity'
                   AND p.expiresAt <= t
             ORDER BY p.expiresAt LIMIT p_max) s;

    IF hold_users IS NULL AND package_users IS NULL THEN
        RETURN;
    END IF;

    -- an account that is in use is left for the next time
    locked := credit_accounts_lock(hold_users || package_users, true);

    RETURN QUERY
    SELECT * FROM credit_holds_reap(hold_users, requests, locked, p_capture,
                                    t);

    PERFORM credit_packages_reap(package_users, packages, locked, t);
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
