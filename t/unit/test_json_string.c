#include "tap.h"

#include "credits_json_string.c"


/*
 * Reads what follows an opening quote, the first piece `cut` bytes long.
 * Returns the decoded length, or -1: refused, -2: no end.
 */

static int
scan(const char *s, size_t n, size_t cut, int strict, unsigned char *out)
{
    size_t                 i, len, total;
    unsigned char         *copy[2];
    const unsigned char   *p, *end, *text;
    credits_string_rc_t    rc;
    credits_json_string_t  string;

    copy[0] = tap_piece(s, cut);
    copy[1] = tap_piece(s + cut, n - cut);
    total = 0;
    rc = CREDITS_STRING_MORE;

    credits_json_string_init(&string, strict);

    for (i = 0; i < 2 && rc == CREDITS_STRING_MORE; i++) {
        p = copy[i];
        end = p + (i ? n - cut : cut);

        while (p < end && rc == CREDITS_STRING_MORE) {
            rc = credits_json_string_next(&string, &p, end, &text, &len);

            if (rc == CREDITS_STRING_MORE || rc == CREDITS_STRING_END) {
                memcpy(out + total, text, len);
                total += len;
            }
        }
    }

    free(copy[0]);
    free(copy[1]);

    return (rc == CREDITS_STRING_END) ? (int) total
           : (rc == CREDITS_STRING_MORE) ? -2 : -1;
}


static const struct {
    const char  *text;
    const char  *strict;        /* NULL: refused */
    const char  *lenient;
} cases[] = {
    { "\"", "", "" },
    { "abc\"", "abc", "abc" },
    { "\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t", "\"\\/\b\f\n\r\t" },
    { "\\u0041\\u00e9\\u4f60\"", "A\303\251\344\275\240",
      "A\303\251\344\275\240" },
    { "\\uD83D\\uDE00\"", "\360\237\230\200", "\360\237\230\200" },
    { "\\ud800\\udc00\\udbff\\udfff\"", "\360\220\200\200\364\217\277\277",
      "\360\220\200\200\364\217\277\277" },
    { "\\u007f\\u0080\\u07ff\\u0800\\uffff\"",
      "\177\302\200\337\277\340\240\200\357\277\277",
      "\177\302\200\337\277\340\240\200\357\277\277" },

    /* surrogates without their other half */
    { "\\ud83d\"", "\357\277\275", "\357\277\275" },
    { "\\ud83dx\"", "\357\277\275x", "\357\277\275x" },
    { "\\ud83d\\n\"", "\357\277\275\n", "\357\277\275\n" },
    { "\\ud83d\\u0041\"", "\357\277\275A", "\357\277\275A" },
    { "\\ud83d\\ud83d\\ude00\"", "\357\277\275\360\237\230\200",
      "\357\277\275\360\237\230\200" },
    { "\\ude00\\ud83d\"", "\357\277\275\357\277\275",
      "\357\277\275\357\277\275" },

    /* well-formed UTF-8 */
    { "\302\200\337\277\"", "\302\200\337\277", "\302\200\337\277" },
    { "\340\240\200\355\237\277\356\200\200\"",
      "\340\240\200\355\237\277\356\200\200",
      "\340\240\200\355\237\277\356\200\200" },
    { "\360\220\200\200\364\217\277\277\"",
      "\360\220\200\200\364\217\277\277", "\360\220\200\200\364\217\277\277" },
    { "a\303\251b\344\275\240c\"", "a\303\251b\344\275\240c",
      "a\303\251b\344\275\240c" },

    /* and not */
    { "\200\"", NULL, "\200" },
    { "\300\200\"", NULL, "\300\200" },
    { "\301\277\"", NULL, "\301\277" },
    { "\303\"", NULL, "\303" },
    { "\303a\"", NULL, "\303a" },
    { "\303\\n\"", NULL, "\303\n" },
    { "\340\237\277\"", NULL, "\340\237\277" },
    { "\344\275\"", NULL, "\344\275" },
    { "\355\240\200\"", NULL, "\355\240\200" },
    { "\360\217\277\277\"", NULL, "\360\217\277\277" },
    { "\364\220\200\200\"", NULL, "\364\220\200\200" },
    { "\365\200\200\200\"", NULL, "\365\200\200\200" },
    { "\377\"", NULL, "\377" },

    /* bad escapes and raw control characters */
    { "\\x41\"", NULL, NULL },
    { "\\a\"", NULL, NULL },
    { "\\'\"", NULL, NULL },
    { "\\U0041\"", NULL, NULL },
    { "\\u004\"", NULL, NULL },
    { "\\u00g1\"", NULL, NULL },
    { "\\u+041\"", NULL, NULL },
    { "a\nb\"", NULL, NULL },
    { "a\tb\"", NULL, NULL },
    { "\001\"", NULL, NULL },
    { "\037\"", NULL, NULL }
};


/* each byte at each place among plain ones, which are looked at in eights */

static int
stops(int c, size_t at, size_t n, int strict)
{
    int            want;
    char           text[32];
    unsigned char  out[32];

    memset(text, 'n', n);
    text[at] = (char) c;
    text[n] = '"';

    want = (c == '"') ? (int) at
           : (c == '\\') ? (int) n - 1        /* \\n, a line feed */
           : (c < 0x20 || (strict && c >= 0x80)) ? -1 : (int) n;

    return scan(text, n + 1, 0, strict, out) == want;
}


static void
test_places(void)
{
    int     c, good, strict;
    size_t  at;

    for (strict = 0; strict < 2; strict++) {
        good = 1;

        for (c = 0; c < 256; c++) {
            for (at = 0; at < 18; at++) {
                good &= stops(c, at, 19, strict);
            }
        }

        ok(good, "each byte at each place%s", strict ? ", strict" : "");
    }
}


int
main(void)
{
    int            rc, good, len;
    size_t         i, n, cut;
    unsigned       strict;
    const char    *want;
    unsigned char  out[64];

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (strict = 0; strict <= 1; strict++) {

            want = strict ? cases[i].strict : cases[i].lenient;
            len = want ? (int) strlen(want) : -1;
            n = strlen(cases[i].text);
            good = 1;

            for (cut = 0; cut <= n; cut++) {
                rc = scan(cases[i].text, n, cut, (int) strict, out);

                if (rc != len || (len > 0 && memcmp(out, want, (size_t) len)))
                {
                    good = 0;
                }
            }

            ok(good, "string %zu%s, cut anywhere", i,
               strict ? ", strict" : "");
        }
    }

    is(scan("a\0b\"", 4, 0, 0, out), -1, "a raw NUL");
    is(scan("a\\u0000b\"", 9, 0, 1, out), 3, "an escaped NUL");
    ok(memcmp(out, "a\0b", 3) == 0, "is a byte like any other");
    is(scan("abc", 3, 0, 1, out), -2, "no end");
    is(scan("abc\\", 4, 0, 1, out), -2, "no end of an escape");
    is(scan("\177\"", 2, 0, 1, out), 1, "DEL is allowed");
    test_places();

    return tap_done();
}
