/*
 * Server-sent events: finds the data lines of each event in bytes that come
 * in any pieces.  Lines end with LF, CR or CRLF; no line is too long.
 */

#ifndef CREDITS_SSE_H
#define CREDITS_SSE_H

#include <stddef.h>


/*
 * An event begins with its first line that is neither blank nor a comment,
 * and ends with the blank line that follows.  A line that begins with a brace
 * is data, without a name for it.  A byte order mark at the very beginning is
 * reported as an event of its own, without data.
 */
typedef enum {
    CREDITS_SSE_OPEN = 0,   /* p: the first byte of an event */
    CREDITS_SSE_LINE,       /* p: of a line behind its data, no comment */
    CREDITS_SSE_JOIN,       /* that line has data as well */
    CREDITS_SSE_DATA,       /* p, n: a piece of its data, in the piece fed */
    CREDITS_SSE_ERROR,      /* "event: error", or a field of that name */
    CREDITS_SSE_CLOSE,      /* p: behind its last byte */
    CREDITS_SSE_TAIL        /* p: the LF, when the CR has closed the event */
} credits_sse_event_t;


typedef void (*credits_sse_pt)(void *data, credits_sse_event_t event,
    const unsigned char *p, size_t n);


typedef struct {
    unsigned    state;
    unsigned    matched;    /* bytes of a name or of the byte order mark */
    unsigned    name:2;     /* which one */
    unsigned    open:1;     /* within an event */
    unsigned    lines:1;    /* it has a data line */
    unsigned    cr:1;       /* the last byte was CR */
    unsigned    tail:1;     /* the last line end closed an event */
} credits_sse_t;


void credits_sse_init(credits_sse_t *s);

/* the next n bytes; handler is called with data, in the order of the bytes */
void credits_sse_feed(credits_sse_t *s, const unsigned char *p, size_t n,
    credits_sse_pt handler, void *data);

/* ends the stream at p, and closes an event that lacks its blank line */
void credits_sse_end(credits_sse_t *s, const unsigned char *p,
    credits_sse_pt handler, void *data);

#endif /* CREDITS_SSE_H */
