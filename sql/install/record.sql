-- A newer ledger is left as it is; any other is of this version now.

SELECT string_to_array(substring(:'ledger_version' FROM '^[0-9.]+'),
                       '.')::int[]
       > string_to_array(:'credits_version', '.')::int[]
       OR :ledger_migration > :newest AS newer,
       format('DO %L', format('BEGIN RAISE EXCEPTION USING MESSAGE = %L; END',
              format('the ledger is of version %s (migration %s), newer than '
                     'this installation''s %s (migration %s): nothing was '
                     'changed', :'ledger_version', :ledger_migration,
                     :'credits_version', :newest))) AS refusal
\gset

\if :newer
    :refusal;
\endif

INSERT INTO credit_schema AS s (version, migration)
VALUES (:'credits_version', :newest)
    ON CONFLICT (singleton) DO UPDATE
       SET version = excluded.version, migration = excluded.migration,
           installedAt = excluded.installedAt
     WHERE (s.version, s.migration)
           <> (excluded.version, excluded.migration);
