/*
 * Well-formed UTF-8, a sequence at a time.
 */

#include "credits_utf8.h"


size_t
credits_utf8_length(const unsigned char *p, const unsigned char *end)
{
    size_t         i, n;
    unsigned char  low, high;

    if (*p < 0x80) {
        return 1;
    }

    n = credits_utf8_follow(*p, &low, &high);

    if (n == 0 || n >= (size_t) (end - p)) {
        return 0;
    }

    for (i = 1; i <= n; i++) {
        if (p[i] < low || p[i] > high) {
            return 0;
        }

        low = 0x80;
        high = 0xbf;
    }

    return n + 1;
}
