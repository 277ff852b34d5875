-- A row for whatever is not as the old ledger and the calls say.
SELECT a.userId, 'granted', a.granted, b.granted + coalesce(g.credits, 0)
  FROM traffic.account b
       LEFT JOIN credit_account a ON a.userId = b.userId
       LEFT JOIN (SELECT usr, sum(credits) AS credits
                    FROM traffic.granted GROUP BY usr) g ON g.usr = b.userId
 WHERE a.granted IS DISTINCT FROM b.granted + coalesce(g.credits, 0)
UNION ALL
SELECT a.userId, 'spent', a.spent, b.spent + coalesce(s.charged, 0)
  FROM traffic.account b
       LEFT JOIN credit_account a ON a.userId = b.userId
       LEFT JOIN (SELECT usr, sum(charged) AS charged
                    FROM traffic.settled GROUP BY usr) s ON s.usr = b.userId
 WHERE a.spent IS DISTINCT FROM b.spent + coalesce(s.charged, 0)
UNION ALL
SELECT a.userId, 'what can be spent', p.remaining,
       b.remaining + coalesce(g.credits, 0) - coalesce(s.charged, 0)
  FROM credit_account a
       LEFT JOIN (SELECT userId, sum(remainingCredits) AS remaining
                    FROM credit_package GROUP BY userId) p USING (userId)
       LEFT JOIN (SELECT userId, sum(remainingCredits) AS remaining
                    FROM traffic.package GROUP BY userId) b USING (userId)
       LEFT JOIN (SELECT usr, sum(credits) AS credits
                    FROM traffic.granted GROUP BY usr) g ON g.usr = a.userId
       LEFT JOIN (SELECT usr, sum(charged) AS charged
                    FROM traffic.settled GROUP BY usr) s ON s.usr = a.userId
 WHERE p.remaining
       IS DISTINCT FROM b.remaining + coalesce(g.credits, 0)
                        - coalesce(s.charged, 0)
UNION ALL
SELECT a.userId, 'held, owed', a.held, a.debt
  FROM credit_account a JOIN traffic.account b USING (userId)
 WHERE (a.held, a.debt, a.frozen) <> (b.held, b.debt, b.frozen)
UNION ALL
SELECT s.usr, 'acknowledged and not charged', s.charged, c.amount
  FROM traffic.settled s
       LEFT JOIN credit_charge c
              ON c.userId = s.usr AND c.requestId = s.request
 WHERE c.amount IS DISTINCT FROM s.charged
UNION ALL
SELECT c.userId, 'charged and not acknowledged', c.amount, NULL
  FROM credit_charge c
       LEFT JOIN traffic.settled s
              ON s.usr = c.userId AND s.request = c.requestId
 WHERE s.request IS NULL
       AND NOT EXISTS (SELECT FROM traffic.charge b
                        WHERE b.requestId = c.requestId)
UNION ALL
SELECT userId, 'a charge is gone', amount, NULL
  FROM (TABLE traffic.charge EXCEPT TABLE credit_charge) x
UNION ALL
SELECT userId, 'a transaction is gone', amount, NULL
  FROM (TABLE traffic.transaction EXCEPT TABLE credit_transaction) x
UNION ALL
SELECT userId, 'a hold is gone', amount, NULL
  FROM (TABLE traffic.hold EXCEPT TABLE credit_hold) x
UNION ALL
SELECT id, 'an event is gone', NULL, NULL
  FROM (TABLE traffic.event EXCEPT TABLE credit_event) x
UNION ALL
SELECT id, 'an order is gone', NULL, NULL
  FROM (TABLE traffic."order" EXCEPT TABLE credit_order) x
UNION ALL
SELECT id, 'a subscription is gone', NULL, NULL
  FROM (TABLE traffic.subscription EXCEPT TABLE credit_subscription) x
UNION ALL
SELECT id, 'a product is gone', NULL, NULL
  FROM (TABLE traffic.product EXCEPT TABLE credit_product) x
UNION ALL
SELECT userId, 'a package is not as it was', remainingCredits, NULL
  FROM (TABLE traffic.package EXCEPT TABLE credit_package) x
 WHERE userId !~ '^u\d+$' AND userId <> 'eve'
ORDER BY 1, 2;
