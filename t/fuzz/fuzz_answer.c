/*
 * An answer gives the same numbers and the same bytes however it is cut.
 * The first two bytes of the input say what kind it is and how to cut it.
 */

#include <stdlib.h>
#include <string.h>

#include "credits_usage.h"


typedef struct {
    unsigned char   *p;
    size_t           n;
} output_t;


static void
collect(void *data, const unsigned char *p, size_t n)
{
    output_t  *out;

    out = data;
    memcpy(out->p + out->n, p, n);
    out->n += n;
}


static void
run(credits_answer_t *a, unsigned kind, const unsigned char *p, size_t n,
    unsigned seed, output_t *out)
{
    size_t          i, len;
    unsigned char  *piece;

    out->p = malloc(n + 1);
    out->n = 0;

    credits_answer_init(a, (credits_answer_kind_t) (kind % 3),
                        (kind >> 2) & 1);

    for (i = 0; i < n; i += len) {
        seed = seed * 1103515245 + 12345;
        len = (seed & 1) ? 1 + (seed >> 16) % 5 : 1 + (seed >> 16) % 9000;
        len = (len > n - i) ? n - i : len;

        piece = malloc(len);
        memcpy(piece, p + i, len);
        credits_answer_feed(a, piece, len, collect, out);
        free(piece);
    }

    credits_answer_end(a, collect, out);
}


int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
    output_t                 one, other;
    unsigned                 kind, seed;
    credits_usage_t          usage;
    static credits_answer_t  a, b;

    if (n < 2) {
        return 0;
    }

    kind = p[0];
    seed = p[1];
    p += 2;
    n -= 2;

    run(&a, kind, p, n, seed, &one);
    run(&b, kind, p, n, seed + 1, &other);

    if (memcmp(&a.usage, &b.usage, sizeof(a.usage)) != 0
        || a.text_bytes != b.text_bytes
        || a.error != b.error
        || a.finished != b.finished
        || a.done != b.done
        || a.faults != b.faults
        || one.n > n
        || one.n != other.n
        || memcmp(one.p, other.p, one.n) != 0)
    {
        abort();
    }

    (void) credits_answer_usage(&a, 100, &usage);

    if (usage.prompt < 0 || usage.prompt > CREDITS_TOKENS_MAX
        || usage.completion < 0 || usage.completion > CREDITS_TOKENS_MAX
        || usage.total < 0 || usage.cached > usage.prompt)
    {
        abort();
    }

    free(one.p);
    free(other.p);

    return 0;
}
