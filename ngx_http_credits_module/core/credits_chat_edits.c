/*
 * The request: the bytes that must change in it.
 */

#include <stdio.h>
#include <string.h>

#include "credits_chat.h"


static void credits_chat_edit_options(const credits_chat_t *c,
    credits_edit_t *edits, unsigned *n);
static void credits_chat_edit_limits(const credits_chat_t *c, int64_t limit,
    credits_edit_t *edits, unsigned *n);
static void credits_chat_edit(credits_edit_t *edits, unsigned *n, uint64_t at,
    uint64_t remove, const char *insert);


static const char *const  credits_chat_limit_names[CREDITS_CHAT_LIMITS] = {
    [CREDITS_CHAT_MAX_TOKENS] = "max_tokens",
    [CREDITS_CHAT_MAX_COMPLETION] = "max_completion_tokens",
    [CREDITS_CHAT_MAX_OUTPUT] = "max_output_tokens"
};


unsigned
credits_chat_edits(const credits_chat_t *c, int force_usage, int64_t limit,
    credits_edit_t edits[CREDITS_CHAT_EDITS_MAX])
{
    unsigned  n;

    n = 0;

    if (force_usage && c->stream && c->completions) {
        credits_chat_edit_options(c, edits, &n);
    }

    if (limit >= 0) {
        if (limit > CREDITS_CHAT_OUTPUT_MAX) {
            limit = CREDITS_CHAT_OUTPUT_MAX;
        }

        credits_chat_edit_limits(c, limit, edits, &n);
    }

    return n;
}


static void
credits_chat_edit_options(const credits_chat_t *c, credits_edit_t *edits,
    unsigned *n)
{
    const credits_chat_member_t  *options, *include;

    options = &c->options;
    include = &c->include;

    switch (options->state) {

    case CREDITS_CHAT_ABSENT:

        /* there is a member behind it: "stream" */

        credits_chat_edit(edits, n, c->body_begin + 1, 0,
                          "\"stream_options\":{\"include_usage\":true},");
        break;

    case CREDITS_CHAT_NULL:
        credits_chat_edit(edits, n, options->begin,
                          options->end - options->begin,
                          "{\"include_usage\":true}");
        break;

    case CREDITS_CHAT_SET:
        if (include->state == CREDITS_CHAT_ABSENT) {
            credits_chat_edit(edits, n, options->begin + 1, 0,
                              c->options_empty ? "\"include_usage\":true"
                                               : "\"include_usage\":true,");

        } else if (!c->include_usage) {
            credits_chat_edit(edits, n, include->begin,
                              include->end - include->begin, "true");
        }

        break;
    }
}


static void
credits_chat_edit_limits(const credits_chat_t *c, int64_t limit,
    credits_edit_t *edits, unsigned *n)
{
    char                          text[64];
    unsigned                      i, own;
    const credits_chat_member_t  *member;

    own = c->responses ? CREDITS_CHAT_MAX_OUTPUT
          : c->legacy ? CREDITS_CHAT_MAX_TOKENS : CREDITS_CHAT_MAX_COMPLETION;

    for (i = 0; i < CREDITS_CHAT_LIMITS; i++) {
        member = &c->limits[i];

        if ((member->state == CREDITS_CHAT_SET && member->value > limit)
            || (member->state == CREDITS_CHAT_NULL
                && i == own && c->max_output < 0))
        {
            (void) snprintf(text, sizeof(text), "%lld", (long long) limit);
            credits_chat_edit(edits, n, member->begin,
                              member->end - member->begin, text);
        }
    }

    if (c->max_output < 0 && c->limits[own].state == CREDITS_CHAT_ABSENT) {
        (void) snprintf(text, sizeof(text), "\"%s\":%lld%s",
                        credits_chat_limit_names[own], (long long) limit,
                        c->body_empty ? "" : ",");
        credits_chat_edit(edits, n, c->body_begin + 1, 0, text);
    }
}


/* keeps the edits in order */

static void
credits_chat_edit(credits_edit_t *edits, unsigned *n, uint64_t at,
    uint64_t remove, const char *insert)
{
    unsigned         i;
    credits_edit_t  *edit;

    for (i = *n; i > 0 && edits[i - 1].at > at; i--) {
        edits[i] = edits[i - 1];
    }

    (*n)++;

    edit = &edits[i];
    edit->at = at;
    edit->remove = remove;
    edit->len = (unsigned) strlen(insert);
    memcpy(edit->insert, insert, edit->len);
}


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
