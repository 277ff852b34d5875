/*
 * The answer: usage and produced text of a JSON document or of server-sent
 * events, however the bytes are cut; constant memory.
 */

#ifndef CREDITS_ANSWER_H
#define CREDITS_ANSWER_H

#include <stddef.h>
#include <stdint.h>

#include "credits_answer_document.h"
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
 * With strip, the usage chunk (choices empty and usage an object) of an SSE
 * stream is withheld; everything else is emitted byte for byte.  A byte waits
 * only until its event is known not to be the usage chunk.
 */
void credits_answer_init(credits_answer_t *a, credits_answer_kind_t kind,
    int strip);

/*
 * The next n bytes of the answer, in any pieces.  emit may be NULL when strip
 * is 0; a malformed answer is no error here, but counted in document.faults.
 */
void credits_answer_feed(credits_answer_t *a, const unsigned char *p, size_t n,
    credits_answer_emit_pt emit, void *data);

/* the answer has ended: an event without a final newline counts */
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

#define CREDITS_ANSWER_HELD_MAX  8192   /* a longer event is not withheld */


struct credits_answer_s {
    credits_answer_kind_t      kind;
    uint64_t                   bytes;       /* fed */
    uint64_t                   text_bytes;  /* produced text, unescaped */

    /* private */
    unsigned                   strip:1;
    unsigned                   undroppable:1;   /* the event must pass */
    unsigned                   dropped:1;       /* the last event was */
    unsigned                   payload:1;       /* the event has data */
    unsigned                   bom;             /* bytes of it looked at */
    unsigned                   done_token;      /* bytes of [DONE] matched */
    credits_sse_t              sse;
    size_t                     held_len;

    credits_answer_document_t  document;        /* its results are public */

    unsigned char              held[CREDITS_ANSWER_HELD_MAX];
};

#endif /* CREDITS_ANSWER_H */
