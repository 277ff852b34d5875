#include "tap.h"

#include "credits_sse.c"


/*
 * Writes down: "<" and ">" around events with the offset, payload bytes, and
 * "~" for the LF that belongs to a closing CR, "|" before a further line with
 * its offset, "+" if it has further data, "!" for an error.
 */

static char                  events[4096];
static size_t                events_len;
static const unsigned char  *piece;
static size_t                piece_len;
static size_t                piece_offset;
static int                   outside;


static void
note(void *data, credits_sse_event_t event, const unsigned char *p, size_t n)
{
    char  *dst;

    dst = events + events_len;

    if (event != CREDITS_SSE_JOIN && event != CREDITS_SSE_ERROR
        && (p < piece || p + n > piece + piece_len))
    {
        outside = 1;
    }

    switch (event) {

    case CREDITS_SSE_OPEN:
        events_len += (size_t) sprintf(dst, "<%zu ",
                                       piece_offset + (size_t) (p - piece));
        break;

    case CREDITS_SSE_LINE:
        events_len += (size_t) sprintf(dst, "|%zu ",
                                       piece_offset + (size_t) (p - piece));
        break;

    case CREDITS_SSE_JOIN:
        *dst = '+';
        events_len++;
        break;

    case CREDITS_SSE_ERROR:
        *dst = '!';
        events_len++;
        break;

    case CREDITS_SSE_DATA:
        memcpy(dst, p, n);
        events_len += n;
        break;

    case CREDITS_SSE_CLOSE:
        events_len += (size_t) sprintf(dst, " %zu>",
                                       piece_offset + (size_t) (p - piece));
        break;

    case CREDITS_SSE_TAIL:
        if (*p != '\n') {
            outside = 1;
        }

        *dst = '~';
        events_len++;
        break;
    }

    events[events_len] = '\0';
}


static void
scan(const char *s, size_t n, size_t first, size_t second, size_t rest)
{
    size_t          i, len;
    credits_sse_t   sse;
    unsigned char  *copy;
    unsigned        count;

    events_len = 0;
    events[0] = '\0';
    outside = 0;
    count = 0;

    credits_sse_init(&sse);

    for (i = 0; i < n; i += len) {
        len = (count == 0) ? first : (count == 1) ? second : rest;
        count++;

        if (len > n - i) {
            len = n - i;
        }

        copy = tap_piece(s + i, len);
        piece = copy;
        piece_len = len;
        piece_offset = i;
        credits_sse_feed(&sse, copy, len, note, NULL);
        free(copy);
    }

    copy = tap_piece("", 0);
    piece = copy;
    piece_len = 0;
    piece_offset = n;
    credits_sse_end(&sse, copy, note, NULL);
    free(copy);
}


static const struct {
    const char  *text, *events, *what;
} cases[] = {
    { "data: a\n\n", "<0 a 9>", "LF" },
    { "data: a\r\n\r\n", "<0 a 10>~", "CRLF" },
    { "data: a\r\r", "<0 a 9>", "CR" },
    { "data: a\r\r\n", "<0 a 9>~", "CR, then CRLF" },
    { "data: a\n\r\n", "<0 a 9>~", "LF, then CRLF" },
    { "data: a\r\n\n", "<0 a 10>", "CRLF, then LF" },
    { "data:a\n\ndata:b\n\n", "<0 a 8><8 b 16>", "no space, two events" },
    { "data:  a \n\n", "<0  a  11>", "only one space goes" },
    { "data: a\ndata: b\n\n", "<0 a|8 +b 17>", "two lines" },
    { "data: a\rdata: b\r\r", "<0 a|8 +b 17>", "two lines with CR" },
    { "data: a\r\ndata: b\r\n\r\n", "<0 a|9 +b 19>~", "two lines with CRLF" },
    { "data: a\r\n\r\ndata: b\r\ndata: c\r\n\r\n",
      "<0 a 10>~<11 b|20 +c 30>~", "two events with CRLF" },
    { "data\n\n", "<0  6>", "no colon" },
    { "data\ndata\n\n", "<0 |5 + 11>", "no colon, twice" },
    { "data:\n\n", "<0  7>", "no data" },
    { "data: \n\n", "<0  8>", "one space" },
    { "data: a\n", "<0 a 8>", "no blank line" },
    { "data: a", "<0 a 7>", "no line end" },
    { "data: a\n\ndata: b", "<0 a 9><9 b 16>", "no line end of the second" },
    { "event: x\nid: 1\nretry: 5\ndata: a\n\n", "<0 a 33>", "other fields" },
    { "event: x\n\n", "<0  10>", "an event without data" },
    { "dat: a\ndatax: b\nDATA: c\n data: d\n\n", "<0  34>", "other names" },
    { "d\nda\ndat\n\n", "<0  10>", "beginnings of the name" },
    { ": comment\n", "", "a comment" },
    { ": comment\n\n\n", "", "a comment and blank lines" },
    { ": c\n\ndata: a\n\n", "<5 a 14>", "a comment before" },
    { ": c\ndata: a\n\n", "<4 a 13>", "a comment right before" },
    { "data: a\n: data: c\ndata: b\n\n", "<0 a|18 +b 27>",
      "a comment within" },
    { ":\r\n\r\ndata: a\r\n\r\n", "<5 a 15>~", "an empty comment" },
    { "\n\n\r\n\rdata: a\n\n", "<5 a 14>", "blank lines before" },
    { "\xef\xbb\xbf" "data: a\n\n", "<0  3><3 a 12>", "byte order mark" },
    { "\xef\xbb\xbf\n: c\n\n", "<0  3>", "byte order mark, then nothing" },
    { "\xef\xbb" "data: a\n\n", "<0  11>", "half a mark is a field" },
    { "\n\xef\xbb\xbf" "data: a\n\n", "<1  13>", "a mark, but not first" },
    { "\xef", "<0  1>", "the beginning of a mark" },
    { "data: \xef\xbb\xbf\n\n", "<0 \xef\xbb\xbf 11>", "a mark as data" },
    { "data: data: x\n\n", "<0 data: x 15>", "the name within" },
    { "{\"a\":1}\n\n", "<0 {\"a\":1} 9>", "a brace is data" },
    { "data: a\n{}\n\n", "<0 a|8 +{} 12>", "a brace on a further line" },
    { "event: error\ndata: a\n\n", "<0 !a 22>", "an error" },
    { "data: a\nevent:  error\r\n\r\n", "<0 a|8 ! 24>~",
      "an error at the end" },
    { "error: x\n\n", "<0 ! 10>", "a field of that name" },
    { "error:\n\n", "<0 ! 8>", "the same, empty" },
    { "event: errors\nevent: erro\nevent: x error\nevent:error x\n\n",
      "<0  56>", "no errors" },
    { "error\nerrors: x\nevents: error\neerror: x\n\n",
      "<0  41>", "other names again" },
    { "", "", "nothing" }
};


static void
test_long_lines(void)
{
    size_t  n;
    char   *text;

    /* line ends around the edge of a search window */

    for (n = CREDITS_SSE_WINDOW - 10; n < CREDITS_SSE_WINDOW + 10; n++) {
        text = malloc(n + 64);
        memcpy(text, "data: ", 6);
        memset(text + 6, 'x', n);
        memcpy(text + 6 + n, "\r\n\r\ndata: y\n\n", 14);

        scan(text, n + 19, n + 19, 1, 1);

        ok(events_len > n && strstr(events, "xx ") != NULL
           && strstr(events, ">~<") != NULL && strstr(events, " y ") != NULL,
           "a line of %zu bytes", n);
        free(text);
    }
}


int
main(void)
{
    int     good;
    size_t  i, n, a, b;
    char    whole[sizeof(events)];

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        n = strlen(cases[i].text);

        scan(cases[i].text, n, n, n, n);
        strcpy(whole, events);

        if (!ok(strcmp(whole, cases[i].events) == 0, "%s", cases[i].what)) {
            printf("#  got %s\n# want %s\n", whole, cases[i].events);
        }

        good = !outside;

        for (a = 1; a <= n; a++) {
            for (b = 1; b <= n; b++) {
                scan(cases[i].text, n, a, b, n);
                good &= (strcmp(events, whole) == 0 && !outside);
            }

            scan(cases[i].text, n, a, a, a);
            good &= (strcmp(events, whole) == 0 && !outside);
        }

        ok(good, "%s: cut anywhere", cases[i].what);
    }

    test_long_lines();

    ok(sizeof(credits_sse_t) <= 16, "%zu bytes", sizeof(credits_sse_t));

    return tap_done();
}
