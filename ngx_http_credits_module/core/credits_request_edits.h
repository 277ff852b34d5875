/*
 * The request: the bytes that must change in it.  Nothing is printed anew;
 * changes are a short list of byte edits.
 */

#ifndef CREDITS_REQUEST_EDITS_H
#define CREDITS_REQUEST_EDITS_H

#include <stdint.h>

#include "credits_request.h"
#include "credits_splice.h"


#define CREDITS_REQUEST_EDITS_MAX  4


/*
 * The edits, ascending by offset, never overlapping; returns their number.
 * ask_usage: a stream whose row asks for usage asks for it; *usage_added says
 * whether the client had not (and the usage chunk is to be withheld).
 * limit: the row's output limit becomes this many tokens, per choice (-1, or a
 * row without one: it is left alone).
 * A multipart body is never edited.
 */
unsigned credits_request_edits(const credits_request_t *r, int ask_usage,
    int64_t limit, credits_edit_t edits[CREDITS_REQUEST_EDITS_MAX],
    int *usage_added);

#endif /* CREDITS_REQUEST_EDITS_H */
