-- A worker that renews: what twenty holds of anybody are due next, also the
-- ones that are being settled or reaped.
SELECT coalesce(array_agg(h.userId), '{}')::text AS users,
       coalesce(array_agg(h.requestId), '{}')::text AS requests
  FROM (SELECT * FROM credit_hold ORDER BY expiresAt LIMIT 20) h \gset
SELECT count(*) FROM credit_renew_batch(
    :users::text[], :requests::uuid[], '1 second');
