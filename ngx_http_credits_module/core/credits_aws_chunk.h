/*
 * The payload of an AWS message as its maker wrote it: invoked models have it
 * as {"bytes":"<base64>", …}, all others as it is.
 */

#ifndef CREDITS_AWS_CHUNK_H
#define CREDITS_AWS_CHUNK_H

#include <stddef.h>


/* the span is valid during the call only */
typedef void (*credits_aws_chunk_pt)(void *data, const unsigned char *p,
    size_t n);


typedef struct {
    unsigned    state;
    unsigned    matched;    /* bytes of what stands before base64 */
    unsigned    bits;       /* read, and not yet handed on */
    unsigned    count;      /* how many of them */
} credits_aws_chunk_t;


/* before a message */
void credits_aws_chunk_init(credits_aws_chunk_t *s);

/* the next n bytes of its payload */
void credits_aws_chunk_feed(credits_aws_chunk_t *s, const unsigned char *p,
    size_t n, credits_aws_chunk_pt handler, void *data);

/* behind its last byte */
void credits_aws_chunk_end(credits_aws_chunk_t *s,
    credits_aws_chunk_pt handler, void *data);

#endif /* CREDITS_AWS_CHUNK_H */
