/*
 * The request: what a chat-completions body asks for, and the bytes that
 * must change in it.
 *
 * A push scanner with constant memory: feed the body in any pieces, then ask.
 * Nothing is printed anew; changes are a short list of byte edits.
 */

#ifndef CREDITS_CHAT_H
#define CREDITS_CHAT_H

#include <stddef.h>
#include <stdint.h>

#include "credits_json.h"


#define CREDITS_CHAT_MODEL_MAX   255
#define CREDITS_CHAT_OUTPUT_MAX  100000000       /* tokens */
#define CREDITS_CHAT_CHOICES_MAX 128
#define CREDITS_CHAT_EDITS_MAX   4


/* remove `remove` bytes at offset `at` of the original, put `insert` there */
typedef struct {
    uint64_t        at;
    uint64_t        remove;
    unsigned        len;
    unsigned char   insert[64];
} credits_edit_t;


typedef struct credits_chat_s  credits_chat_t;


void credits_chat_init(credits_chat_t *c);

/* 0, or -1: not acceptable, see credits_chat_error() */
int credits_chat_feed(credits_chat_t *c, const unsigned char *p, size_t n);
int credits_chat_end(credits_chat_t *c);

/* after -1: an English sentence for the client; static */
const char *credits_chat_error(const credits_chat_t *c);

/* tokens of the prompt, estimated: ceil(text bytes / 4) + 4 per message */
int64_t credits_chat_prompt_tokens(const credits_chat_t *c);

/*
 * The edits, ascending by offset, never overlapping; returns their number.
 * force_usage: stream_options.include_usage becomes true (only done where the
 * body is a streaming chat or legacy completion).
 * limit: the output limit becomes this many tokens, added as
 * max_completion_tokens when the body names none (-1: leave it alone); a body
 * with "prompt" or "input" gets max_tokens or max_output_tokens instead.
 */
unsigned credits_chat_edits(const credits_chat_t *c, int force_usage,
    int64_t limit, credits_edit_t edits[CREDITS_CHAT_EDITS_MAX]);


/* applies edits to a body that comes in pieces */

typedef struct {
    const credits_edit_t  *edits;
    unsigned               nedits;
    unsigned               next;
    uint64_t               offset;
    uint64_t               skip;
} credits_splice_t;

void credits_splice_init(credits_splice_t *s, const credits_edit_t *edits,
    unsigned nedits);

/* length of the whole result for a body of `len` bytes */
uint64_t credits_splice_length(const credits_edit_t *edits, unsigned nedits,
    uint64_t len);

/*
 * Copies the edited form of the next n bytes to dst and returns its end; dst
 * must have room for n bytes and all inserts.
 */
unsigned char *credits_splice_feed(credits_splice_t *s, unsigned char *dst,
    const unsigned char *src, size_t n);


/* a member that may have to change */
typedef struct {
    enum {
        CREDITS_CHAT_ABSENT = 0,
        CREDITS_CHAT_NULL,
        CREDITS_CHAT_SET
    }               state;
    int64_t         value;
    uint64_t        begin;      /* offsets of its value */
    uint64_t        end;
} credits_chat_member_t;


/* the members that limit the output */
typedef enum {
    CREDITS_CHAT_MAX_TOKENS = 0,
    CREDITS_CHAT_MAX_COMPLETION,
    CREDITS_CHAT_MAX_OUTPUT,
    CREDITS_CHAT_LIMITS
} credits_chat_limit_t;


struct credits_chat_s {
    /* results, valid after credits_chat_end() returned 0 */
    unsigned char   model[CREDITS_CHAT_MODEL_MAX];  /* unescaped UTF-8 */
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
    credits_json_t         json;
    const char            *error;
    unsigned               seen;            /* bits of top-level members */
    unsigned               chat:1;          /* "messages" */
    unsigned               legacy:1;        /* "prompt" with text or tokens */
    unsigned               responses:1;     /* "input" or a template */
    unsigned               body_empty:1;
    unsigned               options_empty:1;
    uint64_t               body_begin;
    uint64_t               part_begin;      /* of what counts as raw bytes */
    uint64_t               prompts;         /* in a batch */
    int64_t                n;
    int64_t                best_of;
    credits_chat_member_t  options;         /* stream_options */
    credits_chat_member_t  include;         /* its include_usage; 1: true */
    credits_chat_member_t  limits[CREDITS_CHAT_LIMITS];
};

#endif /* CREDITS_CHAT_H */
