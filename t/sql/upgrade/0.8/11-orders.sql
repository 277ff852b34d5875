-- What a payment processor said, source by source: the orders and what became
-- of each, the subscriptions they belong to, the products they are for.  Keyed
-- by the processor's ids.
--
-- Lock order: the event, the subscription, the order, then the account.

SET LOCAL client_min_messages = warning;

-- net and refunded are in the smallest unit of the currency, without tax.
-- packageId: what the order was granted as; reclaimed: how many of its credits
-- its refunds stand for.
CREATE TABLE IF NOT EXISTS credit_order (
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

CREATE INDEX IF NOT EXISTS credit_order_subscription
    ON credit_order (source, subscriptionId) WHERE subscriptionId IS NOT NULL;

-- changedAt: the processor's time of the newest event that was looked at
CREATE TABLE IF NOT EXISTS credit_subscription (
    source      text COLLATE "C" NOT NULL,
    id          text COLLATE "C" NOT NULL,
    endedAt     timestamptz,
    changedAt   timestamptz NOT NULL DEFAULT '-infinity',
    PRIMARY KEY (source, id)
);

CREATE TABLE IF NOT EXISTS credit_product (
    source      text COLLATE "C" NOT NULL,
    id          text COLLATE "C" NOT NULL,
    metadata    jsonb NOT NULL,
    changedAt   timestamptz NOT NULL,
    PRIMARY KEY (source, id)
);

REVOKE ALL ON credit_order, credit_subscription, credit_product FROM PUBLIC;

RESET client_min_messages;
