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
#define CREDITS_AMOUNT_MAX   1000000000000LL    /* credits in one charge */
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


/* one price: what a request costs once a line has been found for it */
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

/* 1 if the model matches, but for ASCII case and white space around it */
int credits_price_match(const unsigned char *pattern, size_t pn,
    const unsigned char *model, size_t mn);

/* the line that applies, or NULL; a usage that is absent counts as none */
const credits_price_line_t *credits_price_find(
    const credits_price_line_t *lines, size_t n, const unsigned char *model,
    size_t model_len, int64_t prompt_tokens, const unsigned char *tier,
    size_t tier_len);

/*
 * Credits for a usage, rounded up once, capped at CREDITS_AMOUNT_MAX.
 * Billable tokens beyond the prompt count as output.
 */
int64_t credits_price_charge(const credits_price_t *price,
    const credits_usage_t *usage);

/*
 * Output tokens, at most CREDITS_OUTPUT_MAX, that `credits` pay for beside the
 * prompt; 0 if none.
 */
int64_t credits_price_affordable(const credits_price_t *price, int64_t credits,
    int64_t prompt_tokens);

/* the price as credits_price would say it, pattern first: "gpt-* input=3
   output=15 unit=1000"; its length, cut at CREDITS_PRICE_TEXT_MAX */
size_t credits_price_text(const credits_price_line_t *line,
    char text[CREDITS_PRICE_TEXT_MAX + 1]);

#endif /* CREDITS_PRICE_H */
