-- What the user sees: the JSON of GET /api/credits and .../transactions.

CREATE OR REPLACE FUNCTION credit_overview(p_user text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path FROM CURRENT
AS $$
DECLARE
    t timestamptz := clock_timestamp();
    document text;
BEGIN
    WITH known AS (
        SELECT p.id, p.source, p.credits, p.remainingCredits, p.expiresAt,
               p.createdAt,
               CASE WHEN p.status = 'active' AND p.expiresAt <= t
                    THEN 'expired' ELSE p.status END AS status
          FROM credit_package p
         WHERE p.userId = p_user
    ), shown AS (
        (SELECT row_number() OVER (ORDER BY k.expiresAt, k.id) AS place, k.*
           FROM known k WHERE k.status = 'active')
        UNION ALL
        -- the dead ones only ever become more
        (SELECT row_number() OVER (ORDER BY k.createdAt DESC, k.id DESC)
                AS place, k.*
           FROM known k WHERE k.status <> 'active'
          ORDER BY place LIMIT 200)
    ), listed AS (
        SELECT '[' || coalesce(string_agg(row_to_json(e)::text, ','
                                          ORDER BY s.status <> 'active',
                                                   s.place), '') || ']'
               AS packages,
               coalesce(sum(s.remainingCredits)
                        FILTER (WHERE s.status = 'active'), 0)::bigint
               AS balance
          FROM shown s
               CROSS JOIN LATERAL (
                   SELECT s.id, s.source, s.credits,
                          s.remainingCredits AS "remainingCredits", s.status,
                          credit_iso(s.expiresAt) AS "expiresAt",
                          credit_iso(s.createdAt) AS "createdAt") e
    ), account AS (
        SELECT coalesce(sum(a.held), 0)::bigint AS held,
               coalesce(sum(a.debt), 0)::bigint AS debt
          FROM credit_account a WHERE a.userId = p_user
    )
    SELECT row_to_json(d) INTO document
      FROM (SELECT l.balance, a.held, a.debt,
                   l.balance - a.held - a.debt AS available,
                   l.packages::json AS packages
              FROM listed l CROSS JOIN account a) d;

    RETURN document;
END $$;

COMMENT ON FUNCTION credit_overview IS
'The account as JSON: balance, held, debt, available (which may be negative)
and packages: those that can be spent, in spending order, then the newest 200
of the others. Whether a package has expired is decided by the clock, not by
the reaper. Without an account: zeros and no packages.';


CREATE OR REPLACE FUNCTION credit_cursor(t timestamptz, request uuid)
RETURNS text
LANGUAGE sql IMMUTABLE
RETURN (extract(epoch FROM t) * 1000000)::bigint::text
       || '.' || request::text;

COMMENT ON FUNCTION credit_cursor IS
'The cursor that continues after this charge: microseconds.request.';


CREATE OR REPLACE FUNCTION credit_transactions_page(
    p_user text, p_limit int, p_cursor text, p_type text,
    p_since timestamptz)
RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path FROM CURRENT
AS $$
DECLARE
    before timestamptz := 'infinity';
    before_id uuid := 'ffffffff-ffff-ffff-ffff-ffffffffffff';
    document text;
BEGIN
    IF (p_limit BETWEEN 1 AND 200) IS NOT TRUE
       OR NOT credit_type_ok(p_type)
    THEN
        RAISE EXCEPTION 'credit_transactions_page: invalid limit or type'
              USING ERRCODE = '22023';
    END IF;

    IF p_cursor !~ ('^[0-9]{1,16}\.[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}'
                    '-[0-9a-f]{4}-[0-9a-f]{12}$')
    THEN
        RAISE EXCEPTION 'credit_transactions_page: invalid cursor'
              USING ERRCODE = '22023';
    END IF;

    IF p_cursor IS NOT NULL THEN
        before := timestamptz 'epoch' + split_part(p_cursor, '.', 1)::bigint
                                        * interval '1 microsecond';
        before_id := split_part(p_cursor, '.', 2);
    END IF;

    -- one more than asked for: is there another page?
    WITH found AS (
        SELECT row_number() OVER (ORDER BY c.createdAt DESC,
                                           c.requestId DESC) AS place, c.*
          FROM credit_charge c
         WHERE c.userId = p_user AND c.amount > 0
               AND (c.createdAt, c.requestId) < (before, before_id)
               AND c.createdAt >= coalesce(p_since, '-infinity')
               AND (p_type IS NULL OR c.type = p_type)
         ORDER BY c.createdAt DESC, c.requestId DESC
         LIMIT p_limit + 1
    ), listed AS (
        SELECT '[' || coalesce(string_agg(row_to_json(e)::text, ','
                                          ORDER BY f.place), '') || ']'
               AS transactions
          FROM found f
               CROSS JOIN LATERAL (
                   SELECT '[' || coalesce(string_agg(row_to_json(l)::text, ','
                                          ORDER BY x.line), '') || ']'
                          AS packages
                     FROM credit_transaction x
                          CROSS JOIN LATERAL (
                              SELECT x.packageId AS "packageId",
                                     x.amount) l
                    WHERE x.userId = f.userId
                          AND x.requestId = f.requestId) p
               CROSS JOIN LATERAL (
                   SELECT f.requestId AS id, f.type, f.description, f.amount,
                          p.packages::json AS packages, f.metadata,
                          credit_iso(f.createdAt) AS "createdAt") e
         WHERE f.place <= p_limit
    )
    SELECT row_to_json(d) INTO document
      FROM (SELECT l.transactions::json AS transactions,
                   (SELECT credit_cursor(f.createdAt, f.requestId)
                      FROM found f
                     WHERE f.place = p_limit
                           AND EXISTS (SELECT FROM found g
                                        WHERE g.place > p_limit))
                   AS "nextCursor"
              FROM listed l) d;

    RETURN document;
END $$;

COMMENT ON FUNCTION credit_transactions_page IS
'Charges above 0 as JSON, one entry a request, newest first: p_limit (1..200)
of them, those before p_cursor (null: from the newest), of type p_type (null:
all), not older than p_since (null: all). amount is the whole charge; packages
is empty when all of it became debt. nextCursor is null on the last page.
Errors: 22023 for an invalid limit, type or cursor.';
