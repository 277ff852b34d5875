-- Empty at any moment: read it in one statement, as often as you like.

CREATE OR REPLACE VIEW credit_invariants AS
WITH hold AS (
    SELECT h.userId, sum(h.amount) AS amount
      FROM credit_hold h GROUP BY h.userId
), charge AS (
    SELECT c.userId, sum(c.debt) AS debt,
           sum(c.amount) FILTER (WHERE c.status <> 'repaid') AS spent,
           sum(c.amount) FILTER (WHERE c.status = 'repaid') AS repaid
      FROM credit_charge c GROUP BY c.userId
), package AS (
    SELECT p.userId, sum(p.credits) AS credits
      FROM credit_package p GROUP BY p.userId
), account AS (
    SELECT a.userId, a.held, a.debt, a.granted, a.spent,
           coalesce(h.amount, 0) AS holds,
           coalesce(c.debt, 0) - coalesce(c.repaid, 0) AS owed,
           coalesce(c.spent, 0) AS charges,
           coalesce(p.credits, 0) AS credits
      FROM credit_account a
           LEFT JOIN hold h ON h.userId = a.userId
           LEFT JOIN charge c ON c.userId = a.userId
           LEFT JOIN package p ON p.userId = a.userId
), by_request AS (
    SELECT x.userId, x.requestId, sum(x.amount) AS amount
      FROM credit_transaction x GROUP BY x.userId, x.requestId
), by_package AS (
    SELECT x.userId, x.packageId, sum(x.amount) AS amount
      FROM credit_transaction x GROUP BY x.userId, x.packageId
)
SELECT a.userId, 'held is the sum of holds' AS invariant,
       a.held::numeric AS got, a.holds AS want
  FROM account a WHERE a.held <> a.holds
UNION ALL
SELECT a.userId, 'debt is what charges owe and grants have not repaid',
       a.debt, a.owed
  FROM account a WHERE a.debt <> a.owed
UNION ALL
SELECT a.userId, 'spent is the sum of charges', a.spent, a.charges
  FROM account a WHERE a.spent <> a.charges
UNION ALL
SELECT a.userId, 'granted is the sum of packages', a.granted, a.credits
  FROM account a WHERE a.granted <> a.credits
UNION ALL
SELECT coalesce(p.userId, x.userId),
       'package ' || coalesce(p.id, x.packageId)
       || ' is what remains of it and what it paid',
       p.credits, p.remainingCredits + coalesce(x.amount, 0)
  FROM credit_package p
       FULL JOIN by_package x ON x.userId = p.userId AND x.packageId = p.id
 WHERE p.credits <> p.remainingCredits + coalesce(x.amount, 0)
       OR p.id IS NULL
UNION ALL
SELECT coalesce(c.userId, x.userId),
       'charge ' || coalesce(c.requestId, x.requestId)
       || ' is what packages paid and debt',
       c.amount, coalesce(x.amount, 0) + coalesce(c.debt, 0)
  FROM credit_charge c
       FULL JOIN by_request x
              ON x.userId = c.userId AND x.requestId = c.requestId
 WHERE c.amount <> coalesce(x.amount, 0) + c.debt OR c.requestId IS NULL
UNION ALL
SELECT h.userId, 'hold ' || h.requestId || ' has no final row', 1, 0
  FROM credit_hold h
       JOIN credit_charge c
         ON c.userId = h.userId AND c.requestId = h.requestId
UNION ALL
SELECT coalesce(p.userId, e.userId),
       'package ' || coalesce(p.id, e.source || ':' || e.id)
       || ' has its grant', (p.id IS NOT NULL)::int, (e.id IS NOT NULL)::int
  FROM credit_package p
       FULL JOIN (SELECT v.* FROM credit_event v WHERE v.type = 'grant') e
              ON e.source = p.source AND e.id = p.sourceId
                 AND e.userId = p.userId
 WHERE p.id IS NULL OR e.id IS NULL
UNION ALL
SELECT o.userId, 'order ' || o.id || ' has its package', 0, 1
  FROM credit_order o
 WHERE o.packageId IS NOT NULL
       AND NOT EXISTS (SELECT FROM credit_package p
                        WHERE p.userId = o.userId AND p.id = o.packageId
                              AND p.credits = o.credits)
UNION ALL
SELECT o.userId, 'order ' || o.id || ' took back what its refunds stand for',
       r.amount, o.reclaimed
  FROM credit_order o
       JOIN (SELECT c.userId, c.metadata ->> 'orderId' AS id,
                    sum(c.amount) AS amount
               FROM credit_charge c
              WHERE c.status = 'adjusted'
                    AND c.metadata ->> 'kind' = 'refund'
              GROUP BY 1, 2) r ON r.userId = o.userId AND r.id = o.id
 WHERE r.amount > o.reclaimed
UNION ALL
SELECT m.userId, 'a user with rows has an account', 0, 1
  FROM (SELECT h.userId FROM hold h UNION SELECT c.userId FROM charge c
        UNION SELECT p.userId FROM package p) m
 WHERE NOT EXISTS (SELECT FROM credit_account a WHERE a.userId = m.userId);

COMMENT ON VIEW credit_invariants IS
'One row for each promise of the ledger that is broken, with what it got and
what it should be; empty at any moment.';

REVOKE ALL ON credit_invariants FROM PUBLIC;
