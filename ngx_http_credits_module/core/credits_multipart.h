/*
 * A push parser for multipart/form-data (RFC 7578), as strict as its writers:
 * what two parsers might read in two ways is malformed.
 */

#ifndef CREDITS_MULTIPART_H
#define CREDITS_MULTIPART_H

#include <stddef.h>
#include <stdint.h>

#include "credits_operation.h"


#define CREDITS_MULTIPART_BOUNDARY_MAX  70
#define CREDITS_MULTIPART_NAME_MAX      64
#define CREDITS_MULTIPART_LINE_MAX      512     /* bytes of a header */

/* "--", the boundary, and CRLF in front of them */
#define CREDITS_MULTIPART_DELIMITER_MAX (CREDITS_MULTIPART_BOUNDARY_MAX + 4)

/* of a value, so much is kept */
#define CREDITS_MULTIPART_VALUE_MAX                                           \
    (CREDITS_MULTIPART_LINE_MAX - CREDITS_MULTIPART_DELIMITER_MAX)


typedef struct credits_multipart_s  credits_multipart_t;

/* at the end of each part; returns 0, or -1 to stop */
typedef int (*credits_multipart_pt)(void *data, const credits_multipart_t *m);


struct credits_multipart_s {
    /* for the handler */
    unsigned                file:1;     /* it has a filename */
    size_t                  name_len;
    unsigned char           name[CREDITS_MULTIPART_NAME_MAX];
    uint64_t                size;       /* of its body */
    unsigned char           value[CREDITS_MULTIPART_LINE_MAX];  /* of it, as
                                           far as VALUE_MAX; of a header,
                                           while there is one */

    /* private */
    credits_multipart_pt    handler;
    credits_span_t          boundary;
    unsigned                state;
    unsigned                failed:1;
    unsigned                named:1;    /* Content-Disposition was read */
    unsigned                charset:1;  /* other than UTF-8 */
    unsigned                crlf:1;     /* in front of what may be one */
    unsigned                matched;    /* bytes of "--" and the boundary */
    unsigned char           last[2];    /* bytes in front */
    size_t                  len;        /* of the header */
};


/*
 * boundary: as credits_media_type() gives it, not empty; it must stay as long
 * as the body is read.
 */
void credits_multipart_init(credits_multipart_t *m, credits_span_t boundary,
    credits_multipart_pt handler);

/* 0, or -1: the body is malformed, or the handler stopped */
int credits_multipart_feed(credits_multipart_t *m, void *data,
    const unsigned char *p, size_t n);

/* 0, or -1 when the last boundary has not come */
int credits_multipart_end(const credits_multipart_t *m);

#endif /* CREDITS_MULTIPART_H */
