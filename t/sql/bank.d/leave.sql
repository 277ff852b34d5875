-- A client that holds; it is never heard of again, or releases the hold at
-- the moment the reaper does.
SELECT bank_user() AS usr, gen_random_uuid() AS request \gset
\set back random(0, 1)
SELECT count(*) FROM credit_hold_batch(
    ARRAY[:usr::text], ARRAY[:request::uuid], ARRAY[5], ARRAY[1],
    '1 millisecond', 'leave');
\if :back
SELECT 1 / (outcome = 'released')::int FROM credit_settle_batch(
    ARRAY[:usr::text], ARRAY[:request::uuid], ARRAY['released'], ARRAY[0],
    ARRAY['chat'], ARRAY['{}'::jsonb]);
\endif
