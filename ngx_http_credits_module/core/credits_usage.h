/*
 * What an answer has used, in tokens.
 */

#ifndef CREDITS_USAGE_H
#define CREDITS_USAGE_H

#include <stdint.h>


#define CREDITS_TOKENS_MAX  1000000000LL    /* more is a fault, not a number */


/* tokens; -1: absent (zero is a number like any other) */
typedef struct {
    int64_t   prompt;
    int64_t   completion;
    int64_t   total;
    int64_t   cached;           /* part of prompt */
} credits_usage_t;


/* max(total, prompt + completion), where absent members count as 0 */
int64_t credits_usage_billable(const credits_usage_t *usage);

#endif /* CREDITS_USAGE_H */
