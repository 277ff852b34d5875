-- A request, in the statements of the module: who asks, what it holds, what it
-- is charged, and what its user then sees.
\set n random(0, 29)
\set want random(1, 9)
SELECT 'u' || :n AS usr, 'token' || :n AS token,
       gen_random_uuid() AS request \gset
SELECT 1 / (userId = :usr)::int
  FROM (SELECT ord, expiresIn, userId
          FROM credit_session_batch(ARRAY[:token]::text[])) s;
SELECT ord, outcome, amount, balance, held, available FROM credit_hold_batch(
    ARRAY[:usr]::text[], ARRAY[:request]::uuid[], ARRAY[:want]::bigint[],
    ARRAY[1]::bigint[], '1 minute'::interval, 'node'::text,
    false::boolean) \gset
SELECT 1 / (:outcome = 'held')::int;
\set used random(0, :amount)
SELECT ord, outcome FROM credit_settle_batch(
    ARRAY[:usr]::text[], ARRAY[:request]::uuid[], ARRAY['settled']::text[],
    ARRAY[:used]::bigint[], ARRAY['chat']::text[],
    ARRAY['{"totalTokens": 1}']::jsonb[], false::boolean) \gset
SELECT 1 / (:outcome = 'settled')::int;
INSERT INTO traffic.settled VALUES (:usr, :request::uuid, :used);
SELECT credit_overview(:usr::text);
SELECT credit_transactions_page(:usr::text, 20::int, NULL::text, NULL::text,
                                NULL::timestamptz);
