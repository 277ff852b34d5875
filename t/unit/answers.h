/*
 * Runs an answer through the scanner, cut in any way, and says what came out.
 */

#ifndef ANSWERS_H
#define ANSWERS_H

#include "tap.h"

#include "credits_answer.h"


#define ANSWER_SHORT  240       /* bytes; cut into three everywhere */


typedef struct {
    credits_answer_facts_t   facts;
    unsigned char           *out;       /* what the client sees */
    size_t                   out_len;
    size_t                   out_size;
    unsigned                 emits;
} outcome_t;


static const credits_operation_t  answer_chat = {
    .name = "chat",
    .product = CREDITS_PRODUCT_JSON
};

/* the operation of the answers that follow */
static const credits_operation_t  *answer_operation = &answer_chat;


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
answer_run(credits_label_t label, int strip, const char *body, size_t n,
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

    credits_answer_init(a, answer_operation, label, strip);

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

    o.facts = a->facts;

    free(a);

    return o;
}


static inline int
outcome_same_facts(const outcome_t *one, const outcome_t *other)
{
    const credits_answer_facts_t  *a, *b;

    a = &one->facts;
    b = &other->facts;

    return memcmp(&a->usage, &b->usage, sizeof(a->usage)) == 0
           && a->bytes == b->bytes
           && a->text_bytes == b->text_bytes
           && a->unreadable_bytes == b->unreadable_bytes
           && a->product == b->product
           && a->page == b->page
           && a->error == b->error
           && a->finished == b->finished
           && a->done == b->done
           && a->known == b->known
           && a->faults == b->faults
           && a->model_len == b->model_len
           && memcmp(a->model, b->model, a->model_len) == 0
           && a->tier_len == b->tier_len
           && memcmp(a->tier, b->tier, a->tier_len) == 0;
}


static inline int
outcome_same_bytes(const outcome_t *a, const outcome_t *b)
{
    return a->out_len == b->out_len
           && memcmp(a->out, b->out, a->out_len) == 0;
}


/* 1 if this cut gives what the whole gives */

static inline int
answer_check(credits_label_t label, int strip, const char *body, size_t n,
    size_t first, size_t second, size_t rest, const outcome_t *whole)
{
    int        same;
    outcome_t  o;

    o = answer_run(label, strip, body, n, first, second, rest);
    same = outcome_same_facts(&o, whole) && outcome_same_bytes(&o, whole);
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
answer_property(const char *name, credits_label_t label, const char *body,
    size_t n)
{
    int        good, strip;
    size_t     i, k;
    outcome_t  plain, whole;

    plain = answer_run(label, 0, body, n, n, n, n);

    ok(plain.out_len == n && memcmp(plain.out, body, n) == 0,
       "%s: untouched without strip", name);

    for (strip = 0; strip <= 1; strip++) {
        whole = answer_run(label, strip, body, n, n, n, n);
        good = outcome_same_facts(&whole, &plain);

        for (i = 1; i < n && good; i++) {
            good = answer_check(label, strip, body, n, i, n, n, &whole);

            for (k = 1; k < n - i && n <= ANSWER_SHORT && good; k++) {
                good = answer_check(label, strip, body, n, i, k, n, &whole);
            }
        }

        for (i = 1; i <= 16 && good; i++) {
            good = answer_check(label, strip, body, n, i, i, i, &whole);
        }

        ok(good, "%s: cut anywhere, strip %d", name, strip);
        outcome_free(&whole);
    }

    outcome_free(&plain);
}

#endif /* ANSWERS_H */
