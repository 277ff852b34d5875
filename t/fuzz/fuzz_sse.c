/*
 * The framer finds the same events however the stream is cut, at the same
 * bytes; their data is what reading line by line finds.  The first byte of
 * the input says how to cut.
 */

#include "credits_sse.h"
#include "fuzz.h"


typedef struct {
    credits_sse_t          sse;
    fuzz_trace_t           trace;
    fuzz_trace_t           data;        /* of all events, each with its end */
    uint64_t               offset;      /* of the piece */
    const unsigned char   *piece;
    size_t                 len;
    const unsigned char   *input;
    size_t                 total;
    unsigned               open:1;
    unsigned               lines:1;     /* the event has data */
    unsigned               tail:1;      /* the LF of a CRLF must follow */
} frames_t;


static const char  end_of_event[] = "<end of event>";


static void
handle(void *data, credits_sse_event_t event, const unsigned char *p, size_t n)
{
    uint64_t   at;
    frames_t  *f;

    f = data;

    /* the CR of a CRLF closed the event: its LF is the event's as well */

    must(f->tail == (event == CREDITS_SSE_TAIL));
    f->tail = 0;

    if (event == CREDITS_SSE_JOIN || event == CREDITS_SSE_ERROR) {
        must(f->open);
        fuzz_put_number(&f->trace, event);

        if (event == CREDITS_SSE_JOIN) {
            fuzz_put(&f->data, "\n", 1);
            f->lines = 1;
        }

        return;
    }

    must(p >= f->piece && p + n <= f->piece + f->len);

    if (event == CREDITS_SSE_DATA) {
        must(f->open);
        f->lines = 1;
        fuzz_put(&f->trace, p, n);
        fuzz_put(&f->data, p, n);
        return;
    }

    must(f->open == (event == CREDITS_SSE_CLOSE
                     || event == CREDITS_SSE_LINE));

    at = f->offset + (uint64_t) (p - f->piece);

    fuzz_put_number(&f->trace, event);
    fuzz_put_number(&f->trace, (int64_t) at);

    if (event == CREDITS_SSE_OPEN) {
        f->open = 1;
        f->lines = 0;

    } else if (event == CREDITS_SSE_CLOSE) {
        f->open = 0;
        f->tail = (at > 0 && at < f->total && f->input[at - 1] == '\r'
                   && f->input[at] == '\n');

        if (f->lines) {
            fuzz_put(&f->data, end_of_event, sizeof(end_of_event));
        }
    }
}


static void
feed(void *data, const unsigned char *p, size_t n)
{
    frames_t  *f;

    f = data;
    f->piece = p;
    f->len = n;

    credits_sse_feed(&f->sse, p, n, handle, f);

    f->offset += n;
}


static void
frame(frames_t *f, const unsigned char *p, size_t n, unsigned seed)
{
    memset(f, 0, sizeof(frames_t));
    f->input = p;
    f->total = n;

    credits_sse_init(&f->sse);
    fuzz_pieces(p, n, seed, feed, f);

    f->piece = p;
    f->len = 0;

    credits_sse_end(&f->sse, p, handle, f);

    must(!f->open && !f->tail);
}


/* a line of the stream; `whole`: it has an end.  A brace needs no name */

static void
read_line(const unsigned char *line, size_t n, int whole, fuzz_trace_t *event,
    unsigned *lines)
{
    int  brace;

    brace = (n && *line == '{');

    if (!brace && (n < 4 || memcmp(line, "data", 4) != 0
                   || (n == 4 && !whole) || (n > 4 && line[4] != ':')))
    {
        return;
    }

    if ((*lines)++) {
        fuzz_put(event, "\n", 1);
    }

    if (!brace) {
        line += 5;
        n = (n > 5) ? n - 5 : 0;

        if (n && *line == ' ') {
            line++;
            n--;
        }
    }

    fuzz_put(event, line, n);
}


/* an event without data does not count, an empty line of data does not show */

static void
read_stream(const unsigned char *p, size_t n, fuzz_trace_t *data)
{
    size_t         len, end;
    unsigned       lines;
    fuzz_trace_t   event;

    memset(&event, 0, sizeof(event));
    lines = 0;

    if (n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
        p += 3;
        n -= 3;
    }

    do {
        len = fuzz_line(p, n, &end);
        read_line(p, len, end > 0, &event, &lines);

        if (len == 0 || len + end == n) {
            if (event.n) {
                fuzz_put(data, event.p, event.n);
                fuzz_put(data, end_of_event, sizeof(end_of_event));
            }

            event.n = 0;
            lines = 0;
        }

        p += len + end;
        n -= len + end;

    } while (n);

    free(event.p);
}


int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
    unsigned       seed;
    frames_t       whole, cut;
    fuzz_trace_t   data;

    if (n == 0) {
        return 0;
    }

    seed = 1 + *p++;
    n--;

    frame(&whole, p, n, FUZZ_WHOLE);
    frame(&cut, p, n, seed);

    must(fuzz_same(&cut.trace, &whole.trace));
    must(fuzz_same(&cut.data, &whole.data));

    memset(&data, 0, sizeof(data));
    read_stream(p, n, &data);

    must(fuzz_same(&data, &whole.data));

    free(data.p);
    free(whole.trace.p);
    free(whole.data.p);
    free(cut.trace.p);
    free(cut.data.p);

    return 0;
}
