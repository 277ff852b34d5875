-- The guide's two queries, word by word.
BEGIN;
\ir include/ledger.sql
SELECT plan(3);

SELECT credit_grant('user_id', 20, '365 days', 'polar', 'o1') \gset
SELECT is(settle('user_id', 1, 16), settled('settled', 16, 0, 4, 0),
          'a debit is settled');

PREPARE transactions AS
SELECT * FROM credit_transaction WHERE userId = 'user_id'
 ORDER BY createdAt DESC LIMIT 10;
PREPARE packages AS
SELECT id, remainingCredits, status, expiresAt FROM credit_package
 WHERE userId = 'user_id';

CREATE TEMP TABLE guide AS EXECUTE transactions;
SELECT results_eq($$
    SELECT packageId, amount, type, description, metadata ->> 'model',
           createdAt <= clock_timestamp()
      FROM guide WHERE id = rid(1) || '-1' AND userId = 'user_id'
$$, $$
    VALUES ('polar:o1' COLLATE "C", 16::bigint, 'chat',
            'AI Chat - 15234 tokens', 'gpt-5', true)
$$, 'the guide''s first query shows the transactions');

CREATE TEMP TABLE guide_packages AS EXECUTE packages;
SELECT results_eq($$
    SELECT id, remainingCredits, status, expiresAt > clock_timestamp()
      FROM guide_packages
$$, $$ VALUES ('polar:o1' COLLATE "C", 4::bigint, 'active', true) $$,
    'the guide''s second query shows the packages');

SELECT * FROM finish();
ROLLBACK;
