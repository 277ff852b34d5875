-- The tables.  Amounts are whole credits, times are the database's clock.
--
-- Lock order, the only one allowed: the account row (FOR NO KEY UPDATE), then
-- that user's other rows; several users in ascending order of userId.  Keys
-- begin with the user and nothing refers across users, so that a distributed
-- Postgres can keep a user's rows together.

SET LOCAL client_min_messages = warning;

-- One row per user: the lock, and totals that the invariants check.  No index
-- but the key, and room on the page: updates stay heap-only.  frozen: nothing
-- is admitted.
CREATE TABLE IF NOT EXISTS credit_account (
    userId      text COLLATE "C" PRIMARY KEY
                CHECK (octet_length(userId) BETWEEN 1 AND 255),
    held        bigint NOT NULL DEFAULT 0 CHECK (held >= 0),
    debt        bigint NOT NULL DEFAULT 0 CHECK (debt >= 0),
    granted     bigint NOT NULL DEFAULT 0 CHECK (granted >= 0),
    spent       bigint NOT NULL DEFAULT 0 CHECK (spent >= 0),
    frozen      boolean NOT NULL DEFAULT false,
    createdAt   timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);

-- status is what was last written down: a package can be spent while it is
-- active and expiresAt lies ahead.  expiresAt infinity: never.
CREATE TABLE IF NOT EXISTS credit_package (
    id                  text COLLATE "C" NOT NULL,
    userId              text COLLATE "C" NOT NULL,
    source              text NOT NULL,
    sourceId            text NOT NULL,
    credits             bigint NOT NULL CHECK (credits > 0),
    remainingCredits    bigint NOT NULL
                        CHECK (remainingCredits BETWEEN 0 AND credits),
    status              text NOT NULL DEFAULT 'active'
                        CHECK (status IN ('active', 'depleted',
                                          'expired', 'refunded')),
    expiresAt           timestamptz NOT NULL DEFAULT 'infinity',
    createdAt           timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (userId, id),
    CHECK ((remainingCredits = 0) = (status IN ('depleted', 'refunded')))
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);

-- predicates name status, never remainingCredits: a column of an index, or of
-- its predicate, would cost every debit its heap-only update
CREATE INDEX IF NOT EXISTS credit_package_spend
    ON credit_package (userId, expiresAt, id) WHERE status = 'active';
CREATE INDEX IF NOT EXISTS credit_package_due
    ON credit_package (expiresAt)
    WHERE status = 'active' AND expiresAt < 'infinity';

CREATE TABLE IF NOT EXISTS credit_hold (
    userId      text COLLATE "C" NOT NULL,
    requestId   uuid NOT NULL,
    amount      bigint NOT NULL CHECK (amount >= 0),
    node        text,
    createdAt   timestamptz NOT NULL,
    expiresAt   timestamptz NOT NULL,
    PRIMARY KEY (userId, requestId)
) WITH (autovacuum_vacuum_scale_factor = 0.02);

CREATE INDEX IF NOT EXISTS credit_hold_due ON credit_hold (expiresAt);

-- Only ever inserted: the final row of a request.  amount is the whole
-- charge, debt the part of it that no package could pay, hold what had been
-- set aside.  repaid: a grant that paid off debt, adjusted: what a refund or
-- an operator took, each under an id of its own.
CREATE TABLE IF NOT EXISTS credit_charge (
    userId      text COLLATE "C" NOT NULL,
    requestId   uuid NOT NULL,
    status      text NOT NULL
                CHECK (status IN ('settled', 'estimated', 'released',
                                  'repaid', 'adjusted')),
    type        text NOT NULL CHECK (type IN ('chat', 'image', 'other')),
    amount      bigint NOT NULL CHECK (amount >= 0),
    debt        bigint NOT NULL CHECK (debt BETWEEN 0 AND amount),
    hold        bigint NOT NULL CHECK (hold >= 0),
    description text NOT NULL,
    metadata    jsonb NOT NULL,
    createdAt   timestamptz NOT NULL,
    PRIMARY KEY (userId, requestId)
);

CREATE INDEX IF NOT EXISTS credit_charge_page
    ON credit_charge (userId, createdAt, requestId) WHERE amount > 0;

-- Only ever inserted: which package paid how much of which request, line 1
-- first.
CREATE TABLE IF NOT EXISTS credit_transaction (
    id          text GENERATED ALWAYS AS
                (requestId::text || '-' || line::text) STORED,
    userId      text COLLATE "C" NOT NULL,
    packageId   text COLLATE "C" NOT NULL,
    amount      bigint NOT NULL CHECK (amount > 0),
    type        text NOT NULL CHECK (type IN ('chat', 'image', 'other')),
    description text NOT NULL,
    metadata    jsonb NOT NULL,
    createdAt   timestamptz NOT NULL,
    requestId   uuid NOT NULL,
    line        int NOT NULL CHECK (line > 0),
    PRIMARY KEY (userId, requestId, line)
);

CREATE INDEX IF NOT EXISTS credit_transaction_recent
    ON credit_transaction (userId, createdAt);

-- What happened outside, once, and what operators did.  Keyed by the event and
-- not by the user, so that one order cannot be granted to two users.  payload
-- is what came, byte by byte; outcome and detail say what became of it.
CREATE TABLE IF NOT EXISTS credit_event (
    source      text COLLATE "C" NOT NULL,
    type        text COLLATE "C" NOT NULL,
    id          text COLLATE "C" NOT NULL,
    userId      text COLLATE "C",
    outcome     text NOT NULL DEFAULT 'applied'
                CHECK (outcome IN ('applied', 'ignored', 'pending',
                                   'rejected', 'malformed')),
    detail      text NOT NULL DEFAULT '',
    payload     text,
    createdAt   timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (source, type, id)
);

-- A table that an earlier version made
ALTER TABLE credit_account
    ADD COLUMN IF NOT EXISTS frozen boolean NOT NULL DEFAULT false;
ALTER TABLE credit_event ALTER COLUMN userId DROP NOT NULL,
    ADD COLUMN IF NOT EXISTS outcome text NOT NULL DEFAULT 'applied'
        CHECK (outcome IN ('applied', 'ignored', 'pending',
                           'rejected', 'malformed')),
    ADD COLUMN IF NOT EXISTS detail text NOT NULL DEFAULT '',
    ADD COLUMN IF NOT EXISTS payload text;

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_constraint c
                    WHERE c.conrelid = 'credit_charge'::regclass
                          AND c.conname = 'credit_charge_status_check'
                          AND pg_get_constraintdef(c.oid) LIKE '%adjusted%')
    THEN
        ALTER TABLE credit_charge
            DROP CONSTRAINT credit_charge_status_check,
            ADD CONSTRAINT credit_charge_status_check
                CHECK (status IN ('settled', 'estimated', 'released',
                                  'repaid', 'adjusted'));
    END IF;
END $$;

CREATE INDEX IF NOT EXISTS credit_event_recent ON credit_event (createdAt);
CREATE INDEX IF NOT EXISTS credit_event_id ON credit_event (id);

REVOKE ALL ON credit_account, credit_package, credit_hold, credit_charge,
    credit_transaction, credit_event FROM PUBLIC;

RESET client_min_messages;
