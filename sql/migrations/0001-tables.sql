-- The tables.  Amounts are whole credits, times are the database's clock.
--
-- Lock order, the only one allowed: the event, the subscription, the order,
-- the grant's event, then the account row (FOR NO KEY UPDATE), then that
-- user's other rows; several users in ascending order of userId.  An event
-- under an id of its own may come at any time: nobody can wait for it.  Keys
-- begin with the user and nothing refers across users, so that a distributed
-- Postgres can keep a user's rows together.
--
-- A ledger from before migrations were numbered has all of this, and none of
-- it is touched there: even CREATE INDEX IF NOT EXISTS would lock out the
-- traffic.

SELECT to_regclass('credit_account') IS NULL AS fresh \gset

\if :fresh

-- One row per user: the lock, and totals that the invariants check.  No index
-- but the key, and room on the page: updates stay heap-only.  frozen: nothing
-- is admitted.
CREATE TABLE credit_account (
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
CREATE TABLE credit_package (
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
CREATE INDEX credit_package_spend
    ON credit_package (userId, expiresAt, id) WHERE status = 'active';
CREATE INDEX credit_package_due
    ON credit_package (expiresAt)
    WHERE status = 'active' AND expiresAt < 'infinity';

CREATE TABLE credit_hold (
    userId      text COLLATE "C" NOT NULL,
    requestId   uuid NOT NULL,
    amount      bigint NOT NULL CHECK (amount >= 0),
    node        text,
    createdAt   timestamptz NOT NULL,
    expiresAt   timestamptz NOT NULL,
    PRIMARY KEY (userId, requestId)
) WITH (autovacuum_vacuum_scale_factor = 0.02);

CREATE INDEX credit_hold_due ON credit_hold (expiresAt);

-- Only ever inserted: the final row of a request.  amount is the whole
-- charge, debt the part of it that no package could pay, hold what had been
-- set aside.  repaid: a grant that paid off debt, adjusted: what a refund or
-- an operator took, each under an id of its own.
CREATE TABLE credit_charge (
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

CREATE INDEX credit_charge_page
    ON credit_charge (userId, createdAt, requestId) WHERE amount > 0;

-- Only ever inserted: which package paid how much of which request, line 1
-- first.
CREATE TABLE credit_transaction (
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

CREATE INDEX credit_transaction_recent
    ON credit_transaction (userId, createdAt);

-- What happened outside, once, and what operators did.  Keyed by the event and
-- not by the user, so that one order cannot be granted to two users.  payload
-- is what came, byte by byte; outcome and detail say what became of it.
CREATE TABLE credit_event (
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

CREATE INDEX credit_event_recent ON credit_event (createdAt);
CREATE INDEX credit_event_id ON credit_event (id);

REVOKE ALL ON credit_account, credit_package, credit_hold, credit_charge,
    credit_transaction, credit_event FROM PUBLIC;

-- What a payment processor said, source by source: the orders and what became
-- of each, the subscriptions they belong to, the products they are for.  Keyed
-- by the processor's ids.

-- net and refunded are in the smallest unit of the currency, without tax.
-- packageId: what the order was granted as; reclaimed: how many of its credits
-- its refunds stand for.
CREATE TABLE credit_order (
    source          text COLLATE "C" NOT NULL,
    id              text COLLATE "C" NOT NULL,
    userId          text COLLATE "C",
    packageId       text COLLATE "C",
    credits         bigint NOT NULL DEFAULT 0 CHECK (credits >= 0),
    reclaimed       bigint NOT NULL DEFAULT 0
                    CHECK (reclaimed BETWEEN 0 AND credits),
    net             bigint NOT NULL DEFAULT 0 CHECK (net >= 0),
    refunded        bigint NOT NULL DEFAULT 0 CHECK (refunded >= 0),
    refundedWhole   boolean NOT NULL DEFAULT false,
    subscriptionId  text COLLATE "C",
    periodStart     timestamptz,
    periodEnd       timestamptz,
    createdAt       timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (source, id),
    CHECK ((packageId IS NULL) = (credits = 0)),
    CHECK (packageId IS NULL OR userId IS NOT NULL)
);

CREATE INDEX credit_order_subscription
    ON credit_order (source, subscriptionId) WHERE subscriptionId IS NOT NULL;

-- changedAt: the processor's time of the newest event that was looked at
CREATE TABLE credit_subscription (
    source      text COLLATE "C" NOT NULL,
    id          text COLLATE "C" NOT NULL,
    endedAt     timestamptz,
    changedAt   timestamptz NOT NULL DEFAULT '-infinity',
    PRIMARY KEY (source, id)
);

CREATE TABLE credit_product (
    source      text COLLATE "C" NOT NULL,
    id          text COLLATE "C" NOT NULL,
    metadata    jsonb NOT NULL,
    changedAt   timestamptz NOT NULL,
    PRIMARY KEY (source, id)
);

REVOKE ALL ON credit_order, credit_subscription, credit_product FROM PUBLIC;

\endif
