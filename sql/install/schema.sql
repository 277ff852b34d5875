-- What this ledger is: the version of the product that was installed, the
-- number of the newest migration that was applied, and when.  One row.

SET LOCAL client_min_messages = warning;

CREATE TABLE IF NOT EXISTS credit_schema (
    singleton   boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    version     text NOT NULL,
    migration   int NOT NULL,
    installedAt timestamptz NOT NULL DEFAULT clock_timestamp()
);

REVOKE ALL ON credit_schema FROM PUBLIC;

RESET client_min_messages;

SELECT coalesce(max(s.version), '0') AS ledger_version,
       coalesce(max(s.migration), 0) AS ledger_migration
  FROM credit_schema s
\gset
