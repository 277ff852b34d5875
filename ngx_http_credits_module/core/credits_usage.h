/*
 * What an answer has used.
 */

#ifndef CREDITS_USAGE_H
#define CREDITS_USAGE_H

#include <stdint.h>


#define CREDITS_TOKENS_MAX  1000000000LL    /* more is a fault, not a number */


/* tokens, unless said otherwise; -1: absent, 0 is a number like any other */
typedef struct {
    int64_t   prompt;           /* the whole input, cached or not */
    int64_t   completion;       /* the whole output, seen or not */
    int64_t   total;

    /* parts of prompt */
    int64_t   cached;           /* read from a cache */
    int64_t   cache_write;      /* written to one */
    int64_t   cache_write_1h;   /* written to one that lasts longer; beside
                                   cache_write, not inside */
    int64_t   audio_input;
    int64_t   image_input;

    /* parts of completion */
    int64_t   reasoning;
    int64_t   audio_output;

    int64_t   images;           /* pictures made */
    int64_t   searches;         /* paid searches made */
    int64_t   cost;             /* nanodollars, as the provider says it */
} credits_usage_t;


/* all absent */
void credits_usage_init(credits_usage_t *usage);

/* max(total, prompt + completion), where absent members count as 0 */
int64_t credits_usage_billable(const credits_usage_t *usage);

#endif /* CREDITS_USAGE_H */
