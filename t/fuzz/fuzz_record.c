/*
 * Any bytes: a record that is read is one that could have been written.
 */

#include <stdlib.h>
#include <string.h>

#include "credits_record.h"


int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
    int               len;
    size_t            at;
    unsigned char     again[CREDITS_RECORD_MAX];
    credits_record_t  r;

    for (at = 0; at < n; at++) {
        at += credits_record_resync(p + at, n - at);
        len = credits_record_decode(p + at, n - at, &r);

        if (len > 0
            && (credits_record_encode(&r, again) != (size_t) len
                || memcmp(p + at, again, (size_t) len) != 0))
        {
            abort();
        }
    }

    return 0;
}
