/*
 * The request: the bytes that must change in it.
 */

#include <stdio.h>
#include <string.h>

#include "credits_request_edits.h"


static void credits_request_edits_options(const credits_request_t *r,
    credits_edit_t *edits, unsigned *n);
static void credits_request_edits_limits(const credits_request_t *r,
    int64_t limit, credits_edit_t *edits, unsigned *n);
static void credits_request_edits_insert(credits_edit_t *edits, unsigned *n,
    uint64_t at, uint64_t remove, const char *insert);


static const char *const
    credits_request_edits_names[CREDITS_REQUEST_LIMITS] =
{
    [CREDITS_REQUEST_MAX_TOKENS] = "max_tokens",
    [CREDITS_REQUEST_MAX_COMPLETION] = "max_completion_tokens",
    [CREDITS_REQUEST_MAX_OUTPUT] = "max_output_tokens"
};


unsigned
credits_request_edits(const credits_request_t *r, int force_usage,
    int64_t limit, credits_edit_t edits[CREDITS_REQUEST_EDITS_MAX])
{
    unsigned  n;

    n = 0;

    if (force_usage && r->stream && r->completions) {
        credits_request_edits_options(r, edits, &n);
    }

    if (limit >= 0) {
        if (limit > CREDITS_REQUEST_OUTPUT_MAX) {
            limit = CREDITS_REQUEST_OUTPUT_MAX;
        }

        credits_request_edits_limits(r, limit, edits, &n);
    }

    return n;
}


static void
credits_request_edits_options(const credits_request_t *r,
    credits_edit_t *edits, unsigned *n)
{
    const credits_request_member_t  *options, *include;

    options = &r->options;
    include = &r->include;

    switch (options->state) {

    case CREDITS_REQUEST_ABSENT:

        /* a member follows: "stream" is there */

        credits_request_edits_insert(edits, n, r->body_begin + 1, 0,
                                     "\"stream_options\":"
                                     "{\"include_usage\":true},");
        break;

    case CREDITS_REQUEST_NULL:
        credits_request_edits_insert(edits, n, options->begin,
                                     options->end - options->begin,
                                     "{\"include_usage\":true}");
        break;

    case CREDITS_REQUEST_SET:
        if (include->state == CREDITS_REQUEST_ABSENT) {
            credits_request_edits_insert(edits, n, options->begin + 1, 0,
                                         r->options_empty
                                         ? "\"include_usage\":true"
                                         : "\"include_usage\":true,");

        } else if (!r->include_usage) {
            credits_request_edits_insert(edits, n, include->begin,
                                         include->end - include->begin,
                                         "true");
        }

        break;
    }
}


static void
credits_request_edits_limits(const credits_request_t *r, int64_t limit,
    credits_edit_t *edits, unsigned *n)
{
    char                             text[64];
    unsigned                         i, own;
    const credits_request_member_t  *member;

    own = r->responses ? CREDITS_REQUEST_MAX_OUTPUT
          : r->legacy ? CREDITS_REQUEST_MAX_TOKENS
          : CREDITS_REQUEST_MAX_COMPLETION;

    for (i = 0; i < CREDITS_REQUEST_LIMITS; i++) {
        member = &r->limits[i];

        if ((member->state == CREDITS_REQUEST_SET && member->value > limit)
            || (member->state == CREDITS_REQUEST_NULL
                && i == own && r->max_output < 0))
        {
            (void) snprintf(text, sizeof(text), "%lld", (long long) limit);
            credits_request_edits_insert(edits, n, member->begin,
                                         member->end - member->begin, text);
        }
    }

    if (r->max_output < 0 && r->limits[own].state == CREDITS_REQUEST_ABSENT) {
        (void) snprintf(text, sizeof(text), "\"%s\":%lld%s",
                        credits_request_edits_names[own], (long long) limit,
                        r->body_empty ? "" : ",");
        credits_request_edits_insert(edits, n, r->body_begin + 1, 0, text);
    }
}


/* inserts an edit so that all stay in order */

static void
credits_request_edits_insert(credits_edit_t *edits, unsigned *n, uint64_t at,
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
