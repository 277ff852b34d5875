/*
 * What an answer costs: one decision, from what the provider said and what was
 * seen.  docs/metering.md has its table.
 */

#ifndef CREDITS_VERDICT_H
#define CREDITS_VERDICT_H

#include <stdint.h>

#include "credits_answer.h"
#include "credits_operation.h"
#include "credits_record.h"
#include "credits_usage.h"


/* how the request ended */
typedef enum {
    CREDITS_END_WHOLE = 0,      /* the answer came to its end */
    CREDITS_END_CUT,            /* the provider, or the way to it, failed */
    CREDITS_END_LEFT,           /* the client left, or read no more */
    CREDITS_END_STOPPED         /* the worker exits */
} credits_end_t;


/* why a charge is not simply the provider's usage, or why there is none */
typedef enum {
    CREDITS_REASON_NONE = 0,    /* "": settled at the usage said */
    CREDITS_REASON_NO_USAGE,    /* ended without any: estimated */
    CREDITS_REASON_ZERO_USAGE,  /* said zero beside what was produced */
    CREDITS_REASON_UNREADABLE,  /* shape unknown, or a fault: by its bytes */
    CREDITS_REASON_TRUNCATED,   /* cut before its end */
    CREDITS_REASON_CLIENT_GONE,
    CREDITS_REASON_WORKER_STOPPED,
    CREDITS_REASON_UPSTREAM_ERROR,      /* an error, or no answer at all */
    CREDITS_REASON_EMPTY_ANSWER,        /* ended, and nothing was produced */
    CREDITS_REASON_NOT_SENT,    /* the provider never got the request */
    CREDITS_REASON_NOT_ANSWERED_BY_PROVIDER,  /* nginx's page, its cache */
    CREDITS_REASONS
} credits_reason_t;

const char *credits_reason_name(credits_reason_t reason);


typedef struct {
    const credits_operation_t      *operation;
    const credits_answer_facts_t   *answer; /* NULL: none that is charged */
    credits_end_t                   end;
    unsigned                        sent:1; /* the provider has the request */
    unsigned                        refused:1;  /* it answered with an error
                                                   status, or nginx did */
    unsigned                        capture:1;  /* on_missing_usage */
    int64_t                         prompt_tokens;  /* estimated */
    int64_t                         images;     /* asked for, at least 1 */
    int64_t                         image_tokens;   /* a picture, estimated */
    int64_t                         hidden_tokens;  /* thought unseen, of a
                                                       model that does; 0 */
} credits_verdict_input_t;


typedef struct {
    credits_status_t   status;
    credits_reason_t   reason;
    credits_usage_t    usage;       /* to charge, nothing absent that was
                                       estimated */
    unsigned           at_least_hold:1; /* capture: never below the hold */
} credits_verdict_t;


void credits_verdict(const credits_verdict_input_t *in,
    credits_verdict_t *out);

#endif /* CREDITS_VERDICT_H */
