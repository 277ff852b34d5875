-- Who is asking: Better Auth's table, in the schema of the ledger.

CREATE OR REPLACE FUNCTION credit_session_batch(tokens text[])
RETURNS TABLE (ord int, userId text, expiresIn bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path FROM CURRENT
-- columns without a time zone, as Drizzle makes them, hold UTC
SET timezone = 'UTC'
AS $$
DECLARE
    t timestamptz := clock_timestamp();
BEGIN
    RETURN QUERY
    SELECT i.ord::int, s."userId"::text,
           ceil(1000 * extract(epoch FROM
                least(s."expiresAt"::timestamptz, t + interval '1 year')
                - t))::bigint
      FROM unnest(tokens) WITH ORDINALITY AS i(token, ord)
           JOIN "session" s ON s."token" = i.token
     WHERE s."expiresAt"::timestamptz > t
     ORDER BY i.ord;
END $$;

COMMENT ON FUNCTION credit_session_batch IS
'The users of login sessions, by token: ord is the 1-based position in tokens,
expiresIn the milliseconds left, 1 or more and at most a year. Tokens that are
unknown or expired have no row. Errors: 42P01 when there is no table
"session".';
