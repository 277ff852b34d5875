-- What every test needs; created inside the test's own transaction.

CREATE FUNCTION rid(n int) RETURNS uuid LANGUAGE sql
RETURN ('00000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid;

-- one hold, and what is expected of it
CREATE TYPE held AS (outcome text, amount bigint, available bigint);

CREATE FUNCTION hold(usr text, n int, want bigint, minimum bigint DEFAULT 1)
RETURNS held LANGUAGE sql
BEGIN ATOMIC
    SELECT h.outcome, h.amount, h.available
      FROM credit_hold_batch(ARRAY[usr], ARRAY[rid(n)], ARRAY[want],
                             ARRAY[minimum], '1 minute', 'node-1') h;
END;

CREATE FUNCTION held(outcome text, amount bigint, available bigint)
RETURNS held LANGUAGE sql
RETURN ROW(outcome, amount, available)::held;

-- one settlement, and what is expected of it
CREATE TYPE settled AS (outcome text, charged bigint, debt bigint,
                        balance bigint, held bigint);

CREATE FUNCTION settle(usr text, n int, amount bigint,
    status text DEFAULT 'settled', type text DEFAULT 'chat',
    metadata jsonb DEFAULT '{"promptTokens": 10000,
        "completionTokens": 5234, "totalTokens": 15234, "model": "gpt-5"}')
RETURNS settled LANGUAGE sql
BEGIN ATOMIC
    SELECT s.outcome, s.charged, s.debt, s.balance, s.held
      FROM credit_settle_batch(ARRAY[usr], ARRAY[rid(n)], ARRAY[status],
                               ARRAY[amount], ARRAY[type],
                               ARRAY[metadata]) s;
END;

CREATE FUNCTION settled(outcome text, charged bigint, debt bigint,
                        balance bigint, held bigint)
RETURNS settled LANGUAGE sql
RETURN ROW(outcome, charged, debt, balance, held)::settled;

CREATE FUNCTION in_order() RETURNS text LANGUAGE sql
RETURN is_empty('SELECT * FROM credit_invariants', 'every invariant holds');
