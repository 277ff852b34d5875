-- Who may call what.  The functions that this installation has just made are
-- the ledger's, and nobody's but its owner's; the role of nginx may call what
-- nginx calls, and nothing else:
--
--   CREATE ROLE nginx LOGIN PASSWORD '...' IN ROLE credits_nginx;

DO $$
DECLARE
    made regprocedure;
BEGIN
    IF to_regrole('credits_nginx') IS NULL THEN
        BEGIN
            CREATE ROLE credits_nginx NOLOGIN;
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN
                NULL;
            WHEN insufficient_privilege THEN
                RAISE NOTICE 'no right to create the role credits_nginx: '
                             'create it and install again, or let nginx '
                             'connect as the owner of the ledger';
        END;
    END IF;

    FOR made IN
        SELECT p.oid FROM pg_proc p
         WHERE p.pronamespace = quote_ident(current_schema())::regnamespace
               AND p.proname LIKE 'credit\_%'
               AND p.xmin = pg_current_xact_id()::xid
    LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', made);

        IF to_regrole('credits_nginx') IS NOT NULL THEN
            EXECUTE format('REVOKE ALL ON FUNCTION %s FROM credits_nginx',
                           made);
        END IF;
    END LOOP;

    IF to_regrole('credits_nginx') IS NOT NULL THEN
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO credits_nginx',
                       current_schema());

        GRANT EXECUTE ON FUNCTION
            credit_session_batch, credit_hold_batch, credit_renew_batch,
            credit_settle_batch, credit_overview, credit_transactions_page,
            credit_reap, credit_polar_event
        TO credits_nginx;
    END IF;
END $$;
