-- The one exit: a request's hold becomes its charge, once.

CREATE OR REPLACE FUNCTION credit_describe(
    type text, status text, metadata jsonb) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE type WHEN 'chat' THEN 'AI Chat'
                 WHEN 'image' THEN 'Image'
                 ELSE 'Other' END
       || ' - ' || coalesce(metadata ->> 'totalTokens', '0') || ' tokens'
       || CASE status WHEN 'estimated' THEN ' (estimated)' ELSE '' END;

COMMENT ON FUNCTION credit_describe IS
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
     WHERE (credit_user_ok(i.usr) AND i.request IS NOT NULL
            AND i.status IN ('settled', 'estimated', 'released')
            AND credit_amount_ok(i.amount)
            AND (i.status <> 'released' OR i.amount = 0)
            AND credit_type_ok(i.type)
            AND jsonb_typeof(i.metadata) = 'object') IS NOT TRUE;

    IF bad IS NOT NULL THEN
        RAISE EXCEPTION 'credit_settle_batch: row % is invalid', bad
              USING ERRCODE = '22023';
    END IF;
END $$;

COMMENT ON FUNCTION credit_settle_check IS
'Raises 22023 when a row of a batch is invalid.';


CREATE OR REPLACE FUNCTION credit_settle_look(
    users text[], requests uuid[], statuses text[], amounts bigint[],
    t timestamptz)
RETURNS TABLE (ord bigint, usr text, request uuid, status text,
               amount bigint, held bigint, debt bigint, hold bigint,
               place tid, since timestamptz, closed boolean, packages text[],
               remaining bigint[], ends timestamptz[], balance bigint)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT i.ord, i.usr, i.request, i.status, i.amount, a.held, a.debt,
           coalesce(h.amount, 0), h.ctid, coalesce(h.createdAt, t),
           i.ord > i.first OR c.requestId IS NOT NULL,
           p.packages, p.remaining, p.ends, p.balance
      FROM (SELECT u.*,
                   min(u.ord) OVER (PARTITION BY u.usr COLLATE "C",
                                                 u.request) AS first,
                   min(u.ord) OVER (PARTITION BY u.usr COLLATE "C")
                   = u.ord AS opens
              FROM unnest(users, requests, statuses, amounts)
                   WITH ORDINALITY
                   AS u(usr, request, status, amount, ord)) i
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

COMMENT ON FUNCTION credit_settle_look IS
'All that the settlement of each row depends on: the account, the hold, its
place and since when (t if there is none), whether the row is a duplicate; with
the first row of a user, the packages in spending order.';


CREATE OR REPLACE FUNCTION credit_settle_write(
    t timestamptz, users text[], requests uuid[], statuses text[],
    amounts bigint[], types text[], metadata jsonb[], holds bigint[],
    debts bigint[], paid_by text[], paid_for uuid[], paid_line int[],
    paid_from text[], paid bigint[], ended tid[])
RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    -- by place: holds are never updated, and the account's lock keeps them
    DELETE FROM credit_hold h WHERE h.ctid = ANY (ended);

    INSERT INTO credit_charge
           (userId, requestId, status, type, amount, debt, hold,
            description, metadata, createdAt)
    SELECT i.usr, i.request, i.status, i.type, i.amount, i.debt, i.hold,
           credit_describe(i.type, i.status, i.metadata), i.metadata, t
      FROM unnest(users, requests, statuses, types, amounts, metadata,
                  debts, holds)
           AS i(usr, request, status, type, amount, metadata, debt, hold)
     WHERE i.debt IS NOT NULL;

    IF paid IS NOT NULL THEN
        INSERT INTO credit_transaction
               (userId, packageId, amount, type, description, metadata,
                createdAt, requestId, line)
        SELECT c.userId, i.package, i.amount, c.type, c.description,
               c.metadata, c.createdAt, c.requestId, i.line
          FROM unnest(paid_by, paid_for, paid_line, paid_from, paid)
               AS i(usr, request, line, package, amount)
               CROSS JOIN LATERAL (
                   SELECT * FROM credit_charge c
                    WHERE c.userId = i.usr AND c.requestId = i.request
                    LIMIT 1) c;

        UPDATE credit_package k
           SET remainingCredits = k.remainingCredits - s.amount,
               status = CASE WHEN k.remainingCredits = s.amount
                             THEN 'depleted' ELSE k.status END
          FROM (SELECT i.usr, i.package, sum(i.amount)::bigint AS amount
                  FROM unnest(paid_by, paid_from, paid)
                       AS i(usr, package, amount)
                 GROUP BY i.usr, i.package) s
         WHERE k.userId = s.usr AND k.id = s.package;
    END IF;

    UPDATE credit_account a
       SET held = a.held - s.hold,
           debt = a.debt + s.debt,
           spent = a.spent + s.amount
      FROM (SELECT i.usr, sum(i.hold)::bigint AS hold,
                   sum(i.debt)::bigint AS debt,
                   sum(i.amount)::bigint AS amount
              FROM unnest(users, amounts, holds, debts)
                   AS i(usr, amount, hold, debt)
             WHERE i.debt IS NOT NULL AND i.amount + i.hold > 0
             GROUP BY i.usr) s
     WHERE a.userId = s.usr;
END $$;

COMMENT ON FUNCTION credit_settle_write IS
'Writes what was decided. holds and debts are by position, null for a
duplicate; paid_* have one element for each transaction row; ended are the
places of holds that end.';


CREATE OR REPLACE FUNCTION credit_settle_batch(
    users text[], requests uuid[], statuses text[], amounts bigint[],
    types text[], metadata jsonb[], skip_locked boolean DEFAULT false)
RETURNS TABLE (ord int, outcome text, charged bigint, debt bigint,
               balance bigint, held bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path FROM CURRENT
-- see credit_hold_batch
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
DECLARE
    t timestamptz;
    r record;
    locked text[];
    n int := 1;                 -- position in locked
    usr text;                   -- whose turn it is
    known boolean;              -- and whether the account is ours
    packages text[];            -- the user's, in spending order
    ends timestamptz[];
    remaining bigint[];         -- as they are spent
    fresh int;                  -- packages before this one are empty
    take bigint;
    rest bigint;
    line int;
    holds bigint[];             -- see credit_settle_write
    debts bigint[];
    paid_by text[];
    paid_for uuid[];
    paid_line int[];
    paid_from text[];
    paid bigint[];
    ended tid[];
BEGIN
    PERFORM credit_settle_check(users, requests, statuses, amounts, types,
                                metadata);

    IF EXISTS (SELECT FROM unnest(users) AS i(usr)
                WHERE NOT EXISTS (SELECT FROM credit_account a
                                   WHERE a.userId = i.usr))
    THEN
        PERFORM credit_open(users);
    END IF;

    locked := credit_lock(users, skip_locked);

    -- what follows is a new statement: it sees all that was committed before
    -- the locks were ours
    t := clock_timestamp();
    holds := array_fill(NULL::bigint,
                        ARRAY[coalesce(cardinality(users), 0)]);
    debts := holds;

    FOR r IN
        SELECT * FROM credit_settle_look(users, requests, statuses, amounts,
                                         t) l
         ORDER BY l.usr COLLATE "C", l.ord
    LOOP
        IF usr IS DISTINCT FROM r.usr THEN
            usr := r.usr;
            known := locked[n] IS NOT DISTINCT FROM usr;
            n := n + known::int;
            packages := r.packages;
            ends := r.ends;
            remaining := r.remaining;
            fresh := 1;
            balance := r.balance;
            held := r.held;
            debt := r.debt;
        END IF;

        ord := r.ord;

        IF NOT known THEN
            outcome := 'busy';
            charged := 0;
            RETURN NEXT;
            CONTINUE;
        END IF;

        IF r.closed THEN
            outcome := 'duplicate';
            charged := 0;
            RETURN NEXT;
            CONTINUE;
        END IF;

        rest := r.amount;
        line := 0;

        WHILE remaining[fresh] = 0 LOOP
            fresh := fresh + 1;
        END LOOP;

        -- what could be spent when the credits were set aside pays now, even
        -- if it has expired meanwhile
        FOR k IN fresh .. coalesce(cardinality(remaining), 0) LOOP
            EXIT WHEN rest = 0;
            take := least(remaining[k], rest);
            CONTINUE WHEN take = 0 OR ends[k] <= r.since;

            remaining[k] := remaining[k] - take;
            rest := rest - take;
            line := line + 1;

            IF ends[k] > t THEN
                balance := balance - take;
            END IF;

            paid_by := paid_by || usr;
            paid_for := paid_for || r.request;
            paid_line := paid_line || line;
            paid_from := paid_from || packages[k];
            paid := paid || take;
        END LOOP;

        IF r.place IS NOT NULL THEN
            ended := ended || r.place;
        END IF;

        holds[r.ord] := r.hold;
        debts[r.ord] := rest;

        outcome := r.status;
        charged := r.amount;
        held := held - r.hold;
        debt := debt + rest;
        RETURN NEXT;
    END LOOP;

    PERFORM credit_settle_write(t, users, requests, statuses, amounts, types,
                                metadata, holds, debts, paid_by, paid_for,
                                paid_line, paid_from, paid, ended);
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
transaction has the account; nothing was done). charged is the whole charge of the row; debt,
balance and held describe the account after it. Errors: 22023 when a row is
invalid, then nothing was done.';
