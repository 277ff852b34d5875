/*
 * Reads a request and applies its edits, in pieces.
 */

#ifndef REQUEST_H
#define REQUEST_H

#include "credits_request_edits.h"
#include "fuzz.h"


typedef struct {
    credits_request_t   request;
    int                 rc;
} reading_t;

typedef struct {
    credits_splice_t    splice;
    unsigned char      *dst;
} rewriting_t;


static inline void
request_feed(void *data, const unsigned char *p, size_t n)
{
    reading_t  *r;

    r = data;

    if (credits_request_feed(&r->request, p, n) != 0) {
        r->rc = -1;
    }
}


/* as this row reads it; as a form, its boundary is "b" */

static inline void
request_read(reading_t *r, const credits_operation_t *row, int form,
    const unsigned char *p, size_t n, unsigned seed)
{
    credits_span_t  boundary;

    static const credits_part_tokens_t  parts = { 1600, 3000, 20000 };

    r->rc = 0;

    boundary.data = (const unsigned char *) "b";
    boundary.len = (form != 0);

    credits_request_init(&r->request, row, &parts, boundary);
    fuzz_pieces(p, n, seed, request_feed, r);

    r->rc |= credits_request_end(&r->request);

    must((r->rc == 0) == (credits_request_error(&r->request) == NULL));
}


/* the row of OpenAI's chats */

static inline const credits_operation_t *
request_chat(void)
{
    return credits_operation_named(CREDITS_OPENAI,
                                   (const unsigned char *) "chat", 4);
}


static inline void
request_splice(void *data, const unsigned char *p, size_t n)
{
    rewriting_t  *w;

    w = data;
    w->dst = credits_splice_feed(&w->splice, w->dst, p, n);
}


/* the body with all edits for this limit; the caller frees it */

static inline unsigned char *
request_edit(const credits_request_t *r, int64_t limit, const unsigned char *p,
    size_t n, unsigned seed, size_t *len)
{
    int              added;
    unsigned         count;
    rewriting_t      w;
    unsigned char   *body;
    credits_edit_t   edits[CREDITS_REQUEST_EDITS_MAX];

    count = credits_request_edits(r, 1, limit, edits, &added);
    must(count <= CREDITS_REQUEST_EDITS_MAX);

    body = malloc(n + CREDITS_REQUEST_EDITS_MAX * sizeof(edits[0].insert));

    credits_splice_init(&w.splice, edits, count);
    w.dst = body;
    fuzz_pieces(p, n, seed, request_splice, &w);

    *len = (size_t) (w.dst - body);
    must(*len == credits_splice_length(edits, count, n));

    return body;
}

#endif /* REQUEST_H */
