/*
 * Request ids: UUIDs, in bytes and as text.
 */

#ifndef CREDITS_UUID_H
#define CREDITS_UUID_H

#include <stdint.h>


#define CREDITS_UUID_LEN        16
#define CREDITS_UUID_TEXT_LEN   36


/* an id of version 7, which sorts by time; msec counts since the epoch */
void credits_uuid(unsigned char id[CREDITS_UUID_LEN], int64_t msec,
    const unsigned char random[10]);

/* the id in lower-case hex, with dashes and a NUL */
void credits_uuid_text(const unsigned char id[CREDITS_UUID_LEN],
    char text[CREDITS_UUID_TEXT_LEN + 1]);

#endif /* CREDITS_UUID_H */
