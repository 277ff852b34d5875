#include "tap.h"

#include "credits_price.c"


static int64_t
charge(const credits_price_t *price, int64_t prompt, int64_t completion,
    int64_t total, int64_t cached)
{
    credits_usage_t  usage;

    usage.prompt = prompt;
    usage.completion = completion;
    usage.total = total;
    usage.cached = cached;

    return credits_price_charge(price, &usage);
}


static credits_price_t
plain(void)
{
    credits_price_t  price;

    price.input = CREDITS_WEIGHT_ONE;
    price.cached = CREDITS_WEIGHT_ONE;
    price.output = CREDITS_WEIGHT_ONE;
    price.request = 0;
    price.unit = 1000;

    return price;
}


static void
test_plain(void)
{
    size_t           i;
    credits_price_t  price;

    static const struct {
        int64_t  prompt, completion, total, cached, credits;
    } cases[] = {
        { 0, 0, 0, 0, 0 },
        { -1, -1, -1, -1, 0 },
        { 1, 0, -1, -1, 1 },
        { 0, 1, -1, -1, 1 },
        { 499, 500, 999, -1, 1 },
        { 500, 500, 1000, -1, 1 },
        { 500, 501, 1001, -1, 2 },
        { 1234, 14000, 15234, -1, 16 },
        { 999, 1000, -1, -1, 2 },
        { 1000, 1000, -1, -1, 2 },
        { 1000, 1001, -1, -1, 3 },

        /* the larger of the total and the sum */
        { 12, 2, 354, -1, 1 },
        { 3, 7, 2980, -1, 3 },
        { 1500, 1500, 10, -1, 3 },
        { -1, -1, 1001, -1, 2 },

        /* cached is part of the prompt, however large it claims to be */
        { 1000, 0, -1, 1000, 1 },
        { 1000, 0, -1, 999999, 1 },

        /* hostile */
        { -5, -7, -9, -11, 0 },
        { INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN, 0 },
        { INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX, CREDITS_AMOUNT_MAX },
        { 0, INT64_MAX, -1, 0, CREDITS_AMOUNT_MAX },
        { CREDITS_TOKENS_MAX, CREDITS_TOKENS_MAX, -1, -1, 2000000 }
    };

    price = plain();

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        is(charge(&price, cases[i].prompt, cases[i].completion,
                  cases[i].total, cases[i].cached),
           cases[i].credits, "charge %zu", i);
    }
}


static void
test_weights(void)
{
    credits_price_t  price;

    price = plain();
    price.input = 250000;
    price.cached = 25000;
    price.output = 4 * CREDITS_WEIGHT_ONE;

    is(charge(&price, 4000, 0, -1, -1), 1, "input at a quarter");
    is(charge(&price, 4001, 0, -1, -1), 2, "one token more");
    is(charge(&price, 4000, 0, -1, 4000), 1, "cached at a fortieth");
    is(charge(&price, 40000, 0, -1, 40000), 1, "cached, exactly one credit");
    is(charge(&price, 40001, 0, -1, 40001), 2, "cached, one token more");
    is(charge(&price, 4001, 0, -1, 999999), 1, "no more cached than prompt");
    is(charge(&price, 0, 250, -1, -1), 1, "output at four");
    is(charge(&price, 0, 251, -1, -1), 2, "output, one token more");
    is(charge(&price, 4000, 0, 4250, -1), 2, "beyond the prompt is output");

    price.request = 7;
    is(charge(&price, 0, 0, -1, -1), 7, "per request");
    is(charge(&price, 0, 1, -1, -1), 8, "per request, on top");

    price.input = 0;
    price.cached = 0;
    price.output = 0;
    is(charge(&price, 9999, 9999, -1, -1), 7, "tokens without weight");

    price = plain();
    price.output = CREDITS_WEIGHT_MAX;
    price.unit = 1;
    is(charge(&price, 0, CREDITS_TOKENS_MAX, -1, -1), CREDITS_AMOUNT_MAX,
       "dearest of all: exactly the cap");
    is(charge(&price, 0, INT64_MAX, -1, -1), CREDITS_AMOUNT_MAX, "capped");

    price.unit = CREDITS_UNIT_MAX;
    price.output = 1;
    is(charge(&price, 0, 1, -1, -1), 1, "the smallest share is a credit");
}


static void
test_affordable(void)
{
    int64_t          credits, prompt, tokens;
    unsigned         i, good, tight;
    credits_price_t  price;

    static const int64_t  weights[][5] = {
        { 1000000, 1000000, 1000000, 0, 1000 },
        { 250000, 25000, 4000000, 0, 1000 },
        { 250000, 25000, 333333, 2, 1000 },
        { 1, 7, 1000000000, 0, 1 },
        { 0, 0, 1, 0, 1000 },
        { 333333, 999999, 777777, 3, 77 }
    };

    for (i = 0; i < sizeof(weights) / sizeof(weights[0]); i++) {
        price.input = weights[i][0];
        price.cached = weights[i][1];
        price.output = weights[i][2];
        price.request = weights[i][3];
        price.unit = weights[i][4];

        good = 1;
        tight = 1;

        for (credits = 0; credits < 40; credits++) {
            for (prompt = 0; prompt < 5000; prompt += 37) {
                tokens = credits_price_affordable(&price, credits, prompt);

                if (tokens > 0
                    && (charge(&price, prompt, tokens, -1, 0) > credits
                        || charge(&price, prompt, tokens, -1, prompt)
                           > credits))
                {
                    good = 0;
                }

                /* ... and one token more would not fit */

                if (tokens > 0 && tokens < CREDITS_REQUEST_OUTPUT_MAX
                    && charge(&price, prompt, tokens + 1, -1, 0) <= credits
                    && charge(&price, prompt, tokens + 1, -1, prompt)
                       <= credits)
                {
                    tight = 0;
                }
            }
        }

        ok(good, "price %u: what is affordable fits", i);
        ok(tight, "price %u: and is the most that fits", i);
    }

    price = plain();
    is(credits_price_affordable(&price, 1, 0), 1000, "one credit");
    is(credits_price_affordable(&price, 1, 999), 1, "one token left");
    is(credits_price_affordable(&price, 1, 1000), 0, "all for the prompt");
    is(credits_price_affordable(&price, 1, 1001), 0, "prompt too long");
    is(credits_price_affordable(&price, 0, 0), 0, "no credits");
    is(credits_price_affordable(&price, -5, 0), 0, "less than none");
    is(credits_price_affordable(&price, CREDITS_AMOUNT_MAX, INT64_MAX), 0,
       "huge prompt");
    is(credits_price_affordable(&price, CREDITS_AMOUNT_MAX, 0),
       CREDITS_REQUEST_OUTPUT_MAX, "capped");

    price.output = 0;
    is(credits_price_affordable(&price, 1, 0), CREDITS_REQUEST_OUTPUT_MAX,
       "output for nothing");
    is(credits_price_affordable(&price, 0, 1), 0,
       "output for nothing, but the prompt is not");
}


static void
test_weight_syntax(void)
{
    size_t   i;
    int64_t  weight;

    static const struct {
        const char  *text;
        int64_t      weight;
    } cases[] = {
        { "0", 0 },
        { "1", 1000000 },
        { "0.25", 250000 },
        { "12.000001", 12000001 },
        { "0.000001", 1 },
        { "1000", 1000000000 },
        { "1000.000000", 1000000000 },
        { "1000.000001", -1 },
        { "1001", -1 },
        { "99999999999999999999", -1 },
        { "0.0000001", -1 },
        { "", -1 },
        { ".5", -1 },
        { "1.", -1 },
        { "-1", -1 },
        { "+1", -1 },
        { "1e3", -1 },
        { "1,5", -1 },
        { "1.5 ", -1 },
        { "nan", -1 },
        { "1.2.3", -1 }
    };

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        weight = -1;
        (void) credits_price_weight((const unsigned char *) cases[i].text,
                                    strlen(cases[i].text), &weight);
        is(weight, cases[i].weight, "weight \"%s\"", cases[i].text);
    }
}


static void
test_match(void)
{
    size_t  i;
    char    many[256], deep[64];

    static const struct {
        const char  *pattern, *model;
        int          match;
    } cases[] = {
        { "gpt-4o", "gpt-4o", 1 },
        { "gpt-4o", "gpt-4o-mini", 0 },
        { "gpt-4o", "gpt-4", 0 },
        { "gpt-4o*", "gpt-4o-mini", 1 },
        { "gpt-4o*", "gpt-4o", 1 },
        { "*mini", "gpt-4o-mini", 1 },
        { "*mini", "gpt-4o-mini-2", 0 },
        { "*4o*", "gpt-4o-mini", 1 },
        { "g*o*i", "gpt-4o-mini", 1 },
        { "g*x*i", "gpt-4o-mini", 0 },
        { "*ab", "aab", 1 },
        { "*", "", 1 },
        { "*", "anything", 1 },
        { "**", "x", 1 },
        { "", "", 1 },
        { "", "x", 0 },
        { "x", "", 0 },
        { "GPT-4o", "gpt-4o", 0 },
        { "o1.5", "o1x5", 0 },
        { "a?", "ab", 0 }
    };

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        is(credits_price_match((const unsigned char *) cases[i].pattern,
                               strlen(cases[i].pattern),
                               (const unsigned char *) cases[i].model,
                               strlen(cases[i].model)),
           cases[i].match, "\"%s\" and \"%s\"", cases[i].pattern,
           cases[i].model);
    }

    memset(many, 'a', sizeof(many));

    for (i = 0; i < sizeof(deep); i++) {
        deep[i] = (i % 2) ? '*' : 'a';
    }

    deep[sizeof(deep) - 1] = 'b';

    ok(!credits_price_match((const unsigned char *) deep, sizeof(deep),
                            (const unsigned char *) many, sizeof(many)),
       "many stars end");
}


int
main(void)
{
    test_plain();
    test_weights();
    test_affordable();
    test_weight_syntax();
    test_match();

    return tap_done();
}
