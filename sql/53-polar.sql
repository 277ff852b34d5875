-- Polar's events: what they say, and what is made of it.  The signature has
-- been checked; what is in the payload may still be anything.

CREATE OR REPLACE FUNCTION credit_json_parse(p_text text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
    RETURN p_text::jsonb;
EXCEPTION
    WHEN data_exception OR program_limit_exceeded THEN
        BEGIN
            -- valid JSON may have escapes that text cannot hold: NUL, and
            -- halves of surrogate pairs
            RETURN regexp_replace(p_text,
                '\\u(0000|[dD][89a-fA-F][0-9a-fA-F]{2})', '\\ufffd',
                'g')::jsonb;
        EXCEPTION
            WHEN data_exception OR program_limit_exceeded THEN
                RETURN NULL;
        END;
END $$;

COMMENT ON FUNCTION credit_json_parse IS
'Text as jsonb, null if it is not JSON. Escapes that Postgres cannot hold
become U+FFFD.';


CREATE OR REPLACE FUNCTION credit_json_text(v jsonb) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN jsonb_typeof(v) IN ('string', 'number')
                 AND octet_length(v #>> '{}') BETWEEN 1 AND 255
            THEN v #>> '{}' END;

COMMENT ON FUNCTION credit_json_text IS
'An id: a string or a number as text of 1..255 bytes, null for all else.';


CREATE OR REPLACE FUNCTION credit_json_integer(v jsonb) RETURNS bigint
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN jsonb_typeof(v) IN ('string', 'number')
                 AND v #>> '{}' ~ '^[0-9]{1,15}$'
            THEN (v #>> '{}')::bigint END;

COMMENT ON FUNCTION credit_json_integer IS
'An integer from 0 to 10^15 - 1, as a number or as a string of digits; null for
all else.';


CREATE OR REPLACE FUNCTION credit_json_time(v jsonb) RETURNS timestamptz
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
    -- with its zone, so that no setting has a say
    IF jsonb_typeof(v) = 'string'
       AND v #>> '{}' ~ ('^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?'
                         '(Z|[+-]\d\d:?\d\d)$')
    THEN
        RETURN (v #>> '{}')::timestamptz;
    END IF;

    RETURN NULL;
EXCEPTION
    WHEN data_exception THEN
        RETURN NULL;
END $$;

COMMENT ON FUNCTION credit_json_time IS
'A time in ISO 8601 with its zone, null for all else.';


CREATE OR REPLACE FUNCTION credit_validity_parse(v jsonb) RETURNS interval
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN coalesce(jsonb_typeof(v), 'null') = 'null'
            THEN interval '1 year'
            WHEN jsonb_typeof(v) IN ('string', 'number')
                 AND v #>> '{}' ~ '^[0-9]{1,5}[myd]?$'
            THEN (substring(v #>> '{}' FROM '^[0-9]+')
                  || CASE right(v #>> '{}', 1) WHEN 'm' THEN ' months'
                                               WHEN 'y' THEN ' years'
                                               ELSE ' days' END)::interval
       END;

COMMENT ON FUNCTION credit_validity_parse IS
'The metadata validity_period as an interval: a number or string of days, or a
string with a unit, 30d, 12m, 1y; a year if there is none; null for all else.';


CREATE OR REPLACE FUNCTION credit_polar_terms_of(
    p_order jsonb, p_replay boolean, p_user text, p_credits bigint,
    p_validity interval)
RETURNS credit_polar_terms
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    terms credit_polar_terms;
    subscription jsonb := p_order -> 'subscription';
    metadata jsonb := p_order #> '{product,metadata}';
BEGIN
    -- the product as it is, where the order does not say or has been mended
    IF p_replay OR coalesce(jsonb_typeof(metadata), 'null') <> 'object' THEN
        metadata := coalesce((SELECT p.metadata FROM credit_product p
                               WHERE p.source = 'polar'
                                     AND p.id = p_order ->> 'product_id'),
                             metadata);
    END IF;

    terms.id := credit_json_text(p_order -> 'id');

    -- the buyer may have chosen the last two: they only say who gets it
    terms.usr := coalesce(
        p_user, credit_json_text(p_order #> '{customer,external_id}'),
        credit_json_text(p_order #> '{metadata,reference_id}'),
        credit_json_text(p_order #> '{metadata,userId}'));

    terms.credits := coalesce(p_credits,
                              credit_json_integer(metadata -> 'credits'));
    terms.validity := coalesce(
        p_validity, credit_validity_parse(metadata -> 'validity_period'));
    terms.subscription := credit_json_text(p_order -> 'subscription_id');
    terms.period_start :=
        credit_json_time(subscription -> 'current_period_start');
    terms.period_end := credit_json_time(subscription -> 'current_period_end');

    RETURN terms;
END $$;

COMMENT ON FUNCTION credit_polar_terms_of IS
'What an order is to be granted as: see credit_polar_paid for the arguments.
What the order does not say, or not so that it can be understood, is null.';


CREATE OR REPLACE FUNCTION credit_polar_refuse(
    p_order jsonb, terms credit_polar_terms, p_credits bigint,
    p_validity interval, OUT outcome text, OUT detail text)
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    whose text := format('order %s of user %s', terms.id, terms.usr);
    product text := p_order ->> 'product_id';
    reason text := coalesce(p_order ->> 'billing_reason', '');
BEGIN
    outcome := 'rejected';

    IF terms.id IS NULL THEN
        detail := 'an order without an id';

    ELSIF p_order -> 'paid' IS DISTINCT FROM 'true' THEN
        detail := format('order %s is not paid', terms.id);

    ELSIF EXISTS (SELECT FROM credit_order o
                   WHERE o.source = 'polar' AND o.id = terms.id
                         AND o.packageId IS NOT NULL)
    THEN
        outcome := 'ignored';
        detail := format('order %s has its package', terms.id);

    ELSIF terms.usr IS NULL THEN
        outcome := 'pending';
        detail := format('order %s of customer %s names no user: nothing is '
                         'granted until credit_replay names one', terms.id,
                         p_order ->> 'customer_id');

    ELSIF (terms.credits > 0 AND credit_amount_is_valid(terms.credits))
          IS NOT TRUE
    THEN
        detail := format('%s: the metadata of product %s has no valid '
                         '"credits": nothing is granted until credit_replay',
                         whose, product);

    ELSIF terms.validity IS NULL
          AND (terms.subscription IS NULL OR terms.period_end IS NULL)
    THEN
        detail := format('%s: the metadata of product %s has no valid '
                         '"validity_period": nothing is granted until '
                         'credit_replay', whose, product);

    ELSIF terms.subscription IS NOT NULL AND p_credits IS NULL
          AND reason NOT IN ('subscription_create', 'subscription_cycle')
    THEN
        -- half a cycle's price would buy a whole cycle's credits
        detail := format('%s pays for no cycle of subscription %s (%s): '
                         'nothing is granted until credit_replay says how '
                         'many credits', whose, terms.subscription, reason);

    ELSIF terms.subscription IS NOT NULL AND p_validity IS NULL
          AND terms.period_end <= clock_timestamp()
    THEN
        detail := format('%s: the period of subscription %s is over: nothing '
                         'is granted until credit_replay names a validity',
                         whose, terms.subscription);

    ELSE
        outcome := NULL;
    END IF;
END $$;

COMMENT ON FUNCTION credit_polar_refuse IS
'Why an order is not granted, as outcome and detail; both null if it is.';


CREATE OR REPLACE FUNCTION credit_polar_paid(
    p_order jsonb, p_replay boolean, p_debt boolean,
    p_user text, p_credits bigint, p_validity interval,
    OUT outcome text, OUT detail text, OUT usr text)
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    terms credit_polar_terms := credit_polar_terms_of(
        p_order, p_replay, p_user, p_credits, p_validity);
    done text;
    by_period boolean := terms.subscription IS NOT NULL
                         AND p_validity IS NULL;
BEGIN
    usr := terms.usr;

    SELECT r.outcome, r.detail INTO outcome, detail
      FROM credit_polar_refuse(p_order, terms, p_credits, p_validity) r;

    IF outcome IS NOT NULL THEN
        RETURN;
    END IF;

    done := credit_order_paid(
        'polar', terms.id, terms.usr, terms.credits,
        CASE WHEN NOT by_period OR terms.period_end IS NULL
             THEN terms.validity END,
        terms.subscription, terms.period_start,
        CASE WHEN by_period THEN terms.period_end END, p_debt);

    IF done IS NULL THEN
        outcome := 'ignored';
        detail := format('order %s has its package', terms.id);
        RETURN;
    END IF;

    -- it may say at once that it was refunded meanwhile
    IF credit_json_integer(p_order -> 'refunded_amount') > 0 THEN
        done := concat_ws('; ', done,
                          (credit_polar_refunded(p_order, p_debt)).detail);
    END IF;

    outcome := 'applied';
    detail := done;
END $$;

COMMENT ON FUNCTION credit_polar_paid IS
'Grants a paid order, given as Polar prints it: credits and validity from its
product''s metadata, or those of the product as it is now with p_replay or
where the order has no product. p_user, p_credits and p_validity take
precedence where they are not null. Says what became of it, and whose it is.';


CREATE OR REPLACE FUNCTION credit_polar_refunded(
    p_order jsonb, p_debt boolean, OUT outcome text, OUT detail text,
    OUT usr text)
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    order_id text := credit_json_text(p_order -> 'id');
    net bigint := credit_json_integer(p_order -> 'net_amount');
    refunded bigint := credit_json_integer(p_order -> 'refunded_amount');
BEGIN
    IF order_id IS NULL OR net IS NULL OR refunded IS NULL THEN
        outcome := 'rejected';
        detail := format('the refund of order %s does not say how much of '
                         'what: nothing is taken back', order_id);
        RETURN;
    END IF;

    outcome := 'applied';
    detail := format('order %s: %s', order_id,
        credit_order_refunded('polar', order_id, refunded, net,
            (p_order ->> 'status' = 'refunded') IS TRUE, p_debt));

    SELECT o.userId INTO usr FROM credit_order o
     WHERE o.source = 'polar' AND o.id = order_id;
END $$;

COMMENT ON FUNCTION credit_polar_refunded IS
'Takes back what an order''s refunds stand for. refunded_amount is all that was
refunded until now.';


CREATE OR REPLACE FUNCTION credit_polar_subscription(
    p_type text, p_at timestamptz, p_subscription jsonb,
    OUT outcome text, OUT detail text)
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    id text := credit_json_text(p_subscription -> 'id');
    ended timestamptz := credit_json_time(p_subscription -> 'ended_at');
BEGIN
    IF p_type = 'subscription.revoked' THEN
        ended := coalesce(ended, p_at, clock_timestamp());
    END IF;

    IF id IS NULL OR p_at IS NULL AND ended IS NULL THEN
        outcome := 'rejected';
        detail := format('%s without an id or a time', p_type);
        RETURN;
    END IF;

    detail := credit_subscription_changed('polar', id,
        coalesce(p_at, ended), ended,
        credit_json_time(p_subscription -> 'current_period_start'),
        credit_json_time(p_subscription -> 'current_period_end'));
    outcome := CASE WHEN detail IS NULL THEN 'ignored' ELSE 'applied' END;
    detail := coalesce(detail, '');
END $$;

COMMENT ON FUNCTION credit_polar_subscription IS
'Lets packages expire with their subscription; never grants.';


CREATE OR REPLACE FUNCTION credit_polar_product(
    p_at timestamptz, p_product jsonb, OUT outcome text, OUT detail text)
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    outcome := 'ignored';
    detail := '';

    INSERT INTO credit_product AS p (source, id, metadata, changedAt)
    SELECT 'polar', p_product ->> 'id', p_product -> 'metadata',
           coalesce(credit_json_time(p_product -> 'modified_at'), p_at)
     WHERE credit_json_text(p_product -> 'id') IS NOT NULL
           AND jsonb_typeof(p_product -> 'metadata') = 'object'
           AND coalesce(credit_json_time(p_product -> 'modified_at'), p_at)
               IS NOT NULL
        ON CONFLICT (source, id) DO UPDATE
           SET metadata = excluded.metadata, changedAt = excluded.changedAt
         WHERE p.changedAt <= excluded.changedAt;

    IF FOUND THEN
        outcome := 'applied';
        detail := format('product %s: %s', p_product ->> 'id',
                         p_product -> 'metadata');
    END IF;
END $$;

COMMENT ON FUNCTION credit_polar_product IS
'Remembers the metadata of a product, unless newer ones are known.';


CREATE OR REPLACE FUNCTION credit_polar_apply(
    p_event jsonb, p_replay boolean, p_debt boolean,
    p_user text, p_credits bigint, p_validity interval,
    OUT outcome text, OUT detail text, OUT usr text)
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    type text := p_event ->> 'type';
    at timestamptz := credit_json_time(p_event -> 'timestamp');
    data jsonb := p_event -> 'data';
BEGIN
    CASE
        WHEN type = 'order.paid' THEN
            SELECT * INTO outcome, detail, usr
              FROM credit_polar_paid(data, p_replay, p_debt, p_user,
                                     p_credits, p_validity);

        WHEN type = 'order.refunded' THEN
            SELECT * INTO outcome, detail, usr
              FROM credit_polar_refunded(data, p_debt);

        WHEN type ~ '^subscription\.' THEN
            SELECT * INTO outcome, detail
              FROM credit_polar_subscription(type, at, data);

        WHEN type IN ('product.created', 'product.updated') THEN
            SELECT * INTO outcome, detail FROM credit_polar_product(at, data);

        ELSE
            outcome := 'ignored';
            detail := '';
    END CASE;
EXCEPTION
    -- no repetition would help; all else is for the processor to send again
    WHEN data_exception OR integrity_constraint_violation THEN
        outcome := 'rejected';
        detail := format('%s %s: %s', type, data ->> 'id', sqlerrm);
END $$;

COMMENT ON FUNCTION credit_polar_apply IS
'What an event, given as jsonb, does: outcome, detail and whose it is. See
credit_polar_paid for the arguments.';


CREATE OR REPLACE FUNCTION credit_polar_event(
    p_id text, p_payload text, p_debt boolean)
RETURNS TABLE (outcome text, detail text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path FROM CURRENT
AS $$
DECLARE
    event jsonb := credit_json_parse(p_payload);
    kind text := CASE WHEN jsonb_typeof(event -> 'type') = 'string'
                      THEN coalesce(credit_json_text(event -> 'type'), '')
                      ELSE '' END;
    known credit_event;
    what record;
BEGIN
    IF (octet_length(p_id) BETWEEN 1 AND 255 AND p_payload IS NOT NULL
        AND p_debt IS NOT NULL) IS NOT TRUE
    THEN
        RAISE EXCEPTION 'credit_polar_event: invalid argument'
              USING ERRCODE = '22023';
    END IF;

    -- waits for a delivery of the same event that is under way
    INSERT INTO credit_event (source, type, id, outcome, payload)
    VALUES ('polar', kind, p_id, 'malformed', p_payload)
        ON CONFLICT DO NOTHING;

    IF NOT FOUND THEN
        SELECT e.* INTO known FROM credit_event e
         WHERE e.source = 'polar' AND e.type = kind AND e.id = p_id
           FOR NO KEY UPDATE;

        IF known.outcome IN ('applied', 'ignored') THEN
            RETURN QUERY SELECT known.outcome, known.detail;
            RETURN;
        END IF;
    END IF;

    IF kind <> '' THEN
        SELECT a.outcome, left(a.detail, 1000) AS detail, a.usr INTO what
          FROM credit_polar_apply(event, known.id IS NOT NULL, p_debt, NULL,
                                  NULL, NULL) a;
    ELSE
        SELECT 'malformed' AS outcome, 'not an event of Polar''s' AS detail,
               NULL AS usr INTO what;
    END IF;

    UPDATE credit_event e
       SET outcome = what.outcome, detail = what.detail, userId = what.usr
     WHERE e.source = 'polar' AND e.type = kind AND e.id = p_id;

    RETURN QUERY SELECT what.outcome, what.detail;
END $$;

COMMENT ON FUNCTION credit_polar_event IS
'Takes an event whose signature has been checked: p_id is its webhook-id,
1..255 bytes, p_payload the body as it came; with p_debt what was spent of
refunded credits becomes debt. Keeps the event and says what became of it:
applied; ignored (nothing to do); pending (needs a user: credit_replay) and
rejected (needs a human: credit_replay), both with nothing done; malformed. A
repetition changes nothing and gets the same answer, but what was pending or
rejected is tried again with the product as it is now. Errors: 22023.';
