/*
 * Applies byte edits to a body.
 */

#include <string.h>

#include "credits_splice.h"


void
credits_splice_init(credits_splice_t *s, const credits_edit_t *edits,
    unsigned nedits)
{
    s->edits = edits;
    s->nedits = nedits;
    s->next = 0;
    s->offset = 0;
    s->skip = 0;
}


uint64_t
credits_splice_length(const credits_edit_t *edits, unsigned nedits,
    uint64_t len)
{
    unsigned  i;

    for (i = 0; i < nedits; i++) {
        len += edits[i].len;
        len -= edits[i].remove;
    }

    return len;
}


unsigned char *
credits_splice_feed(credits_splice_t *s, unsigned char *dst,
    const unsigned char *src, size_t n)
{
    size_t                 run;
    const credits_edit_t  *edit;

    while (n) {

        while (s->next < s->nedits && s->edits[s->next].at == s->offset) {
            edit = &s->edits[s->next++];
            memcpy(dst, edit->insert, edit->len);
            dst += edit->len;
            s->skip += edit->remove;
        }

        run = n;

        if (s->skip) {
            if (run > s->skip) {
                run = (size_t) s->skip;
            }

            s->skip -= run;

        } else {
            if (s->next < s->nedits
                && run > s->edits[s->next].at - s->offset)
            {
                run = (size_t) (s->edits[s->next].at - s->offset);
            }

            memcpy(dst, src, run);
            dst += run;
        }

        src += run;
        n -= run;
        s->offset += run;
    }

    return dst;
}
