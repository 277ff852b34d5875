#include "tap.h"

#include "credits_uuid.c"


static void
test_uuid(void)
{
    char           text[CREDITS_UUID_TEXT_LEN + 1];
    unsigned char  id[CREDITS_UUID_LEN], later[CREDITS_UUID_LEN];

    /* the example of RFC 9562, appendix A.6 */

    static const unsigned char  random[10] = {
        0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f
    };

    static const unsigned char  ones[10] = {
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff
    };

    credits_uuid(id, 0x017f22e279b0, random);
    credits_uuid_text(id, text);
    ok(strcmp(text, "017f22e2-79b0-7cc3-98c4-dc0c0c07398f") == 0,
       "RFC 9562's example: %s", text);

    credits_uuid(id, 1795348619118, ones);
    credits_uuid(later, 1795348619119, random);
    ok(memcmp(id, later, sizeof(id)) < 0, "ordered by time");
}


/* no ten bytes come twice, over several fillings of the pool */

static void
test_random(void)
{
    int            i, k, failed, same;
    unsigned char  random[3 * CREDITS_UUID_POOL][CREDITS_UUID_RANDOM];

    failed = 0;
    same = 0;

    for (i = 0; i < 3 * CREDITS_UUID_POOL; i++) {
        failed |= credits_uuid_random(random[i]);

        for (k = 0; k < i; k++) {
            same |= memcmp(random[i], random[k], CREDITS_UUID_RANDOM) == 0;
        }
    }

    ok(!failed && !same, "random bytes are given out once");
}


int
main(void)
{
    test_uuid();
    test_random();

    return tap_done();
}
