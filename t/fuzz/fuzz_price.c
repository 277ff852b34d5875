/*
 * A charge is the least number of credits that pays for the tokens, and what
 * credits afford is the most they pay for; both in 128 bits, without the
 * division that the price makes.  The input is a price, a usage, and a name
 * with a pattern behind a NUL.
 */

#include "credits_request.h"
#include "credits_price.h"
#include "fuzz.h"


__extension__ typedef __int128  wide_t;


typedef struct {
    int64_t           weights[3];
    int64_t           request;
    int64_t           unit;
    credits_usage_t   usage;
    int64_t           credits;
} input_t;


/* itself if it is in range, else some number that is */

static int64_t
within(int64_t value, int64_t low, int64_t high)
{
    if (value < low || value > high) {
        value = low + (int64_t) ((uint64_t) value
                                 % ((uint64_t) (high - low) + 1));
    }

    return value;
}


static int64_t
positive(int64_t n)
{
    return (n > 0) ? n : 0;
}


static wide_t
weighted(const credits_price_t *price, const credits_usage_t *usage)
{
    wide_t  prompt, cached, sum, billable;

    prompt = positive(usage->prompt);
    cached = positive(usage->cached);

    if (cached > prompt) {
        cached = prompt;
    }

    sum = prompt + positive(usage->completion);

    if (sum > INT64_MAX) {
        sum = INT64_MAX;
    }

    billable = (usage->total > sum) ? usage->total : sum;

    return (prompt - cached) * price->input + cached * price->cached
           + (billable - prompt) * price->output;
}


static void
check_charge(const credits_price_t *price, const credits_usage_t *usage)
{
    wide_t   paid, owed;
    int64_t  credits;

    credits = credits_price_charge(price, usage);
    must(credits >= 0 && credits <= CREDITS_AMOUNT_MAX);

    owed = weighted(price, usage);
    paid = (wide_t) (credits - price->request) * price->unit
           * CREDITS_WEIGHT_ONE;

    must(credits == CREDITS_AMOUNT_MAX || paid >= owed);
    must(credits == price->request
         || paid - (wide_t) price->unit * CREDITS_WEIGHT_ONE < owed);
}


static void
check_affordable(const credits_price_t *price, int64_t credits,
    int64_t prompt)
{
    int64_t          tokens;
    credits_usage_t  usage;

    tokens = credits_price_affordable(price, credits, prompt);
    must(tokens >= 0 && tokens <= CREDITS_REQUEST_OUTPUT_MAX);

    usage.prompt = prompt;
    usage.completion = tokens;
    usage.total = -1;
    usage.cached = (price->cached > price->input) ? prompt : 0;

    /* even nothing may be too much: the prompt is not paid for by less */

    must(tokens == 0 || credits_price_charge(price, &usage) <= credits);

    usage.completion++;

    must(tokens == CREDITS_REQUEST_OUTPUT_MAX
         || credits_price_charge(price, &usage) > credits
         || credits >= CREDITS_AMOUNT_MAX);
}


/* the number that the text means, in millionths; -1: none */

static int64_t
weight_of(const unsigned char *s, size_t n)
{
    size_t   i, digits, decimals;
    wide_t   value;

    value = 0;
    digits = 0;
    decimals = 0;

    for (i = 0; i < n && s[i] != '.'; i++, digits++) {
        if (s[i] < '0' || s[i] > '9' || value > CREDITS_WEIGHT_MAX) {
            return -1;
        }

        value = value * 10 + (s[i] - '0');
    }

    if (digits == 0 || i + 1 == n) {
        return -1;
    }

    for (i++; i < n; i++, decimals++) {
        if (s[i] < '0' || s[i] > '9' || decimals == 6) {
            return -1;
        }

        value = value * 10 + (s[i] - '0');
    }

    for ( /* void */ ; decimals < 6; decimals++) {
        value *= 10;
    }

    return (value > CREDITS_WEIGHT_MAX) ? -1 : (int64_t) value;
}


/* by a table: match[i] says whether the pattern so far takes i bytes */

static int
matches(const unsigned char *pattern, size_t pn, const unsigned char *model,
    size_t mn)
{
    int      result;
    size_t   i, k;
    char    *match;

    match = calloc(mn + 1, 1);
    match[0] = 1;

    for (k = 0; k < pn; k++) {

        if (pattern[k] == '*') {
            for (i = 1; i <= mn; i++) {
                match[i] |= match[i - 1];
            }

            continue;
        }

        for (i = mn; i > 0; i--) {
            match[i] = match[i - 1] && model[i - 1] == pattern[k];
        }

        match[0] = 0;
    }

    result = match[mn];
    free(match);

    return result;
}


static void
check_text(const unsigned char *p, size_t n)
{
    int                   rc;
    size_t                len;
    int64_t               weight;
    unsigned char        *pattern, *model;
    const unsigned char  *nul;

    weight = -1;
    rc = credits_price_weight(p, n, &weight);

    must(rc == (weight_of(p, n) == -1 ? -1 : 0));
    must(weight == weight_of(p, n));

    nul = memchr(p, '\0', n);
    len = nul ? (size_t) (nul - p) : n;

    model = fuzz_copy(p, len);
    p += nul ? len + 1 : len;
    n -= nul ? len + 1 : len;
    pattern = fuzz_copy(p, n);

    must(credits_price_match(pattern, n, model, len)
         == matches(pattern, n, model, len));

    free(pattern);
    free(model);
}


int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
    input_t          in;
    credits_price_t  price;

    if (n < sizeof(input_t)) {
        check_text(p, n);
        return 0;
    }

    memcpy(&in, p, sizeof(input_t));

    price.input = within(in.weights[0], 0, CREDITS_WEIGHT_MAX);
    price.cached = within(in.weights[1], 0, CREDITS_WEIGHT_MAX);
    price.output = within(in.weights[2], 0, CREDITS_WEIGHT_MAX);
    price.request = within(in.request, 0, CREDITS_AMOUNT_MAX);
    price.unit = within(in.unit, 1, CREDITS_UNIT_MAX);

    check_charge(&price, &in.usage);
    check_affordable(&price, within(in.credits, 0, CREDITS_AMOUNT_MAX),
                     within(in.usage.prompt, 0, CREDITS_TOKENS_MAX));

    return 0;
}
