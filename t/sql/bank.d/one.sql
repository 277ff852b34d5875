-- One request: a hold, then its settlement, which is sent twice.
SELECT bank_user() AS usr, gen_random_uuid() AS request \gset
\set want random(1, 9)
\set floor random(1, :want)
SELECT outcome = 'held' AS ok, amount FROM credit_hold_batch(
    ARRAY[:usr::text], ARRAY[:request::uuid], ARRAY[:want::bigint],
    ARRAY[:floor::bigint], '1 minute', 'one') \gset
\if :ok
\set used random(0, :amount)
SELECT outcome = 'settled' AS ok FROM credit_settle_batch(
    ARRAY[:usr::text], ARRAY[:request::uuid], ARRAY['settled'],
    ARRAY[:used::bigint], ARRAY['chat'],
    ARRAY['{"totalTokens": 1}'::jsonb]) \gset
INSERT INTO bank_ack SELECT :usr, :request::uuid, :used WHERE :ok::boolean;
SELECT 1 / (outcome = 'duplicate')::int FROM credit_settle_batch(
    ARRAY[:usr::text], ARRAY[:request::uuid], ARRAY['settled'],
    ARRAY[:used::bigint], ARRAY['chat'], ARRAY['{}'::jsonb]);
\else
INSERT INTO bank_denied VALUES (:usr);
\endif
