-- What several functions share.  No SET clause: Postgres can inline these
-- into the callers' statements, which have pinned the search path.

CREATE OR REPLACE FUNCTION credit_user_ok(usr text) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN octet_length(usr) BETWEEN 1 AND 255;

COMMENT ON FUNCTION credit_user_ok IS
'Whether this may be a user id: 1..255 bytes. Null for null.';


CREATE OR REPLACE FUNCTION credit_amount_ok(amount bigint) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN amount BETWEEN 0 AND 1000000000000;

COMMENT ON FUNCTION credit_amount_ok IS
'Whether this may be an amount: 0..10^12 credits. Null for null.';


CREATE OR REPLACE FUNCTION credit_type_ok(type text) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN type IN ('chat', 'image', 'other');

COMMENT ON FUNCTION credit_type_ok IS
'Whether this is a type of transaction. Null for null.';


CREATE OR REPLACE FUNCTION credit_iso(t timestamptz) RETURNS text
LANGUAGE sql STABLE
RETURN to_char(nullif(t, 'infinity') AT TIME ZONE 'UTC',
               'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');

COMMENT ON FUNCTION credit_iso IS
'ISO 8601 in UTC with milliseconds; null for infinity.';


CREATE OR REPLACE FUNCTION credit_open(users text[]) RETURNS void
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    INSERT INTO credit_account (userId)
    SELECT DISTINCT i.usr COLLATE "C" AS usr
      FROM unnest(users) AS i(usr)
     ORDER BY usr
        ON CONFLICT DO NOTHING;
END;

COMMENT ON FUNCTION credit_open IS
'Opens accounts that are missing, in the order of locks. Call it before any
account is locked.';


CREATE OR REPLACE FUNCTION credit_lock(users text[], skip_locked boolean)
RETURNS text[]
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    locked text[];
BEGIN
    IF skip_locked THEN
        SELECT array_agg(s.userId) INTO locked
          FROM (SELECT a.userId FROM credit_account a
                 WHERE a.userId = ANY (users)
                 ORDER BY a.userId FOR NO KEY UPDATE SKIP LOCKED) s;
    ELSE
        SELECT array_agg(s.userId) INTO locked
          FROM (SELECT a.userId FROM credit_account a
                 WHERE a.userId = ANY (users)
                 ORDER BY a.userId FOR NO KEY UPDATE) s;
    END IF;

    RETURN locked;
END $$;

COMMENT ON FUNCTION credit_lock IS
'Locks the accounts of these users, in the order of locks, and returns those
that are locked now, in that order: with skip_locked those that nobody else
has, otherwise all that exist.';
