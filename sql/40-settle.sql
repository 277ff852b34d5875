-- The one exit: a request's hold becomes its charge, once.

CREATE OR REPLACE FUNCTION credit_charge_describe(
    type text, status text, metadata jsonb) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE type WHEN 'chat' THEN 'AI Chat'
                 WHEN 'image' THEN 'Image'
                 ELSE 'Other' END
       || ' - ' || coalesce(metadata ->> 'totalTokens', '0') || ' tokens'
       || CASE status WHEN 'estimated' THEN ' (estimated)' ELSE '' END;

COMMENT ON FUNCTION credit_charge_describe IS
'The description of a charge, e.g. "AI Chat - 15234 tokens".';


CREATE OR REPLACE FUNCTION credit_settle_check(
    users text[], requests uuid[], statuses text[], amounts bigint[],
    types text[], metadata jsonb[]) RETURNS void
LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
    bad bigint;
BEGIN
    SELECT min(i.ord) INTO bad
      FROM unnest(users, requests, statuses, amounts, types, metadata)
           WITH ORDINALITY
           AS i(usr, request, status, amount, type, metadata, ord)
     WHERE (credit_user_is_valid(i.usr) AND i.request IS NOT NULL
            AND i.status IN ('settled', 'estimated', 'released')
            AND credit_amount_is_valid(i.amount)
            AND (i.status <> 'released' OR i.amount = 0)
            AND credit_type_is_valid(i.type)
            AND jsonb_typeof(i.metadata) = 'object') IS NOT TRUE;

    IF bad IS NOT NULL THEN
        RAISE EXCEPTION 'credit_settle_batch: row % is invalid', bad
              USING ERRCODE = '22023';
    END IF;
END $$;

COMMENT ON FUNCTION credit_settle_check IS
'Raises 22023 when a row of a batch is invalid.';


CREATE OR REPLACE FUNCTION credit_settle_inputs(
    users text[], requests uuid[], statuses text[], amounts bigint[],
    types text[], metadata jsonb[], t timestamptz)
RETURNS TABLE (ord bigint, usr text, request uuid, status text,
               amount bigint, type text, metadata jsonb, held bigint,
               debt bigint, hold bigint, place tid, since timestamptz,
               closed boolean, packages text[], remaining bigint[],
               ends timestamptz[], balance bigint)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT i.ord, i.usr, i.request, i.status, i.amount, i.type, i.metadata,
           a.held, a.debt,
           coalesce(h.amount, 0), h.ctid, coalesce(h.createdAt, t),
           i.ord > i.first OR c.requestId IS NOT NULL,
           p.packages, p.remaining, p.ends, p.balance
      FROM (SELECT u.*,
                   min(u.ord) OVER (PARTITION BY u.usr COLLATE "C",
                                                 u.request) AS first,
                   min(u.ord) OVER (PARTITION BY u.usr COLLATE "C")
                   = u.ord AS opens
              FROM unnest(users, requests, statuses, amounts, types, metadata)
                   WITH ORDINALITY
                   AS u(usr, request, status, amount, type, metadata, ord)) i
           CROSS JOIN LATERAL (
               SELECT a.held, a.debt FROM credit_account a
                WHERE a.userId = i.usr LIMIT 1) a
           LEFT JOIN LATERAL (
               SELECT h.ctid, h.amount, h.createdAt FROM credit_hold h
                WHERE h.userId = i.usr AND h.requestId = i.request
                LIMIT 1) h ON true
           LEFT JOIN LATERAL (
               SELECT c.requestId FROM credit_charge c
                WHERE c.userId = i.usr AND c.requestId = i.request
                LIMIT 1) c ON true
           CROSS JOIN LATERAL (
               SELECT array_agg(s.id) AS packages,
                      array_agg(s.remainingCredits) AS remaining,
                      array_agg(s.expiresAt) AS ends,
                      coalesce(sum(s.remainingCredits)
                               FILTER (WHERE s.expiresAt > t), 0)::bigint
                      AS balance
                 FROM (SELECT k.id, k.remainingCredits, k.expiresAt
                         FROM credit_package k
                        WHERE i.opens AND k.userId = i.usr
                              AND k.status = 'active'
                        ORDER BY k.expiresAt, k.id) s) p;
END;

COMMENT ON FUNCTION credit_settle_inputs IS
'All that the settlement of each row depends on: the account, the hold, its
place and since when (t if there is none), whether the row is a duplicate; with
the first row of a user, the packages in spending order.';


CREATE OR REPLACE FUNCTION credit_settle_decide(
    users text[], requests uuid[], statuses text[], amounts bigint[],
    types text[], metadata jsonb[], locked text[], t timestamptz)
RETURNS credit_settlement
-- see credit_hold_decide
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    r record;
    own record;                 -- the user's first row: has the packages
    decisions credit_settle_decision[];
    payments credit_payment[];
    n int := 1;                 -- position in locked
    usr text;                   -- whose turn it is
    known boolean;              -- whether the account is ours
    balance bigint;
    held bigint;
    debt bigint;
    remaining bigint[];         -- of the packages, as they are spent
    unspent int;                -- packages before this one are empty
    unpaid bigint;
    take bigint;
    line int;
BEGIN
    FOR r IN
        SELECT * FROM credit_settle_inputs(users, requests, statuses, amounts,
                                           types, metadata, t) i
         ORDER BY i.usr COLLATE "C", i.ord
    LOOP
        IF usr IS DISTINCT FROM r.usr THEN
            usr := r.usr;
            known := locked[n] IS NOT DISTINCT FROM usr;
            n := n + known::int;
            balance := r.balance;
            held := r.held;
            debt := r.debt;
            own := r;
            remaining := r.remaining;
            unspent := 1;
        END IF;

        IF NOT known OR r.closed THEN
            decisions := decisions || ROW(
                r.ord, usr, r.request, CASE WHEN known THEN 'duplicate'
                ELSE 'busy' END, 0, NULL, NULL, NULL,
                NULL, NULL, debt, balance, held)::credit_settle_decision;
            CONTINUE;
        END IF;

        unpaid := r.amount;
        line := 0;

        WHILE remaining[unspent] = 0 LOOP
            unspent := unspent + 1;
        END LOOP;

        -- what could be spent when the credits were set aside pays now, even
        -- if it has expired meanwhile
        FOR k IN unspent .. coalesce(cardinality(remaining), 0) LOOP
            EXIT WHEN unpaid = 0;
            take := least(remaining[k], unpaid);
            CONTINUE WHEN take = 0 OR own.ends[k] <= r.since;
            line := line + 1;
            payments := payments || ROW(usr, r.request, line, own.packages[k],
                                        take)::credit_payment;
            remaining[k] := remaining[k] - take;
            unpaid := unpaid - take;
            balance := balance - take * (own.ends[k] > t)::int;
        END LOOP;

        held := held - r.hold;
        debt := debt + unpaid;
        decisions := decisions || ROW(
            r.ord, usr, r.request, r.status, r.amount, r.type, r.metadata,
            r.hold, r.place, unpaid,
            debt, balance, held)::credit_settle_decision;
    END LOOP;

    RETURN ROW(decisions, payments);
END $$;

COMMENT ON FUNCTION credit_settle_decide IS
'What becomes of each row, in the order of (user, position), and which packages
pay for it: see credit_settle_batch. A loop, because which of them may pay
depends on when each row''s credits were set aside. locked are the accounts
that the caller has locked, in the order of locks, t is a moment after that.
Writes nothing.';


CREATE OR REPLACE FUNCTION credit_settle_write(
    decisions credit_settle_decision[], payments credit_payment[],
    t timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    -- by place: the account's lock keeps them where they were seen
    DELETE FROM credit_hold h
     WHERE h.ctid = ANY (ARRAY(SELECT d.place FROM unnest(decisions) d
                                WHERE d.unpaid IS NOT NULL
                                      AND d.place IS NOT NULL));

    INSERT INTO credit_charge
           (userId, requestId, status, type, amount, debt, hold,
            description, metadata, createdAt)
    SELECT d.usr, d.request, d.outcome, d.type, d.charged, d.unpaid, d.hold,
           credit_charge_describe(d.type, d.outcome, d.metadata), d.metadata,
           t
      FROM unnest(decisions) d
     WHERE d.unpaid IS NOT NULL;

    IF payments IS NOT NULL THEN
        INSERT INTO credit_transaction
               (userId, packageId, amount, type, description, metadata,
                createdAt, requestId, line)
        SELECT c.userId, i.package, i.amount, c.type, c.description,
               c.metadata, c.createdAt, c.requestId, i.line
          FROM unnest(payments) i
               CROSS JOIN LATERAL (
                   SELECT * FROM credit_charge c
                    WHERE c.userId = i.usr AND c.requestId = i.request
                    LIMIT 1) c;

        UPDATE credit_package k
           SET remainingCredits = k.remainingCredits - s.amount,
               status = CASE WHEN k.remainingCredits = s.amount
                             THEN 'depleted' ELSE k.status END
          FROM (SELECT i.usr, i.package, sum(i.amount)::bigint AS amount
                  FROM unnest(payments) i
                 GROUP BY i.usr, i.package) s
         WHERE k.userId = s.usr AND k.id = s.package;
    END IF;

    UPDATE credit_account a
       SET held = a.held - s.hold,
           debt = a.debt + s.debt,
           spent = a.spent + s.amount
      FROM (SELECT d.usr, sum(d.hold)::bigint AS hold,
                   sum(d.unpaid)::bigint AS debt,
                   sum(d.charged)::bigint AS amount
              FROM unnest(decisions) d
             WHERE d.unpaid IS NOT NULL AND d.charged + d.hold > 0
             GROUP BY d.usr) s
     WHERE a.userId = s.usr;
END $$;

COMMENT ON FUNCTION credit_settle_write(
    credit_settle_decision[], credit_payment[], timestamptz) IS
'Writes what was decided: the charges at t, what packages paid, the end of the
holds, and the accounts.';


CREATE OR REPLACE FUNCTION credit_settle_batch(
    users text[], requests uuid[], statuses text[], amounts bigint[],
    types text[], metadata jsonb[], skip_locked boolean DEFAULT false)
RETURNS TABLE (ord int, outcome text, charged bigint, debt bigint,
               balance bigint, held bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path FROM CURRENT
AS $$
DECLARE
    t timestamptz;
    locked text[];
    settlement credit_settlement;
BEGIN
    PERFORM credit_settle_check(users, requests, statuses, amounts, types,
                                metadata);

    IF EXISTS (SELECT FROM unnest(users) AS i(usr)
                WHERE NOT EXISTS (SELECT FROM credit_account a
                                   WHERE a.userId = i.usr))
    THEN
        PERFORM credit_accounts_ensure(users);
    END IF;

    locked := credit_accounts_lock(users, skip_locked);
    t := clock_timestamp();

    settlement := credit_settle_decide(users, requests, statuses, amounts,
                                       types, metadata, locked, t);

    PERFORM credit_settle_write(settlement.decisions, settlement.payments, t);

    RETURN QUERY
    SELECT d.ord, d.outcome, d.charged, d.debt, d.balance, d.held
      FROM unnest(settlement.decisions) d;
END $$;

COMMENT ON FUNCTION credit_settle_batch IS
'Charges each request once, row by row in the order of (user, position), and
gives its hold back. status settled, estimated or released (amount 0); amount
0..10^12 credits; type chat, image or other; metadata an object with
promptTokens, completionTokens, totalTokens, model and what else is known.
The package that expires first pays first (then by id); a package pays if it
could be spent when the hold was made, without a hold: now. What packages
cannot cover becomes debt. Opens the account if it is missing. A request
without a hold, also one whose hold was reaped, is charged all the same, and a
hold that comes later is closed. Outcomes: the status as recorded, or duplicate
(a final row existed: charged 0), or busy (only with skip_locked, when another
transaction has the account; nothing was done). charged is the whole charge of
the row; debt, balance and held describe the account after it. Errors: 22023
when a row is invalid, then nothing was done.';
