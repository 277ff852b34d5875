-- One statement, one snapshot.  Every settlement here stays within its hold
-- and nothing expires, so that held may never exceed what packages have.
SELECT userId, regexp_replace(invariant, '[0-9a-f-]{36}', '...')
  FROM credit_invariants
UNION ALL
SELECT a.userId, 'more is held than there is'
  FROM credit_account a
 WHERE a.held > (SELECT coalesce(sum(p.remainingCredits), 0)
                   FROM credit_package p
                  WHERE p.userId = a.userId AND p.status = 'active')
UNION ALL
SELECT a.userId, 'debt' FROM credit_account a WHERE a.debt > 0;

SELECT pg_sleep(0.2) \g /dev/null
