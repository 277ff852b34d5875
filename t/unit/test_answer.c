/*
 * Framing, and withholding the usage chunk.
 */

#include "credits_answer.c"

#include "answers.h"


#define CHUNK   "data: {'id':'c','choices':[{'delta':{'content':'Hi'}}]}\n\n"
#define USAGE   "data: {'id':'c','choices':[],'usage':{'prompt_tokens':5}}\n\n"
#define LINE    "data: {'id':'c','choices':[{'delta':{'content':'Hi'}}]}\n"
#define DONE    "data: [DONE]\n\n"


static const struct {
    const char             *name;
    credits_label_t         label;
    const char             *body;
    size_t                  len;
    struct {
        int64_t             prompt, completion, billable, credits;
    } expect;
} fixtures[] = {
#include "usage_cases.inc"
};


static void
test_fixtures(void)
{
    size_t     i;
    int64_t    billable;
    outcome_t  o;

    for (i = 0; i < sizeof(fixtures) / sizeof(fixtures[0]); i++) {
        o = answer_run(fixtures[i].label, 1, fixtures[i].body,
                       fixtures[i].len, 7, 7, 7);

        is(o.facts.usage.prompt, fixtures[i].expect.prompt, "%s: prompt",
           fixtures[i].name);
        is(o.facts.usage.completion, fixtures[i].expect.completion,
           "%s: completion", fixtures[i].name);

        billable = credits_usage_billable(&o.facts.usage);

        is(billable, (fixtures[i].expect.billable < 0)
                     ? 0 : fixtures[i].expect.billable,
           "%s: billable", fixtures[i].name);
        is((billable + 999) / 1000,
           (fixtures[i].expect.credits < 0) ? 0 : fixtures[i].expect.credits,
           "%s: credits of a thousand tokens", fixtures[i].name);
        is(o.facts.faults, 0, "%s: no faults", fixtures[i].name);

        outcome_free(&o);

        answer_property(fixtures[i].name, fixtures[i].label, fixtures[i].body,
                        fixtures[i].len);
    }
}


static const struct {
    const char  *name;
    const char  *before, *event, *after;
    int          dropped;
} strips[] = {
    { "usage chunk", CHUNK, USAGE, DONE, 1 },
    { "alone", "", USAGE, "", 1 },
    { "last, without a blank line", CHUNK,
      "data: {'choices':[],'usage':{}}\n", "", 1 },
    { "last, without a newline", CHUNK,
      "data: {'choices':[],'usage':{}}", "", 1 },
    { "usage before choices", CHUNK,
      "data: {'usage':{},'id':[1,{}],'choices':[ ]}\n\n", DONE, 1 },
    { "CRLF", "data: 1\r\n\r\n",
      "data: {'choices':[],'usage':{}}\r\n\r\n", "data: 2\r\n\r\n", 1 },
    { "CR", "data: 1\r\r",
      "data: {'choices':[],'usage':{}}\r\r", "data: 2\r\r", 1 },
    { "CRLF, last", "data: 1\r\n\r\n",
      "data: {'choices':[],'usage':{}}\r\n\r\n", "", 1 },
    { "CR, then a blank line", "",
      "data: {'choices':[],'usage':{}}\r\r\n", "\n\ndata: 2\n\n", 1 },
    { "other lines of the event", CHUNK,
      "event: x\nid: 7\ndata: {'choices':[],\n: comment\n"
      "data: 'usage':{}}\nretry: 5\n\n", DONE, 1 },
    { "a comment before it stays", CHUNK ": comment\n",
      "data: {'choices':[],'usage':{}}\n\n", DONE, 1 },
    { "a comment behind it stays", CHUNK,
      "data: {'choices':[],'usage':{}}\n\n", ": comment\n\n" DONE, 1 },
    { "a byte order mark stays", "\xef\xbb\xbf",
      "data: {'choices':[],'usage':{}}\n\n", DONE, 1 },
    { "twice", "", USAGE USAGE, DONE, 1 },
    { "behind [DONE]", CHUNK DONE, USAGE, "", 1 },
    { "a null beside it", CHUNK,
      "data: {'choices':[],'usage':{},'citations':null}\n\n", DONE, 1 },
    { "behind blank lines", "\n\n", USAGE, DONE, 1 },
    { "one newline behind each", LINE LINE,
      "data: {'choices':[],'usage':{}}\n", "data: [DONE]\n", 1 },
    { "one newline, twice, with a comment", LINE,
      "data: {'choices':[],'usage':{}}\n: c\n"
      "data: {'choices':[],'usage':{}}\r\n", LINE "\n", 1 },
    { "one newline, first and with a field", "",
      "id: 1\ndata: {'choices':[],'usage':{}}\nretry: 1\n", LINE LINE, 1 },
    { "one newline, last", LINE,
      "data: {'choices':[],'usage':{}}\n\n", CHUNK, 1 },
    { "one newline, a fault before", "data: {'choices':[}\n",
      "data: {'choices':[],'usage':{}}\n", LINE, 1 },

    { "escaped keys", CHUNK,
      "data: {'\\u0063hoices':[],'us\\u0061ge':{'x':[]}}\n\n", DONE, 1 },

    { "with citations", CHUNK,
      "data: {'choices':[],'usage':{},'citations':['x']}\n\n", DONE, 0 },
    { "with an error", CHUNK,
      "data: {'choices':[],'usage':{},'error':{}}\n\n", DONE, 0 },
    { "behind a space, where dropping it would leave that", " ",
      USAGE, DONE, 0 },
    { "two documents in one line", CHUNK,
      "data: {'choices':[],'usage':{}}{'choices':[],'usage':{}}\n\n",
      DONE, 0 },
    { "one newline, over several lines", LINE,
      "data: {'choices':[{}],\ndata: 'usage':{}}\n", LINE, 0 },
    { "usage on a chunk with choices", CHUNK,
      "data: {'choices':[{}],'usage':{}}\n\n", DONE, 0 },
    { "choices with a null", CHUNK,
      "data: {'choices':[null],'usage':{}}\n\n", DONE, 0 },
    { "Azure's first chunk", "",
      "data: {'choices':[],'prompt_filter_results':[]}\n\n", CHUNK, 0 },
    { "usage null", CHUNK, "data: {'choices':[],'usage':null}\n\n", DONE, 0 },
    { "usage no object", CHUNK,
      "data: {'choices':[],'usage':[]}\n\n", DONE, 0 },
    { "usage, but no choices", CHUNK, "data: {'usage':{}}\n\n", DONE, 0 },
    { "choices no array", CHUNK,
      "data: {'choices':{},'usage':{}}\n\n", DONE, 0 },
    { "deeper in the tree", CHUNK,
      "data: {'x':{'choices':[],'usage':{}}}\n\n", DONE, 0 },
    { "a response", CHUNK,
      "data: {'choices':[],'response':{'usage':{}}}\n\n", DONE, 0 },
    { "not JSON", CHUNK,
      "data: {'choices':[],'usage':{}},\n\n", DONE, 0 },
    { "JSON cut short", CHUNK, "data: {'choices':[],'usage':{}\n\n", DONE, 0 },
    { "not an object", CHUNK,
      "data: [{'choices':[],'usage':{}}]\n\n", DONE, 0 },
    { "text that looks like it", CHUNK,
      "data: {'choices':[{'delta':{'content':"
      "'\\'choices\\':[],\\'usage\\':{}'}}]}\n\n", DONE, 0 },
    { "last member wins: usage null", CHUNK,
      "data: {'choices':[],'usage':{},'usage':null}\n\n", DONE, 0 },
    { "last member wins: choices", CHUNK,
      "data: {'choices':[],'usage':{},'choices':[1]}\n\n", DONE, 0 },
    { "another field", CHUNK,
      "date: {'choices':[],'usage':{}}\n\n", DONE, 0 },
    { "a comment", CHUNK, ": {'choices':[],'usage':{}}\n\n", DONE, 0 },
    { "an event without data", CHUNK, "event: usage\nid: 1\n\n", DONE, 0 },
    { "half a byte order mark", "",
      "\xef\xbb" "data: {'choices':[],'usage':{}}\n\n", DONE, 0 }
};


static void
test_strip(void)
{
    int         good;
    char       *text, *want, *parts[3];
    size_t      i, n;
    outcome_t   o;

    for (i = 0; i < sizeof(strips) / sizeof(strips[0]); i++) {
        parts[0] = tap_quotes(strips[i].before);
        parts[1] = tap_quotes(strips[i].event);
        parts[2] = tap_quotes(strips[i].after);

        n = strlen(parts[0]) + strlen(parts[1]) + strlen(parts[2]);
        text = malloc(n + 1);
        want = malloc(n + 1);
        sprintf(text, "%s%s%s", parts[0], parts[1], parts[2]);
        sprintf(want, "%s%s%s", parts[0],
                strips[i].dropped ? "" : parts[1], parts[2]);

        o = answer_run(CREDITS_LABEL_EVENTS, 1, text, n, n, n, n);

        good = (o.out_len == strlen(want)
                && memcmp(o.out, want, o.out_len) == 0);

        ok(good, "strip: %s", strips[i].name);
        ok(o.emits <= 2 + (strips[i].dropped == 0),
           "strip: %s: neighbours leave as one", strips[i].name);

        outcome_free(&o);

        answer_property(strips[i].name, CREDITS_LABEL_EVENTS, text, n);

        free(text);
        free(want);
        free(parts[0]);
        free(parts[1]);
        free(parts[2]);
    }
}


/* what leaves after each single byte */

static size_t
emitted_after(const char *json, size_t *fed, size_t *held)
{
    size_t             i;
    char              *text;
    outcome_t          o;
    credits_answer_t   a;

    text = tap_quotes(json);
    memset(&o, 0, sizeof(o));
    o.out_size = strlen(text);
    o.out = malloc(o.out_size + 1);

    credits_answer_init(&a, &answer_chat, CREDITS_LABEL_EVENTS, 1);

    for (i = 0; text[i]; i++) {
        credits_answer_feed(&a, (const unsigned char *) text + i, 1,
                            outcome_emit, &o);
    }

    *fed = i;
    *held = a.held_len;

    free(text);
    free(o.out);

    return o.out_len;
}


static void
test_delay(void)
{
    size_t  i, fed, held, out;

    static const struct {
        const char  *text;
        size_t       waiting;
        const char  *what;
    } cases[] = {
        { "data: {'choices':[{", 0, "choices not empty" },
        { "data: {'choices':[1", 19, "a number that may go on" },
        { "data: {'choices':[1,", 0, "a number that has ended" },
        { "data: {'choices':{", 0, "choices no array" },
        { "data: {'choices':[", 18, "choices may be empty" },
        { "data: {'choices':[],'usage':null", 0, "usage null" },
        { "data: {'choices':[],'usage':'", 0, "usage a string" },
        { "data: {'usage':[", 0, "usage an array" },
        { "data: [", 0, "no object" },
        { "data: [D", 0, "not JSON" },
        { "data: x", 0, "no JSON either" },
        { "data: {'id'", 11, "may still be it" },
        { "event: x\n", 9, "an event has begun" },
        { ": comment", 0, "a comment" },
        { "\n\r\n\n", 0, "blank lines" },
        { "data: x\n: within", 0, "a comment in a kept event" },
        { CHUNK "da", 2, "the next event" },
        { CHUNK, 0, "all of an event" }
    };

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        out = emitted_after(cases[i].text, &fed, &held);

        is(fed - out, held, "no byte but the held: %s", cases[i].what);
        is(held, cases[i].waiting, "%s", cases[i].what);
    }
}


typedef struct {
    const unsigned char  *p;
    size_t                n;
    unsigned              calls;
} span_t;


static void
note_span(void *data, const unsigned char *p, size_t n)
{
    span_t  *span;

    span = data;
    span->p = p;
    span->n = n;
    span->calls++;
}


static void
test_spans(void)
{
    char              *text;
    size_t             n;
    span_t             span;
    credits_answer_t   a;

    text = tap_quotes(CHUNK CHUNK ": ping\n\n" CHUNK CHUNK);
    n = strlen(text);

    memset(&span, 0, sizeof(span));
    credits_answer_init(&a, &answer_chat, CREDITS_LABEL_EVENTS, 1);
    credits_answer_feed(&a, (unsigned char *) text, n, note_span, &span);

    ok(span.calls == 1 && span.p == (unsigned char *) text && span.n == n,
       "a piece without usage chunk leaves as it came, in one call");

    memset(&span, 0, sizeof(span));
    credits_answer_feed(&a, (unsigned char *) text, 50, note_span, &span);

    ok(span.calls == 1 && span.p == (unsigned char *) text && span.n == 50,
       "also if it ends within an event that is known to stay");

    free(text);

    text = tap_quotes(USAGE);
    memset(&span, 0, sizeof(span));
    credits_answer_init(&a, &answer_chat, CREDITS_LABEL_EVENTS, 1);
    credits_answer_feed(&a, (unsigned char *) text, strlen(text), note_span,
                        &span);
    is(span.calls, 0, "a piece that is all usage chunk does not leave");
    free(text);

    credits_answer_init(&a, &answer_chat, CREDITS_LABEL_EVENTS, 0);
    credits_answer_feed(&a, (const unsigned char *) "data: {}\n\n", 10, NULL,
                        NULL);
    credits_answer_end(&a, NULL, NULL);
    is(a.facts.bytes, 10, "without strip there need not be anyone to emit to");
}


/* pieces of 1 byte are left to the smaller answers */

static void
check_large(const char *name, const char *body, size_t n, int dropped,
    uint64_t text)
{
    int        good;
    size_t     i;
    outcome_t  whole, o;

    static const size_t  steps[] = { 100, 1023, 1024, 4096, 8191, 8192, 8193,
                                     65536 };

    whole = answer_run(CREDITS_LABEL_EVENTS, 1, body, n, n, n, n);

    is(whole.facts.usage.prompt, 5, "%s: usage", name);
    is(whole.facts.text_bytes, text, "%s: text", name);
    is(n - whole.out_len, dropped, "%s: bytes withheld", name);

    good = 1;

    for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        o = answer_run(CREDITS_LABEL_EVENTS, 1, body, n, steps[i], steps[i],
                       steps[i]);
        good &= outcome_same_facts(&o, &whole)
                && outcome_same_bytes(&o, &whole);
        outcome_free(&o);
    }

    ok(good, "%s: in any pieces", name);
    outcome_free(&whole);
}


static void
test_large(void)
{
    char    *body, *usage, *head, *tail;
    size_t   n, pad, len;

    usage = tap_quotes(USAGE);
    head = tap_quotes("data: {'choices':[{'delta':{'content':'");
    tail = tap_quotes("'}}]}\n\n");

    /* a chunk above 1 MiB, then the usage chunk */

    len = 1 << 21;
    body = malloc(len + 1000);
    n = (size_t) sprintf(body, "%s", head);
    memset(body + n, 'x', len);
    n += len;
    n += (size_t) sprintf(body + n, "%s%s", tail, usage);

    check_large("a chunk of 2 MiB", body, n, (int) strlen(usage), len);
    free(body);
    free(head);
    free(tail);

    /* the usage chunk itself around the longest that is withheld */

    head = tap_quotes("data: {'choices':[],'usage':{'prompt_tokens':5}");

    for (pad = CREDITS_ANSWER_HELD_MAX - 2;
         pad <= CREDITS_ANSWER_HELD_MAX + 2;
         pad++)
    {
        body = malloc(CREDITS_ANSWER_HELD_MAX + 100);
        n = (size_t) sprintf(body, "%s", head);
        memset(body + n, ' ', pad - n - 3);
        memcpy(body + pad - 3, "}\n\n", 3);

        check_large("a long usage chunk", body, pad,
                    (pad <= CREDITS_ANSWER_HELD_MAX) ? (int) pad : 0, 0);
        free(body);
    }

    /* undecided for a long time, then not the usage chunk */

    body = malloc(100000);
    memset(body, ' ', 100000);
    memcpy(body, "data: {", 7);
    memcpy(body + 50000, "\"choices\":[1]}\n\n", 16);
    n = 50016 + (size_t) sprintf(body + 50016, "%s", usage);

    check_large("a chunk that shows it late", body, n, (int) strlen(usage),
                0);

    free(body);
    free(usage);
    free(head);
}


/* answers put together at random, cut at random */

static void
test_random(void)
{
    int              good;
    char             *parts[16], *body;
    size_t            i, k, n, count;
    unsigned          seed, strip;
    outcome_t         whole;

    static const char  *sources[] = {
        CHUNK, USAGE, DONE, ": ping\n\n", "\n", "\r", "\r\n", "event: x\n",
        "data: {'choices':[],\n", "data: 'usage':{}}\r\n", "data:", "\xef",
        "data: {'usage':{'prompt_tokens':1},'choices':[]}\r", "{'", "}\n\n",
        "data: {'choices':[],'usage':{'completion_tokens':2}}\r\n\r\n"
    };

    for (i = 0; i < 16; i++) {
        parts[i] = tap_quotes(sources[i]);
    }

    body = malloc(4096);
    seed = 1;
    good = 1;

    for (count = 0; count < 1500; count++) {
        n = 0;
        seed = seed * 1103515245 + 12345;

        for (k = 0; k < 1 + (seed >> 16) % 12; k++) {
            i = (seed >> (k + 3)) % 16;
            strcpy(body + n, parts[(i * 7 + k * count) % 16]);
            n += strlen(body + n);
        }

        for (strip = 0; strip <= 1; strip++) {
            whole = answer_run(CREDITS_LABEL_EVENTS, (int) strip, body, n, n,
                               n, n);

            for (k = 0; k < 24; k++) {
                seed = seed * 1103515245 + 12345;
                good &= answer_check(CREDITS_LABEL_EVENTS, (int) strip, body,
                                     n, 1 + (seed >> 16) % n,
                                     1 + (seed >> 10) % 40,
                                     1 + (seed >> 20) % 20, &whole);
            }

            outcome_free(&whole);
        }
    }

    ok(good, "answers put together at random, cut at random");

    for (i = 0; i < 16; i++) {
        free(parts[i]);
    }

    free(body);
}


static void
test_encoded(void)
{
    outcome_t  o;

    o = answer_run(CREDITS_LABEL_ENCODED, 1, "data: {\"usage\":{}}\n\n", 20, 3,
                   3, 3);
    is(o.facts.unreadable_bytes, 20, "encoded: its bytes are not readable");
    is(o.facts.text_bytes, 0, "encoded: there is no text");
    is(o.out_len, 20, "encoded: all of it leaves");
    is(o.facts.faults + o.facts.done + o.facts.finished + o.facts.error, 0,
       "encoded: nothing is read");
    outcome_free(&o);

    o = answer_run(CREDITS_LABEL_EVENTS, 1,
                   "{\"choices\":[],\"usage\":{}}", 25, 3, 3, 3);
    is(o.out_len, 25, "JSON is never withheld");
    outcome_free(&o);
}


int
main(void)
{
    test_fixtures();
    test_strip();
    test_delay();
    test_spans();
    test_large();
    test_random();
    test_encoded();

    ok(sizeof(credits_answer_t) <= 3584, "%zu bytes",
       sizeof(credits_answer_t));

    return tap_done();
}
