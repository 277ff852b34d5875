/*
 * Usage into credits.  The widest product, tokens or pieces by weight or
 * amount, needs some 123 bits for any int64_t a caller could pass: no step can
 * overflow.
 */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "credits_price.h"


#define CREDITS_PRICE_NANO  1000000000LL    /* a dollar's */


__extension__ typedef __int128  credits_wide_t;


/* the text of a price, while it is written */
typedef struct {
    char      data[CREDITS_PRICE_TEXT_MAX + 1];
    size_t    len;
} credits_price_text_t;


static int credits_price_number(const unsigned char *s, size_t n, int64_t max,
    int64_t *value);
static int credits_price_digit(unsigned char c);
static unsigned char credits_price_fold(unsigned char c);
static int credits_price_space(unsigned char c);
static void credits_price_trim(const unsigned char **s, size_t *n);
static int credits_price_same_tier(const credits_price_line_t *line,
    const unsigned char *tier, size_t n);
static int64_t credits_price_clamp(int64_t tokens);
static int64_t credits_price_take(int64_t *left, int64_t tokens);
static credits_wide_t credits_price_tokens(const credits_price_t *price,
    const credits_usage_t *usage);
static credits_wide_t credits_price_amounts(const credits_price_t *price,
    const credits_usage_t *usage);
static int64_t credits_price_credits(credits_wide_t share,
    credits_wide_t whole);
static credits_wide_t credits_price_step(const credits_price_t *price);
static int64_t credits_price_dearest(const credits_price_t *price,
    unsigned bits);
static void credits_price_say(credits_price_text_t *text, const char *fmt,
    ...) __attribute__((format(printf, 2, 3)));
static void credits_price_say_millionths(credits_price_text_t *text,
    const char *name, int64_t value);
static void credits_price_say_weights(credits_price_text_t *text,
    const credits_price_t *price);


#define credits_price_bit(weight)  (1U << (weight))

#define CREDITS_PRICE_OUTPUTS                                                 \
    (credits_price_bit(CREDITS_WEIGHT_OUTPUT)                                 \
     | credits_price_bit(CREDITS_WEIGHT_AUDIO_OUTPUT))


static const char *const  credits_price_names[CREDITS_WEIGHTS] = {
    [CREDITS_WEIGHT_INPUT] = "input",
    [CREDITS_WEIGHT_CACHED] = "cached",
    [CREDITS_WEIGHT_CACHE_WRITE] = "cache_write",
    [CREDITS_WEIGHT_CACHE_WRITE_1H] = "cache_write_1h",
    [CREDITS_WEIGHT_OUTPUT] = "output",
    [CREDITS_WEIGHT_AUDIO_INPUT] = "audio_input",
    [CREDITS_WEIGHT_AUDIO_OUTPUT] = "audio_output",
    [CREDITS_WEIGHT_IMAGE_INPUT] = "image_input"
};

/* what a weight is that is not said: that of another kind */
static const credits_weight_t  credits_price_defaults[CREDITS_WEIGHTS] = {
    [CREDITS_WEIGHT_CACHED] = CREDITS_WEIGHT_INPUT,
    [CREDITS_WEIGHT_CACHE_WRITE] = CREDITS_WEIGHT_INPUT,
    [CREDITS_WEIGHT_CACHE_WRITE_1H] = CREDITS_WEIGHT_CACHE_WRITE,
    [CREDITS_WEIGHT_AUDIO_INPUT] = CREDITS_WEIGHT_INPUT,
    [CREDITS_WEIGHT_AUDIO_OUTPUT] = CREDITS_WEIGHT_OUTPUT,
    [CREDITS_WEIGHT_IMAGE_INPUT] = CREDITS_WEIGHT_INPUT,

    /* these stand for themselves: they weigh 1 */
    [CREDITS_WEIGHT_INPUT] = CREDITS_WEIGHT_INPUT,
    [CREDITS_WEIGHT_OUTPUT] = CREDITS_WEIGHT_OUTPUT
};


void
credits_price_init(credits_price_t *price, int64_t unit)
{
    unsigned  i;

    memset(price, 0, sizeof(credits_price_t));

    for (i = 0; i < CREDITS_WEIGHTS; i++) {
        price->weights[i] = CREDITS_WEIGHT_ONE;
    }

    price->unit = unit;
}


void
credits_price_complete(credits_price_t *price)
{
    unsigned          i;
    credits_weight_t  like;

    /* the order of the weights: what is taken over is complete before */

    for (i = 0; i < CREDITS_WEIGHTS; i++) {

        if (price->weights[i] >= 0) {
            continue;
        }

        like = credits_price_defaults[i];
        price->weights[i] = (like == i) ? CREDITS_WEIGHT_ONE
                                        : price->weights[like];
    }
}


int
credits_price_weight(const unsigned char *s, size_t n, int64_t *weight)
{
    return credits_price_number(s, n, CREDITS_WEIGHT_MAX, weight);
}


int
credits_price_amount(const unsigned char *s, size_t n, int64_t *amount)
{
    return credits_price_number(s, n, CREDITS_AMOUNT_MAX * CREDITS_MILLIONTHS,
                                amount);
}


int
credits_price_match(const unsigned char *pattern, size_t pn,
    const unsigned char *model, size_t mn)
{
    size_t  p, m, star, retry;

    credits_price_trim(&pattern, &pn);
    credits_price_trim(&model, &mn);

    p = 0;
    m = 0;
    star = pn;      /* none seen */
    retry = 0;

    while (m < mn) {

        if (p < pn && pattern[p] == '*') {
            star = p++;
            retry = m;

        } else if (p < pn && credits_price_fold(pattern[p])
                             == credits_price_fold(model[m]))
        {
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


const credits_price_line_t *
credits_price_find(const credits_price_line_t *lines, size_t n,
    const unsigned char *model, size_t model_len, int64_t prompt_tokens,
    const unsigned char *tier, size_t tier_len)
{
    size_t                       i;
    const credits_price_line_t  *line;

    for (i = 0; i < n; i++) {
        line = &lines[i];

        if ((line->above == 0 || prompt_tokens > line->above)
            && credits_price_same_tier(line, tier, tier_len)
            && credits_price_match(line->pattern, line->pattern_len, model,
                                   model_len))
        {
            return line;
        }
    }

    return NULL;
}


int64_t
credits_price_charge(const credits_price_t *price,
    const credits_usage_t *usage)
{
    if (price->cost > 0 && usage->cost >= 0) {
        return credits_price_credits(
                              (credits_wide_t) usage->cost * price->cost
                              + (credits_wide_t) price->request
                                * CREDITS_PRICE_NANO,
                              (credits_wide_t) CREDITS_PRICE_NANO
                              * CREDITS_MILLIONTHS);
    }

    return credits_price_credits(credits_price_tokens(price, usage)
                                 + credits_price_amounts(price, usage)
                                   * price->unit,
                                 credits_price_step(price));
}


int64_t
credits_price_affordable(const credits_price_t *price, int64_t credits,
    int64_t prompt_tokens)
{
    int64_t         input, output;
    credits_wide_t  left, tokens;

    /* which tokens are of which kind is not known yet */

    input = credits_price_dearest(price, ~CREDITS_PRICE_OUTPUTS);
    output = credits_price_dearest(price, CREDITS_PRICE_OUTPUTS);

    left = (credits_wide_t) credits * credits_price_step(price)
           - (credits_wide_t) price->request * price->unit
           - (credits_wide_t) credits_price_clamp(prompt_tokens) * input;

    if (left < 0) {
        return 0;
    }

    if (output == 0) {
        return CREDITS_OUTPUT_MAX;
    }

    tokens = left / output;

    return (tokens > CREDITS_OUTPUT_MAX) ? CREDITS_OUTPUT_MAX
                                         : (int64_t) tokens;
}


size_t
credits_price_text(const credits_price_line_t *line,
    char text[CREDITS_PRICE_TEXT_MAX + 1])
{
    size_t                  len;
    const credits_price_t  *price;
    credits_price_text_t    rest;

    rest.len = 0;
    rest.data[0] = '\0';
    price = &line->price;

    if (line->above) {
        credits_price_say(&rest, " above=%lld", (long long) line->above);
    }

    if (line->tier_len) {
        credits_price_say(&rest, " tier=%.*s", (int) line->tier_len,
                          (const char *) line->tier);
    }

    if (price->refuse) {
        credits_price_say(&rest, " refuse");
    }

    credits_price_say_weights(&rest, price);
    credits_price_say_millionths(&rest, "request", price->request);
    credits_price_say_millionths(&rest, "image", price->image);
    credits_price_say_millionths(&rest, "search", price->search);
    credits_price_say_millionths(&rest, "cost", price->cost);

    if (price->hidden) {
        credits_price_say(&rest, " hidden=%lld%s", (long long) price->hidden,
                          price->hidden_rate ? "/s" : "");
    }

    credits_price_say(&rest, " unit=%lld", (long long) price->unit);

    len = line->pattern_len;

    if (len == 0) {
        rest.len--;
        memcpy(text, rest.data + 1, rest.len + 1);

        return rest.len;
    }

    if (len > CREDITS_PRICE_TEXT_MAX - rest.len) {
        len = CREDITS_PRICE_TEXT_MAX - rest.len;
    }

    memcpy(text, line->pattern, len);
    memcpy(text + len, rest.data, rest.len + 1);

    return len + rest.len;
}


/* a decimal number with up to six places, in millionths, at most max */

static int
credits_price_number(const unsigned char *s, size_t n, int64_t max,
    int64_t *value)
{
    int64_t               scale;
    credits_wide_t        sum;
    const unsigned char  *p, *end;

    sum = 0;
    end = s + n;

    for (p = s; p < end && credits_price_digit(*p); p++) {
        sum = sum * 10 + (*p - '0') * CREDITS_MILLIONTHS;

        if (sum > max) {
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

        scale = CREDITS_MILLIONTHS;

        for ( /* void */ ; p < end; p++) {
            scale /= 10;

            if (scale == 0 || !credits_price_digit(*p)) {
                return -1;
            }

            sum += (*p - '0') * scale;
        }
    }

    if (sum > max) {
        return -1;
    }

    *value = (int64_t) sum;

    return 0;
}


static int
credits_price_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}


/* ASCII only: names of models are compared as bytes beyond it */

static unsigned char
credits_price_fold(unsigned char c)
{
    return (c >= 'A' && c <= 'Z') ? (unsigned char) (c | 0x20) : c;
}


static int
credits_price_space(unsigned char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}


static void
credits_price_trim(const unsigned char **s, size_t *n)
{
    while (*n && credits_price_space((*s)[0])) {
        (*s)++;
        (*n)--;
    }

    while (*n && credits_price_space((*s)[*n - 1])) {
        (*n)--;
    }
}


/* Gemini says the kind of traffic before the tier: ON_DEMAND_PRIORITY */

static int
credits_price_same_tier(const credits_price_line_t *line,
    const unsigned char *tier, size_t n)
{
    size_t  i, skip;

    if (line->tier_len == 0) {
        return 1;
    }

    if (n < line->tier_len) {
        return 0;
    }

    skip = n - line->tier_len;

    if (skip && tier[skip - 1] != '_') {
        return 0;
    }

    for (i = 0; i < line->tier_len; i++) {
        if (credits_price_fold(tier[skip + i])
            != credits_price_fold(line->tier[i]))
        {
            return 0;
        }
    }

    return 1;
}


static int64_t
credits_price_clamp(int64_t tokens)
{
    return (tokens > 0) ? tokens : 0;
}


/* so many of what is left, at most all */

static int64_t
credits_price_take(int64_t *left, int64_t tokens)
{
    tokens = credits_price_clamp(tokens);

    if (tokens > *left) {
        tokens = *left;
    }

    *left -= tokens;

    return tokens;
}


/* the tokens by their weights */

static credits_wide_t
credits_price_tokens(const credits_price_t *price,
    const credits_usage_t *usage)
{
    int64_t         input, output, taken[CREDITS_WEIGHTS];
    unsigned        i;
    credits_wide_t  sum;

    input = credits_price_clamp(usage->prompt);
    output = credits_usage_billable(usage) - input;

    /* what was cached may have been sound or a picture, and is cheaper */

    taken[CREDITS_WEIGHT_CACHED] = credits_price_take(&input, usage->cached);
    taken[CREDITS_WEIGHT_CACHE_WRITE] =
        credits_price_take(&input, usage->cache_write);
    taken[CREDITS_WEIGHT_CACHE_WRITE_1H] =
        credits_price_take(&input, usage->cache_write_1h);
    taken[CREDITS_WEIGHT_AUDIO_INPUT] =
        credits_price_take(&input, usage->audio_input);
    taken[CREDITS_WEIGHT_IMAGE_INPUT] =
        credits_price_take(&input, usage->image_input);
    taken[CREDITS_WEIGHT_INPUT] = input;

    taken[CREDITS_WEIGHT_AUDIO_OUTPUT] =
        credits_price_take(&output, usage->audio_output);
    taken[CREDITS_WEIGHT_OUTPUT] = output;

    sum = 0;

    for (i = 0; i < CREDITS_WEIGHTS; i++) {
        sum += (credits_wide_t) taken[i] * price->weights[i];
    }

    return sum;
}


/* millionths of a credit, at most those of CREDITS_AMOUNT_MAX */

static credits_wide_t
credits_price_amounts(const credits_price_t *price,
    const credits_usage_t *usage)
{
    credits_wide_t  sum, max;

    sum = (credits_wide_t) credits_price_clamp(usage->images) * price->image
          + (credits_wide_t) credits_price_clamp(usage->searches)
            * price->search
          + price->request;

    max = (credits_wide_t) CREDITS_AMOUNT_MAX * CREDITS_MILLIONTHS;

    return (sum > max) ? max : sum;
}


/* share / whole, rounded up */

static int64_t
credits_price_credits(credits_wide_t share, credits_wide_t whole)
{
    credits_wide_t  credits;

    credits = (share + whole - 1) / whole;

    return (credits > CREDITS_AMOUNT_MAX) ? CREDITS_AMOUNT_MAX
                                          : (int64_t) credits;
}


/* weighted tokens that one credit pays for */

static credits_wide_t
credits_price_step(const credits_price_t *price)
{
    return (credits_wide_t) price->unit * CREDITS_WEIGHT_ONE;
}


/* the largest of the weights whose bits are set */

static int64_t
credits_price_dearest(const credits_price_t *price, unsigned bits)
{
    int64_t   max;
    unsigned  i;

    max = 0;

    for (i = 0; i < CREDITS_WEIGHTS; i++) {
        if ((bits & credits_price_bit(i)) && price->weights[i] > max) {
            max = price->weights[i];
        }
    }

    return max;
}


static void
credits_price_say(credits_price_text_t *text, const char *fmt, ...)
{
    int      n;
    size_t   room;
    va_list  args;

    room = sizeof(text->data) - text->len;

    va_start(args, fmt);
    n = vsnprintf(text->data + text->len, room, fmt, args);
    va_end(args);

    if (n > 0) {
        text->len += ((size_t) n < room) ? (size_t) n : room - 1;
    }
}


/* without zeros at its end; nothing for 0 */

static void
credits_price_say_millionths(credits_price_text_t *text, const char *name,
    int64_t value)
{
    int      places;
    int64_t  fraction;

    if (value == 0) {
        return;
    }

    fraction = value % CREDITS_MILLIONTHS;

    credits_price_say(text, " %s=%lld", name,
                      (long long) (value / CREDITS_MILLIONTHS));

    if (fraction == 0) {
        return;
    }

    for (places = 6; fraction % 10 == 0; places--) {
        fraction /= 10;
    }

    credits_price_say(text, ".%0*lld", places, (long long) fraction);
}


static void
credits_price_say_weights(credits_price_text_t *text,
    const credits_price_t *price)
{
    unsigned          i;
    credits_weight_t  like;

    for (i = 0; i < CREDITS_WEIGHTS; i++) {
        like = credits_price_defaults[i];

        if (like != i && price->weights[i] == price->weights[like]) {
            continue;
        }

        if (price->weights[i] == 0) {
            credits_price_say(text, " %s=0", credits_price_names[i]);
        }

        credits_price_say_millionths(text, credits_price_names[i],
                                     price->weights[i]);
    }
}
