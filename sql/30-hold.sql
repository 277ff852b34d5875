-- Admission: credits are set aside before the request leaves.

CREATE OR REPLACE FUNCTION credit_hold_inputs(
    users text[], requests uuid[], wants bigint[], floors bigint[],
    t timestamptz)
RETURNS TABLE (ord bigint, first bigint, usr text, request uuid, want bigint,
               minimum bigint, held bigint, debt bigint, frozen boolean,
               balance bigint, held_before bigint, closed boolean)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT i.ord, i.first, i.usr, i.request, i.want, i.minimum, a.held,
           a.debt, a.frozen, p.balance, h.amount, c.requestId IS NOT NULL
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
               SELECT coalesce(sum(p.remainingCredits), 0)::bigint AS balance
                 FROM credit_package p
                WHERE i.opens AND p.userId = i.usr
                      AND p.status = 'active' AND p.expiresAt > t) p;
END;

COMMENT ON FUNCTION credit_hold_inputs IS
'All that the admission of each row depends on: the account (null if there is
none), what the request already holds, whether it has its final row, the first
row of the batch with the same request; with the first row of a user, the
balance.';


CREATE OR REPLACE FUNCTION credit_hold_decide(
    users text[], requests uuid[], wants bigint[], floors bigint[],
    locked text[], skip_locked boolean, t timestamptz)
RETURNS credit_hold_decision[]
-- though it writes nothing: its query must see what was committed before the
-- locks were ours, not what its caller's statement sees
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    r record;
    decisions credit_hold_decision[] := '{}';
    n int := 1;                 -- position in locked
    usr text;                   -- whose turn it is
    known boolean;              -- whether the account is ours
    balance bigint;
    held bigint;
    debt bigint;
    outcome text;
    amount bigint;
    take bigint;
    taken bigint[];             -- by position: what is newly held
BEGIN
    taken := array_fill(NULL::bigint,
                        ARRAY[coalesce(cardinality(users), 0)]);

    FOR r IN
        SELECT * FROM credit_hold_inputs(users, requests, wants, floors, t) i
         ORDER BY i.usr COLLATE "C", i.ord
    LOOP
        IF usr IS DISTINCT FROM r.usr THEN
            usr := r.usr;

            -- an account that is not ours now is not ours to decide on
            known := locked[n] IS NOT DISTINCT FROM usr;
            n := n + known::int;
            balance := CASE WHEN known THEN r.balance ELSE 0 END;
            held := CASE WHEN known THEN r.held ELSE 0 END;
            debt := CASE WHEN known THEN r.debt ELSE 0 END;
        END IF;

        amount := coalesce(r.held_before, taken[r.first]);
        take := NULL;

        IF r.closed THEN
            outcome := 'closed';
            amount := 0;

        ELSIF amount IS NOT NULL THEN
            outcome := 'held';

        ELSIF skip_locked AND NOT known AND r.held IS NOT NULL THEN
            outcome := 'busy';

        ELSIF known AND r.frozen THEN
            outcome := 'frozen';

        ELSIF known AND balance - held - debt >= r.minimum THEN
            outcome := 'held';
            take := least(r.want, balance - held - debt);
            taken[r.first] := take;
            held := held + take;

        ELSE
            outcome := 'insufficient';
        END IF;

        decisions := decisions || ROW(
            r.ord, usr, r.request, outcome, coalesce(amount, take, 0),
            balance, held, debt, take)::credit_hold_decision;
    END LOOP;

    RETURN decisions;
END $$;

COMMENT ON FUNCTION credit_hold_decide IS
'What becomes of each row, in the order of (user, position): see
credit_hold_batch. locked are the accounts that the caller has locked, in the
order of locks, t is a moment after that. Writes nothing.';


CREATE OR REPLACE FUNCTION credit_hold_write(
    decisions credit_hold_decision[], ttl interval, node text, t timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    INSERT INTO credit_hold
           (userId, requestId, amount, node, createdAt, expiresAt)
    SELECT d.usr, d.request, d.taken, node, t, t + ttl
      FROM unnest(decisions) d
     WHERE d.taken IS NOT NULL;

    IF FOUND THEN
        UPDATE credit_account a SET held = a.held + s.amount
          FROM (SELECT d.usr, sum(d.taken)::bigint AS amount
                  FROM unnest(decisions) d
                 WHERE d.taken > 0
                 GROUP BY d.usr) s
         WHERE a.userId = s.usr;
    END IF;
END $$;

COMMENT ON FUNCTION credit_hold_write IS
'Writes what was decided: the holds that are new, and what accounts have held.';


CREATE OR REPLACE FUNCTION credit_hold_batch(
    users text[], requests uuid[], wants bigint[], floors bigint[],
    ttl interval, node text, skip_locked boolean DEFAULT false)
RETURNS TABLE (ord int, outcome text, amount bigint, balance bigint,
               held bigint, debt bigint, available bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path FROM CURRENT
AS $$
DECLARE
    t timestamptz;
    bad bigint;
    locked text[];
    decisions credit_hold_decision[];
BEGIN
    SELECT min(i.ord) INTO bad
      FROM unnest(users, requests, wants, floors)
           WITH ORDINALITY AS i(usr, request, want, minimum, ord)
     WHERE (credit_user_is_valid(i.usr) AND i.request IS NOT NULL
            AND credit_amount_is_valid(i.want)
            AND i.minimum BETWEEN 0 AND i.want) IS NOT TRUE;

    IF bad IS NOT NULL THEN
        RAISE EXCEPTION 'credit_hold_batch: row % is invalid', bad
              USING ERRCODE = '22023';
    END IF;

    IF (ttl > interval '0' AND ttl <= interval '1 day') IS NOT TRUE THEN
        RAISE EXCEPTION 'credit_hold_batch: invalid ttl'
              USING ERRCODE = '22023';
    END IF;

    locked := credit_accounts_lock(users, skip_locked);

    t := clock_timestamp();
    decisions := credit_hold_decide(users, requests, wants, floors, locked,
                                    skip_locked, t);

    PERFORM credit_hold_write(decisions, ttl, node, t);

    RETURN QUERY
    SELECT d.ord, d.outcome, d.amount, d.balance, d.held, d.debt,
           d.balance - d.held - d.debt
      FROM unnest(decisions) d;
END $$;

COMMENT ON FUNCTION credit_hold_batch IS
'Sets credits aside, row by row in the order of (user, position): the lesser
of want and what is available, if that is at least floor. 0 <= floor <= want
<= 10^12 credits; 0 < ttl <= 1 day, after which credit_reap may release the
hold; node is for information. Outcomes: held (a repeated request id gets the
same amount again), insufficient (amount 0; also when there is no account),
closed (the request id already has its final row), frozen (see credit_freeze;
nothing was done), busy (only with skip_locked, when another transaction has
the account; nothing was done). balance, held, debt and available = balance -
held - debt describe the account after the row; available may be negative.
Errors: 22023 when a row is invalid, then nothing was done.';
