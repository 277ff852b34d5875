/*
 * The request: what a chat-completions body asks for.
 *
 * It is a push scanner with constant memory: feed the body in any pieces, then
 * ask.
 */

#ifndef CREDITS_REQUEST_H
#define CREDITS_REQUEST_H

#include <stddef.h>
#include <stdint.h>

#include "credits_json.h"


#define CREDITS_REQUEST_MODEL_MAX   255
#define CREDITS_REQUEST_OUTPUT_MAX  100000000       /* tokens */
#define CREDITS_REQUEST_CHOICES_MAX 128


typedef struct credits_request_s  credits_request_t;


void credits_request_init(credits_request_t *r);

/* 0, or -1: the body is not acceptable, see credits_request_error() */
int credits_request_feed(credits_request_t *r, const unsigned char *p,
    size_t n);
int credits_request_end(credits_request_t *r);

/* after -1: an English sentence for the client, of static storage */
const char *credits_request_error(const credits_request_t *r);

/* tokens of the prompt, estimated: ceil(text bytes / 4) + 4 per message */
int64_t credits_request_prompt_tokens(const credits_request_t *r);


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
} credits_request_member_t;


/* the members that limit the output */
typedef enum {
    CREDITS_REQUEST_MAX_TOKENS = 0,
    CREDITS_REQUEST_MAX_COMPLETION,
    CREDITS_REQUEST_MAX_OUTPUT,
    CREDITS_REQUEST_LIMITS
} credits_request_limit_t;


struct credits_request_s {
    /* results, valid after credits_request_end() returned 0 */
    unsigned char   model[CREDITS_REQUEST_MODEL_MAX];  /* unescaped UTF-8 */
    size_t          model_len;                      /* 0: not named */
    unsigned        stream:1;         /* the literal true */
    unsigned        include_usage:1;  /* the client asked for usage itself */
    unsigned        completions:1;    /* "messages" or "prompt", no "input" */
    int64_t         choices;          /* n or best_of, for every prompt of
                                         a batch: 1..128 */
    int64_t         max_output;       /* tokens; -1: no limit named */
    uint64_t        text_bytes;       /* of the prompt, unescaped */
    uint64_t        messages;

    /* private */
    credits_json_t            json;
    const char               *error;
    unsigned                  seen;            /* bits of top-level members */
    unsigned                  chat:1;          /* "messages" */
    unsigned                  legacy:1;        /* "prompt" of text or tokens */
    unsigned                  responses:1;     /* "input" or a template */
    unsigned                  body_empty:1;
    unsigned                  options_empty:1;
    uint64_t                  body_begin;
    uint64_t                  part_begin;      /* of what counts by bytes */
    uint64_t                  prompts;         /* in a batch */
    int64_t                   n;
    int64_t                   best_of;
    credits_request_member_t  options;         /* stream_options */
    credits_request_member_t  include;         /* its include_usage; 1: true */
    credits_request_member_t  limits[CREDITS_REQUEST_LIMITS];
};

#endif /* CREDITS_REQUEST_H */
