/*
 * One JSON document of an answer: credits_answer.c frames the documents and
 * withholds the usage chunk, this reads them.
 */

#ifndef CREDITS_ANSWER_DOCUMENT_H
#define CREDITS_ANSWER_DOCUMENT_H

#include <stddef.h>

#include "credits_answer.h"


/* before the first byte of a document */
void credits_answer_document_init(credits_answer_t *a);

/* no byte of a malformed document is believed after its first fault */
void credits_answer_document_feed(credits_answer_t *a, const unsigned char *p,
    size_t n);

/* behind the last byte: a document that is not whole is a fault */
void credits_answer_document_end(credits_answer_t *a);

#endif /* CREDITS_ANSWER_DOCUMENT_H */
