/*
 * Request ids: UUIDs, in bytes and as text.
 */

#ifndef CREDITS_UUID_H
#define CREDITS_UUID_H

#include <stdint.h>


#define CREDITS_UUID_LEN        16
#define CREDITS_UUID_TEXT_LEN   36


/* version 7: ordered by time; random: 10 bytes, msec: since the epoch */
void credits_uuid(unsigned char id[CREDITS_UUID_LEN], int64_t msec,
    const unsigned char random[10]);
void credits_uuid_text(const unsigned char id[CREDITS_UUID_LEN],
    char text[CREDITS_UUID_TEXT_LEN + 1]);

#endif /* CREDITS_UUID_H */
