/*
 * Reads the JSON documents of an answer, one after the other: usage, produced
 * text, errors, how the answer ended.
 */

#ifndef CREDITS_ANSWER_DOCUMENT_H
#define CREDITS_ANSWER_DOCUMENT_H

#include <stddef.h>
#include <stdint.h>

#include "credits_answer_counts.h"
#include "credits_answer_facts.h"
#include "credits_json.h"


#define CREDITS_ANSWER_WORD_MAX  48


/* what text is: of a stream, said once, or all of it, perhaps once more */
typedef enum {
    CREDITS_TEXT_DELTA = 0,
    CREDITS_TEXT_WHOLE,
    CREDITS_TEXT_ROOT,          /* one of both, as the document's type says */
    CREDITS_TEXTS
} credits_answer_text_t;


/* of one kind: what a stream named one by one, and the most of a document */
typedef struct {
    uint64_t   streamed;
    uint64_t   whole;
    uint64_t   document;        /* of the document at hand */
} credits_answer_made_t;


typedef struct {
    credits_answer_facts_t   *facts;    /* where the results go */

    /* of all documents so far */
    unsigned                  finished:1;
    unsigned                  done:1;   /* this was the last event */
    uint64_t                  streamed; /* text bytes */
    uint64_t                  whole;    /* the longest whole text */
    credits_answer_made_t     pictures;
    credits_answer_made_t     searches;
    credits_answer_counts_t   counts;

    /* of the document at hand */
    unsigned                  ended:1;  /* it is whole, or has a fault */
    unsigned                  fault:1;
    unsigned                  known:1;  /* so is its shape */
    unsigned                  excused:1;    /* an unknown one is an error */
    unsigned                  partial:1;    /* one of several, it says */
    unsigned                  complaint:1;
    unsigned                  failure:1;
    unsigned                  last:1;
    unsigned                  said:1;   /* a usage */
    unsigned                  undroppable:1;    /* it is not the usage chunk */
    unsigned                  no_choices:1;     /* its choices are empty */
    unsigned                  has_usage:1;      /* its usage is an object */
    unsigned                  picture:1;    /* the element at hand is one */
    unsigned                  bad:1;    /* the string at hand is no number */
    unsigned                  digits:1; /* it has begun like one */
    unsigned                  modelled:1;   /* the string is the model's */
    unsigned                  kind:2;   /* of text */
    uint64_t                  bytes;
    uint64_t                  behind;   /* bytes behind its fault */
    uint64_t                  raw;      /* where a NODE_RAW begins, plus 1 */
    uint64_t                  text[CREDITS_TEXTS];
    size_t                    word_len; /* of a string that is compared */
    size_t                    type_len; /* of its type */
    unsigned char             word[CREDITS_ANSWER_WORD_MAX];
    unsigned char             type[CREDITS_ANSWER_WORD_MAX];
    credits_json_t            json;
} credits_answer_document_t;


/* before the first document; facts must outlive d */
void credits_answer_document_init(credits_answer_document_t *d,
    credits_answer_facts_t *facts);

/* before the first byte of a document */
void credits_answer_document_begin(credits_answer_document_t *d);

/*
 * The next bytes.  Returns how many were read: fewer than n when the document
 * has ended there, or has its first fault.
 */
size_t credits_answer_document_feed(credits_answer_document_t *d,
    const unsigned char *p, size_t n);

/* the next n bytes are no part of what can be read */
void credits_answer_document_skip(credits_answer_document_t *d, size_t n);

/* 1 if the document, as far as it was fed, is whole */
int credits_answer_document_is_whole(const credits_answer_document_t *d);

/*
 * Behind the last byte: a document that is not whole has a fault.  Returns 1
 * if it is the usage chunk: an object with empty choices, with a usage that is
 * an object, and with nothing else that a client could want.
 */
int credits_answer_document_end(credits_answer_document_t *d);

/* bytes of text produced so far, unescaped */
uint64_t credits_answer_document_produced(const credits_answer_document_t *d);

#endif /* CREDITS_ANSWER_DOCUMENT_H */
