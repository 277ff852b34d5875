-- Functions of earlier versions whose name or arguments are no more.  A call
-- that began before the installation was committed still calls them, so they
-- stay until every transaction of that time is over, or for ten seconds: a
-- call of nginx's takes no longer, a reader may.

\ir begin.sql

DO $$
DECLARE
    retired text[] := ARRAY[
        'credit_user_ok(text)',
        'credit_amount_ok(bigint)',
        'credit_type_ok(text)',
        'credit_iso(timestamptz)',
        'credit_open(text[])',
        'credit_lock(text[], boolean)',
        'credit_describe(text, text, jsonb)',
        'credit_settle_look(text[], uuid[], text[], bigint[], timestamptz)',
        'credit_settle_write(timestamptz, text[], uuid[], text[], bigint[],'
        ' text[], jsonb[], bigint[], bigint[], text[], uuid[], int[], text[],'
        ' bigint[], tid[])',
        'credit_debit(text, text, bigint, boolean, text, text, jsonb)',
        'credit_expire_at(text, text, timestamptz)',
        'credit_json(text)',
        'credit_validity(jsonb)',
        'credit_act(text, text, text, text)',
        'credit_own(text, text)',
        'credit_cell(text)'];
    found text;
    before text[];
    deadline timestamptz := clock_timestamp() + interval '10 seconds';
BEGIN
    SELECT string_agg(to_regprocedure(f)::text, ', ') INTO found
      FROM unnest(retired) f;

    IF found IS NULL THEN
        RETURN;
    END IF;

    SELECT array_agg(l.virtualtransaction) INTO before
      FROM pg_locks l
           JOIN pg_stat_activity a ON a.pid = l.pid
     WHERE l.locktype = 'virtualxid' AND a.datname = current_database()
           AND a.pid <> pg_backend_pid()
           -- another installation, which waits for this one
           AND NOT EXISTS (SELECT FROM pg_locks w
                            WHERE w.pid = l.pid AND w.locktype = 'advisory'
                                  AND NOT w.granted);

    WHILE clock_timestamp() < deadline
          AND EXISTS (SELECT FROM pg_locks l
                       WHERE l.locktype = 'virtualxid'
                             AND l.virtualtransaction = ANY (before))
    LOOP
        PERFORM pg_sleep(0.05);
    END LOOP;

    EXECUTE 'DROP FUNCTION ' || found;
END $$;

COMMIT;
