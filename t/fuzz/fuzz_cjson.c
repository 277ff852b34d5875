/*
 * cJSON as a second opinion: it accepts what the scanner accepts of a request,
 * each value lies where the scanner says, and the edits leave the document as
 * it was but for the edited members.  The first byte says how to cut.
 */

#include <cjson/cJSON.h>

#include "request.h"


#define LIMIT       1000
#define NUMBER_MAX  63          /* bytes: cJSON reads no longer number */


typedef struct {
    uint64_t           begin;
    uint64_t           end;
} span_t;

typedef struct {
    credits_json_t     json;
    int                rc;
    uint64_t           begin[CREDITS_JSON_REQUEST_DEPTH + 1];
    fuzz_trace_t       spans;       /* of the values, as they end */
} scan_t;


static const credits_json_node_t  nodes[] = {
    [CREDITS_JSON_ROOT] = { NULL, 0, 0, 0 }
};

static const char *const  limits[CREDITS_REQUEST_CONFIG_MAX] = {
    [CREDITS_REQUEST_MAX_TOKENS] = "max_tokens",
    [CREDITS_REQUEST_MAX_COMPLETION] = "max_completion_tokens",
    [CREDITS_REQUEST_MAX_OUTPUT] = "max_output_tokens"
};


/*
 * 1 for what RFC 8259 allows and cJSON cannot take: half a surrogate pair, NUL
 * in a string, a long number.  The text is known to be JSON.
 */

static int
beyond_cjson(const char *text)
{
    size_t    run;
    unsigned  code, high;

    run = 0;
    high = 0;

    for ( /* void */ ; *text; text++) {
        run = strchr("+-.0123456789eE", *text) ? run + 1 : 0;

        code = 0;

        if (*text == '\\' && *++text == 'u') {
            must(sscanf(text + 1, "%4x", &code) == 1);
            text += 4;

            if (code == 0) {
                return 1;
            }
        }

        if (run > NUMBER_MAX
            || (high != 0) != (code >= 0xdc00 && code <= 0xdfff))
        {
            return 1;
        }

        high = (code >= 0xd800 && code <= 0xdbff);
    }

    return 0;
}


static cJSON *
parse(const void *p, size_t n)
{
    char   *text;
    cJSON  *root;

    text = malloc(n + 1);
    memcpy(text, p, n);
    text[n] = '\0';

    root = cJSON_ParseWithLengthOpts(text, n + 1, NULL, 1);
    free(text);

    return root;
}


/* unlike cJSON_Compare(): members in their order, numbers to the last bit */

static int
same(const cJSON *a, const cJSON *b)
{
    if (a->type != b->type
        || (cJSON_IsString(a) && strcmp(a->valuestring, b->valuestring) != 0)
        || (cJSON_IsNumber(a)
            && memcmp(&a->valuedouble, &b->valuedouble, sizeof(double)) != 0))
    {
        return 0;
    }

    a = a->child;
    b = b->child;

    while (a && b) {
        if ((a->string && strcmp(a->string, b->string) != 0) || !same(a, b)) {
            return 0;
        }

        a = a->next;
        b = b->next;
    }

    return a == b;
}


/* the bytes from begin to end, taken alone, are this item */

static void
check_span(const char *text, uint64_t begin, uint64_t end, const cJSON *item)
{
    cJSON  *alone;

    must(item && begin < end);
    must(strchr(" \t\r\n", text[begin]) == NULL);
    must(strchr(" \t\r\n", text[end - 1]) == NULL);

    alone = parse(text + begin, (size_t) (end - begin));
    must(alone && same(alone, item));
    cJSON_Delete(alone);
}


static int
handle(void *data, credits_json_t *j, credits_json_event_t event,
    const unsigned char *p, size_t n)
{
    span_t   span;
    scan_t  *s;

    s = data;

    switch (event) {

    case CREDITS_JSON_KEY:
        return 0;

    case CREDITS_JSON_OBJECT:
    case CREDITS_JSON_ARRAY:
    case CREDITS_JSON_STRING:
        s->begin[j->depth] = j->begin;
        return 0;

    case CREDITS_JSON_STRING_END:
    case CREDITS_JSON_END:
        break;

    default:
        s->begin[j->depth] = j->begin;
        break;
    }

    span.begin = s->begin[j->depth];
    span.end = j->end;
    fuzz_put(&s->spans, &span, sizeof(span));

    return 0;
}


/* the items of the tree, as they end, are the spans; returns those left */

static const span_t *
check_spans(const char *text, const span_t *span, const cJSON *item)
{
    const cJSON  *child;

    for (child = item->child; child; child = child->next) {
        span = check_spans(text, span, child);
    }

    check_span(text, span->begin, span->end, item);

    return span + 1;
}


static void
feed_json(void *data, const unsigned char *p, size_t n)
{
    scan_t  *s;

    s = data;
    s->rc |= credits_json_feed(&s->json, s, p, n);
}


static void
check_member(const char *text, const credits_request_member_t *m,
    const cJSON *object, const char *name)
{
    const cJSON  *item;

    item = object ? cJSON_GetObjectItemCaseSensitive(object, name) : NULL;

    if (m->state == CREDITS_REQUEST_ABSENT) {
        must(item == NULL);
        return;
    }

    check_span(text, m->begin, m->end, item);
}


/* the values that the edits will replace */

static void
check_members(const credits_request_t *r, const char *text, const cJSON *root)
{
    unsigned  i;

    check_member(text, &r->options, root, "stream_options");
    check_member(text, &r->include,
                 cJSON_GetObjectItemCaseSensitive(root, "stream_options"),
                 "include_usage");

    for (i = 0; i < CREDITS_REQUEST_CONFIG_MAX; i++) {
        check_member(text, &r->limits[i], root, limits[i]);
    }
}


/* takes the limits out of the document; returns how many are kept to */

static unsigned
strip_limits(cJSON *root)
{
    cJSON     *item;
    unsigned   i, kept;

    kept = 0;

    for (i = 0; i < CREDITS_REQUEST_CONFIG_MAX; i++) {
        item = cJSON_DetachItemFromObjectCaseSensitive(root, limits[i]);
        kept += (cJSON_IsNumber(item) && item->valuedouble <= LIMIT);
        cJSON_Delete(item);
    }

    return kept;
}


/* the same options but for include_usage, which is now true */

static void
check_options(cJSON *before, cJSON *after)
{
    cJSON  *was, *is;

    was = cJSON_DetachItemFromObjectCaseSensitive(before, "stream_options");
    is = cJSON_DetachItemFromObjectCaseSensitive(after, "stream_options");

    must(is);
    must(cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(is, "include_usage")));

    cJSON_DeleteItemFromObjectCaseSensitive(is, "include_usage");

    if (cJSON_IsObject(was)) {
        cJSON_DeleteItemFromObjectCaseSensitive(was, "include_usage");
        must(same(was, is));

    } else {
        must(is->child == NULL);
    }

    cJSON_Delete(was);
    cJSON_Delete(is);
}


static void
check_edits(const credits_request_t *r, const unsigned char *p, size_t n,
    cJSON *before, unsigned seed)
{
    cJSON          *after;
    size_t          len;
    unsigned char  *body;

    body = request_edit(r, LIMIT, p, n, seed, &len);
    after = parse(body, len);
    must(after);

    (void) strip_limits(before);
    must(strip_limits(after) > 0);

    if (r->stream) {
        check_options(before, after);
    }

    must(same(before, after));

    cJSON_Delete(after);
    free(body);
}


static void
check(scan_t *s, const char *text, size_t n, unsigned seed)
{
    cJSON             *root;
    const span_t      *spans;
    static reading_t   r;

    root = parse(text, n);
    must(root);

    spans = (span_t *) s->spans.p;
    must((size_t) (check_spans(text, spans, root) - spans) * sizeof(span_t)
         == s->spans.n);

    request_read(&r, request_chat(), 0, (const unsigned char *) text, n,
                 seed);

    if (r.rc == 0) {
        check_members(&r.request, text, root);
        check_edits(&r.request, (const unsigned char *) text, n, root, seed);
    }

    cJSON_Delete(root);
}


int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
    char           *text;
    unsigned        seed;
    static scan_t   s;

    if (n == 0) {
        return 0;
    }

    seed = 1 + *p++;
    n--;

    memset(&s, 0, sizeof(s));
    credits_json_init(&s.json, nodes, handle, 1);
    fuzz_pieces(p, n, seed, feed_json, &s);
    s.rc |= credits_json_end(&s.json, &s);

    text = malloc(n + 1);
    memcpy(text, p, n);
    text[n] = '\0';

    if (s.rc == 0 && !beyond_cjson(text)) {
        check(&s, text, n, seed);
    }

    free(text);
    free(s.spans.p);

    return 0;
}
