-- How the calls that nginx makes all the time are planned: once, as lookups by
-- key.  LIMIT in LATERAL and these settings keep the statistics of a table
-- that happened to be empty from making it a scan.  They hold for what these
-- functions call, too.

DO $$
DECLARE
    f regproc;
BEGIN
    FOREACH f IN ARRAY ARRAY['credit_hold_batch', 'credit_renew_batch',
                             'credit_settle_batch', 'credit_reap']::regproc[]
    LOOP
        EXECUTE format('ALTER FUNCTION %s
            SET plan_cache_mode = force_generic_plan
            SET enable_seqscan = off
            SET enable_hashjoin = off
            SET enable_mergejoin = off', f);
    END LOOP;
END $$;
