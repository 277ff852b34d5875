/*
 * The scanner says the same however the document is cut; what it accepts of a
 * request, and all that it says about it, is what a parser with a tree says.
 * The first byte of the input says how to cut.
 */

#include "credits_json.h"
#include "document.h"
#include "fuzz.h"


enum {
    NODE_A = CREDITS_JSON_ROOT + 1,
    NODE_B,
    NODE_ELEMENT
};


typedef struct {
    credits_json_t   json;
    fuzz_trace_t     trace;
    int              rc;
} scan_t;


static const credits_json_name_t  names[] = {
    credits_json_name("a", NODE_A),
    credits_json_name("model", NODE_B),
    credits_json_last_name
};

static const credits_json_node_t  nodes[] = {
    [CREDITS_JSON_ROOT] = { names, NODE_ELEMENT, 1, 0 },
    [NODE_A] = { names, NODE_A, 1, 0 },
    [NODE_B] = { NULL, NODE_ELEMENT, 0, 0 },
    [NODE_ELEMENT] = { names, NODE_B, 1, 0 }
};


static void
put_key(fuzz_trace_t *t, size_t len, const unsigned char *key,
    unsigned member)
{
    fuzz_put_number(t, CREDITS_JSON_KEY);
    fuzz_put_number(t, member);

    if (len <= CREDITS_JSON_KEY_MAX) {
        fuzz_put(t, key, len);
    }
}


static void
put_value(fuzz_trace_t *t, credits_json_event_t event, unsigned node,
    unsigned depth, uint64_t at, int64_t number)
{
    fuzz_put_number(t, event);
    fuzz_put_number(t, node);
    fuzz_put_number(t, depth);
    fuzz_put_number(t, (int64_t) at);
    fuzz_put_number(t, number);
}


static int
handle(void *data, credits_json_t *j, credits_json_event_t event,
    const unsigned char *p, size_t n)
{
    fuzz_trace_t  *t;

    t = &((scan_t *) data)->trace;

    switch (event) {

    case CREDITS_JSON_KEY:
        put_key(t, j->key_len, j->key, j->member);
        return 0;

    case CREDITS_JSON_TEXT:
        fuzz_put(t, p, n);
        return 0;

    case CREDITS_JSON_STRING_END:
    case CREDITS_JSON_END:
        put_value(t, event, j->node, j->depth, j->end, 0);
        return 0;

    case CREDITS_JSON_NUMBER:
        put_value(t, event, j->node, j->depth, j->begin, j->number);
        return 0;

    default:
        put_value(t, event, j->node, j->depth, j->begin, 0);
        return 0;
    }
}


static void
feed(void *data, const unsigned char *p, size_t n)
{
    scan_t  *s;

    s = data;

    if (credits_json_feed(&s->json, s, p, n) != 0) {
        s->rc = -1;
    }
}


static void
scan(scan_t *s, int strict, const unsigned char *p, size_t n, unsigned seed)
{
    memset(&s->trace, 0, sizeof(s->trace));
    s->rc = 0;

    credits_json_init(&s->json, nodes, handle, strict);
    fuzz_pieces(p, n, seed, feed, s);

    s->rc |= credits_json_end(&s->json, s);

    must((s->rc == 0) == (s->json.error == CREDITS_JSON_OK));
}


/* what the scanner should say of this value in that node */

static void
walk(fuzz_trace_t *t, const document_t *d, unsigned node, unsigned depth)
{
    unsigned           child, container;
    const document_t  *c;
    static const credits_json_event_t  events[] = {
        [DOCUMENT_NULL] = CREDITS_JSON_NULL,
        [DOCUMENT_FALSE] = CREDITS_JSON_FALSE,
        [DOCUMENT_TRUE] = CREDITS_JSON_TRUE,
        [DOCUMENT_NUMBER] = CREDITS_JSON_NUMBER,
        [DOCUMENT_STRING] = CREDITS_JSON_STRING,
        [DOCUMENT_ARRAY] = CREDITS_JSON_ARRAY,
        [DOCUMENT_OBJECT] = CREDITS_JSON_OBJECT
    };

    put_value(t, events[d->kind], node, depth, d->begin,
              d->kind == DOCUMENT_NUMBER ? document_integer(d) : 0);

    if (d->kind == DOCUMENT_STRING) {
        if (nodes[node].text) {
            fuzz_put(t, d->text, d->len);
        }

        put_value(t, CREDITS_JSON_STRING_END, node, depth, d->end, 0);
    }

    if (d->kind < DOCUMENT_ARRAY) {
        return;
    }

    container = (depth < CREDITS_JSON_NODE_DEPTH) ? node : CREDITS_JSON_OTHER;

    for (c = d->first; c; c = c->next) {
        child = nodes[container].element;

        if (d->kind == DOCUMENT_OBJECT) {
            child = CREDITS_JSON_OTHER;

            if (nodes[container].names) {
                child = document_named(c, "a") ? NODE_A
                        : document_named(c, "model") ? NODE_B : child;
            }

            put_key(t, c->key_len, c->key, child);
        }

        walk(t, c, child, depth + 1);
    }

    put_value(t, CREDITS_JSON_END, container, depth, d->end, 0);
}


int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
    int              strict;
    unsigned         seed;
    document_t      *d;
    fuzz_trace_t     tree;
    static scan_t    whole[2], cut;

    if (n == 0) {
        return 0;
    }

    seed = 1 + *p++;
    n--;

    for (strict = 0; strict < 2; strict++) {
        scan(&whole[strict], strict, p, n, FUZZ_WHOLE);
        scan(&cut, strict, p, n, seed);

        must(cut.json.error == whole[strict].json.error);
        must(fuzz_same(&cut.trace, &whole[strict].trace));

        free(cut.trace.p);
    }

    d = document_parse(p, n, CREDITS_JSON_REQUEST_DEPTH);

    must((whole[1].rc == 0) == (d != NULL));

    if (d) {
        memset(&tree, 0, sizeof(tree));
        walk(&tree, d, CREDITS_JSON_ROOT, 0);

        must(fuzz_same(&tree, &whole[1].trace));

        /* an answer may hold more than a request, nothing else */

        must(whole[0].rc == 0);
        must(fuzz_same(&whole[0].trace, &whole[1].trace));

        free(tree.p);
        document_free(d);
    }

    free(whole[0].trace.p);
    free(whole[1].trace.p);

    return 0;
}
