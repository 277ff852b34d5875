-- Twenty requests in a batch, as a worker sends them.
SELECT array_agg('u' || floor(random() * 30)::int)::text AS users,
       array_agg(gen_random_uuid())::text AS requests
  FROM generate_series(1, 20) \gset
SELECT array_agg((:users::text[])[h.ord])::text AS users,
       array_agg((:requests::text[])[h.ord])::text AS requests,
       array_agg(h.amount)::text AS amounts,
       1 / (bool_and(h.outcome = 'held') AND count(*) = 20)::int AS ok
  FROM (SELECT ord, outcome, amount, balance, held, available
          FROM credit_hold_batch(
                   :users::text[], :requests::uuid[],
                   array_fill(5::bigint, ARRAY[20]),
                   array_fill(1::bigint, ARRAY[20]),
                   '1 minute'::interval, 'node'::text, false::boolean)) h \gset
SELECT 1 / (bool_and(s.outcome = 'settled') AND count(*) = 20)::int AS ok
  FROM (SELECT ord, outcome
          FROM credit_settle_batch(
                   :users::text[], :requests::uuid[],
                   array_fill('settled'::text, ARRAY[20]), :amounts::bigint[],
                   array_fill('chat'::text, ARRAY[20]),
                   array_fill('{}'::jsonb, ARRAY[20]), false::boolean)) s \gset
INSERT INTO traffic.settled
SELECT * FROM unnest(:users::text[], :requests::uuid[], :amounts::bigint[]);
