/*
 * The answer: usage and produced text of a JSON document or of server-sent
 * events, however the bytes are cut; constant memory.
 */

#ifndef CREDITS_ANSWER_H
#define CREDITS_ANSWER_H

#include <stddef.h>
#include <stdint.h>

#include "credits_json.h"
#include "credits_sse.h"
#include "credits_usage.h"


typedef enum {
    CREDITS_ANSWER_JSON = 0,
    CREDITS_ANSWER_SSE,
    CREDITS_ANSWER_OPAQUE       /* not readable: bytes are counted */
} credits_answer_kind_t;


/*
 * Receives the bytes of the answer that the client shall see, in order.  The
 * span lies in the piece just fed or in memory of the scanner; it is valid
 * during the call only.
 */
typedef void (*credits_answer_emit_pt)(void *data, const unsigned char *p,
    size_t n);


typedef struct credits_answer_s  credits_answer_t;


/*
 * strip: withhold the usage chunk (choices empty and usage an object) of an
 * SSE stream; everything else is emitted byte for byte, and no byte waits for
 * longer than its own event needs to show that it is not that chunk.
 */
void credits_answer_init(credits_answer_t *a, credits_answer_kind_t kind,
    int strip);

/* emit may be NULL when strip is 0 */
void credits_answer_feed(credits_answer_t *a, const unsigned char *p, size_t n,
    credits_answer_emit_pt emit, void *data);

/* the end of the answer: an event without a final newline counts */
void credits_answer_end(credits_answer_t *a, credits_answer_emit_pt emit,
    void *data);

/*
 * The usage to charge.  Returns 1 when the provider said it all, 0 when
 * something was estimated from the text: then what is missing is filled in,
 * prompt from `prompt_tokens`, completion from the text produced (at least
 * one token in all).
 */
int credits_answer_usage(const credits_answer_t *a, int64_t prompt_tokens,
    credits_usage_t *usage);

#define CREDITS_ANSWER_HELD_MAX  8192   /* no longer event is withheld */
#define CREDITS_ANSWER_FIELDS    9      /* members of a usage object */
#define CREDITS_ANSWER_TYPE_MAX  48


struct credits_answer_s {
    credits_usage_t        usage;       /* as the provider said it */
    uint64_t               text_bytes;  /* produced text, unescaped */
    uint64_t               bytes;       /* fed */
    unsigned               error:1;     /* an error object was seen */
    unsigned               finished:1;  /* finish_reason, [DONE], completed */
    unsigned               done:1;      /* nothing more can come: [DONE],
                                           response.completed, message_stop */
    unsigned               faults;      /* numbers refused, broken JSON */

    /* private */
    credits_answer_kind_t  kind;
    unsigned               strip:1;
    unsigned               keep:1;          /* the event cannot be dropped */
    unsigned               cut:1;           /* the last event was dropped */
    unsigned               payload:1;       /* the event has data */
    unsigned               no_choices:1;    /* its choices are empty */
    unsigned               has_usage:1;     /* its usage is an object */
    unsigned               bom;             /* bytes of it looked at */
    unsigned               mark;            /* bytes of [DONE] matched */
    int64_t                said[CREDITS_ANSWER_FIELDS];
    int64_t                read[CREDITS_ANSWER_FIELDS];
    uint64_t               streamed;        /* text bytes in deltas */
    uint64_t               whole;           /* the longest whole text */
    uint64_t               document_delta;  /* of the document at hand */
    uint64_t               document_whole;
    size_t                 type_len;
    unsigned char          type[CREDITS_ANSWER_TYPE_MAX];
    credits_json_t         json;
    credits_sse_t          sse;
    size_t                 held_len;
    unsigned char          held[CREDITS_ANSWER_HELD_MAX];
};

#endif /* CREDITS_ANSWER_H */
