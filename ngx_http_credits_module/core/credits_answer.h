/*
 * What the halves of the answer's scanner say to each other: credits_usage.c
 * frames and withholds, credits_answer.c reads one JSON document.
 */

#ifndef CREDITS_ANSWER_H
#define CREDITS_ANSWER_H

#include <stddef.h>

#include "credits_usage.h"


/* before the first byte of a document */
void credits_answer_document(credits_answer_t *a);

/* no byte of a malformed document is believed after its first fault */
void credits_answer_read(credits_answer_t *a, const unsigned char *p,
    size_t n);

/* behind the last byte: a document that is not whole is a fault */
void credits_answer_document_end(credits_answer_t *a);

#endif /* CREDITS_ANSWER_H */
