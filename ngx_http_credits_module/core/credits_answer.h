/*
 * The answer: usage, produced text and the way it ended, of a JSON document,
 * of server-sent events, of JSON lines or of AWS's binary events, however the
 * bytes are cut; constant memory.
 */

#ifndef CREDITS_ANSWER_H
#define CREDITS_ANSWER_H

#include <stddef.h>
#include <stdint.h>

#include "credits_operation.h"
#include "credits_usage.h"


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


#define CREDITS_ANSWER_MODEL_MAX  255
#define CREDITS_ANSWER_TIER_MAX   32
#define CREDITS_ANSWER_HELD_MAX   2048  /* a longer event is not withheld */


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

/* the answer has ended: an event without a final newline counts */
void credits_answer_end(credits_answer_t *a, credits_answer_emit_pt emit,
    void *data);


struct credits_answer_s {
    credits_answer_facts_t     facts;

    /* private: see the implementation */
};

#endif /* CREDITS_ANSWER_H */
