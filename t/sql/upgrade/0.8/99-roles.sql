-- The role of nginx may call what nginx calls, and nothing else:
--
--   CREATE ROLE nginx LOGIN PASSWORD '...' IN ROLE credits_nginx;

REVOKE ALL ON FUNCTION
    credit_user_ok, credit_amount_ok, credit_type_ok, credit_iso,
    credit_open, credit_lock, credit_hold_batch, credit_describe,
    credit_settle_check, credit_settle_look, credit_settle_write, credit_settle_batch,
    credit_grant, credit_debit, credit_expire_at, credit_order_lock,
    credit_subscription_lock, credit_order_reclaim, credit_order_paid,
    credit_order_refunded, credit_subscription_changed, credit_json,
    credit_json_text, credit_json_integer, credit_json_time, credit_validity,
    credit_polar_paid, credit_polar_refunded, credit_polar_subscription,
    credit_polar_product, credit_polar_apply, credit_polar_event, credit_act,
    credit_own, credit_revoke, credit_extend, credit_correct, credit_freeze,
    credit_unfreeze, credit_replay, credit_holds, credit_events, credit_cell,
    credit_ledger, credit_reap, credit_session_batch, credit_overview,
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
        credit_overview, credit_transactions_page, credit_reap,
        credit_polar_event
    TO credits_nginx;
END $$;
