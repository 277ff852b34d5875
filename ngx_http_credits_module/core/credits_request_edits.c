/*
 * The request: the bytes that must change in it.
 */

#include <stdio.h>
#include <string.h>

#include "credits_request_bounds.h"
#include "credits_request_edits.h"


static void credits_request_edits_options(const credits_request_t *r,
    credits_edit_t *edits, unsigned *n);
static void credits_request_edits_limits(const credits_request_t *r,
    int64_t limit, credits_edit_t *edits, unsigned *n);
static void credits_request_edits_own(const credits_request_t *r,
    unsigned own, int64_t limit, credits_edit_t *edits, unsigned *n);
static int credits_request_edits_own_limit(const credits_request_t *r);
static void credits_request_edits_insert(credits_edit_t *edits, unsigned *n,
    uint64_t at, uint64_t remove, const char *insert);


static const char *const
    credits_request_edits_names[CREDITS_REQUEST_CONFIG_MAX] =
{
    [CREDITS_REQUEST_MAX_TOKENS] = "max_tokens",
    [CREDITS_REQUEST_MAX_COMPLETION] = "max_completion_tokens",
    [CREDITS_REQUEST_MAX_OUTPUT] = "max_output_tokens"
};


/* of the limits that are inside an object */

static const struct {
    const char  *object;
    const char  *name;

} credits_request_edits_configs[] = {
    [CREDITS_LIMIT_GENERATION_CONFIG] =
        { "generationConfig", "maxOutputTokens" },
    [CREDITS_LIMIT_NUM_PREDICT] = { "options", "num_predict" },
    [CREDITS_LIMIT_INFERENCE_CONFIG] = { "inferenceConfig", "maxTokens" }
};


unsigned
credits_request_edits(const credits_request_t *r, int ask_usage,
    int64_t limit, credits_edit_t edits[CREDITS_REQUEST_EDITS_MAX],
    int *usage_added)
{
    unsigned  n;

    n = 0;
    *usage_added = 0;

    if (r->form) {
        return 0;
    }

    if (ask_usage && r->operation->asks_usage && r->stream
        && !r->include_usage)
    {
        *usage_added = 1;
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
                                         options->empty
                                         ? "\"include_usage\":true"
                                         : "\"include_usage\":true,");

        } else {
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
    int                              own;
    char                             text[64];
    unsigned                         i;
    const credits_request_member_t  *member;

    own = credits_request_edits_own_limit(r);

    if (own < 0) {
        return;
    }

    for (i = 0; i < CREDITS_REQUEST_LIMITS; i++) {
        member = &r->limits[i];

        if ((member->state == CREDITS_REQUEST_SET && member->value > limit)
            || (member->state == CREDITS_REQUEST_NULL
                && i == (unsigned) own && r->max_output < 0))
        {
            (void) snprintf(text, sizeof(text), "%lld", (long long) limit);
            credits_request_edits_insert(edits, n, member->begin,
                                         member->end - member->begin, text);
        }
    }

    if (r->max_output < 0 && r->limits[own].state == CREDITS_REQUEST_ABSENT) {
        credits_request_edits_own(r, (unsigned) own, limit, edits, n);
    }
}


/* adds the limit, and the object that has it, where they are absent */

static void
credits_request_edits_own(const credits_request_t *r, unsigned own,
    int64_t limit, credits_edit_t *edits, unsigned *n)
{
    char                             text[64];
    const char                      *object, *name;
    const credits_request_member_t  *config;

    config = &r->config;

    if (own != CREDITS_REQUEST_CONFIG_MAX) {
        (void) snprintf(text, sizeof(text), "\"%s\":%lld%s",
                        credits_request_edits_names[own], (long long) limit,
                        r->body_empty ? "" : ",");
        credits_request_edits_insert(edits, n, r->body_begin + 1, 0, text);
        return;
    }

    object = credits_request_edits_configs[r->operation->limit].object;
    name = credits_request_edits_configs[r->operation->limit].name;

    switch (config->state) {

    case CREDITS_REQUEST_ABSENT:
        (void) snprintf(text, sizeof(text), "\"%s\":{\"%s\":%lld}%s", object,
                        name, (long long) limit, r->body_empty ? "" : ",");
        credits_request_edits_insert(edits, n, r->body_begin + 1, 0, text);
        break;

    case CREDITS_REQUEST_NULL:
        (void) snprintf(text, sizeof(text), "{\"%s\":%lld}", name,
                        (long long) limit);
        credits_request_edits_insert(edits, n, config->begin,
                                     config->end - config->begin, text);
        break;

    case CREDITS_REQUEST_SET:
        (void) snprintf(text, sizeof(text), "\"%s\":%lld%s", name,
                        (long long) limit, config->empty ? "" : ",");
        credits_request_edits_insert(edits, n, config->begin + 1, 0, text);
        break;
    }
}


/* the limit that the row's provider knows; -1: there is none */

static int
credits_request_edits_own_limit(const credits_request_t *r)
{
    /* of what body it is cannot be told, so that none may be added */

    if ((r->prompt.unbounded >> CREDITS_BOUND_INVOKE) & 1) {
        return -1;
    }

    switch (r->operation->limit) {

    case CREDITS_LIMIT_NONE:
        return -1;

    case CREDITS_LIMIT_MAX_COMPLETION_TOKENS:
        return r->legacy ? CREDITS_REQUEST_MAX_TOKENS
                         : CREDITS_REQUEST_MAX_COMPLETION;

    case CREDITS_LIMIT_MAX_TOKENS:
        return CREDITS_REQUEST_MAX_TOKENS;

    case CREDITS_LIMIT_MAX_OUTPUT_TOKENS:
        return CREDITS_REQUEST_MAX_OUTPUT;

    default:
        return CREDITS_REQUEST_CONFIG_MAX;
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
