-- Polar's payloads, as small as they can be.

-- b into a, level by level
CREATE FUNCTION merge(a jsonb, b jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    IF jsonb_typeof(a) = 'object' AND jsonb_typeof(b) = 'object'
       AND b <> '{}'
    THEN
        RETURN a || (SELECT jsonb_object_agg(e.key, CASE WHEN a ? e.key
                                THEN merge(a -> e.key, e.value)
                                ELSE e.value END)
                       FROM jsonb_each(b) e);
    END IF;
    RETURN b;
END $$;

CREATE FUNCTION ord(id text, change jsonb DEFAULT NULL) RETURNS jsonb
LANGUAGE sql
RETURN merge(jsonb_build_object('id', id) || '{
    "status": "paid", "paid": true, "net_amount": 1000, "refunded_amount": 0,
    "billing_reason": "purchase", "customer_id": "c1", "product_id": "p1",
    "subscription_id": null, "metadata": {}, "subscription": null,
    "customer": {"id": "c1", "external_id": "ann"},
    "product": {"id": "p1", "metadata": {"credits": 10000,
                                         "validity_period": 365}}}',
    coalesce(change, jsonb_build_object('id', id)));

CREATE FUNCTION sub(id text, change jsonb DEFAULT NULL) RETURNS jsonb
LANGUAGE sql
RETURN merge(jsonb_build_object('id', id) || '{
    "status": "active", "ended_at": null,
    "current_period_start": "2098-12-01T00:00:00Z",
    "current_period_end": "2099-01-01T00:00:00Z"}',
    coalesce(change, jsonb_build_object('id', id)));

-- an event, delivered: "outcome: detail"
CREATE FUNCTION send(id text, type text, data jsonb,
    at text DEFAULT '2026-02-03T12:34:56.789012Z', debt boolean DEFAULT false)
RETURNS text LANGUAGE sql
BEGIN ATOMIC
    SELECT e.outcome || ': ' || e.detail
      FROM credit_polar_event(id, jsonb_build_object('type', type,
               'timestamp', at, 'data', data)::text, debt) e;
END;
