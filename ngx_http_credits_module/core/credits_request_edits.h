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
 * force_usage: stream_options.include_usage becomes true (only done where the
 * body is a streaming chat or legacy completion).
 * limit: the output limit becomes this many tokens, added as
 * max_completion_tokens when the body names none (-1: leave it alone); a body
 * with "prompt" or "input" gets max_tokens or max_output_tokens instead.
 */
unsigned credits_request_edits(const credits_request_t *r, int force_usage,
    int64_t limit, credits_edit_t edits[CREDITS_REQUEST_EDITS_MAX]);

#endif /* CREDITS_REQUEST_EDITS_H */
