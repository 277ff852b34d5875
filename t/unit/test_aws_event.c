/*
 * AWS's event stream: messages in any pieces, and bytes that are none; what
 * is read in an answer that has them.
 */

#include "credits_aws_event.c"

#include "answers.h"


#define STREAM_MAX  4096


typedef struct {
    unsigned char  p[STREAM_MAX];
    size_t         n;
} stream_t;


static char    events[STREAM_MAX];
static size_t  events_len;


static void
put(stream_t *s, const void *p, size_t n)
{
    memcpy(s->p + s->n, p, n);
    s->n += n;
}


static void
put_number(stream_t *s, uint32_t number, unsigned bytes)
{
    unsigned char  c;

    while (bytes--) {
        c = (unsigned char) (number >> (8 * bytes));
        put(s, &c, 1);
    }
}


static void
put_header(stream_t *s, const char *name, unsigned type, const void *value,
    size_t len, unsigned length_bytes)
{
    put_number(s, (uint32_t) strlen(name), 1);
    put(s, name, strlen(name));
    put_number(s, type, 1);
    put_number(s, (uint32_t) len, length_bytes);
    put(s, value, len);
}


static void
put_message(stream_t *s, const stream_t *headers, const char *payload)
{
    put_number(s, (uint32_t) (16 + headers->n + strlen(payload)), 4);
    put_number(s, (uint32_t) headers->n, 4);
    put_number(s, 0xdeadbeef, 4);
    put(s, headers->p, headers->n);
    put(s, payload, strlen(payload));
    put_number(s, 0xfeedface, 4);
}


static void
put_event(stream_t *s, const char *type, const char *json)
{
    char      *payload;
    stream_t   headers;

    headers.n = 0;
    put_header(&headers, ":event-type", 7, "x", 1, 2);
    put_header(&headers, ":message-type", 7, type, strlen(type), 2);

    payload = tap_quotes(json);
    put_message(s, &headers, payload);
    free(payload);
}


static void
note(void *data, credits_aws_event_event_t event, const unsigned char *p,
    size_t n)
{
    static const char  marks[] = "<!?>#";

    if (event != CREDITS_AWS_EVENT_DATA) {
        events[events_len++] = marks[event];
    }

    if (n) {
        memcpy(events + events_len, p, n);
        events_len += n;
    }

    events[events_len] = '\0';
}


/* a stream of it, in two pieces and in small ones; "#" once, as cut */

static int
reads_as(const stream_t *s, const char *want)
{
    int                   good;
    size_t                i, k, len;
    unsigned char        *copy;
    credits_aws_event_t   aws;

    good = 1;

    for (k = 1; k <= s->n; k++) {
        credits_aws_event_init(&aws);
        events_len = 0;

        for (i = 0; i < s->n; i += len) {
            len = (i == 0) ? k : (k < 8) ? k : s->n;
            len = (len > s->n - i) ? s->n - i : len;
            copy = tap_piece(s->p + i, len);
            credits_aws_event_feed(&aws, copy, len, note, NULL);
            free(copy);
        }

        good &= (strncmp(events, want, strlen(want)) == 0
                 && (strchr(want, '#') || events_len == strlen(want)));
    }

    if (!good) {
        printf("#  got %s\n# want %s\n", events, want);
    }

    return good;
}


static void
test_messages(void)
{
    stream_t  s, headers;

    s.n = 0;
    put_event(&s, "event", "{}");
    put_event(&s, "event", "");
    put_event(&s, "exception", "{'a':1}");
    put_event(&s, "events", "b");
    put_event(&s, "", "c");
    ok(reads_as(&s, "<{}><><!{\"a\":1}><!b><!c>"), "messages and their types");

    headers.n = 0;
    put_header(&headers, "t", 0, "", 0, 0);
    put_header(&headers, "f", 1, "", 0, 0);
    put_header(&headers, "b", 2, "x", 1, 0);
    put_header(&headers, "s", 3, "xx", 2, 0);
    put_header(&headers, "i", 4, "xxxx", 4, 0);
    put_header(&headers, "l", 5, "xxxxxxxx", 8, 0);
    put_header(&headers, "a", 6, "xxx", 3, 2);
    put_header(&headers, "e", 6, "", 0, 2);
    put_header(&headers, "d", 8, "xxxxxxxx", 8, 0);
    put_header(&headers, "u", 9, "xxxxxxxxxxxxxxxx", 16, 0);
    put_header(&headers, ":message-typ", 7, "x", 1, 2);
    put_header(&headers, ":message-types", 7, "x", 1, 2);

    s.n = 0;
    put_message(&s, &headers, "abc");
    headers.n = 0;
    put_message(&s, &headers, "def");
    put_message(&s, &headers, "");
    ok(reads_as(&s, "<abc><def><>"), "headers of all types, or none");
}


static void
test_faults(void)
{
    stream_t  s, headers;

    s.n = 0;
    put_number(&s, 15, 4);
    put_number(&s, 0, 4);
    ok(reads_as(&s, "#"), "a message that is too short");

    s.n = 0;
    put_number(&s, 0x02000001, 4);
    put_number(&s, 0, 4);
    ok(reads_as(&s, "#"), "a message that is too long");

    s.n = 0;
    put_number(&s, 20, 4);
    put_number(&s, 5, 4);
    ok(reads_as(&s, "#"), "headers longer than their message");

    headers.n = 0;
    put_header(&headers, "x", 10, "", 0, 0);
    s.n = 0;
    put_message(&s, &headers, "");
    ok(reads_as(&s, "<#"), "an unknown type of a header");

    headers.n = 0;
    put_number(&headers, 5, 1);
    put(&headers, "abcd", 4);
    s.n = 0;
    put_message(&s, &headers, "");
    ok(reads_as(&s, "<#"), "a name longer than the headers");

    headers.n = 0;
    put_header(&headers, "x", 9, "abc", 3, 0);
    s.n = 0;
    put_message(&s, &headers, "");
    ok(reads_as(&s, "<#"), "a value longer than the headers");

    headers.n = 0;
    put_header(&headers, "x", 7, "", 0, 1);
    s.n = 0;
    put_message(&s, &headers, "");
    ok(reads_as(&s, "<#"), "half the length of a value");

    headers.n = 0;
    put_number(&headers, 1, 1);
    put(&headers, "x", 1);
    put_number(&headers, 7, 1);
    put_number(&headers, 4, 2);
    put(&headers, "abc", 3);
    s.n = 0;
    put_message(&s, &headers, "");
    ok(reads_as(&s, "<#"), "a string longer than the headers");
}


static void
test_answer(void)
{
    stream_t                       s;
    outcome_t                      o;
    const credits_answer_facts_t  *f;

    s.n = 0;
    put_event(&s, "event", "{'role':'assistant'}");
    put_event(&s, "event", "{'start':{'toolUse':{}},'contentBlockIndex':0}");
    put_event(&s, "event", "{'delta':{'text':'ab'}}");
    put_event(&s, "event", "{'delta':{'reasoningContent':{'text':'cd'}}}");
    put_event(&s, "event", "{'delta':{'toolUse':{'input':'{}'}}}");
    put_event(&s, "event", "{'stopReason':'end_turn'}");
    put_event(&s, "event",
              "{'metrics':{},'usage':{'inputTokens':5,'outputTokens':6}}");

    o = answer_run(CREDITS_LABEL_NONE, 1, (char *) s.p, s.n, s.n, s.n, s.n);
    f = &o.facts;
    ok(f->usage.prompt == 5 && f->usage.completion == 6, "usage");
    is(f->text_bytes, 6, "text");
    ok(f->finished && f->done && f->known && !f->error, "the end");
    is(f->faults + f->unreadable_bytes, 0, "nothing is left over");
    outcome_free(&o);
    answer_property("Bedrock", CREDITS_LABEL_NONE, (char *) s.p, s.n);

    s.n = 0;
    put_event(&s, "event", "{'delta':{'text':'ab'}}");
    put_event(&s, "exception", "{'message':'slow down'}");
    put(&s, "\0\0\0\0broken", 10);

    o = answer_run(CREDITS_LABEL_NONE, 1, (char *) s.p, s.n, s.n, s.n, s.n);
    f = &o.facts;
    ok(f->error && !f->finished, "an exception is an error");
    is(f->text_bytes, 2, "the text before it counts");
    is(f->unreadable_bytes, 7, "and so do bytes that are no message");
    is(f->faults, 1, "they are a fault");
    outcome_free(&o);
    answer_property("exception", CREDITS_LABEL_NONE, (char *) s.p, s.n);
}


/* the events of Anthropic, in base64 */

static void
test_chunks(void)
{
    stream_t                       s;
    outcome_t                      o;
    const credits_answer_facts_t  *f;

    s.n = 0;

    /* message_start, input_tokens 7; a delta, "a?"; message_stop */

    put_event(&s, "event",
              "{'bytes':'eyJ0eXBlIjoibWVzc2FnZV9zdGFydCIsIm1lc3NhZ2UiOns"
              "idXNhZ2UiOnsiaW5wdXRfdG9rZW5zIjo3fX19','p':'abcd'}");
    put_event(&s, "event",
              "{'bytes':'eyJ0eXBlIjoiY29udGVudF9ibG9ja19kZWx0YSIsImRlbHR"
              "hIjp7InRleHQiOiJhPyJ9fQ==','p':'ab'}");
    put_event(&s, "event",
              "{'bytes':'eyJ0eXBlIjoibWVzc2FnZV9zdG9wIiwiYW1hem9uLWJlZHJ"
              "vY2staW52b2NhdGlvbk1ldHJpY3MiOnsiaW5wdXRUb2tlbkNvdW50Ijo3"
              "LCJvdXRwdXRUb2tlbkNvdW50Ijo5fX0='}");

    o = answer_run(CREDITS_LABEL_NONE, 0, (char *) s.p, s.n, s.n, s.n, s.n);
    f = &o.facts;
    ok(f->usage.prompt == 7 && f->usage.completion == 9, "chunks: usage");
    is(f->text_bytes, 2, "chunks: text");
    ok(f->finished && f->done && f->known, "chunks: the end");
    is(f->faults + f->unreadable_bytes, 0, "chunks: nothing is left over");
    outcome_free(&o);
    answer_property("chunks", CREDITS_LABEL_NONE, (char *) s.p, s.n);

    s.n = 0;
    put_event(&s, "event", "{'byt");
    put_event(&s, "event", "{'bytesize':1}");

    o = answer_run(CREDITS_LABEL_NONE, 0, (char *) s.p, s.n, s.n, s.n, s.n);
    is(o.facts.unreadable_bytes, 19, "what is no chunk is read as it is");
    outcome_free(&o);
    answer_property("no chunks", CREDITS_LABEL_NONE, (char *) s.p, s.n);
}


int
main(void)
{
    test_messages();
    test_faults();
    test_answer();
    test_chunks();

    return tap_done();
}
