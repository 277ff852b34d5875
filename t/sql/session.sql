-- Better Auth's own table, and the one that Drizzle makes of it.
BEGIN;
SELECT plan(6);

SELECT throws_ok($$ SELECT credit_session_batch(ARRAY['t']) $$, '42P01', NULL,
                 'without the table: undefined_table');

CREATE TABLE "session" (
    "id" text PRIMARY KEY,
    "expiresAt" timestamptz NOT NULL,
    "token" text NOT NULL UNIQUE,
    "userId" text NOT NULL
);
INSERT INTO "session" VALUES
    ('1', now() + interval '1 hour', 'live', 'u1'),
    ('2', now() - interval '1 second', 'over', 'u2'),
    ('3', 'infinity', 'forever', 'u3');

CREATE FUNCTION found(tokens text[]) RETURNS SETOF text LANGUAGE sql
BEGIN ATOMIC
    SELECT concat_ws(' ', s.ord, s.userId,
                     round(s.expiresIn / 3600000.0, 2) = 1)
      FROM credit_session_batch(tokens) s;
END;

SELECT results_eq($$
    SELECT found(ARRAY['nope', 'live', 'over', NULL, 'live', 'forever'])
$$, ARRAY['2 u1 t', '5 u1 t', '6 u3 f'], 'who is found, and for how long');
SELECT is_empty($$ SELECT found('{}') $$, 'no tokens');
SELECT is_empty($$ SELECT found(ARRAY[''' OR true --']) $$,
                'a token is only a value');

ALTER TABLE "session" ALTER "expiresAt" TYPE timestamp
    USING "expiresAt" AT TIME ZONE 'UTC';

SET timezone = 'Asia/Shanghai';
SELECT results_eq($$ SELECT found(ARRAY['live', 'over']) $$, ARRAY['1 u1 t'],
                  'without a time zone, in Shanghai');
SET timezone = 'America/New_York';
SELECT results_eq($$ SELECT found(ARRAY['live', 'over']) $$, ARRAY['1 u1 t'],
                  'without a time zone, in New York');

SELECT * FROM finish();
ROLLBACK;
