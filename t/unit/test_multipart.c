#include "tap.h"

#include "credits_multipart.c"


#define HEAD  "--b\r\nContent-Disposition: form-data; name=\"a\""
#define CD    "Content-Disposition: form-data; name=\"a\""


typedef struct {
    char     said[4096];
    size_t   len;
    int      stop;
} parts_t;


/* "name=value;", and "name@value;" of a file */

static int
handle(void *data, const credits_multipart_t *m)
{
    parts_t  *parts;

    parts = data;

    parts->len += (size_t) snprintf(parts->said + parts->len,
                                    sizeof(parts->said) - parts->len,
                                    "%.*s%c%.*s;", (int) m->name_len, m->name,
                                    m->file ? '@' : '=',
                                    (m->size > CREDITS_MULTIPART_VALUE_MAX)
                                    ? 3 : (int) m->size,
                                    (m->size > CREDITS_MULTIPART_VALUE_MAX)
                                    ? "..." : (const char *) m->value);

    return parts->stop ? -1 : 0;
}


static int
scan(parts_t *parts, const char *boundary, const char *body, size_t n,
    size_t cut)
{
    int                   rc;
    unsigned char        *copy;
    credits_span_t        span;
    credits_multipart_t   m;

    span.data = (const unsigned char *) boundary;
    span.len = strlen(boundary);
    parts->len = 0;
    parts->said[0] = '\0';

    credits_multipart_init(&m, span, handle);

    copy = tap_piece(body, cut);
    rc = credits_multipart_feed(&m, parts, copy, cut);
    free(copy);

    copy = tap_piece(body + cut, n - cut);
    rc |= credits_multipart_feed(&m, parts, copy, n - cut);
    free(copy);

    return rc | credits_multipart_end(&m);
}


static const struct {
    const char  *boundary, *body;
    const char  *want;          /* NULL: malformed */
} cases[] = {
    { "b", HEAD "\r\n\r\nx\r\n--b--", "a=x;" },
    { "b", HEAD "\r\n\r\nx\r\n--b--\r\n", "a=x;" },
    { "b", HEAD "\r\n\r\n\r\n--b--", "a=;" },
    { "b", HEAD "; filename=\"f.wav\"\r\nContent-Type: audio/wav\r\n\r\n"
      "-x-\r\n-\r\n--\r\n--x\r\r\n\n--b--", NULL },
    { "b", HEAD "; filename=\"f.wav\"\r\nContent-Type: audio/wav\r\n\r\n"
      "-x-\r\n-\r\n--\r\n--x\r\r\n--b--", "a@-x-\r\n-\r\n--\r\n--x\r;" },
    { "b", HEAD "\r\n\r\nx\r\n" HEAD "\r\n\r\ny\r\n--b--", "a=x;a=y;" },
    { "--b", "----b\r\n" CD "\r\n\r\n-----\r\n-\r\n----b--", "a=-----\r\n-;" },
    { "--b", "----b\r\n" CD "\r\n\r\n\r\n-----b--", NULL },
    { "bab", "--bab\r\n" CD "\r\n\r\nx--ba--ba\r\n--bab--", "a=x--ba--ba;" },
    { "b", "--b\r\nCONTENT-DISPOSITION:Form-Data;Name=a;FileName=\"\"\r\n"
      "X-Other: 1\r\n\r\nx\r\n--b--", "a@x;" },
    { "b", "--b\r\nX-Other:\r\n" CD "; filename*=utf-8''f\r\n\r\n\r\n--b--",
      "a@;" },
    { "b", HEAD "; filename=\"C:\\f; name=c\"; size=1\r\n\r\n\r\n--b--",
      "a@;" },
    { "b", HEAD "\r\nContent-Type: text/plain; charset=UTF-8\r\n"
      "Content-Transfer-Encoding: 8bit\r\n\r\nx\r\n--b--", "a=x;" },
    { "b", HEAD "; filename=f\r\nContent-Type: text/plain; charset=utf-16"
      "\r\n\r\nx\r\n--b--", "a@x;" },
    { "b", "--b--", "" },

    /* what stands before, between and behind */

    { "b", "", NULL },
    { "b", "\r\n" HEAD "\r\n\r\nx\r\n--b--", NULL },
    { "b", "x" HEAD "\r\n\r\nx\r\n--b--", NULL },
    { "b", HEAD "\r\n\r\nx\r\n--b", NULL },
    { "b", HEAD "\r\n\r\nx\r\n--b-", NULL },
    { "b", HEAD "\r\n\r\nx\r\n--b\r\n", NULL },
    { "b", HEAD "\r\n\r\nx", NULL },
    { "b", HEAD "\r\n", NULL },
    { "b", HEAD "\r\n\r\nx\r\n--b--x", NULL },
    { "b", HEAD "\r\n\r\nx\r\n--b--\r", NULL },
    { "b", HEAD "\r\n\r\nx\r\n--b--\r\nx", NULL },
    { "b", HEAD "\r\n\r\nx\r\n--b --", NULL },
    { "b", HEAD "\r\n\r\nx\r\n--bx\r\n\r\n--b--", NULL },
    { "b", HEAD "\r\n\r\nx\n--b--", NULL },
    { "b", HEAD "\r\n\r\nx--b--", NULL },
    { "b", HEAD "\r\n\r\n--b--", NULL },
    { "b", "--b\n" CD "\n\nx\n--b--", NULL },

    /* headers */

    { "b", "--b\r\n\r\nx\r\n--b--", NULL },
    { "b", "--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--", NULL },
    { "b", HEAD "\r\n" CD "\r\n\r\nx\r\n--b--", NULL },
    { "b", HEAD "\r\n x\r\n\r\nx\r\n--b--", NULL },
    { "b", HEAD "\r\nX Other: 1\r\n\r\nx\r\n--b--", NULL },
    { "b", HEAD "\r\n: 1\r\n\r\nx\r\n--b--", NULL },
    { "b", HEAD "\r\nother\r\n\r\nx\r\n--b--", NULL },
    { "b", HEAD "\n\r\n\r\nx\r\n--b--", NULL },
    { "b", HEAD "\r\nX: \001\r\n\r\nx\r\n--b--", NULL },
    { "b", HEAD "; name=\"b\"\r\n\r\nx\r\n--b--", NULL },
    { "b", HEAD "; NAME=b\r\n\r\nx\r\n--b--", NULL },
    { "b", HEAD "; name*=utf-8''b\r\n\r\nx\r\n--b--", NULL },
    { "b", HEAD "; filename=f; filename=g\r\n\r\nx\r\n--b--", NULL },
    { "b", HEAD "; filename=\"f\\\"; x=\"\r\n\r\nx\r\n--b--", NULL },
    { "b", HEAD "; filename=\"f\\\"; x=\"y\"\r\n\r\nx\r\n--b--", NULL },
    { "b", HEAD "; filename=\"f\r\n\r\nx\r\n--b--", NULL },
    { "b", HEAD "; filename\r\n\r\nx\r\n--b--", NULL },
    { "b", HEAD "; filename =f\r\n\r\nx\r\n--b--", NULL },
    { "b", HEAD "x\r\n\r\nx\r\n--b--", NULL },
    { "b", "--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--", NULL },
    { "b", "--b\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n--b--",
      NULL },
    { "b", "--b\r\nContent-Disposition: form-data; name=\"\"\r\n\r\n\r\n--b--",
      NULL },
    { "b", "--b\r\nContent-Disposition: form-data; name=\"%61\"\r\n\r\n\r\n"
      "--b--", NULL },
    { "b", "--b\r\nContent-Disposition: form-data; name=\"\\a\"\r\n\r\n\r\n"
      "--b--", NULL },
    { "b", HEAD "\r\nContent-Transfer-Encoding: base64\r\n\r\nx\r\n--b--",
      NULL },
    { "b", HEAD "\r\nContent-Type: text/plain; charset=utf-16\r\n\r\nx\r\n"
      "--b--", NULL },
    { "b", HEAD "\r\nContent-Type: text/plain; charset=utf-8x\r\n\r\nx\r\n"
      "--b--", NULL }
};


static void
test_cases(void)
{
    int      rc, good;
    size_t   i, n, cut;
    parts_t  parts;

    parts.stop = 0;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        n = strlen(cases[i].body);
        good = 1;

        for (cut = 0; cut <= n; cut++) {
            rc = scan(&parts, cases[i].boundary, cases[i].body, n, cut);

            good &= cases[i].want
                    ? rc == 0 && strcmp(parts.said, cases[i].want) == 0
                    : rc == -1;
        }

        if (!ok(good, "case %zu", i)) {
            printf("# %d: %s\n", rc, parts.said);
        }
    }
}


static void
test_limits(void)
{
    char     body[2000];
    size_t   n;
    parts_t  parts;

    parts.stop = 0;

    n = (size_t) sprintf(body, HEAD "; filename=\"%0459d\"\r\n\r\n\r\n--b--",
                         7);
    is(scan(&parts, "b", body, n, 7), 0, "a header of 512 bytes");
    n = (size_t) sprintf(body, HEAD "; filename=\"%0460d\"\r\n\r\n\r\n--b--",
                         7);
    is(scan(&parts, "b", body, n, 7), -1, "a header of 513 bytes");

    n = (size_t) sprintf(body, "--b\r\nContent-Disposition: form-data; name="
                         "\"%064d\"\r\n\r\n\r\n--b--", 7);
    is(scan(&parts, "b", body, n, 7), 0, "a name of 64 bytes");
    n = (size_t) sprintf(body, "--b\r\nContent-Disposition: form-data; name="
                         "\"%065d\"\r\n\r\n\r\n--b--", 7);
    is(scan(&parts, "b", body, n, 7), -1, "a name of 65 bytes");

    n = (size_t) sprintf(body, HEAD "\r\n\r\n%01000d\r\n--b--", 7);
    is(scan(&parts, "b", body, n, 700), 0, "a long value");
    ok(strcmp(parts.said, "a=...;") == 0, "is not kept");

    parts.stop = 1;
    n = (size_t) sprintf(body, HEAD "\r\n\r\nx\r\n--b--");
    is(scan(&parts, "b", body, n, 7), -1, "stopped");

    is(scan(&parts, "", "----", 4, 0), -1, "no boundary");
}


int
main(void)
{
    test_cases();
    test_limits();

    return tap_done();
}
