-- Packages come from orders and from operators.

-- of an earlier version: one argument less
SET LOCAL client_min_messages = warning;
DROP FUNCTION IF EXISTS credit_grant(text, bigint, interval, text, text);
RESET client_min_messages;

CREATE OR REPLACE FUNCTION credit_grant(
    p_user text, p_credits bigint, p_validity interval, p_source text,
    p_source_id text, p_until timestamptz DEFAULT NULL)
RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path FROM CURRENT
AS $$
DECLARE
    t timestamptz := clock_timestamp();
    package text := p_source || ':' || p_source_id;
    request uuid := gen_random_uuid();
    repaid bigint;
BEGIN
    IF (credit_user_ok(p_user)
        AND credit_amount_ok(p_credits) AND p_credits > 0
        AND (p_validity IS NULL
             OR p_validity < interval '100 years' AND t + p_validity > t)
        AND p_source ~ '^[a-z][a-z0-9_.-]{0,31}$'
        AND octet_length(p_source_id) BETWEEN 1 AND 255) IS NOT TRUE
    THEN
        RAISE EXCEPTION 'credit_grant: invalid argument'
              USING ERRCODE = '22023';
    END IF;

    PERFORM credit_open(ARRAY[p_user]);

    SELECT least(a.debt, p_credits) INTO repaid
      FROM credit_account a WHERE a.userId = p_user FOR NO KEY UPDATE;

    -- waits for a grant of the same order that is under way
    INSERT INTO credit_event (source, type, id, userId, detail)
    VALUES (p_source, 'grant', p_source_id, p_user,
            p_credits || ' credits')
        ON CONFLICT DO NOTHING;

    IF NOT FOUND THEN
        PERFORM FROM credit_event e
          WHERE e.source = p_source AND e.type = 'grant'
                AND e.id = p_source_id AND e.userId = p_user;

        IF NOT FOUND THEN
            RAISE EXCEPTION '% "%" was granted to another user',
                            p_source, p_source_id
                  USING ERRCODE = '23505';
        END IF;

        RETURN package;
    END IF;

    t := clock_timestamp();         -- the locks are ours: order of history

    INSERT INTO credit_package
           (id, userId, source, sourceId, credits, remainingCredits, status,
            expiresAt, createdAt)
    VALUES (package, p_user, p_source, p_source_id, p_credits,
            p_credits - repaid,
            CASE WHEN repaid = p_credits THEN 'depleted' ELSE 'active' END,
            greatest(coalesce(least(t + p_validity, p_until), 'infinity'),
                     t), t);

    IF repaid > 0 THEN
        INSERT INTO credit_charge
               (userId, requestId, status, type, amount, debt, hold,
                description, metadata, createdAt)
        VALUES (p_user, request, 'repaid', 'other', repaid, 0, 0,
                'Debt repaid', '{"reason": "debt_repaid"}', t);

        INSERT INTO credit_transaction
               (userId, packageId, amount, type, description, metadata,
                createdAt, requestId, line)
        SELECT c.userId, package, c.amount, c.type, c.description,
               c.metadata, c.createdAt, c.requestId, 1
          FROM credit_charge c
         WHERE c.userId = p_user AND c.requestId = request;
    END IF;

    UPDATE credit_account a
       SET granted = a.granted + p_credits, debt = a.debt - repaid
     WHERE a.userId = p_user;

    RETURN package;
END $$;

COMMENT ON FUNCTION credit_grant IS
'Gives a user a package of 1..10^12 credits, valid from now for p_validity
(more than 0, less than 100 years; null: for ever), but not beyond p_until, and
returns its id, source:source_id. Once for each (source, source_id): a repetition returns the
same id and changes nothing, whatever its other arguments. Debt is repaid
first, with a transaction of type other, "Debt repaid". source:
^[a-z][a-z0-9_.-]{0,31}$; source_id: 1..255 bytes. Errors: 22023 for an invalid
argument, 23505 if the source id was granted to another user.';
