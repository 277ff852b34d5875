-- Twenty requests of random users, in no order, as a worker sends them.
SELECT array_agg(bank_user())::text AS users,
       array_agg(gen_random_uuid())::text AS requests,
       array_agg(floor(random() * 9 + 1))::text AS wants
  FROM generate_series(1, 20) \gset
SELECT coalesce(array_agg((:users::text[])[h.ord]), '{}')::text AS holders,
       coalesce(array_agg((:requests::text[])[h.ord]), '{}')::text AS held,
       coalesce(array_agg(floor(random() * (h.amount + 1))), '{}')::text
           AS used
  FROM credit_hold_batch(
           :users::text[], :requests::uuid[], :wants::bigint[],
           array_fill(1::bigint, ARRAY[20]), '1 minute', 'many') h
 WHERE h.outcome = 'held' \gset
INSERT INTO bank_ack
SELECT (:holders::text[])[s.ord], (:held::uuid[])[s.ord], s.charged
  FROM credit_settle_batch(
           :holders::text[], :held::uuid[],
           array_fill('settled'::text, ARRAY[cardinality(:held::uuid[])]),
           :used::bigint[],
           array_fill('chat'::text, ARRAY[cardinality(:held::uuid[])]),
           array_fill('{}'::jsonb, ARRAY[cardinality(:held::uuid[])])) s;
INSERT INTO bank_denied
SELECT 'many' FROM generate_series(1, 20 - cardinality(:held::uuid[]));
