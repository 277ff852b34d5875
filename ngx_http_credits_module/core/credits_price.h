/*
 * Usage into credits: integer arithmetic only.
 */

#ifndef CREDITS_PRICE_H
#define CREDITS_PRICE_H

#include <stddef.h>
#include <stdint.h>

#include "credits_usage.h"


#define CREDITS_WEIGHT_ONE   1000000LL          /* weights are millionths */
#define CREDITS_WEIGHT_MAX   (1000 * CREDITS_WEIGHT_ONE)
#define CREDITS_UNIT_MAX     1000000000LL
#define CREDITS_AMOUNT_MAX   1000000000000LL    /* credits in one charge, or
                                                   one amount of a price */
#define CREDITS_MILLIONTHS   1000000LL          /* of a credit in a credit */
#define CREDITS_OUTPUT_MAX   100000000          /* tokens */
#define CREDITS_PRICE_TEXT_MAX  255


/* what a token of each kind weighs */
typedef enum {
    CREDITS_WEIGHT_INPUT = 0,
    CREDITS_WEIGHT_CACHED,
    CREDITS_WEIGHT_CACHE_WRITE,
    CREDITS_WEIGHT_CACHE_WRITE_1H,
    CREDITS_WEIGHT_OUTPUT,
    CREDITS_WEIGHT_AUDIO_INPUT,
    CREDITS_WEIGHT_AUDIO_OUTPUT,
    CREDITS_WEIGHT_IMAGE_INPUT,
    CREDITS_WEIGHTS
} credits_weight_t;


/*
 * One price: what a request costs once a line has been found for it.  Weights
 * are at most CREDITS_WEIGHT_MAX in a directive, CREDITS_PRICE_LIST_WEIGHT_MAX
 * in a list; amounts, and cost, at most CREDITS_AMOUNT_MAX credits.
 */
typedef struct {
    int64_t   weights[CREDITS_WEIGHTS]; /* -1 in a line: see
                                           credits_price_complete() */
    int64_t   unit;             /* tokens per credit, 1..CREDITS_UNIT_MAX */

    /* millionths of a credit, on top */
    int64_t   request;
    int64_t   image;            /* for each picture made */
    int64_t   search;           /* for each search made */

    int64_t   cost;             /* millionths of a credit per dollar that the
                                   provider says it cost, instead of tokens;
                                   0: not */
    int64_t   hidden;           /* tokens thought unseen ... */
    unsigned  hidden_rate:1;    /* ... per second of silence */
    unsigned  refuse:1;         /* the model is not sold */
} credits_price_t;


/* a line of credits_price, or of a list; the first that matches applies */
typedef struct {
    const unsigned char  *pattern;  /* of the model; '*' is any run of bytes */
    size_t                pattern_len;
    int64_t               above;    /* tokens of prompt, exclusive; 0: any */
    const unsigned char  *tier;     /* of the answer; len 0: any */
    size_t                tier_len;
    credits_price_t       price;
} credits_price_line_t;


/* weights 1, no amounts, the unit given */
void credits_price_init(credits_price_t *price, int64_t unit);

/* input, output: 1 where absent; cached, cache_write, image_input as input;
   cache_write_1h as cache_write; audio_input and _output as input, output */
void credits_price_complete(credits_price_t *price);

/* "1", "0.25", "12.000001" become millionths; 0, or -1 (syntax, range) */
int credits_price_weight(const unsigned char *s, size_t n, int64_t *weight);

/* the same for an amount of credits, and for cost: 0..CREDITS_AMOUNT_MAX */
int credits_price_amount(const unsigned char *s, size_t n, int64_t *amount);

/* 1 if the model matches, but for ASCII case and white space around both */
int credits_price_match(const unsigned char *pattern, size_t pn,
    const unsigned char *model, size_t mn);

/*
 * The first line whose pattern, above and tier all match, or NULL.  A prompt
 * that is absent (-1) is above nothing.  Tiers match but for ASCII case, and a
 * tier "on_demand_priority" of the answer is also "priority".
 */
const credits_price_line_t *credits_price_find(
    const credits_price_line_t *lines, size_t n, const unsigned char *model,
    size_t model_len, int64_t prompt_tokens, const unsigned char *tier,
    size_t tier_len);

/*
 * Credits for a usage, rounded up once, capped at CREDITS_AMOUNT_MAX.  The
 * price is complete.  Billable tokens beyond the prompt count as output; parts
 * of the prompt are taken from it in the order of the weights, so that they
 * never exceed it.  With price->cost, a cost that is said replaces all but
 * the amount of a request.
 */
int64_t credits_price_charge(const credits_price_t *price,
    const credits_usage_t *usage);

/*
 * Output tokens, at most CREDITS_OUTPUT_MAX, that `credits` pay for beside the
 * prompt and the request's amount, whatever kinds of tokens they turn out to
 * be; 0 if none.
 */
int64_t credits_price_affordable(const credits_price_t *price, int64_t credits,
    int64_t prompt_tokens);

/*
 * The price as credits_price would say it, pattern first: "gpt-* input=3
 * output=15 unit=1000"; what credits_price_complete() would fill in again, and
 * amounts of 0, are left out.  Returns its length; of a text that is longer
 * than CREDITS_PRICE_TEXT_MAX, the pattern is cut, so that the numbers stay.
 */
size_t credits_price_text(const credits_price_line_t *line,
    char text[CREDITS_PRICE_TEXT_MAX + 1]);

#endif /* CREDITS_PRICE_H */
