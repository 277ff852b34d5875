/*
 * The answer: usage, produced text and the way it ended, of a JSON document,
 * of server-sent events, of JSON lines or of AWS's binary events, however the
 * bytes are cut; constant memory.
 */

#ifndef CREDITS_ANSWER_H
#define CREDITS_ANSWER_H

#include <stddef.h>
#include <stdint.h>

#include "credits_answer_document.h"
#include "credits_answer_facts.h"
#include "credits_aws_chunk.h"
#include "credits_aws_event.h"
#include "credits_operation.h"
#include "credits_sse.h"


/*
 * Receives the bytes of the answer that the client shall see, in order.  The
 * span lies in the piece just fed or in memory of the scanner; it is valid
 * during the call only.
 */
typedef void (*credits_answer_emit_pt)(void *data, const unsigned char *p,
    size_t n);


typedef struct credits_answer_s  credits_answer_t;


/* what the label of the answer says it is; the first bytes decide */
typedef enum {
    CREDITS_LABEL_NONE = 0,     /* none, or of something else */
    CREDITS_LABEL_JSON,
    CREDITS_LABEL_EVENTS,
    CREDITS_LABEL_TEXT,         /* text/plain, text/html */
    CREDITS_LABEL_ENCODED       /* compressed: nothing can be read */
} credits_label_t;


#define CREDITS_ANSWER_HELD_MAX   2048  /* a longer event is not withheld */


/*
 * With strip, the usage chunk (choices empty, usage an object, and nothing
 * else that a client could want) of an event stream is withheld; everything
 * else is emitted byte for byte.  A byte waits only until its event is known
 * not to be the usage chunk.
 */
void credits_answer_init(credits_answer_t *a,
    const credits_operation_t *operation, credits_label_t label, int strip);

/*
 * The next n bytes of the answer, in any pieces.  emit may be NULL when strip
 * is 0; a malformed answer is no error here, but counted.
 */
void credits_answer_feed(credits_answer_t *a, const unsigned char *p, size_t n,
    credits_answer_emit_pt emit, void *data);

/* the answer has ended, or was cut: an event without a final newline counts */
void credits_answer_end(credits_answer_t *a, credits_answer_emit_pt emit,
    void *data);


#define CREDITS_ANSWER_SNIFFED_MAX  16  /* bytes that say what it is */
#define CREDITS_ANSWER_HELD_SIZE    (CREDITS_ANSWER_HELD_MAX + 8)

struct credits_answer_s {
    credits_answer_facts_t     facts;

    /* private: it may not be moved */
    credits_product_t          product;
    credits_label_t            label;
    unsigned                   framing;
    unsigned                   strip:1;
    unsigned                   undroppable:1;   /* the event must pass */
    unsigned                   dropped:1;       /* the last event was */
    unsigned                   payload:1;   /* a document has begun */
    unsigned                   indented:1;  /* a blank stands before it all */
    unsigned                   array:1;     /* of documents */
    unsigned                   newline:1;   /* the last byte was one */
    unsigned                   closed:1;    /* the last document is whole */
    unsigned                   end_mark:1;  /* [DONE] was seen */
    unsigned                   usage_last:1;    /* the last event was the
                                                   usage chunk */
    unsigned                   done_token;  /* bytes of it matched */

    union {
        credits_sse_t          sse;
        struct {
            credits_aws_event_t    event;
            credits_aws_chunk_t    chunk;
        } aws;
    } frames;

    size_t                     line;        /* of the event at hand, before
                                               its last line */
    size_t                     held_len;
    size_t                     sniffed_len;
    credits_answer_document_t  document;

    unsigned char              sniffed[CREDITS_ANSWER_SNIFFED_MAX];
    unsigned char              held[CREDITS_ANSWER_HELD_SIZE];
};

#endif /* CREDITS_ANSWER_H */
