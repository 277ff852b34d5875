/*
 * An answer gives the same numbers and the same bytes however it is cut, and
 * the client sees the provider's bytes, at most less some events.  The first
 * two bytes of the input say what kind it is ("0" JSON, "1" SSE, "2" SSE to
 * be stripped, "3" opaque) and how to cut it.
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


static void
read_answer(reading_t *r, unsigned kind, const unsigned char *p, size_t n,
    unsigned seed)
{
    static const credits_answer_kind_t  kinds[] = {
        CREDITS_ANSWER_JSON,
        CREDITS_ANSWER_SSE,
        CREDITS_ANSWER_SSE,
        CREDITS_ANSWER_OPAQUE
    };

    memset(&r->seen, 0, sizeof(r->seen));

    credits_answer_init(&r->answer, kinds[kind], kind == 2);
    fuzz_pieces(p, n, seed, feed, r);
    credits_answer_end(&r->answer, emit, &r->seen);
}


/* the length of the event that begins here, up to and with its blank line */

static size_t
event_length(const unsigned char *p, size_t n)
{
    size_t  len, line, end;

    for (len = 0; len < n; len += line + end) {
        line = fuzz_line(p + len, n - len, &end);

        if (line == 0) {
            return len + end;
        }
    }

    return n;
}


/* the client sees all but whole events, which are no longer than is held */

static void
check_seen(const fuzz_trace_t *seen, const unsigned char *p, size_t n)
{
    size_t                len, end, left;
    const unsigned char  *s;

    s = seen->p;
    left = seen->n;

    if (n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
        must(left >= 3 && memcmp(s, p, 3) == 0);
        s += 3;
        left -= 3;
        p += 3;
        n -= 3;
    }

    for ( /* void */ ; n; p += len, n -= len) {
        len = fuzz_line(p, n, &end);

        if (len == 0 || *p == ':') {
            len += end;
            must(left >= len && memcmp(s, p, len) == 0);

        } else {
            len = event_length(p, n);

            if (left < len || memcmp(s, p, len) != 0) {
                must(len <= CREDITS_ANSWER_HELD_MAX + 1);   /* and an LF */
                continue;
            }
        }

        s += len;
        left -= len;
    }

    must(left == 0);
}


static void
check_same(const reading_t *a, const reading_t *b)
{
    const credits_answer_document_t  *one, *other;

    must(a->answer.text_bytes == b->answer.text_bytes);
    must(a->answer.bytes == b->answer.bytes);
    must(fuzz_same(&a->seen, &b->seen));

    one = &a->answer.document;
    other = &b->answer.document;

    must(memcmp(&one->usage, &other->usage, sizeof(one->usage)) == 0);
    must(one->error == other->error);
    must(one->finished == other->finished);
    must(one->done == other->done);
    must(one->faults == other->faults);
}


static void
check_usage(const credits_answer_t *a)
{
    int              said;
    credits_usage_t  usage;

    said = credits_answer_usage(a, 100, &usage);

    must(usage.prompt >= 0 && usage.prompt <= CREDITS_TOKENS_MAX);
    must(usage.completion >= 0 && usage.completion <= CREDITS_TOKENS_MAX);
    must(usage.total >= 0 && usage.cached <= usage.prompt);
    must(credits_usage_billable(&usage) >= usage.prompt + usage.completion);

    /* what is not known is never free */

    must(said || credits_usage_billable(&usage) > 0
         || a->document.usage.total == 0);
}


int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
    unsigned           kind, seed;
    static reading_t   whole, cut;

    if (n < 2) {
        return 0;
    }

    kind = p[0] % 4;
    seed = 1u + p[1];
    p += 2;
    n -= 2;

    read_answer(&whole, kind, p, n, FUZZ_WHOLE);
    read_answer(&cut, kind, p, n, seed);

    check_same(&whole, &cut);
    check_usage(&whole.answer);

    must(whole.answer.bytes == n);

    if (kind == 2) {
        check_seen(&whole.seen, p, n);

    } else {
        must(whole.seen.n == n && (n == 0 || memcmp(whole.seen.p, p, n) == 0));
    }

    free(whole.seen.p);
    free(cut.seen.p);

    return 0;
}
