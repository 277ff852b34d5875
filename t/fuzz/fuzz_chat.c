/*
 * A request that is accepted is accepted again after its edits, says the same
 * otherwise, and needs no further edit.
 */

#include <stdlib.h>
#include <string.h>

#include "credits_chat.h"


#define LIMIT  1000


static int
scan(credits_chat_t *c, const unsigned char *p, size_t n, size_t cut)
{
    int             rc;
    unsigned char  *piece;

    credits_chat_init(c);

    piece = malloc(cut + 1);
    memcpy(piece, p, cut);
    rc = credits_chat_feed(c, piece, cut);
    free(piece);

    return rc | credits_chat_feed(c, p + cut, n - cut) | credits_chat_end(c);
}


int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
    int                    rc;
    size_t                 len;
    unsigned               count;
    unsigned char         *body, *end;
    credits_edit_t         edits[CREDITS_CHAT_EDITS_MAX];
    credits_splice_t       splice;
    static credits_chat_t  c, again;

    if (n == 0) {
        return 0;
    }

    len = p[0] % n;
    p++;
    n--;

    rc = scan(&c, p, n, len > n ? n : len);

    if (scan(&again, p, n, 0) != rc || credits_chat_error(&c)
                                       != credits_chat_error(&again))
    {
        abort();
    }

    if (rc != 0) {
        return 0;
    }

    count = credits_chat_edits(&c, 1, LIMIT, edits);
    body = malloc(n + CREDITS_CHAT_EDITS_MAX * sizeof(edits[0].insert));

    credits_splice_init(&splice, edits, count);
    end = credits_splice_feed(&splice, body, p, n);
    len = (size_t) (end - body);

    if (len != credits_splice_length(edits, count, n)
        || scan(&again, body, len, 0) != 0
        || credits_chat_edits(&again, 1, LIMIT, edits) != 0
        || again.max_output > LIMIT
        || again.stream != c.stream
        || again.completions != c.completions
        || (c.stream && c.completions && !again.include_usage)
        || again.text_bytes != c.text_bytes
        || again.messages != c.messages
        || again.choices != c.choices
        || again.model_len != c.model_len
        || memcmp(again.model, c.model, c.model_len) != 0)
    {
        abort();
    }

    free(body);

    return 0;
}
