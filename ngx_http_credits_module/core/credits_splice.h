/*
 * Applies byte edits to a body that comes in pieces.
 */

#ifndef CREDITS_SPLICE_H
#define CREDITS_SPLICE_H

#include <stddef.h>
#include <stdint.h>


/* remove `remove` bytes at offset `at` of the original, put `insert` there */
typedef struct {
    uint64_t        at;
    uint64_t        remove;
    unsigned        len;
    unsigned char   insert[64];
} credits_edit_t;

typedef struct {
    const credits_edit_t  *edits;
    unsigned               nedits;
    unsigned               next;
    uint64_t               offset;
    uint64_t               skip;
} credits_splice_t;


/* edits, ascending by offset and not overlapping, must outlive the splice */
void credits_splice_init(credits_splice_t *s, const credits_edit_t *edits,
    unsigned nedits);

/* length of the whole result for a body of `len` bytes */
uint64_t credits_splice_length(const credits_edit_t *edits, unsigned nedits,
    uint64_t len);

/*
 * Copies the edited form of the next n bytes to dst and returns its end; dst
 * must have room for n bytes and all inserts.
 */
unsigned char *credits_splice_feed(credits_splice_t *s, unsigned char *dst,
    const unsigned char *src, size_t n);

#endif /* CREDITS_SPLICE_H */
