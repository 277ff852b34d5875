SELECT holds, packages FROM credit_reap(100);
