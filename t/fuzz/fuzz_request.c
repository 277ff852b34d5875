/*
 * A request is a JSON object or a form, and each row reads it the same however
 * it is cut.  After its edits it is the same document but for what metering
 * needs, and needs no further edit.  The first byte of the input says how to
 * cut, the second of which operation it is.
 */

#include "document.h"
#include "request.h"


#define LIMIT  1000


typedef struct {
    const char          *object;    /* that has the limit, or NULL */
    const char          *other;     /* another name of it */
    const char *const   *limits;
} place_t;


static const char *const  limits[] = {
    "max_tokens", "max_completion_tokens", "max_output_tokens", NULL
};

static const char *const  gemini[] = {
    "maxOutputTokens", "max_output_tokens", NULL
};

static const char *const  ollama[] = { "num_predict", NULL };
static const char *const  converse[] = { "maxTokens", NULL };

static const char *const  edited[] = {
    "max_tokens", "max_completion_tokens", "max_output_tokens",
    "stream_options", "generationConfig", "generation_config", "options",
    "inferenceConfig", NULL
};

static const char *const  asked[] = { "include_usage", NULL };
static const char *const  nothing[] = { NULL };

static const place_t  places[] = {
    [CREDITS_LIMIT_MAX_COMPLETION_TOKENS] = { NULL, NULL, limits },
    [CREDITS_LIMIT_MAX_TOKENS] = { NULL, NULL, limits },
    [CREDITS_LIMIT_MAX_OUTPUT_TOKENS] = { NULL, NULL, limits },
    [CREDITS_LIMIT_GENERATION_CONFIG] =
        { "generationConfig", "generation_config", gemini },
    [CREDITS_LIMIT_NUM_PREDICT] = { "options", NULL, ollama },
    [CREDITS_LIMIT_INFERENCE_CONFIG] = { "inferenceConfig", NULL, converse }
};


static void
check_same(const credits_request_t *a, const credits_request_t *b)
{
    must(a->stream == b->stream);
    must(a->choices == b->choices);
    must(a->thinking == b->thinking);
    must(a->unmetered == b->unmetered);
    must(a->prompt.unbounded == b->prompt.unbounded);
    must(credits_request_prompt_tokens(a) == credits_request_prompt_tokens(b));
    must(a->model_len == b->model_len);
    must(memcmp(a->model, b->model, a->model_len) == 0);
    must(a->tier_len == b->tier_len);
    must(memcmp(a->tier, b->tier, a->tier_len) == 0);
}


/* what the scanner took out of the document is in it */

static void
check_members(const credits_request_t *c, const document_t *d)
{
    const document_t  *member;

    must(d->kind == DOCUMENT_OBJECT);
    must(c->choices >= 1 && c->choices <= CREDITS_REQUEST_CHOICES_MAX);
    must(c->max_output <= CREDITS_REQUEST_OUTPUT_MAX);

    if (c->model_len) {
        member = document_member(d, "model");
        must(member && c->model_len == member->len);
        must(memcmp(c->model, member->text, member->len) == 0);
    }

    member = document_member(d, "stream");

    if (c->operation->stream == CREDITS_STREAM_MEMBER) {
        must(c->stream == (member && member->kind == DOCUMENT_TRUE));
        must(member == NULL || member->kind <= DOCUMENT_TRUE);
    }

    member = document_member(d, "n");
    must(member == NULL || member->kind != DOCUMENT_NUMBER
         || c->operation->prompt != CREDITS_PROMPT_CHAT
         || c->choices >= document_integer(member));
}


/* each limit is as it was, or the one that it must be; one of them is there */

static void
check_limits(const document_t *before, const document_t *after,
    const char *const *names)
{
    unsigned           i, found;
    const document_t  *was, *is;

    found = 0;

    for (i = 0; names[i]; i++) {
        was = before ? document_member(before, names[i]) : NULL;
        is = document_member(after, names[i]);

        must(was == NULL || is != NULL);

        if (is && (was == NULL || !document_equal(was, is, nothing))) {
            must(document_integer(is) == LIMIT);
        }

        found += (is != NULL);
    }

    must(found);
}


/* the object that has the limit, by either of its names */

static const document_t *
config_of(const document_t *d, const place_t *place)
{
    const document_t  *config;

    config = document_member(d, place->object);

    return (config || place->other == NULL)
           ? config : document_member(d, place->other);
}


static void
check_config(const document_t *before, const document_t *after,
    const place_t *place)
{
    const document_t  *was, *is;

    was = config_of(before, place);
    is = config_of(after, place);

    must(is && is->kind == DOCUMENT_OBJECT);

    if (was && was->kind == DOCUMENT_NULL) {
        was = NULL;
    }

    must(was == NULL || document_equal(was, is, place->limits));
    check_limits(was, is, place->limits);
}


static void
check_options(const credits_request_t *c, const document_t *before,
    const document_t *after)
{
    const document_t  *was, *is, *include;

    was = document_member(before, "stream_options");
    is = document_member(after, "stream_options");

    if (!c->stream || !c->operation->asks_usage) {
        must((was == NULL) == (is == NULL));
        must(was == NULL || document_equal(was, is, nothing));
        return;
    }

    must(is && is->kind == DOCUMENT_OBJECT);

    include = document_member(is, "include_usage");
    must(include && include->kind == DOCUMENT_TRUE);

    if (was && was->kind == DOCUMENT_OBJECT) {
        must(document_equal(was, is, asked));

    } else {
        must(is->first == include && include->next == NULL);
    }
}


static void
check_edits(const credits_request_t *c, const document_t *before,
    const unsigned char *p, size_t n, unsigned seed)
{
    int               added, limited;
    size_t            len;
    document_t       *after;
    unsigned char    *body;
    const place_t    *place;
    credits_edit_t    edits[CREDITS_REQUEST_EDITS_MAX];
    static reading_t  again;

    body = request_edit(c, LIMIT, p, n, seed, &len);

    limited = c->operation->limit != CREDITS_LIMIT_NONE
              && (c->operation->prompt != CREDITS_PROMPT_INVOKE
                  || document_member(before, "anthropic_version"));

    after = document_parse(body, len, CREDITS_JSON_REQUEST_DEPTH);
    must(after);
    must(document_equal(before, after, edited));
    check_options(c, before, after);

    if (limited) {
        place = &places[c->operation->limit];

        if (place->object) {
            check_config(before, after, place);

        } else {
            check_limits(before, after, place->limits);
        }

    } else if (!c->stream || !c->operation->asks_usage) {
        must(len == n && memcmp(body, p, n) == 0);
    }

    document_free(after);

    request_read(&again, c->operation, 0, body, len, FUZZ_WHOLE);
    must(again.rc == 0);
    check_same(c, &again.request);
    must(!limited || (again.request.max_output >= 0
                      && again.request.max_output <= LIMIT));
    must(credits_request_edits(&again.request, 1, LIMIT, edits, &added) == 0);
    must(!added);

    free(body);
}


/* the charged row of this number */

static const credits_operation_t *
row_of(unsigned number)
{
    size_t                      i, n, charged;
    const credits_operation_t  *rows;

    rows = credits_operation_rows(&n);
    charged = 0;

    for (i = 0; i < n; i++) {
        charged += (rows[i].charging == CREDITS_CHARGED);
    }

    must(charged > 0);
    number %= charged;

    for (i = 0; rows[i].charging != CREDITS_CHARGED || number; i++) {
        number -= (rows[i].charging == CREDITS_CHARGED);
    }

    return &rows[i];
}


int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
    int                         form;
    unsigned                    seed;
    document_t                 *d;
    credits_edit_t              edits[CREDITS_REQUEST_EDITS_MAX];
    static reading_t            whole, cut;
    const credits_operation_t  *row;

    if (n < 2) {
        return 0;
    }

    seed = 1 + p[0];
    row = row_of(p[1]);
    p += 2;
    n -= 2;

    form = !(row->bodies & CREDITS_BODY_JSON)
           || ((row->bodies & CREDITS_BODY_MULTIPART) && n && p[0] == '-');

    request_read(&whole, row, form, p, n, FUZZ_WHOLE);
    request_read(&cut, row, form, p, n, seed);

    must(cut.rc == whole.rc);
    must(credits_request_error(&cut.request)
         == credits_request_error(&whole.request));

    if (whole.rc == 0) {
        check_same(&whole.request, &cut.request);
    }

    if (form) {
        must(credits_request_edits(&whole.request, 1, LIMIT, edits, &form)
             == 0);
        return 0;
    }

    d = document_parse(p, n, CREDITS_JSON_REQUEST_DEPTH);

    must(whole.rc != 0 || d != NULL);

    if (whole.rc == 0) {
        check_members(&whole.request, d);
        check_edits(&whole.request, d, p, n, seed);
    }

    document_free(d);

    return 0;
}
