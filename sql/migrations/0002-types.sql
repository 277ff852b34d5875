-- What the functions hand to each other, a row of a batch at a time.

-- Of a request that asks for a hold: outcome, amount and the account as
-- credit_hold_batch returns them.  taken is what is newly held, null where
-- nothing has to be written.
CREATE TYPE credit_hold_decision AS (
    ord         int,
    usr         text,
    request     uuid,
    outcome     text,
    amount      bigint,
    balance     bigint,
    held        bigint,
    debt        bigint,
    taken       bigint
);

-- Of a request that ends: outcome, charged and the account as
-- credit_settle_batch returns them.  hold is what had been set aside, place
-- where that row is; unpaid is the part of the charge that becomes debt, null
-- where nothing has to be written.
CREATE TYPE credit_settle_decision AS (
    ord         int,
    usr         text,
    request     uuid,
    outcome     text,
    charged     bigint,
    type        text,
    metadata    jsonb,
    hold        bigint,
    place       tid,
    unpaid      bigint,
    debt        bigint,
    balance     bigint,
    held        bigint
);

-- What a package pays for a request: a row of credit_transaction.
CREATE TYPE credit_payment AS (
    usr         text,
    request     uuid,
    line        int,
    package     text,
    amount      bigint
);

-- What becomes of a batch.
CREATE TYPE credit_settlement AS (
    decisions   credit_settle_decision[],
    payments    credit_payment[]
);

-- What an order of Polar's says, and what an operator says instead.
CREATE TYPE credit_polar_terms AS (
    id              text,
    usr             text,
    credits         bigint,
    validity        interval,
    subscription    text,
    period_start    timestamptz,
    period_end      timestamptz
);
