/*
 * What was seen of an answer.
 */

#ifndef CREDITS_ANSWER_FACTS_H
#define CREDITS_ANSWER_FACTS_H

#include <stddef.h>
#include <stdint.h>

#include "credits_usage.h"


#define CREDITS_ANSWER_MODEL_MAX  255
#define CREDITS_ANSWER_TIER_MAX   32


/* what was seen of an answer so far */
typedef struct {
    credits_usage_t   usage;            /* as the provider said it; a zero has
                                           replaced no count */
    uint64_t          bytes;            /* of the body */
    uint64_t          text_bytes;       /* produced: text, reasoning, tool
                                           calls, refusals; unescaped */
    uint64_t          unreadable_bytes; /* of documents without a known shape,
                                           and behind a fault */
    unsigned          product:1;        /* the body is not JSON, but what the
                                           row's operation produces: text or
                                           sound, of `bytes` */
    unsigned          page:1;           /* the body is text or HTML where the
                                           operation answers JSON */
    unsigned          error:1;          /* an error was seen, in whatever
                                           clothes */
    unsigned          finished:1;       /* a finish reason, an end mark or a
                                           whole document was seen */
    unsigned          done:1;           /* and nothing to charge can follow:
                                           also its usage was seen, or cannot
                                           come */
    unsigned          known:1;          /* a document had a known shape */
    unsigned          faults;           /* numbers refused, broken JSON */
    size_t            model_len;        /* 0: the answer does not say */
    size_t            tier_len;
    unsigned char     model[CREDITS_ANSWER_MODEL_MAX];
    unsigned char     tier[CREDITS_ANSWER_TIER_MAX];    /* of the service */
} credits_answer_facts_t;

#endif /* CREDITS_ANSWER_FACTS_H */
