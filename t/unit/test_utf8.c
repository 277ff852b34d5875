#include "tap.h"

#include "credits_utf8.c"


/* the sequence of a code point, or what it would be if there were one */

static size_t
encode(unsigned code, unsigned char *p)
{
    if (code < 0x80) {
        p[0] = (unsigned char) code;
        return 1;
    }

    if (code < 0x800) {
        p[0] = (unsigned char) (0xc0 | code >> 6);
        p[1] = (unsigned char) (0x80 | (code & 0x3f));
        return 2;
    }

    if (code < 0x10000) {
        p[0] = (unsigned char) (0xe0 | code >> 12);
        p[1] = (unsigned char) (0x80 | (code >> 6 & 0x3f));
        p[2] = (unsigned char) (0x80 | (code & 0x3f));
        return 3;
    }

    p[0] = (unsigned char) (0xf0 | code >> 18);
    p[1] = (unsigned char) (0x80 | (code >> 12 & 0x3f));
    p[2] = (unsigned char) (0x80 | (code >> 6 & 0x3f));
    p[3] = (unsigned char) (0x80 | (code & 0x3f));
    return 4;
}


static void
test_code_points(void)
{
    int            good, cut;
    size_t         i, n, want;
    unsigned       code;
    unsigned char  p[5];

    good = 1;
    cut = 1;

    for (code = 0; code < 0x110000 + 0x1000; code++) {
        n = encode(code, p);
        p[n] = 'x';
        want = (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) ? 0 : n;

        good &= (credits_utf8_length(p, p + n + 1) == want);

        for (i = 1; i < n; i++) {
            cut &= (credits_utf8_length(p, p + i) == 0);
        }
    }

    ok(good, "each code point but the surrogates");
    ok(cut, "none of them cut short");
}


/* of all two bytes, what is well-formed are the 0x780 of RFC 3629 and ASCII */

static void
test_pairs(void)
{
    unsigned       a, b, ones, twos;
    unsigned char  p[2];

    ones = 0;
    twos = 0;

    for (a = 0; a < 256; a++) {
        for (b = 0; b < 256; b++) {
            p[0] = (unsigned char) a;
            p[1] = (unsigned char) b;

            ones += (credits_utf8_length(p, p + 2) == 1);
            twos += (credits_utf8_length(p, p + 2) == 2);
        }
    }

    is(ones, 128 * 256, "ASCII");
    is(twos, 0x780, "two bytes");
}


static void
test_overlong(void)
{
    size_t  i;

    static const struct {
        const char  *bytes;
        size_t       want;
    } cases[] = {
        { "\xc1\xbf", 0 }, { "\xc2\x80", 2 },
        { "\xe0\x9f\xbf", 0 }, { "\xe0\xa0\x80", 3 },
        { "\xf0\x8f\xbf\xbf", 0 }, { "\xf0\x90\x80\x80", 4 }
    };

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const unsigned char  *p = (const unsigned char *) cases[i].bytes;

        is(credits_utf8_length(p, p + strlen(cases[i].bytes)), cases[i].want,
           "the shortest form only, %zu", i);
    }
}


int
main(void)
{
    test_code_points();
    test_pairs();
    test_overlong();

    return tap_done();
}
