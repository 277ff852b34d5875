SELECT * FROM credit_reap(100, false);
