-- One migration, :migration, unless the ledger has it.  Its number is the
-- first four digits of its name.

SELECT left(:'migration', 4)::int AS newest,
       left(:'migration', 4)::int > :ledger_migration AS due
\gset

\if :due
    \ir ../migrations/:migration.sql
\endif
