/*
 * Request ids.
 */

#include <string.h>

#include <openssl/err.h>
#include <openssl/rand.h>

#include "credits_uuid.h"


#define CREDITS_UUID_POOL  64       /* ids */


/* the layout is RFC 9562's, section 5.7 */

void
credits_uuid(unsigned char id[CREDITS_UUID_LEN], int64_t msec,
    const unsigned char random[CREDITS_UUID_RANDOM])
{
    int  i;

    for (i = 5; i >= 0; i--) {
        id[i] = (unsigned char) msec;
        msec >>= 8;
    }

    memcpy(id + 6, random, CREDITS_UUID_RANDOM);

    id[6] = (unsigned char) (0x70 | (id[6] & 0x0f));
    id[8] = (unsigned char) (0x80 | (id[8] & 0x3f));
}


/* libcrypto takes longer for its call than for the bytes of many ids */

int
credits_uuid_random(unsigned char random[CREDITS_UUID_RANDOM])
{
    static size_t         left;
    static unsigned char  pool[CREDITS_UUID_POOL * CREDITS_UUID_RANDOM];

    if (left == 0) {
        if (RAND_bytes(pool, sizeof(pool)) != 1) {
            ERR_clear_error();
            return -1;
        }

        left = sizeof(pool);
    }

    left -= CREDITS_UUID_RANDOM;
    memcpy(random, pool + left, CREDITS_UUID_RANDOM);

    return 0;
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
