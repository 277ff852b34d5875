/*
 * The request: what a body asks for, read as the table's row says.
 *
 * It is a push scanner with constant memory: feed the body in any pieces, then
 * ask.
 */

#ifndef CREDITS_REQUEST_H
#define CREDITS_REQUEST_H

#include <stddef.h>
#include <stdint.h>

#include "credits_json.h"
#include "credits_multipart.h"
#include "credits_operation.h"
#include "credits_request_prompt.h"


#define CREDITS_REQUEST_MODEL_MAX   255
#define CREDITS_REQUEST_TIER_MAX    32
#define CREDITS_REQUEST_OUTPUT_MAX  100000000       /* tokens */
#define CREDITS_REQUEST_CHOICES_MAX 128


/*
 * What makes the price of a request unboundable, a bit each, in the order of
 * the names that credits_allow takes.
 */
uint32_t credits_request_allow(const unsigned char *name, size_t n);  /* 0: no
                                                                  such name */


typedef struct credits_request_s  credits_request_t;


/*
 * boundary: of a multipart body, or len 0 for JSON.  What it points at, and
 * parts, must stay until credits_request_end().
 */
void credits_request_init(credits_request_t *r,
    const credits_operation_t *operation, const credits_part_tokens_t *parts,
    credits_span_t boundary);

/* 0, or -1: the body is not acceptable, see credits_request_error() */
int credits_request_feed(credits_request_t *r, const unsigned char *p,
    size_t n);
int credits_request_end(credits_request_t *r);

/* after -1: an English sentence for the client, of static storage */
const char *credits_request_error(const credits_request_t *r);

/* tokens of the prompt, estimated: of text, a token per 4 bytes and 4 per
   message; of other parts, what they count as */
int64_t credits_request_prompt_tokens(const credits_request_t *r);

/* 1 if an output limit, in tokens, leaves room for an answer behind the
   thinking that the request allows itself */
int credits_request_limit_fits(const credits_request_t *r, int64_t limit);

/* the first member that makes the price unboundable and is not among the
   bits of `allowed`; NULL: there is none */
const char *credits_request_unbounded(const credits_request_t *r,
    uint32_t allowed);


/* the limits that a request may name */
typedef enum {
    CREDITS_REQUEST_MAX_TOKENS = 0,
    CREDITS_REQUEST_MAX_COMPLETION,
    CREDITS_REQUEST_MAX_OUTPUT,
    CREDITS_REQUEST_CONFIG_MAX,     /* inside the row's config */
    CREDITS_REQUEST_LIMITS
} credits_request_limit_t;


/* a member that may have to change */
typedef struct {
    enum {
        CREDITS_REQUEST_ABSENT = 0,
        CREDITS_REQUEST_NULL,
        CREDITS_REQUEST_SET
    }               state;
    int64_t         value;
    uint64_t        begin;      /* offsets of its value */
    uint64_t        end;
    unsigned        empty:1;    /* an object without members */
} credits_request_member_t;


struct credits_request_s {
    /* results, valid after credits_request_end() returned 0 */
    unsigned char   model[CREDITS_REQUEST_MODEL_MAX];  /* unescaped UTF-8, of
                                                          the body */
    size_t          model_len;                      /* 0: not named */
    unsigned char   tier[CREDITS_REQUEST_TIER_MAX]; /* service_tier */
    size_t          tier_len;
    unsigned        stream:1;         /* the answer will be one */
    unsigned        include_usage:1;  /* the client asked for usage itself */
    int64_t         choices;          /* n or best_of, for every prompt of
                                         a batch, or pictures: 1..128 */
    int64_t         max_output;       /* tokens; -1: no limit named */
    int64_t         thinking;         /* tokens of its budget; 0: none */
    const char     *unmetered;        /* a member with which the answer cannot
                                         be metered at all ("background"), or
                                         NULL */

    /* private, also for credits_request_edits() */
    const credits_operation_t  *operation;
    credits_request_prompt_t    prompt;
    const char                 *error;

    uint64_t                    body_begin;
    unsigned                    body_empty:1;
    unsigned                    form:1;         /* a multipart body */
    unsigned                    stream_not:1;   /* "stream":false */
    unsigned                    chat:1;         /* it has messages */
    unsigned                    input:1;
    unsigned                    legacy:1;       /* a prompt, no template */
    uint32_t                    seen;           /* bits of nodes */
    int64_t                     n;
    int64_t                     best_of;
    credits_request_member_t    options;        /* stream_options */
    credits_request_member_t    include;        /* its include_usage */
    credits_request_member_t    config;         /* the object of the limit */
    credits_request_member_t    limits[CREDITS_REQUEST_LIMITS];

    union {
        credits_json_t          json;
        credits_multipart_t     multipart;
    }                           body;
};

#endif /* CREDITS_REQUEST_H */
