-- Users u0..u29; the crowd prefers u0 by far.
CREATE TABLE bank_ack (userId text, requestId uuid, amount bigint);
CREATE TABLE bank_denied (who text);

CREATE FUNCTION bank_user() RETURNS text LANGUAGE sql VOLATILE
RETURN 'u' || floor(random() ^ 3 * 30)::int;

SELECT count(credit_grant('u' || u, 20, NULL, 'bank', u || '.' || k))
  FROM generate_series(0, 29) u, generate_series(1, 3) k;
