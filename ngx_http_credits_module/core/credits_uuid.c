/*
 * Request ids.
 */

#include <string.h>

#include "credits_uuid.h"


/* the layout is RFC 9562's, section 5.7 */

void
credits_uuid(unsigned char id[CREDITS_UUID_LEN], int64_t msec,
    const unsigned char random[10])
{
    int  i;

    for (i = 5; i >= 0; i--) {
        id[i] = (unsigned char) msec;
        msec >>= 8;
    }

    memcpy(id + 6, random, 10);

    id[6] = (unsigned char) (0x70 | (id[6] & 0x0f));
    id[8] = (unsigned char) (0x80 | (id[8] & 0x3f));
}


void
credits_uuid_text(const unsigned char id[CREDITS_UUID_LEN],
    char text[CREDITS_UUID_TEXT_LEN + 1])
{
    int                i;
    static const char  hex[] = "0123456789abcdef";

    for (i = 0; i < CREDITS_UUID_LEN; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            *text++ = '-';
        }

        *text++ = hex[id[i] >> 4];
        *text++ = hex[id[i] & 0x0f];
    }

    *text = '\0';
}
