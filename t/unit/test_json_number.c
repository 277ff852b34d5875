#include "tap.h"

#include "credits_json_number.c"


/* -2: malformed, -1: a number that is not a whole one */

static int64_t
scan(const char *s)
{
    const unsigned char   *p;
    credits_json_number_t  n;

    p = (const unsigned char *) s;
    credits_json_number_init(&n, *p++);

    for ( /* void */ ; *p; p++) {
        if (credits_json_number_next(&n, *p) != 1) {
            return -2;
        }
    }

    return credits_json_number_whole(&n) ? credits_json_number_value(&n) : -2;
}


static int64_t
nanos(const char *s)
{
    credits_json_number_t  n;

    credits_json_number_init(&n, (unsigned char) *s);

    while (*++s) {
        if (credits_json_number_next(&n, (unsigned char) *s) != 1) {
            return -2;
        }
    }

    return credits_json_number_nanos(&n);
}


static const struct {
    const char  *text;
    int64_t      value;
} cases[] = {
    { "0", 0 },
    { "7", 7 },
    { "1234567890", 1234567890 },
    { "9223372036854775807", INT64_MAX },
    { "9223372036854775808", -1 },
    { "18446744073709551616", -1 },
    { "18446744073709551617", -1 },
    { "99999999999999999999999999999999999999999999999999999", -1 },
    { "-0", -1 },
    { "-1", -1 },
    { "0.5", -1 },
    { "1.0", 1 },
    { "10e2", 1000 },
    { "1E+2", 100 },
    { "1e-2", -1 },
    { "0e0", 0 },
    { "0e999999999999", 0 },
    { "100e-2", 1 },
    { "101e-2", -1 },
    { "1.25e2", 125 },
    { "1.25e1", -1 },
    { "12.50e1", 125 },
    { "-1.0", -1 },
    { "100.000000000000000000000000000000000", 100 },
    { "100.000000000000000000000000000000001", -1 },
    { "0.000000000000000000000000000000001e33", 1 },
    { "9223372036854775807.0", INT64_MAX },
    { "9223372036854775807e1", -1 },
    { "922337203685477580.7e1", INT64_MAX },
    { "100000000000000000000000000e-20", 1000000 },
    { "123456789012345678901234567890e-20", -1 },
    { "1000000000000000000000000000001e-30", -1 },
    { "10203.0405e4", 102030405 },
    { "0.0e-5", 0 },
    { "1.25e999", -1 },
    { "-9223372036854775808", -1 },

    { "-", -2 },
    { "00", -2 },
    { "01", -2 },
    { "-01", -2 },
    { "1.", -2 },
    { "1.e1", -2 },
    { "1e", -2 },
    { "1e+", -2 },
    { "1e+-1", -2 },
    { "1ee1", -2 },
    { "1.2.3", -2 },
    { "1e1.5", -2 },
    { "--1", -2 },
    { "0x10", -2 },
    { "1_000", -2 },
    { "-a", -2 },
    { "1 ", -2 }
};


int
main(void)
{
    size_t                 i;
    credits_json_number_t  n;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        is(scan(cases[i].text), cases[i].value, "%s", cases[i].text);
    }

    credits_json_number_init(&n, '0');
    is(credits_json_number_next(&n, '1'), -1, "a digit behind 0");
    credits_json_number_init(&n, '0');
    is(credits_json_number_next(&n, ','), 0, "a comma behind 0");

    is(nanos("0"), 0, "nothing");
    is(nanos("1"), 1000000000, "one");
    is(nanos("0.00234"), 2340000, "a fraction");
    is(nanos("2.34e-3"), 2340000, "the same with an exponent");
    is(nanos("0.0000000001"), 1, "less than one is one");
    is(nanos("1e-300"), 1, "much less as well");
    is(nanos("0.123456789999999999999999999999"), 123456790, "rounded up");
    is(nanos("9223372036.854775807"), INT64_MAX, "the most");
    is(nanos("1e10"), -1, "and above");
    is(nanos("1e300"), -1, "far above");
    is(nanos("-0.1"), -1, "signed");

    return tap_done();
}
