-- Admission: credits are set aside before the request leaves.

CREATE OR REPLACE FUNCTION credit_hold_batch(
    users text[], requests uuid[], wants bigint[], floors bigint[],
    ttl interval, node text, skip_locked boolean DEFAULT false)
RETURNS TABLE (ord int, outcome text, amount bigint, balance bigint,
               held bigint, debt bigint, available bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path FROM CURRENT
-- planned once, as lookups by key: LIMIT in LATERAL and these settings keep
-- the statistics of a table that happened to be empty from making it a scan
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
DECLARE
    t timestamptz;
    bad bigint;
    locked text[];
    n int := 1;                 -- position in locked
    usr text;                   -- whose turn it is
    known boolean;
    r record;
    taken bigint[];             -- by position: what is newly held
    any_taken boolean := false;
BEGIN
    SELECT min(i.ord) INTO bad
      FROM unnest(users, requests, wants, floors)
           WITH ORDINALITY AS i(usr, request, want, minimum, ord)
     WHERE (credit_user_ok(i.usr) AND i.request IS NOT NULL
            AND credit_amount_ok(i.want)
            AND i.minimum BETWEEN 0 AND i.want) IS NOT TRUE;

    IF bad IS NOT NULL THEN
        RAISE EXCEPTION 'credit_hold_batch: row % is invalid', bad
              USING ERRCODE = '22023';
    END IF;

    IF (ttl > interval '0' AND ttl <= interval '1 day') IS NOT TRUE THEN
        RAISE EXCEPTION 'credit_hold_batch: invalid ttl'
              USING ERRCODE = '22023';
    END IF;

    locked := credit_lock(users, skip_locked);

    -- what follows is a new statement: it sees all that was committed before
    -- the locks were ours
    t := clock_timestamp();
    taken := array_fill(NULL::bigint,
                        ARRAY[coalesce(cardinality(users), 0)]);

    FOR r IN
        SELECT i.ord, i.first, i.usr, i.want, i.minimum,
               a.held, a.debt, a.frozen, p.balance,
               h.amount AS held_before,
               c.requestId IS NOT NULL AS closed
          FROM (SELECT u.*,
                       min(u.ord) OVER (PARTITION BY u.usr COLLATE "C",
                                                     u.request) AS first,
                       min(u.ord) OVER (PARTITION BY u.usr COLLATE "C")
                       = u.ord AS opens
                  FROM unnest(users, requests, wants, floors)
                       WITH ORDINALITY
                       AS u(usr, request, want, minimum, ord)) i
               LEFT JOIN LATERAL (
                   SELECT a.held, a.debt, a.frozen FROM credit_account a
                    WHERE a.userId = i.usr LIMIT 1) a ON true
               LEFT JOIN LATERAL (
                   SELECT h.amount FROM credit_hold h
                    WHERE h.userId = i.usr AND h.requestId = i.request
                    LIMIT 1) h ON true
               LEFT JOIN LATERAL (
                   SELECT c.requestId FROM credit_charge c
                    WHERE c.userId = i.usr AND c.requestId = i.request
                    LIMIT 1) c ON true
               CROSS JOIN LATERAL (
                   SELECT coalesce(sum(p.remainingCredits), 0)::bigint
                          AS balance
                     FROM credit_package p
                    WHERE i.opens AND p.userId = i.usr
                          AND p.status = 'active' AND p.expiresAt > t) p
         ORDER BY i.usr COLLATE "C", i.ord
    LOOP
        IF usr IS DISTINCT FROM r.usr THEN
            usr := r.usr;

            -- an account that is not ours now is not ours to decide on
            known := locked[n] IS NOT DISTINCT FROM usr;

            IF known THEN
                n := n + 1;
                balance := r.balance;
                held := r.held;
                debt := r.debt;
            ELSE
                balance := 0;
                held := 0;
                debt := 0;
            END IF;
        END IF;

        ord := r.ord;
        available := balance - held - debt;
        amount := coalesce(r.held_before, taken[r.first]);

        IF r.closed THEN
            outcome := 'closed';
            amount := 0;

        ELSIF amount IS NOT NULL THEN
            outcome := 'held';

        ELSIF skip_locked AND NOT known AND r.held IS NOT NULL THEN
            outcome := 'busy';
            amount := 0;

        ELSIF known AND r.frozen THEN
            outcome := 'frozen';
            amount := 0;

        ELSIF known AND available >= r.minimum THEN
            outcome := 'held';
            amount := least(r.want, available);
            taken[r.first] := amount;
            any_taken := true;
            held := held + amount;
            available := available - amount;

        ELSE
            outcome := 'insufficient';
            amount := 0;
        END IF;

        RETURN NEXT;
    END LOOP;

    IF NOT any_taken THEN
        RETURN;
    END IF;

    INSERT INTO credit_hold
           (userId, requestId, amount, node, createdAt, expiresAt)
    SELECT i.usr, i.request, i.amount, node, t, t + ttl
      FROM unnest(users, requests, taken) AS i(usr, request, amount)
     WHERE i.amount IS NOT NULL;

    UPDATE credit_account a SET held = a.held + s.amount
      FROM (SELECT i.usr, sum(i.amount)::bigint AS amount
              FROM unnest(users, taken) AS i(usr, amount)
             WHERE i.amount > 0
             GROUP BY i.usr) s
     WHERE a.userId = s.usr;
END $$;

COMMENT ON FUNCTION credit_hold_batch IS
'Sets credits aside, row by row in the order of (user, position): the lesser
of want and what is available, if that is at least floor. 0 <= floor <= want
<= 10^12 credits; 0 < ttl <= 1 day, after which credit_reap may release the
hold; node is for information. Outcomes: held (a repeated request id gets the
same amount again), insufficient (amount 0; also when there is no account),
closed (the request id already has its final row), frozen (see
credit_freeze; nothing was done), busy (only with skip_locked,
when another transaction has the account; nothing was done). balance, held, debt and
available = balance - held - debt describe the account after the row; available
may be negative. Errors: 22023 when a row is invalid, then nothing was done.';
