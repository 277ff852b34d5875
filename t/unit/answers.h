/*
 * Runs an answer through the scanner, cut in any way, and says what came out.
 */

#ifndef ANSWERS_H
#define ANSWERS_H

#include "tap.h"

#include "credits_answer.h"


#define ANSWER_SHORT  240       /* bytes; cut into three everywhere */


typedef struct {
    credits_usage_t   usage;
    uint64_t          text_bytes;
    unsigned          error, finished, done, faults;
    unsigned char    *out;              /* what the client sees */
    size_t            out_len;
    size_t            out_size;
    unsigned          emits;
} outcome_t;


static inline void
outcome_emit(void *data, const unsigned char *p, size_t n)
{
    outcome_t  *o;

    o = data;
    o->emits++;

    if (n == 0 || n > o->out_size - o->out_len) {
        printf("# emitted nothing, or more than was fed\n");
        abort();
    }

    memcpy(o->out + o->out_len, p, n);
    o->out_len += n;
}


static inline void
outcome_free(outcome_t *o)
{
    free(o->out);
}


/* the first two pieces of the given lengths, then `rest` bytes at a time */

static inline outcome_t
answer_run(credits_answer_kind_t kind, int strip, const char *body, size_t n,
    size_t first, size_t second, size_t rest)
{
    size_t             i, len;
    unsigned           count;
    outcome_t          o;
    unsigned char     *copy;
    credits_answer_t  *a;

    memset(&o, 0, sizeof(o));
    o.out_size = n;
    o.out = malloc(n + 1);
    a = malloc(sizeof(credits_answer_t));
    count = 0;

    credits_answer_init(a, kind, strip);

    for (i = 0; i < n; i += len) {
        len = (count == 0) ? first : (count == 1) ? second : rest;
        count++;

        if (len > n - i) {
            len = n - i;
        }

        copy = tap_piece(body + i, len);
        credits_answer_feed(a, copy, len, outcome_emit, &o);
        free(copy);
    }

    credits_answer_end(a, outcome_emit, &o);

    o.usage = a->document.usage;
    o.text_bytes = a->text_bytes;
    o.error = a->document.error;
    o.finished = a->document.finished;
    o.done = a->document.done;
    o.faults = a->document.faults;

    free(a);

    return o;
}


static inline int
outcome_same_numbers(const outcome_t *a, const outcome_t *b)
{
    return a->usage.prompt == b->usage.prompt
           && a->usage.completion == b->usage.completion
           && a->usage.total == b->usage.total
           && a->usage.cached == b->usage.cached
           && a->text_bytes == b->text_bytes
           && a->error == b->error
           && a->finished == b->finished
           && a->done == b->done
           && a->faults == b->faults;
}


static inline int
outcome_same_bytes(const outcome_t *a, const outcome_t *b)
{
    return a->out_len == b->out_len
           && memcmp(a->out, b->out, a->out_len) == 0;
}


/* 1 if this cut gives what the whole gives */

static inline int
answer_check(credits_answer_kind_t kind, int strip, const char *body, size_t n,
    size_t first, size_t second, size_t rest, const outcome_t *whole)
{
    int        same;
    outcome_t  o;

    o = answer_run(kind, strip, body, n, first, second, rest);
    same = outcome_same_numbers(&o, whole) && outcome_same_bytes(&o, whole);
    outcome_free(&o);

    if (!same) {
        printf("# strip %d: pieces of %zu, %zu, then %zu bytes\n", strip,
               first, second, rest);
    }

    return same;
}


/*
 * Every cut into two, every piece length up to 16, and for short answers
 * every cut into three, with strip 0 and 1.
 */

static inline void
answer_property(const char *name, credits_answer_kind_t kind, const char *body,
    size_t n)
{
    int        good, strip;
    size_t     i, k;
    outcome_t  plain, whole;

    plain = answer_run(kind, 0, body, n, n, n, n);

    ok(plain.out_len == n && memcmp(plain.out, body, n) == 0,
       "%s: untouched without strip", name);

    for (strip = 0; strip <= 1; strip++) {
        whole = answer_run(kind, strip, body, n, n, n, n);
        good = outcome_same_numbers(&whole, &plain);

        for (i = 1; i < n && good; i++) {
            good = answer_check(kind, strip, body, n, i, n, n, &whole);

            for (k = 1; k < n - i && n <= ANSWER_SHORT && good; k++) {
                good = answer_check(kind, strip, body, n, i, k, n, &whole);
            }
        }

        for (i = 1; i <= 16 && good; i++) {
            good = answer_check(kind, strip, body, n, i, i, i, &whole);
        }

        ok(good, "%s: cut anywhere, strip %d", name, strip);
        outcome_free(&whole);
    }

    outcome_free(&plain);
}

#endif /* ANSWERS_H */
