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


typedef struct {
    int64_t   input;            /* weights, 0..CREDITS_WEIGHT_MAX */
    int64_t   cached;
    int64_t   output;
    int64_t   request;          /* credits per request, on top */
    int64_t   unit;             /* tokens per credit, 1..CREDITS_UNIT_MAX */
} credits_price_t;


/* "1", "0.25", "12.000001" become millionths; 0, or -1 (syntax, range) */
int credits_price_weight(const unsigned char *s, size_t n, int64_t *weight);

/* 1 if the model matches; '*' stands for any run of bytes */
int credits_price_match(const unsigned char *pattern, size_t pn,
    const unsigned char *model, size_t mn);

/*
 * Credits for a usage, rounded up, capped at CREDITS_AMOUNT_MAX.  Billable
 * tokens beyond the prompt count as output.
 */
int64_t credits_price_charge(const credits_price_t *price,
    const credits_usage_t *usage);

/*
 * Output tokens, at most CREDITS_REQUEST_OUTPUT_MAX, that `credits` pay for
 * beside the prompt; 0 if none.
 */
int64_t credits_price_affordable(const credits_price_t *price, int64_t credits,
    int64_t prompt_tokens);

#endif /* CREDITS_PRICE_H */
