/*
 * A request is a JSON object, and it is read the same however it is cut.
 * After its edits it is the same document but for what metering needs, and
 * needs no further edit.  The first byte of the input says how to cut.
 */

#include "document.h"
#include "request.h"


#define LIMIT  1000


static const char *const  limits[] = {
    "max_tokens", "max_completion_tokens", "max_output_tokens", NULL
};

static const char *const  edited[] = {
    "max_tokens", "max_completion_tokens", "max_output_tokens",
    "stream_options", NULL
};

static const char *const  forced[] = { "include_usage", NULL };


static void
check_same(const credits_request_t *a, const credits_request_t *b)
{
    must(a->stream == b->stream);
    must(a->completions == b->completions);
    must(a->choices == b->choices);
    must(a->text_bytes == b->text_bytes);
    must(a->messages == b->messages);
    must(a->model_len == b->model_len);
    must(memcmp(a->model, b->model, a->model_len) == 0);
}


/* what the scanner took out of the document is in it */

static void
check_members(const credits_request_t *c, const document_t *d)
{
    const document_t  *member;

    must(d->kind == DOCUMENT_OBJECT);

    member = document_member(d, "model");
    must(c->model_len == (member ? member->len : 0));
    must(member == NULL || memcmp(c->model, member->text, member->len) == 0);

    member = document_member(d, "stream");
    must(c->stream == (member && member->kind == DOCUMENT_TRUE));

    member = document_member(d, "n");
    must(member == NULL || member->kind == DOCUMENT_NULL
         || (c->choices >= document_integer(member)
             && document_integer(member) > 0));
}


static void
check_limits(const document_t *before, const document_t *after)
{
    unsigned           i, found;
    const document_t  *was, *is;

    found = 0;

    for (i = 0; limits[i]; i++) {
        was = document_member(before, limits[i]);
        is = document_member(after, limits[i]);

        must(was == NULL || is != NULL);

        if (is == NULL) {
            continue;
        }

        if (was && was->kind == DOCUMENT_NUMBER
            && document_integer(was) <= LIMIT)
        {
            must(document_equal(was, is, NULL));
            found++;

        } else if (is->kind == DOCUMENT_NULL) {
            must(was && was->kind == DOCUMENT_NULL);

        } else {
            must(document_integer(is) == LIMIT);
            found++;
        }
    }

    must(found);
}


static void
check_options(const credits_request_t *c, const document_t *before,
    const document_t *after)
{
    const document_t  *was, *is, *include;

    was = document_member(before, "stream_options");
    is = document_member(after, "stream_options");

    if (!c->stream || !c->completions) {
        must((was == NULL) == (is == NULL));
        must(was == NULL || document_equal(was, is, forced + 1));
        return;
    }

    must(is && is->kind == DOCUMENT_OBJECT);

    include = document_member(is, "include_usage");
    must(include && include->kind == DOCUMENT_TRUE);

    if (was && was->kind == DOCUMENT_OBJECT) {
        must(document_equal(was, is, forced));

    } else {
        must(is->first == include && include->next == NULL);
    }
}


static void
check_edits(const credits_request_t *c, const document_t *before,
    const unsigned char *p, size_t n, unsigned seed)
{
    size_t            len;
    document_t       *after;
    unsigned char    *body;
    credits_edit_t    edits[CREDITS_REQUEST_EDITS_MAX];
    static reading_t  again;

    body = request_edit(c, LIMIT, p, n, seed, &len);

    after = document_parse(body, len, CREDITS_JSON_REQUEST_DEPTH);
    must(after);
    must(document_equal(before, after, edited));
    check_options(c, before, after);
    check_limits(before, after);
    document_free(after);

    request_read(&again, body, len, FUZZ_WHOLE);
    must(again.rc == 0);
    check_same(c, &again.request);
    must(again.request.max_output <= LIMIT);
    must(credits_request_edits(&again.request, 1, LIMIT, edits) == 0);

    free(body);
}


int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
    unsigned          seed;
    document_t       *d;
    static reading_t  whole, cut;

    if (n == 0) {
        return 0;
    }

    seed = 1 + *p++;
    n--;

    request_read(&whole, p, n, FUZZ_WHOLE);
    request_read(&cut, p, n, seed);

    must(cut.rc == whole.rc);
    must(credits_request_error(&cut.request)
         == credits_request_error(&whole.request));

    d = document_parse(p, n, CREDITS_JSON_REQUEST_DEPTH);

    must(whole.rc != 0 || d != NULL);

    if (whole.rc == 0) {
        check_same(&whole.request, &cut.request);
        check_members(&whole.request, d);
        check_edits(&whole.request, d, p, n, seed);
    }

    document_free(d);

    return 0;
}
