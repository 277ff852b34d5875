#include "tap.h"

#include "credits_json_number.c"


/* -2: malformed, -1: a number that is no plain integer */

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


int
main(void)
{
    size_t                 i;
    credits_json_number_t  n;

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
        { "1.0", -1 },
        { "10e2", -1 },
        { "1E+2", -1 },
        { "1e-2", -1 },
        { "0e0", -1 },
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

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        is(scan(cases[i].text), cases[i].value, "%s", cases[i].text);
    }

    credits_json_number_init(&n, '0');
    is(credits_json_number_next(&n, '1'), -1, "a digit behind 0");
    credits_json_number_init(&n, '0');
    is(credits_json_number_next(&n, ','), 0, "a comma behind 0");

    return tap_done();
}
