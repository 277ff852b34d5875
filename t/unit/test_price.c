#include "tap.h"

#include "credits_price.c"


static int64_t
charge(const credits_price_t *price, int64_t prompt, int64_t completion,
    int64_t total, int64_t cached)
{
    credits_usage_t  usage;

    credits_usage_init(&usage);
    usage.prompt = prompt;
    usage.completion = completion;
    usage.total = total;
    usage.cached = cached;

    return credits_price_charge(price, &usage);
}


/* a price of three weights, the others as they follow from them */

static credits_price_t
weighted(int64_t input, int64_t cached, int64_t output)
{
    unsigned         i;
    credits_price_t  price;

    credits_price_init(&price, 1000);

    for (i = 0; i < CREDITS_WEIGHTS; i++) {
        price.weights[i] = -1;
    }

    price.weights[CREDITS_WEIGHT_INPUT] = input;
    price.weights[CREDITS_WEIGHT_CACHED] = cached;
    price.weights[CREDITS_WEIGHT_OUTPUT] = output;
    credits_price_complete(&price);

    return price;
}


static credits_price_t
plain(void)
{
    credits_price_t  price;

    credits_price_init(&price, 1000);

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

    price = weighted(250000, 25000, 4 * CREDITS_WEIGHT_ONE);

    is(charge(&price, 4000, 0, -1, -1), 1, "input at a quarter");
    is(charge(&price, 4001, 0, -1, -1), 2, "one token more");
    is(charge(&price, 4000, 0, -1, 4000), 1, "cached at a fortieth");
    is(charge(&price, 40000, 0, -1, 40000), 1, "cached, exactly one credit");
    is(charge(&price, 40001, 0, -1, 40001), 2, "cached, one token more");
    is(charge(&price, 4001, 0, -1, 999999), 1, "no more cached than prompt");
    is(charge(&price, 0, 250, -1, -1), 1, "output at four");
    is(charge(&price, 0, 251, -1, -1), 2, "output, one token more");
    is(charge(&price, 4000, 0, 4250, -1), 2, "beyond the prompt is output");

    price.request = 7 * CREDITS_MILLIONTHS;
    is(charge(&price, 0, 0, -1, -1), 7, "per request");
    is(charge(&price, 0, 1, -1, -1), 8, "per request, on top");

    price = weighted(0, 0, 0);
    price.request = 7 * CREDITS_MILLIONTHS;
    is(charge(&price, 9999, 9999, -1, -1), 7, "tokens without weight");

    price = weighted(0, 0, CREDITS_WEIGHT_MAX);
    price.unit = 1;
    is(charge(&price, 0, CREDITS_TOKENS_MAX, -1, -1), CREDITS_AMOUNT_MAX,
       "dearest of all: exactly the cap");
    is(charge(&price, 0, INT64_MAX, -1, -1), CREDITS_AMOUNT_MAX, "capped");

    price = weighted(1, 1, 1);
    price.unit = CREDITS_UNIT_MAX;
    is(charge(&price, 0, 1, -1, -1), 1, "the smallest share is a credit");
}


static void
test_complete(void)
{
    unsigned         i;
    credits_price_t  price;

    credits_price_init(&price, 5);
    is(price.unit, 5, "the unit given");
    is(price.request + price.image + price.search + price.cost + price.hidden
       + price.hidden_rate + price.refuse, 0, "no amounts");

    for (i = 0; i < CREDITS_WEIGHTS; i++) {
        is(price.weights[i], CREDITS_WEIGHT_ONE, "weight %u is 1", i);
        price.weights[i] = -1;
    }

    credits_price_complete(&price);

    for (i = 0; i < CREDITS_WEIGHTS; i++) {
        is(price.weights[i], CREDITS_WEIGHT_ONE, "absent, %u is 1", i);
        price.weights[i] = -1;
    }

    price.weights[CREDITS_WEIGHT_INPUT] = 3;
    price.weights[CREDITS_WEIGHT_CACHE_WRITE] = 4;
    price.weights[CREDITS_WEIGHT_OUTPUT] = 15;
    credits_price_complete(&price);

    is(price.weights[CREDITS_WEIGHT_CACHED], 3, "cached as input");
    is(price.weights[CREDITS_WEIGHT_CACHE_WRITE_1H], 4, "1h as cache_write");
    is(price.weights[CREDITS_WEIGHT_AUDIO_INPUT], 3, "audio_input as input");
    is(price.weights[CREDITS_WEIGHT_IMAGE_INPUT], 3, "image_input as input");
    is(price.weights[CREDITS_WEIGHT_AUDIO_OUTPUT], 15,
       "audio_output as output");
}


/* each kind by itself, the sum, and parts that exceed the whole */

static void
test_kinds(void)
{
    int64_t          credits;
    unsigned         i;
    credits_price_t  price;
    credits_usage_t  usage;

    credits_price_init(&price, 1);

    for (i = 0; i < CREDITS_WEIGHTS; i++) {
        price.weights[i] = 0;
    }

    /* a digit for each kind */

    price.weights[CREDITS_WEIGHT_INPUT] = 1 * CREDITS_WEIGHT_ONE;
    price.weights[CREDITS_WEIGHT_CACHED] = 10 * CREDITS_WEIGHT_ONE;
    price.weights[CREDITS_WEIGHT_CACHE_WRITE] = 100 * CREDITS_WEIGHT_ONE;
    price.weights[CREDITS_WEIGHT_CACHE_WRITE_1H] = 1000 * CREDITS_WEIGHT_ONE;
    price.weights[CREDITS_WEIGHT_AUDIO_INPUT] = 10000 * CREDITS_WEIGHT_ONE;
    price.weights[CREDITS_WEIGHT_IMAGE_INPUT] = 100000 * CREDITS_WEIGHT_ONE;
    price.weights[CREDITS_WEIGHT_OUTPUT] = 1000000 * CREDITS_WEIGHT_ONE;
    price.weights[CREDITS_WEIGHT_AUDIO_OUTPUT] =
        10000000 * CREDITS_WEIGHT_ONE;

    credits_usage_init(&usage);
    usage.prompt = 21;
    usage.cached = 2;
    usage.cache_write = 3;
    usage.cache_write_1h = 4;
    usage.audio_input = 5;
    usage.image_input = 6;
    usage.completion = 15;
    usage.audio_output = 7;
    usage.reasoning = 9;

    is(credits_price_charge(&price, &usage), 78654321, "a part of each");

    usage.total = 37;
    is(credits_price_charge(&price, &usage), 79654321,
       "what the total has more is output");

    usage.total = -1;
    usage.prompt = 12;
    is(credits_price_charge(&price, &usage), 78034320,
       "in their order, until the prompt is used up");

    usage.prompt = 4;
    is(credits_price_charge(&price, &usage), 78000220, "earlier ones too");

    usage.prompt = -1;
    usage.completion = -1;
    credits = credits_price_charge(&price, &usage);
    is(credits, 0, "parts of nothing");

    memset(&usage, 0x7f, sizeof(usage));
    is(credits_price_charge(&price, &usage), CREDITS_AMOUNT_MAX,
       "huge numbers everywhere");
}


static void
test_amounts(void)
{
    credits_price_t  price;
    credits_usage_t  usage;

    price = plain();
    price.request = 300000;
    price.image = 20500000;
    price.search = 10000000;

    credits_usage_init(&usage);
    is(credits_price_charge(&price, &usage), 1, "a share is a credit");

    usage.images = 4;
    usage.searches = 3;
    is(credits_price_charge(&price, &usage), 113, "82 + 30 + 0.3");

    usage.prompt = 600;
    is(credits_price_charge(&price, &usage), 113, "rounded once: 112.9");

    usage.prompt = 701;
    is(credits_price_charge(&price, &usage), 114, "rounded once: 113.001");

    usage.images = INT64_MAX;
    usage.searches = INT64_MAX;
    price.request = CREDITS_AMOUNT_MAX * CREDITS_MILLIONTHS;
    price.image = price.request;
    price.search = price.request;
    price.unit = CREDITS_UNIT_MAX;
    is(credits_price_charge(&price, &usage), CREDITS_AMOUNT_MAX, "capped");
}


static void
test_cost(void)
{
    credits_price_t  price;
    credits_usage_t  usage;

    price = plain();
    price.cost = 1000 * CREDITS_MILLIONTHS;
    price.request = CREDITS_MILLIONTHS / 2;
    price.image = CREDITS_MILLIONTHS;

    credits_usage_init(&usage);
    usage.prompt = 5000;
    usage.images = 3;
    is(credits_price_charge(&price, &usage), 9, "no cost said: by tokens");

    usage.cost = 12300000;
    is(credits_price_charge(&price, &usage), 13,
       "$0.0123 at 1000 a dollar, and the request");

    usage.cost = 12500001;
    is(credits_price_charge(&price, &usage), 14, "a nanodollar too much");

    usage.cost = 0;
    is(credits_price_charge(&price, &usage), 1, "it was free there");

    price.cost = 0;
    is(credits_price_charge(&price, &usage), 9, "not asked for: by tokens");

    price.cost = CREDITS_AMOUNT_MAX * CREDITS_MILLIONTHS;
    usage.cost = INT64_MAX;
    is(credits_price_charge(&price, &usage), CREDITS_AMOUNT_MAX, "capped");
}


/* the table of docs/prices.md */

static void
test_worked(void)
{
    size_t           i;
    credits_price_t  price;
    credits_usage_t  usage;

    static const struct {
        int64_t  input, cached, cache_write, output, image, search, cost;
        int64_t  prompt, completion, from_cache, written, images, searches;
        int64_t  said;
        int64_t  credits;
    } cases[] = {
        { 3000000, -1, -1, 15000000, 0, 0, 0,
          1100, 2000, -1, -1, -1, -1, -1, 34 },
        { 3000000, 300000, -1, 15000000, 0, 0, 0,
          61000, 500, 60000, -1, -1, -1, -1, 29 },
        { 3000000, -1, 3750000, 15000000, 0, 0, 0,
          31000, 500, -1, 30000, -1, -1, -1, 123 },
        { 6000000, -1, -1, 22500000, 0, 0, 0,
          300000, 1000, -1, -1, -1, -1, -1, 1823 },
        { 2000000, -1, -1, 4000000, 0, 0, 0,
          1000, 4000, -1, -1, -1, -1, -1, 18 },
        { 0, -1, -1, 0, 40000000, 0, 0,
          12, 4000, -1, -1, 4, -1, -1, 160 },
        { 1000000, -1, -1, 1000000, 0, 10000000, 0,
          900, 50, -1, -1, -1, 3, -1, 31 },
        { -1, -1, -1, -1, 0, 0, 1000000000,
          900, 50, -1, -1, -1, -1, 12300000, 13 }
    };

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        price = weighted(cases[i].input, cases[i].cached, cases[i].output);
        price.image = cases[i].image;
        price.search = cases[i].search;
        price.cost = cases[i].cost;

        if (cases[i].cache_write >= 0) {
            price.weights[CREDITS_WEIGHT_CACHE_WRITE] = cases[i].cache_write;
        }

        credits_usage_init(&usage);
        usage.prompt = cases[i].prompt;
        usage.completion = cases[i].completion;
        usage.cached = cases[i].from_cache;
        usage.cache_write = cases[i].written;
        usage.images = cases[i].images;
        usage.searches = cases[i].searches;
        usage.cost = cases[i].said;

        is(credits_price_charge(&price, &usage), cases[i].credits,
           "row %zu of the worked table", i + 1);
    }
}


/* the dearest usage of so many tokens, by the kinds that weigh most */

static int64_t
dearest(const credits_price_t *price, int64_t prompt, int64_t completion)
{
    int64_t          max, credits;
    unsigned         i, k;
    credits_usage_t  usage;

    max = 0;

    for (i = 0; i < 6; i++) {
        for (k = 0; k < 2; k++) {
            credits_usage_init(&usage);
            usage.prompt = prompt;
            usage.completion = completion;

            usage.cached = (i == 1) ? prompt : -1;
            usage.cache_write = (i == 2) ? prompt : -1;
            usage.cache_write_1h = (i == 3) ? prompt : -1;
            usage.audio_input = (i == 4) ? prompt : -1;
            usage.image_input = (i == 5) ? prompt : -1;
            usage.audio_output = k ? completion : -1;

            credits = credits_price_charge(price, &usage);
            max = (credits > max) ? credits : max;
        }
    }

    return max;
}


static void
check_affordable(const credits_price_t *price, unsigned i)
{
    int64_t   credits, prompt, tokens;
    unsigned  good, tight;

    good = 1;
    tight = 1;

    for (credits = 0; credits < 40; credits += 3) {
        for (prompt = 0; prompt < 5000; prompt += 137) {
            tokens = credits_price_affordable(price, credits, prompt);

            if (tokens > 0 && dearest(price, prompt, tokens) > credits) {
                good = 0;
            }

            /* ... and one token more would not fit */

            if (tokens > 0 && tokens < CREDITS_OUTPUT_MAX
                && dearest(price, prompt, tokens + 1) <= credits)
            {
                tight = 0;
            }
        }
    }

    ok(good, "price %u: what is affordable fits", i);
    ok(tight, "price %u: and is the most that fits", i);
}


static void
test_affordable(void)
{
    unsigned         i, k;
    credits_price_t  price;

    static const int64_t  weights[][5] = {
        { 1000000, 1000000, 1000000, 0, 1000 },
        { 250000, 25000, 4000000, 0, 1000 },
        { 250000, 25000, 333333, 2000000, 1000 },
        { 1, 7, 1000000000, 0, 1 },
        { 0, 0, 1, 0, 1000 },
        { 333333, 999999, 777777, 3400001, 77 }
    };

    for (i = 0; i < sizeof(weights) / sizeof(weights[0]); i++) {
        price = weighted(weights[i][0], weights[i][1], weights[i][2]);
        price.request = weights[i][3];
        price.unit = weights[i][4];

        check_affordable(&price, i);
    }

    for (k = 0; k < CREDITS_WEIGHTS; k++) {
        price = weighted(250000, 25000, 333333);
        price.weights[k] = 2500000;
        check_affordable(&price, i + k);
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
       CREDITS_OUTPUT_MAX, "capped");

    price.weights[CREDITS_WEIGHT_OUTPUT] = 0;
    price.weights[CREDITS_WEIGHT_AUDIO_OUTPUT] = 0;
    is(credits_price_affordable(&price, 1, 0), CREDITS_OUTPUT_MAX,
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
test_amount_syntax(void)
{
    size_t   i;
    int64_t  amount;

    static const struct {
        const char  *text;
        int64_t      amount;
    } cases[] = {
        { "20", 20000000 },
        { "0.04", 40000 },
        { "1001", 1001000000 },
        { "1000000000000", 1000000000000000000 },
        { "1000000000000.000001", -1 },
        { "1000000000001", -1 },
        { "99999999999999999999999999999999999999999999999999", -1 },
        { "-1", -1 },
        { "", -1 }
    };

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        amount = -1;
        (void) credits_price_amount((const unsigned char *) cases[i].text,
                                    strlen(cases[i].text), &amount);
        is(amount, cases[i].amount, "amount \"%s\"", cases[i].text);
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
        { "GPT-4o", "gpt-4O", 1 },
        { "gpt-4o", " \t gpt-4o\t ", 1 },
        { " gpt-4o* ", "gpt-4o-mini", 1 },
        { " ", "", 1 },
        { "gpt-4o", "gpt -4o", 0 },
        { "gpt-4o*", "  ", 0 },
        { "", "  ", 1 },
        { "\xc3\x89", "\xc3\xa9", 0 },
        { "[", "{", 0 },
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


static credits_price_line_t
line(const char *pattern, int64_t above, const char *tier)
{
    credits_price_line_t  l;

    memset(&l, 0, sizeof(l));
    l.pattern = (const unsigned char *) pattern;
    l.pattern_len = strlen(pattern);
    l.above = above;
    l.tier = (const unsigned char *) tier;
    l.tier_len = strlen(tier);
    credits_price_init(&l.price, 1000);

    return l;
}


static void
test_find(void)
{
    size_t                       i;
    credits_price_line_t         lines[7];
    const credits_price_line_t  *found;

    static const struct {
        const char  *model;
        int64_t      prompt;
        const char  *tier;
        int          line;
    } cases[] = {
        { "deep-1", 300001, "priority", 0 },
        { "deep-1", 300000, "priority", 2 },
        { "deep-1", 300001, "default", 1 },
        { "deep-1", 300001, "", 1 },
        { "deep-1", 300000, "", 3 },
        { "deep-1", -1, "", 3 },
        { "deep-1", 5, "PRIORITY", 2 },
        { "deep-1", 5, "ON_DEMAND_PRIORITY", 2 },
        { "deep-1", 5, "nopriority", 3 },
        { "deep-1", 5, "priority_", 3 },
        { "deep-1", 5, "prior", 3 },
        { " DEEP-1 ", 5, "", 3 },
        { "flat", 5, "flex", 4 },
        { "flat", 5, "", 6 },
        { "other", 5, "", 6 }
    };

    lines[0] = line("deep-*", 300000, "Priority");
    lines[1] = line("deep-*", 300000, "");
    lines[2] = line("deep-*", 0, "Priority");
    lines[3] = line("deep-*", 0, "");
    lines[4] = line("flat", 0, "flex");
    lines[5] = line("deep-1", 0, "");
    lines[6] = line("*", 0, "");

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        found = credits_price_find(lines, 7,
                                   (const unsigned char *) cases[i].model,
                                   strlen(cases[i].model), cases[i].prompt,
                                   (const unsigned char *) cases[i].tier,
                                   strlen(cases[i].tier));
        is(found - lines, cases[i].line, "%s, %lld, \"%s\"", cases[i].model,
           (long long) cases[i].prompt, cases[i].tier);
    }

    ok(credits_price_find(lines, 6, (const unsigned char *) "other", 5, 0,
                          NULL, 0) == NULL,
       "no line");
    ok(credits_price_find(NULL, 0, NULL, 0, 0, NULL, 0) == NULL, "no lines");
}


static void
is_text(const credits_price_line_t *l, const char *want)
{
    char    text[CREDITS_PRICE_TEXT_MAX + 1];
    size_t  n;

    n = credits_price_text(l, text);

    is(n, strlen(text), "its length");

    if (!ok(strcmp(text, want) == 0, "%s", want)) {
        printf("#  got %s\n", text);
    }
}


static void
test_text(void)
{
    char                  pattern[400], text[CREDITS_PRICE_TEXT_MAX + 1];
    credits_price_line_t  l;

    l = line("gpt-*", 0, "");
    is_text(&l, "gpt-* input=1 output=1 unit=1000");

    l.price = weighted(3000000, 3000000, 15000000);
    is_text(&l, "gpt-* input=3 output=15 unit=1000");

    l = line("deep", 200000, "flex");
    l.price = weighted(250000, 25000, 1);
    l.price.weights[CREDITS_WEIGHT_CACHE_WRITE] = 312500;
    l.price.weights[CREDITS_WEIGHT_CACHE_WRITE_1H] = 0;
    l.price.weights[CREDITS_WEIGHT_AUDIO_INPUT] = 1010000;
    l.price.weights[CREDITS_WEIGHT_AUDIO_OUTPUT] = 2;
    l.price.weights[CREDITS_WEIGHT_IMAGE_INPUT] = 7000000;
    l.price.request = 1;
    l.price.image = 20000000;
    l.price.search = 10500000;
    l.price.cost = 1000000000;
    l.price.hidden = 9000;
    is_text(&l, "deep above=200000 tier=flex input=0.25 cached=0.025"
                " cache_write=0.3125 cache_write_1h=0 output=0.000001"
                " audio_input=1.01 audio_output=0.000002 image_input=7"
                " request=0.000001 image=20 search=10.5 cost=1000"
                " hidden=9000 unit=1000");

    l = line("", 0, "");
    l.price.hidden = 40;
    l.price.hidden_rate = 1;
    l.price.refuse = 1;
    is_text(&l, "refuse input=1 output=1 hidden=40/s unit=1000");

    memset(pattern, 'a', sizeof(pattern));
    l = line("", 0, "");
    l.pattern = (unsigned char *) pattern;
    l.pattern_len = sizeof(pattern);
    is(credits_price_text(&l, text), CREDITS_PRICE_TEXT_MAX,
       "a long pattern is cut");
    ok(strstr(text, "aaa input=1 output=1 unit=1000") != NULL,
       "and its numbers stay");

    l.price.unit = INT64_MAX;
    memset(&l.price.weights, 0x7f, sizeof(l.price.weights));
    l.price.weights[CREDITS_WEIGHT_CACHED] = INT64_MAX;
    l.price.weights[CREDITS_WEIGHT_CACHE_WRITE]--;
    l.price.weights[CREDITS_WEIGHT_CACHE_WRITE_1H]++;
    l.price.weights[CREDITS_WEIGHT_AUDIO_INPUT]++;
    l.price.weights[CREDITS_WEIGHT_AUDIO_OUTPUT]++;
    l.price.weights[CREDITS_WEIGHT_IMAGE_INPUT]++;
    is(credits_price_text(&l, text), CREDITS_PRICE_TEXT_MAX,
       "numbers beyond all bounds do not overflow it");
}


int
main(void)
{
    test_plain();
    test_weights();
    test_complete();
    test_kinds();
    test_amounts();
    test_cost();
    test_worked();
    test_affordable();
    test_weight_syntax();
    test_amount_syntax();
    test_match();
    test_find();
    test_text();

    return tap_done();
}
