/*
 * Request ids: UUIDs, in bytes and as text.
 */

#ifndef CREDITS_UUID_H
#define CREDITS_UUID_H

#include <stdint.h>


#define CREDITS_UUID_LEN        16
#define CREDITS_UUID_TEXT_LEN   36
#define CREDITS_UUID_RANDOM     10


/* an id of version 7, which sorts by time; msec counts since the epoch */
void credits_uuid(unsigned char id[CREDITS_UUID_LEN], int64_t msec,
    const unsigned char random[CREDITS_UUID_RANDOM]);

/*
 * 0, or -1 when libcrypto failed, and random is not set.  Bytes are kept for
 * later calls, so a process that has called it must not fork into one that
 * does.
 */
int credits_uuid_random(unsigned char random[CREDITS_UUID_RANDOM]);

/* the id in lower-case hex, with dashes and a NUL */
void credits_uuid_text(const unsigned char id[CREDITS_UUID_LEN],
    char text[CREDITS_UUID_TEXT_LEN + 1]);

#endif /* CREDITS_UUID_H */
