/*
 * Answers as they were met in the field, and what must be seen in them.
 */

#include "answers.h"


#define LARGE  2000     /* bytes; cut at random only */


static const credits_operation_t  answer_transcript = {
    .name = "transcriptions",
    .product = CREDITS_PRODUCT_TEXT
};


static const struct {
    const char                  *name;
    credits_label_t              label;
    const credits_operation_t   *operation;
    const char                  *body;
    size_t                       len;
    struct {
        int64_t                  prompt, completion, total, cached;
        int64_t                  text, unreadable;
        int                      product, page, error, finished, done, known;
        int                      faults;
    } expect;
} fixtures[] = {
#include "field_answers.inc"
};


static void
test_facts(size_t i, const credits_answer_facts_t *f)
{
    const char  *name;

    name = fixtures[i].name;

    is(f->usage.prompt, fixtures[i].expect.prompt, "%s: prompt", name);
    is(f->usage.completion, fixtures[i].expect.completion, "%s: completion",
       name);
    is(f->usage.total, fixtures[i].expect.total, "%s: total", name);
    is(f->usage.cached, fixtures[i].expect.cached, "%s: cached", name);
    is(f->text_bytes, fixtures[i].expect.text, "%s: text", name);
    is(f->unreadable_bytes, fixtures[i].expect.unreadable, "%s: unreadable",
       name);
    is(f->product, fixtures[i].expect.product, "%s: product", name);
    is(f->page, fixtures[i].expect.page, "%s: page", name);
    is(f->error, fixtures[i].expect.error, "%s: error", name);
    is(f->finished, fixtures[i].expect.finished, "%s: finished", name);
    is(f->done, fixtures[i].expect.done, "%s: done", name);
    is(f->known, fixtures[i].expect.known, "%s: known", name);
    is(f->faults, fixtures[i].expect.faults, "%s: faults", name);
}


static void
test_cuts(size_t i, const outcome_t *whole)
{
    int       good;
    size_t    n;
    unsigned  k, seed;

    good = 1;
    seed = 1;
    n = fixtures[i].len;

    for (k = 0; n && k < 60 && good; k++) {
        seed = seed * 1103515245 + 12345;
        good = answer_check(fixtures[i].label, 1, fixtures[i].body, n,
                            1 + (seed >> 16) % n, 1 + (seed >> 10) % 40,
                            1 + (seed >> 20) % 2000, whole);
    }

    ok(good, "%s: cut at random", fixtures[i].name);
}


int
main(void)
{
    size_t     i, n;
    outcome_t  o;

    for (i = 0; i < sizeof(fixtures) / sizeof(fixtures[0]); i++) {
        n = fixtures[i].len;
        answer_operation = fixtures[i].operation;

        o = answer_run(fixtures[i].label, 1, fixtures[i].body, n, n, n, n);

        test_facts(i, &o.facts);
        test_cuts(i, &o);
        outcome_free(&o);

        if (n <= LARGE) {
            answer_property(fixtures[i].name, fixtures[i].label,
                            fixtures[i].body, n);
        }
    }

    return tap_done();
}
