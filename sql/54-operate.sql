-- What operators do by hand.  Each act is an event of source operator, which
-- says who did what to whom, and why.

CREATE OR REPLACE FUNCTION credit_operator_log(
    p_type text, p_user text, p_detail text, p_reason text)
RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    IF (octet_length(p_reason) BETWEEN 1 AND 1000) IS NOT TRUE THEN
        RAISE EXCEPTION 'credit_%: a reason is needed', p_type
              USING ERRCODE = '22023';
    END IF;

    INSERT INTO credit_event (source, type, id, userId, detail, payload)
    VALUES ('operator', p_type, gen_random_uuid()::text, p_user, p_detail,
            jsonb_build_object('by', session_user, 'reason', p_reason));
END $$;

COMMENT ON FUNCTION credit_operator_log IS
'Leaves the trace of an act. Errors: 22023 without a reason of 1..1000 bytes.';


CREATE OR REPLACE FUNCTION credit_package_of(p_user text, p_package text)
RETURNS credit_package
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    p credit_package;
BEGIN
    PERFORM credit_accounts_lock(ARRAY[p_user], false);

    SELECT k.* INTO p FROM credit_package k
     WHERE k.userId = p_user AND k.id = p_package;

    IF NOT FOUND THEN
        RAISE EXCEPTION 'user "%" has no package "%"', p_user, p_package
              USING ERRCODE = 'P0002';
    END IF;

    RETURN p;
END $$;

COMMENT ON FUNCTION credit_package_of IS
'A user''s package, with the account locked. Errors: P0002 if there is none.';


CREATE OR REPLACE FUNCTION credit_revoke(
    p_user text, p_package text, p_reason text)
RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path FROM CURRENT
AS $$
DECLARE
    p credit_package := credit_package_of(p_user, p_package);
    taken bigint;
BEGIN
    taken := credit_packages_debit(
        p_user, p_package, p.remainingCredits, false, 'refunded', 'Revoked',
        jsonb_build_object('kind', 'revocation'));

    PERFORM credit_operator_log(
        'revoke', p_user,
        format('took %s credits of package %s', taken, p_package), p_reason);

    RETURN taken;
END $$;

COMMENT ON FUNCTION credit_revoke IS
'Takes what is left of a package, and returns how many credits that was;
answers in flight are still charged. Errors: P0002 if the user has no such
package, 22023 without a reason.';


CREATE OR REPLACE FUNCTION credit_extend(
    p_user text, p_package text, p_expires timestamptz, p_reason text)
RETURNS timestamptz
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path FROM CURRENT
AS $$
DECLARE
    p credit_package := credit_package_of(p_user, p_package);
    expires timestamptz;
BEGIN
    IF p_expires IS NULL OR p.remainingCredits = 0 THEN
        RAISE EXCEPTION 'credit_extend: no expiry, or nothing left'
              USING ERRCODE = '22023';
    END IF;

    expires := credit_package_set_expiry(p_user, p_package, p_expires);

    PERFORM credit_operator_log(
        'extend', p_user,
        format('package %s expires %s instead of %s', p_package,
               coalesce(credit_time_format(expires), 'never'),
               coalesce(credit_time_format(p.expiresAt), 'never')),
        p_reason);

    RETURN expires;
END $$;

COMMENT ON FUNCTION credit_extend IS
'Gives a package another expiry, earlier or later, now at the earliest,
infinity for never, and returns it. One that had expired can be spent again.
Errors: P0002 if the user has no such package, 22023 if nothing is left of it
or without an expiry or a reason.';


CREATE OR REPLACE FUNCTION credit_correct(
    p_user text, p_credits bigint, p_id text, p_reason text,
    p_validity interval DEFAULT interval '1 year')
RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path FROM CURRENT
AS $$
DECLARE
    moved bigint := p_credits;
BEGIN
    IF (credit_user_is_valid(p_user) AND octet_length(p_id) BETWEEN 1 AND 255
        AND p_credits <> 0 AND credit_amount_is_valid(abs(p_credits)))
       IS NOT TRUE
    THEN
        RAISE EXCEPTION 'credit_correct: invalid argument'
              USING ERRCODE = '22023';
    END IF;

    -- before the account, as the order of locks has it; waits for the same
    -- correction under way
    INSERT INTO credit_event (source, type, id, userId)
    VALUES ('operator', 'correction', p_id, p_user)
        ON CONFLICT DO NOTHING;

    IF NOT FOUND THEN
        RETURN 0;
    END IF;

    IF p_credits > 0 THEN
        PERFORM credit_grant(p_user, p_credits, p_validity, 'correction',
                             p_id);
    ELSE
        PERFORM credit_accounts_ensure(ARRAY[p_user]);
        PERFORM credit_accounts_lock(ARRAY[p_user], false);

        moved := -credit_packages_debit(
            p_user, NULL, -p_credits, false, 'depleted', 'Correction',
            jsonb_build_object('kind', 'correction', 'id', p_id));
    END IF;

    PERFORM credit_operator_log(
        'correct', p_user,
        format('correction %s of %s credits, of which %s', p_id, p_credits,
               moved), p_reason);

    RETURN moved;
END $$;

COMMENT ON FUNCTION credit_correct IS
'Gives (p_credits > 0, as a package that repays debt first) or takes (< 0, in
spending order, what is there and no more) credits, once for each p_id, 1..255
bytes; a repetition changes nothing and returns 0. Returns the credits that
moved. Errors: 22023 for an invalid argument or without a reason.';


CREATE OR REPLACE FUNCTION credit_freeze(
    p_user text, p_reason text, p_frozen boolean DEFAULT true)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path FROM CURRENT
AS $$
BEGIN
    IF (credit_user_is_valid(p_user) AND p_frozen IS NOT NULL) IS NOT TRUE THEN
        RAISE EXCEPTION 'credit_freeze: invalid argument'
              USING ERRCODE = '22023';
    END IF;

    PERFORM credit_accounts_ensure(ARRAY[p_user]);

    UPDATE credit_account a SET frozen = p_frozen WHERE a.userId = p_user;

    PERFORM credit_operator_log(
        CASE WHEN p_frozen THEN 'freeze' ELSE 'unfreeze' END, p_user, '',
        p_reason);
END $$;

COMMENT ON FUNCTION credit_freeze IS
'Freezes a user: nothing is admitted (403) until credit_unfreeze. Answers in
flight go on and are charged, and purchases are granted. Errors: 22023 for an
invalid user or without a reason.';


CREATE OR REPLACE FUNCTION credit_unfreeze(p_user text, p_reason text)
RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path FROM CURRENT
BEGIN ATOMIC
    SELECT credit_freeze(p_user, p_reason, false);
END;

COMMENT ON FUNCTION credit_unfreeze IS
'Ends credit_freeze. Errors: the same.';


CREATE OR REPLACE FUNCTION credit_replay(
    p_id text, p_reason text, p_user text DEFAULT NULL,
    p_credits bigint DEFAULT NULL, p_validity interval DEFAULT NULL,
    p_debt boolean DEFAULT false)
RETURNS TABLE (outcome text, detail text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path FROM CURRENT
AS $$
DECLARE
    e credit_event;
    what record;
BEGIN
    SELECT v.* INTO e FROM credit_event v
     WHERE v.source = 'polar' AND v.type <> 'grant' AND v.id = p_id
     ORDER BY v.createdAt DESC LIMIT 1
       FOR NO KEY UPDATE;

    IF NOT FOUND THEN
        RAISE EXCEPTION 'credit_replay: there is no event "%"', p_id
              USING ERRCODE = 'P0002';
    END IF;

    IF e.outcome = 'malformed' THEN
        RAISE EXCEPTION 'credit_replay: event "%" is malformed', p_id
              USING ERRCODE = '22023';
    END IF;

    SELECT a.outcome, left(a.detail, 1000) AS detail, a.usr INTO what
      FROM credit_polar_apply(credit_json_parse(e.payload), true, p_debt,
                              p_user, p_credits, p_validity) a;

    -- what an event has done stays said
    IF what.outcome = 'applied' OR e.outcome NOT IN ('applied', 'ignored') THEN
        UPDATE credit_event v
           SET outcome = what.outcome, detail = what.detail,
               userId = what.usr
         WHERE v.source = e.source AND v.type = e.type AND v.id = e.id;
    END IF;

    PERFORM credit_operator_log(
        'replay', what.usr,
        format('event %s: %s; %s', p_id, what.outcome, what.detail), p_reason);

    RETURN QUERY SELECT what.outcome, what.detail;
END $$;

COMMENT ON FUNCTION credit_replay IS
'Takes a kept event again, by its webhook-id, after a mend: with the product as
it is now, or with what the arguments say: p_user gets it, p_credits and
p_validity are granted. An event that was applied changes nothing. Returns what
credit_polar_event does. Errors: P0002 if there is no such event, 22023 if it
is malformed or without a reason.';


CREATE OR REPLACE FUNCTION credit_holds(p_user text DEFAULT NULL)
RETURNS TABLE (userId text, requestId uuid, amount bigint, node text,
               createdAt timestamptz, expiresAt timestamptz, age interval)
LANGUAGE sql STABLE
SET search_path FROM CURRENT
BEGIN ATOMIC
    SELECT h.userId, h.requestId, h.amount, h.node, h.createdAt, h.expiresAt,
           date_trunc('second', clock_timestamp() - h.createdAt)
      FROM credit_hold h
     WHERE p_user IS NULL OR h.userId = p_user
     ORDER BY h.createdAt, h.userId, h.requestId;
END;

COMMENT ON FUNCTION credit_holds IS
'The holds, of all users or one, the oldest first.';


CREATE OR REPLACE FUNCTION credit_events(
    p_user text DEFAULT NULL, p_outcome text DEFAULT NULL,
    p_since timestamptz DEFAULT '-infinity', p_limit int DEFAULT 100)
RETURNS SETOF credit_event
LANGUAGE sql STABLE
SET search_path FROM CURRENT
BEGIN ATOMIC
    SELECT e.* FROM credit_event e
     WHERE (p_user IS NULL OR e.userId = p_user)
           AND (p_outcome IS NULL OR e.outcome = p_outcome)
           AND e.createdAt >= p_since
     ORDER BY e.createdAt DESC, e.source, e.type, e.id
     LIMIT p_limit;
END;

COMMENT ON FUNCTION credit_events IS
'What happened, the newest first: webhooks with their payloads, grants, and
what operators did; of all users or one, with any outcome or one.';


CREATE OR REPLACE FUNCTION credit_csv_safe(p_text text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN p_text ~ '^[=+@\t\r-]' THEN '''' || p_text
            ELSE p_text END;

COMMENT ON FUNCTION credit_csv_safe IS
'Text for a spreadsheet, which will not take it for a formula.';


CREATE OR REPLACE FUNCTION credit_ledger(
    p_month date, p_user text DEFAULT NULL)
RETURNS TABLE ("time" timestamptz, userId text, entry text, credits bigint,
               debt bigint, packageId text, requestId uuid, type text,
               description text, model text, promptTokens bigint,
               completionTokens bigint)
LANGUAGE plpgsql STABLE
SET search_path FROM CURRENT
AS $$
DECLARE
    since timestamptz := date_trunc('month', p_month::timestamp)
                         AT TIME ZONE 'UTC';
    until timestamptz := (date_trunc('month', p_month::timestamp)
                          + interval '1 month') AT TIME ZONE 'UTC';
BEGIN
    RETURN QUERY
    SELECT p.createdAt, p.userId, 'grant', p.credits, 0::bigint, p.id,
           NULL::uuid, NULL, p.source || ' ' || p.sourceId, NULL,
           NULL::bigint, NULL::bigint
      FROM credit_package p
     WHERE p.createdAt >= since AND p.createdAt < until
           AND (p_user IS NULL OR p.userId = p_user)
    UNION ALL
    SELECT c.createdAt, c.userId, c.status, -coalesce(x.amount, 0),
           CASE WHEN coalesce(x.line, 1) = 1 THEN c.debt ELSE 0 END,
           x.packageId, c.requestId, c.type, credit_csv_safe(c.description),
           credit_csv_safe(c.metadata ->> 'model'),
           CASE WHEN coalesce(x.line, 1) = 1
                THEN (c.metadata ->> 'promptTokens')::bigint END,
           CASE WHEN coalesce(x.line, 1) = 1
                THEN (c.metadata ->> 'completionTokens')::bigint END
      FROM credit_charge c
           LEFT JOIN credit_transaction x
                  ON x.userId = c.userId AND x.requestId = c.requestId
     WHERE c.createdAt >= since AND c.createdAt < until AND c.amount > 0
           AND (p_user IS NULL OR c.userId = p_user)
     ORDER BY 1, 2, 7, 6;
END $$;

COMMENT ON FUNCTION credit_ledger IS
'The ledger of the calendar month, in UTC, that p_month is in, of all users or
one, oldest first: a row for each package granted and for each package that
paid for a charge, so that the sums of credits and debt are what they say;
tokens are on the first row of a charge. entry: grant, or the status of the
charge. credits are what the row adds to a package, debt what a charge could
not be paid with.';
