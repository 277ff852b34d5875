-- Installs or upgrades the ledger of nginx-credits; safe to run again, and
-- under traffic.
--
--   psql "$DATABASE_URL" -f sql/install.sql
--   psql "$DATABASE_URL" -v schema=billing -f sql/install.sql
--
-- One transaction: all of it or nothing.  The functions run with the rights
-- of the role that installs them, which needs CREATE on the schema, SELECT on
-- Better Auth's "session" and, for the role credits_nginx, CREATEROLE.

\set ON_ERROR_STOP on

\ir version.sql

\if :{?schema}
\else
    \set schema public
\endif

\ir install/begin.sql

SELECT format('CREATE SCHEMA %I', :'schema')
 WHERE to_regnamespace(quote_ident(:'schema')) IS NULL
\gexec

\ir install/schema.sql

-- each once, in this order; what is here never changes, it is only added to
\set migration 0001-tables
\ir install/migrate.sql
\set migration 0002-types
\ir install/migrate.sql

\ir install/record.sql

\ir 20-common.sql
\ir 30-hold.sql
\ir 31-renew.sql
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
\ir 98-planner.sql
\ir 99-roles.sql

COMMIT;

\ir install/retire.sql
