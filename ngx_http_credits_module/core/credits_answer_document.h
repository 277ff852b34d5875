/*
 * Reads the JSON documents of an answer, one after the other: usage, produced
 * text, how the answer ended.
 */

#ifndef CREDITS_ANSWER_DOCUMENT_H
#define CREDITS_ANSWER_DOCUMENT_H

#include <stddef.h>
#include <stdint.h>

#include "credits_json.h"
#include "credits_usage.h"


#define CREDITS_ANSWER_FIELDS    9      /* members of a usage object */
#define CREDITS_ANSWER_TYPE_MAX  48


typedef struct {
    /* results, of all documents so far */
    credits_usage_t   usage;            /* as the provider said it */
    unsigned          error:1;          /* an error object was seen */
    unsigned          finished:1;       /* finish_reason, [DONE], completed */
    unsigned          done:1;           /* nothing more can come: [DONE],
                                           response.completed, message_stop */
    unsigned          faults;           /* numbers refused, broken JSON */

    /* private */
    unsigned          single:1;         /* there is one document only */
    unsigned          undroppable:1;    /* it is not the usage chunk */
    unsigned          no_choices:1;     /* its choices are empty */
    unsigned          has_usage:1;      /* its usage is an object */
    int64_t           committed[CREDITS_ANSWER_FIELDS];
    int64_t           current[CREDITS_ANSWER_FIELDS];
    uint64_t          streamed;         /* text bytes in deltas */
    uint64_t          whole;            /* the longest whole text */
    uint64_t          document_delta;   /* of the document at hand */
    uint64_t          document_whole;
    size_t            type_len;
    unsigned char     type[CREDITS_ANSWER_TYPE_MAX];
    credits_json_t    json;
} credits_answer_document_t;


/* before the first document; single: the end of its object ends the answer */
void credits_answer_document_init(credits_answer_document_t *d, int single);

/* before the first byte of a document */
void credits_answer_document_begin(credits_answer_document_t *d);

/*
 * The next bytes; those behind the first fault are not read.  Returns 1 as
 * long as the document may turn out to be the usage chunk, then 0.
 */
int credits_answer_document_feed(credits_answer_document_t *d,
    const unsigned char *p, size_t n);

/*
 * Behind the last byte: a document that is not whole is a fault.  Returns 1
 * if it is the usage chunk: an object with empty choices, and with a usage
 * that is an object.
 */
int credits_answer_document_end(credits_answer_document_t *d);

/* the answer has ended, by a document or by what stands in place of one */
void credits_answer_document_done(credits_answer_document_t *d);

/* bytes of text produced so far, unescaped */
uint64_t credits_answer_document_produced(const credits_answer_document_t *d);

#endif /* CREDITS_ANSWER_DOCUMENT_H */
