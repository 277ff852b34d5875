SELECT credit_grant(bank_user(), floor(random() * 5 + 1)::bigint, NULL, 'bank',
                    gen_random_uuid()::text);
