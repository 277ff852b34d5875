/*
 * An answer gives the same facts and the same bytes however it is cut, and the
 * client sees the provider's bytes, at most less some lines.  The first two
 * bytes of the input say what kind it is, "0" to "7" as below, and how to cut
 * it.
 */

#include "credits_answer.h"
#include "fuzz.h"


typedef struct {
    credits_answer_t   answer;
    fuzz_trace_t       seen;        /* by the client */
} reading_t;


static void
emit(void *data, const unsigned char *p, size_t n)
{
    fuzz_put(data, p, n);
}


static void
feed(void *data, const unsigned char *p, size_t n)
{
    reading_t  *r;

    r = data;
    credits_answer_feed(&r->answer, p, n, emit, &r->seen);
}


static const struct {
    credits_label_t    label;
    credits_product_t  product;
    int                strip;
} kinds[] = {
    { CREDITS_LABEL_JSON, CREDITS_PRODUCT_JSON, 0 },
    { CREDITS_LABEL_EVENTS, CREDITS_PRODUCT_JSON, 0 },
    { CREDITS_LABEL_EVENTS, CREDITS_PRODUCT_JSON, 1 },
    { CREDITS_LABEL_ENCODED, CREDITS_PRODUCT_JSON, 1 },
    { CREDITS_LABEL_TEXT, CREDITS_PRODUCT_JSON, 1 },
    { CREDITS_LABEL_TEXT, CREDITS_PRODUCT_TEXT, 0 },
    { CREDITS_LABEL_NONE, CREDITS_PRODUCT_SOUND, 0 },
    { CREDITS_LABEL_NONE, CREDITS_PRODUCT_PICTURES, 1 }
};


static void
read_answer(reading_t *r, unsigned kind, const unsigned char *p, size_t n,
    unsigned seed)
{
    credits_operation_t  operation;

    memset(&operation, 0, sizeof(operation));
    operation.product = kinds[kind].product;

    memset(&r->seen, 0, sizeof(r->seen));

    credits_answer_init(&r->answer, &operation, kinds[kind].label,
                        kinds[kind].strip);
    fuzz_pieces(p, n, seed, feed, r);
    credits_answer_end(&r->answer, emit, &r->seen);
}


/*
 * The client sees all but whole lines, none longer than what is held.  An LF
 * behind a CR is a line of its own here, and so is a byte order mark.
 */

static void
check_seen(const fuzz_trace_t *seen, const unsigned char *p, size_t n)
{
    int                   first;
    size_t                len, end, left;
    const unsigned char  *s;

    s = seen->p;
    left = seen->n;
    first = 1;

    for ( /* void */ ; n; p += len, n -= len) {
        len = fuzz_line(p, n, &end);
        len += (end > 0);

        if (first && n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
            len = 3;
        }

        first = 0;

        if (left < len || memcmp(s, p, len) != 0) {
            must(len <= CREDITS_ANSWER_HELD_MAX + 1);   /* and an LF */
            continue;
        }

        s += len;
        left -= len;
    }

    must(left == 0);
}


static void
check_same(const reading_t *one, const reading_t *other)
{
    const credits_answer_facts_t  *a, *b;

    a = &one->answer.facts;
    b = &other->answer.facts;

    must(fuzz_same(&one->seen, &other->seen));
    must(memcmp(&a->usage, &b->usage, sizeof(a->usage)) == 0);
    must(a->bytes == b->bytes);
    must(a->text_bytes == b->text_bytes);
    must(a->unreadable_bytes == b->unreadable_bytes);
    must(a->product == b->product);
    must(a->page == b->page);
    must(a->error == b->error);
    must(a->finished == b->finished);
    must(a->done == b->done);
    must(a->known == b->known);
    must(a->faults == b->faults);
    must(a->model_len == b->model_len);
    must(memcmp(a->model, b->model, a->model_len) == 0);
    must(a->tier_len == b->tier_len);
    must(memcmp(a->tier, b->tier, a->tier_len) == 0);
}


/* no byte counts twice, no part is more than its whole */

static void
check_facts(const credits_answer_facts_t *f)
{
    const credits_usage_t  *u;

    u = &f->usage;

    must(f->text_bytes + f->unreadable_bytes <= f->bytes);
    must(u->prompt <= CREDITS_TOKENS_MAX);
    must(u->completion <= CREDITS_TOKENS_MAX);
    must(u->cached <= u->prompt && u->cache_write <= u->prompt
         && u->cache_write_1h <= u->prompt);
    must(u->audio_input <= u->prompt && u->image_input <= u->prompt);
    must(u->audio_output <= u->completion);
    must(!f->done || f->finished);
}


int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
    unsigned           kind, seed;
    static reading_t   whole, cut;

    if (n < 2) {
        return 0;
    }

    kind = p[0] % (sizeof(kinds) / sizeof(kinds[0]));
    seed = 1u + p[1];
    p += 2;
    n -= 2;

    read_answer(&whole, kind, p, n, FUZZ_WHOLE);
    read_answer(&cut, kind, p, n, seed);

    check_same(&whole, &cut);
    check_facts(&whole.answer.facts);

    must(whole.answer.facts.bytes == n);

    if (kinds[kind].strip) {
        check_seen(&whole.seen, p, n);

    } else {
        must(whole.seen.n == n && (n == 0 || memcmp(whole.seen.p, p, n) == 0));
    }

    free(whole.seen.p);
    free(cut.seen.p);

    return 0;
}
