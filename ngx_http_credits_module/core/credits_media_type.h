/*
 * The Content-Type of a request: whether its body is one that is read.
 */

#ifndef CREDITS_MEDIA_TYPE_H
#define CREDITS_MEDIA_TYPE_H

#include <stddef.h>

#include "credits_operation.h"


/*
 * Returns CREDITS_BODY_JSON or CREDITS_BODY_MULTIPART, if it is one of
 * `bodies`, or -1: it is not acceptable.  JSON has no charset or UTF-8; a form
 * has one boundary of 1 to 70 bytes, which *boundary is a span of the value of
 * (len 0 for JSON).  No parameter is there twice.
 */
int credits_media_type(const unsigned char *value, size_t n, unsigned bodies,
    credits_span_t *boundary);

#endif /* CREDITS_MEDIA_TYPE_H */
