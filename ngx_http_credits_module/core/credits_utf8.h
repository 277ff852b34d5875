/*
 * Well-formed UTF-8: RFC 3629, section 4.
 */

#ifndef CREDITS_UTF8_H
#define CREDITS_UTF8_H

#include <stddef.h>


/*
 * How a sequence goes on whose first byte is c, not an ASCII one.  Returns how
 * many bytes follow, the first of them in *low..*high, all others in
 * 0x80..0xbf; or 0 when no sequence begins with c.
 */

static inline unsigned
credits_utf8_follow(unsigned char c, unsigned char *low, unsigned char *high)
{
    *low = (c == 0xe0) ? 0xa0 : (c == 0xf0) ? 0x90 : 0x80;
    *high = (c == 0xed) ? 0x9f : (c == 0xf4) ? 0x8f : 0xbf;

    return (c < 0xc2) ? 0
           : (c < 0xe0) ? 1
           : (c < 0xf0) ? 2
           : (c < 0xf5) ? 3 : 0;
}


/* bytes of the sequence at p, which is below end; 0: it is not well-formed */
size_t credits_utf8_length(const unsigned char *p, const unsigned char *end);

#endif /* CREDITS_UTF8_H */
