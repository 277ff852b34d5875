-- Credits that go back without a request: refunds, and what operators take.

CREATE OR REPLACE FUNCTION credit_packages_debit(
    p_user text, p_package text, p_amount bigint, p_debt boolean,
    p_emptied text, p_description text, p_metadata jsonb)
RETURNS bigint
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    t timestamptz := clock_timestamp();
    request uuid := gen_random_uuid();
    rest bigint := p_amount;
    owed bigint;
    packages text[];
    amounts bigint[];
    r record;
BEGIN
    FOR r IN
        SELECT p.id, p.remainingCredits FROM credit_package p
         WHERE p.userId = p_user AND p.remainingCredits > 0
               AND CASE WHEN p_package IS NULL
                        THEN p.status = 'active' AND p.expiresAt > t
                        ELSE p.id = p_package END
         ORDER BY p.expiresAt, p.id
    LOOP
        EXIT WHEN rest = 0;
        packages := packages || r.id;
        amounts := amounts || least(r.remainingCredits, rest);
        rest := rest - least(r.remainingCredits, rest);
    END LOOP;

    owed := CASE WHEN p_debt THEN rest ELSE 0 END;

    IF p_amount - rest + owed = 0 THEN
        RETURN 0;
    END IF;

    INSERT INTO credit_charge
           (userId, requestId, status, type, amount, debt, hold,
            description, metadata, createdAt)
    VALUES (p_user, request, 'adjusted', 'other', p_amount - rest + owed,
            owed, 0, p_description, p_metadata, t);

    INSERT INTO credit_transaction
           (userId, packageId, amount, type, description, metadata,
            createdAt, requestId, line)
    SELECT p_user, i.package, i.amount, 'other', p_description, p_metadata,
           t, request, i.line
      FROM unnest(packages, amounts)
           WITH ORDINALITY AS i(package, amount, line);

    UPDATE credit_package p
       SET remainingCredits = p.remainingCredits - i.amount,
           status = CASE WHEN p.remainingCredits = i.amount
                         THEN p_emptied ELSE p.status END
      FROM unnest(packages, amounts) AS i(package, amount)
     WHERE p.userId = p_user AND p.id = i.package;

    UPDATE credit_account a
       SET spent = a.spent + p_amount - rest + owed, debt = a.debt + owed
     WHERE a.userId = p_user;

    RETURN p_amount - rest;
END $$;

COMMENT ON FUNCTION credit_packages_debit IS
'Takes up to p_amount credits from one package, or, with p_package null, from
those that can be spent, in spending order; what is not there becomes debt with
p_debt and is let go without. Leaves a charge with status adjusted, and its
transactions; an emptied package gets the status p_emptied, depleted or
refunded. Returns the credits taken, without debt. The account must be locked
by the caller.';


CREATE OR REPLACE FUNCTION credit_package_set_expiry(
    p_user text, p_package text, p_at timestamptz)
RETURNS timestamptz
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    UPDATE credit_package p
       SET expiresAt = greatest(p_at, clock_timestamp()),
           status = CASE WHEN p.remainingCredits = 0 THEN p.status
                         ELSE 'active' END
     WHERE p.userId = p_user AND p.id = p_package
    RETURNING p.expiresAt;
END;

COMMENT ON FUNCTION credit_package_set_expiry IS
'Gives a package another expiry, now at the earliest, and returns it; null if
there is no such package. One that had expired can be spent again if the new
expiry lies ahead. The account must be locked by the caller.';
