/*
 * What the drivers share: a property whose failure ends the run, the input in
 * pieces, and a trace of what came of it.
 */

#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


#define FUZZ_WHOLE  0       /* a seed that does not cut */

#define must(cond)                                                            \
    do {                                                                      \
        if (!(cond)) {                                                        \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__,        \
                    #cond);                                                   \
            abort();                                                          \
        }                                                                     \
    } while (0)


typedef struct {
    unsigned char  *p;
    size_t          n;
    size_t          size;
} fuzz_trace_t;

typedef void (*fuzz_piece_pt)(void *data, const unsigned char *p, size_t n);


int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n);


/* a copy of its own, so that reading past it is an error to ASan */

static inline unsigned char *
fuzz_copy(const unsigned char *p, size_t n)
{
    unsigned char  *copy;

    copy = malloc(n ? n : 1);

    if (n) {
        memcpy(copy, p, n);
    }

    return copy;
}


/* hands on the input, cut as the seed says: tiny pieces and large ones */

static inline void
fuzz_pieces(const unsigned char *p, size_t n, unsigned seed,
    fuzz_piece_pt feed, void *data)
{
    size_t          i, len;
    unsigned char  *piece;

    for (i = 0; i < n; i += len) {
        len = n;

        if (seed != FUZZ_WHOLE) {
            seed = seed * 1103515245 + 12345;
            len = 1 + (seed >> 16) % ((seed & 0x8000) ? 5 : 9000);
        }

        len = (len > n - i) ? n - i : len;

        piece = fuzz_copy(p + i, len);
        feed(data, piece, len);
        free(piece);
    }
}


static inline void
fuzz_put(fuzz_trace_t *t, const void *p, size_t n)
{
    if (n > t->size - t->n) {
        t->size = 2 * t->size + n;
        t->p = realloc(t->p, t->size);
    }

    if (n) {
        memcpy(t->p + t->n, p, n);
        t->n += n;
    }
}


static inline void
fuzz_put_number(fuzz_trace_t *t, int64_t number)
{
    fuzz_put(t, &number, sizeof(number));
}


static inline int
fuzz_same(const fuzz_trace_t *a, const fuzz_trace_t *b)
{
    return a->n == b->n && (a->n == 0 || memcmp(a->p, b->p, a->n) == 0);
}


/* the length of the first line, and of the LF, CR or CRLF behind it */

static inline size_t
fuzz_line(const unsigned char *p, size_t n, size_t *end)
{
    size_t  len;

    for (len = 0; len < n && p[len] != '\n' && p[len] != '\r'; len++) {
        /* void */
    }

    *end = (n - len >= 2 && p[len] == '\r' && p[len + 1] == '\n') ? 2
           : (len < n) ? 1 : 0;

    return len;
}

#endif /* FUZZ_H */
