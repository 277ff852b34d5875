/*
 * AWS's event stream: binary messages, each with headers and a payload, in
 * bytes that come in any pieces.  Their checksums are not verified.
 */

#ifndef CREDITS_AWS_EVENT_H
#define CREDITS_AWS_EVENT_H

#include <stddef.h>
#include <stdint.h>


typedef enum {
    CREDITS_AWS_EVENT_OPEN = 0, /* a message begins */
    CREDITS_AWS_EVENT_ERROR,    /* its type is another than "event" */
    CREDITS_AWS_EVENT_DATA,     /* p, n: a piece of its payload */
    CREDITS_AWS_EVENT_CLOSE,    /* it has ended */
    CREDITS_AWS_EVENT_FAULT     /* p, n: from here on it is no such stream */
} credits_aws_event_event_t;


/* the span lies in the piece just fed */
typedef void (*credits_aws_event_pt)(void *data,
    credits_aws_event_event_t event, const unsigned char *p, size_t n);


typedef struct {
    unsigned    state;
    unsigned    matched;    /* bytes of a name or value that is looked for */
    unsigned    typed:1;    /* the header at hand is ":message-type" */
    uint32_t    number;     /* as far as it was read */
    uint32_t    count;      /* bytes still to come of what is read */
    uint32_t    headers;    /* bytes still to come of all headers */
    uint32_t    payload;
} credits_aws_event_t;


void credits_aws_event_init(credits_aws_event_t *s);

void credits_aws_event_feed(credits_aws_event_t *s, const unsigned char *p,
    size_t n, credits_aws_event_pt handler, void *data);

/* 1 between two messages */
int credits_aws_event_blank(const credits_aws_event_t *s);

#endif /* CREDITS_AWS_EVENT_H */
