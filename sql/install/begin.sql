-- Opens a transaction of an installation.  READ COMMITTED, whatever the
-- default is: what others have installed must be seen once the lock is ours.

BEGIN ISOLATION LEVEL READ COMMITTED;

-- two deployments at once take turns
DO $$ BEGIN PERFORM pg_advisory_xact_lock(hashtext('nginx-credits')); END $$;

-- every function keeps this path: SET search_path FROM CURRENT
SET LOCAL search_path = :"schema", pg_temp;
