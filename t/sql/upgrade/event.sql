-- A purchase, and the housekeeping.
\set n random(0, 29)
SELECT 'u' || :n AS usr, gen_random_uuid() AS id \gset
SELECT outcome, detail FROM credit_polar_event(
    :id::text,
    json_build_object('type', 'order.paid', 'data', json_build_object(
        'id', :id::text, 'paid', true, 'product_id', 'p1',
        'customer', json_build_object('external_id', :usr::text)))::text,
    false::boolean) \gset
SELECT 1 / (:outcome = 'applied')::int;
INSERT INTO traffic.granted VALUES (:usr, 500);
SELECT userId, requestId, amount FROM credit_reap(100::int, false::boolean);
