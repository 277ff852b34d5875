/*
 * Usage into credits.  The widest product, tokens by weight, needs some 95
 * bits for any int64_t a caller could pass: no step can overflow.
 */

#include "credits_price.h"
#include "credits_request.h"


__extension__ typedef __int128  credits_wide_t;


static int credits_price_digit(unsigned char c);
static int64_t credits_price_clamp(int64_t tokens);
static credits_wide_t credits_price_step(const credits_price_t *price);


int
credits_price_weight(const unsigned char *s, size_t n, int64_t *weight)
{
    int64_t               value, scale;
    const unsigned char  *p, *end;

    value = 0;
    end = s + n;

    for (p = s; p < end && credits_price_digit(*p); p++) {
        value = value * 10 + (*p - '0') * CREDITS_WEIGHT_ONE;

        if (value > CREDITS_WEIGHT_MAX) {
            return -1;
        }
    }

    if (p == s) {
        return -1;
    }

    if (p < end) {
        if (*p++ != '.' || p == end) {
            return -1;
        }

        scale = CREDITS_WEIGHT_ONE;

        for ( /* void */ ; p < end; p++) {
            scale /= 10;

            if (scale == 0 || !credits_price_digit(*p)) {
                return -1;
            }

            value += (*p - '0') * scale;
        }
    }

    if (value > CREDITS_WEIGHT_MAX) {
        return -1;
    }

    *weight = value;

    return 0;
}


int
credits_price_match(const unsigned char *pattern, size_t pn,
    const unsigned char *model, size_t mn)
{
    size_t  p, m, star, retry;

    p = 0;
    m = 0;
    star = pn;      /* none seen */
    retry = 0;

    while (m < mn) {

        if (p < pn && pattern[p] == '*') {
            star = p++;
            retry = m;

        } else if (p < pn && pattern[p] == model[m]) {
            p++;
            m++;

        } else if (star < pn) {

            /* the last star matches one byte more */

            p = star + 1;
            m = ++retry;

        } else {
            return 0;
        }
    }

    while (p < pn && pattern[p] == '*') {
        p++;
    }

    return p == pn;
}


int64_t
credits_price_charge(const credits_price_t *price,
    const credits_usage_t *usage)
{
    int64_t         billable, prompt, cached;
    credits_wide_t  weighted, credits, step;

    billable = credits_usage_billable(usage);
    prompt = credits_price_clamp(usage->prompt);
    cached = credits_price_clamp(usage->cached);

    if (cached > prompt) {
        cached = prompt;
    }

    weighted = (credits_wide_t) (prompt - cached) * price->input
               + (credits_wide_t) cached * price->cached
               + (credits_wide_t) (billable - prompt) * price->output;

    step = credits_price_step(price);
    credits = (weighted + step - 1) / step + price->request;

    return (credits > CREDITS_AMOUNT_MAX) ? CREDITS_AMOUNT_MAX
                                          : (int64_t) credits;
}


int64_t
credits_price_affordable(const credits_price_t *price, int64_t credits,
    int64_t prompt_tokens)
{
    int64_t         max_weight;
    credits_wide_t  left, tokens;

    /* how much of the prompt is cached is not known yet */

    max_weight = (price->input > price->cached) ? price->input : price->cached;

    left = ((credits_wide_t) credits - price->request)
           * credits_price_step(price)
           - (credits_wide_t) credits_price_clamp(prompt_tokens) * max_weight;

    if (left < 0) {
        return 0;
    }

    if (price->output == 0) {
        return CREDITS_REQUEST_OUTPUT_MAX;
    }

    tokens = left / price->output;

    return (tokens > CREDITS_REQUEST_OUTPUT_MAX) ? CREDITS_REQUEST_OUTPUT_MAX
                                              : (int64_t) tokens;
}


static int
credits_price_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}


static int64_t
credits_price_clamp(int64_t tokens)
{
    return (tokens > 0) ? tokens : 0;
}


/* weighted tokens that one credit pays for */

static credits_wide_t
credits_price_step(const credits_price_t *price)
{
    return (credits_wide_t) price->unit * CREDITS_WEIGHT_ONE;
}
