-- The role of nginx may call what nginx calls, and nothing else:
--
--   CREATE ROLE nginx LOGIN PASSWORD '...' IN ROLE credits_nginx;

REVOKE ALL ON FUNCTION
    credit_user_ok, credit_amount_ok, credit_type_ok, credit_iso,
    credit_open, credit_lock, credit_hold_batch, credit_describe,
    credit_settle_check, credit_settle_look, credit_settle_write, credit_settle_batch,
    credit_grant, credit_reap, credit_session_batch, credit_overview,
    credit_cursor, credit_transactions_page
FROM PUBLIC;

DO $$
BEGIN
    IF to_regrole('credits_nginx') IS NULL THEN
        BEGIN
            CREATE ROLE credits_nginx NOLOGIN;
        EXCEPTION
            WHEN duplicate_object THEN
                NULL;
            WHEN insufficient_privilege THEN
                RAISE NOTICE 'no right to create the role credits_nginx: '
                             'create it and install again, or let nginx '
                             'connect as the owner of the ledger';
                RETURN;
        END;
    END IF;

    EXECUTE format('GRANT USAGE ON SCHEMA %I TO credits_nginx',
                   current_schema());

    GRANT EXECUTE ON FUNCTION
        credit_session_batch, credit_hold_batch, credit_settle_batch,
        credit_overview, credit_transactions_page, credit_reap
    TO credits_nginx;
END $$;
