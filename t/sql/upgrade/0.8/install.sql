-- Installs or upgrades the ledger of nginx-credits; safe to run again.
--
--   psql "$DATABASE_URL" -f sql/install.sql
--   psql "$DATABASE_URL" -v schema=billing -f sql/install.sql
--
-- One transaction: all of it or nothing.  The functions run with the rights
-- of the role that installs them, which needs CREATE on the schema, SELECT on
-- Better Auth's "session" and, for the role credits_nginx, CREATEROLE.

\set ON_ERROR_STOP on

\if :{?schema}
\else
    \set schema public
\endif

BEGIN;

-- two deployments at once take turns
DO $$ BEGIN PERFORM pg_advisory_xact_lock(hashtext('nginx-credits')); END $$;

SELECT format('CREATE SCHEMA %I', :'schema')
 WHERE to_regnamespace(quote_ident(:'schema')) IS NULL
\gexec

-- every function keeps this path: SET search_path FROM CURRENT
SET LOCAL search_path = :"schema", pg_temp;

\ir 10-tables.sql
\ir 11-orders.sql
\ir 20-common.sql
\ir 30-hold.sql
\ir 40-settle.sql
\ir 50-grant.sql
\ir 51-adjust.sql
\ir 52-order.sql
\ir 53-polar.sql
\ir 54-operate.sql
\ir 60-reap.sql
\ir 70-session.sql
\ir 80-read.sql
\ir 90-invariants.sql
\ir 99-roles.sql

COMMIT;
