-- While an answer runs, its hold does not expire.

CREATE OR REPLACE FUNCTION credit_renew_write(
    users text[], requests uuid[], locked text[], ttl interval, t timestamptz)
RETURNS TABLE (ord int, outcome text)
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    RETURN QUERY
    WITH input AS MATERIALIZED (
        SELECT i.ord, i.usr, i.request
          FROM unnest(users, requests)
               WITH ORDINALITY AS i(usr, request, ord)
    ), renewed AS (
        UPDATE credit_hold h SET expiresAt = greatest(h.expiresAt, t + ttl)
          FROM (SELECT DISTINCT i.usr, i.request FROM input i
                 WHERE i.usr = ANY (locked)) d
         WHERE h.userId = d.usr AND h.requestId = d.request
        RETURNING h.userId, h.requestId
    )
    SELECT i.ord::int,
           CASE WHEN r.userId IS NOT NULL THEN 'renewed'
                WHEN i.usr = ANY (locked)
                     OR NOT EXISTS (SELECT FROM credit_account a
                                     WHERE a.userId = i.usr) THEN 'gone'
                ELSE 'busy' END
      FROM input i
           LEFT JOIN renewed r
                  ON r.userId = i.usr AND r.requestId = i.request;
END $$;

COMMENT ON FUNCTION credit_renew_write IS
'Renews those of these holds whose account the caller has locked, at t: see
credit_renew_batch.';


CREATE OR REPLACE FUNCTION credit_renew_batch(
    users text[], requests uuid[], ttl interval)
RETURNS TABLE (ord int, outcome text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path FROM CURRENT
AS $$
DECLARE
    locked text[];
BEGIN
    IF (ttl > interval '0' AND ttl <= interval '1 day') IS NOT TRUE THEN
        RAISE EXCEPTION 'credit_renew_batch: invalid ttl'
              USING ERRCODE = '22023';
    END IF;

    -- the accounts first, as everywhere: a settlement finds the holds where
    -- it has seen them, and a reaper does not take what is being renewed
    locked := credit_accounts_lock(users, true);

    RETURN QUERY
    SELECT * FROM credit_renew_write(users, requests, locked, ttl,
                                     clock_timestamp());
END $$;

COMMENT ON FUNCTION credit_renew_batch IS
'Lets holds live for another ttl from now, 0 < ttl <= 1 day, and never shortens
a life; to be called for answers that still run, as often as one likes.
Outcomes, in no order: renewed (also when it had expired, but nobody had ended
it), gone (there is no such hold: its request has ended, or credit_reap has
ended it), busy (another transaction has the account; nothing was done). Errors:
22023, then nothing was done.';
