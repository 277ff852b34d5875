/*
 * A request of an operation, by its name, read in pieces.
 */

#ifndef REQUEST_H
#define REQUEST_H

#include "credits_request.h"
#include "tap.h"


static const credits_part_tokens_t  request_parts = { 1600, 3000, 20000 };


/* the row of "<dialect> <name>", or of "<dialect> /path" by POST */

static inline const credits_operation_t *
request_row(const char *api)
{
    size_t                      n;
    const char                 *name;
    credits_span_t              model;
    credits_dialect_t           dialect;
    const credits_operation_t  *row;

    n = strcspn(api, " ");
    name = api + n + 1;
    dialect = (credits_dialect_t)
              credits_dialect_find((const unsigned char *) api, n);

    row = (name[0] == '/')
          ? credits_operation_find(dialect, CREDITS_METHOD_POST,
                                   (const unsigned char *) name, strlen(name),
                                   &model)
          : credits_operation_named(dialect, (const unsigned char *) name,
                                    strlen(name));

    if (row == NULL) {
        printf("# no row: %s\n", api);
        abort();
    }

    return row;
}


/* feeds a body cut in two; returns what credits_request_end() would */

static inline int
request_scan(credits_request_t *r, const char *api, const char *boundary,
    const char *body, size_t n, size_t cut)
{
    int              rc;
    unsigned char   *copy;
    credits_span_t   span;

    span.data = (const unsigned char *) boundary;
    span.len = boundary ? strlen(boundary) : 0;

    credits_request_init(r, request_row(api), &request_parts, span);

    copy = tap_piece(body, cut);
    rc = credits_request_feed(r, copy, cut);
    free(copy);

    copy = tap_piece(body + cut, n - cut);
    rc |= credits_request_feed(r, copy, n - cut);
    free(copy);

    rc |= credits_request_end(r);

    return rc;
}


static inline int
request_same(const credits_request_t *a, const credits_request_t *b)
{
    return a->model_len == b->model_len
           && memcmp(a->model, b->model, a->model_len) == 0
           && a->tier_len == b->tier_len
           && memcmp(a->tier, b->tier, a->tier_len) == 0
           && a->stream == b->stream
           && a->include_usage == b->include_usage
           && a->choices == b->choices
           && a->max_output == b->max_output
           && a->thinking == b->thinking
           && a->unmetered == b->unmetered
           && a->prompt.text_bytes == b->prompt.text_bytes
           && a->prompt.messages == b->prompt.messages
           && a->prompt.part_tokens == b->prompt.part_tokens
           && a->prompt.unbounded == b->prompt.unbounded;
}

#endif /* REQUEST_H */
