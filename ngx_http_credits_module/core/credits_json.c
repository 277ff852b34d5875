/*
 * A push scanner for JSON.  Each function of the scanner takes the bytes of
 * its own state from p and returns where it stopped, or NULL after an error.
 */

#include <string.h>

#include "credits_json.h"


typedef enum {
    sw_value = 0,
    sw_element_or_end,
    sw_key_or_end,
    sw_key,
    sw_colon,
    sw_comma_or_end,
    sw_done,
    sw_string,
    sw_literal,
    sw_number
} credits_json_state_t;


static const unsigned char *credits_json_structure(credits_json_t *j,
    void *data, const unsigned char *p, const unsigned char *end);
static const unsigned char *credits_json_structural(credits_json_t *j,
    void *data, const unsigned char *p);
static const unsigned char *credits_json_value(credits_json_t *j, void *data,
    const unsigned char *p);
static const unsigned char *credits_json_open(credits_json_t *j, void *data,
    const unsigned char *p, int object);
static const unsigned char *credits_json_close(credits_json_t *j, void *data,
    const unsigned char *p, int object);
static const unsigned char *credits_json_string(credits_json_t *j, void *data,
    const unsigned char *p, const unsigned char *end);
static const unsigned char *credits_json_string_done(credits_json_t *j,
    void *data, const unsigned char *p);
static int credits_json_text(credits_json_t *j, void *data,
    const unsigned char *p, size_t n);
static const unsigned char *credits_json_literal(credits_json_t *j, void *data,
    const unsigned char *p, const unsigned char *end);
static const unsigned char *credits_json_number(credits_json_t *j, void *data,
    const unsigned char *p, const unsigned char *end);
static int credits_json_number_done(credits_json_t *j, void *data);
static int credits_json_value_done(credits_json_t *j, void *data,
    credits_json_event_t event);
static uint64_t credits_json_offset(const credits_json_t *j,
    const unsigned char *p);
static unsigned credits_json_lookup(const credits_json_t *j);
static int credits_json_same_folded(const credits_json_name_t *name,
    const unsigned char *key, size_t n);
static int credits_json_event(credits_json_t *j, void *data,
    credits_json_event_t event, const unsigned char *p, size_t n);
static const unsigned char *credits_json_fail(credits_json_t *j,
    const unsigned char *p, credits_json_error_t error);


void
credits_json_init(credits_json_t *j, const credits_json_node_t *nodes,
    credits_json_pt handler, int strict)
{
    j->node = CREDITS_JSON_OTHER;
    j->member = CREDITS_JSON_ROOT;      /* the document is taken for one */
    j->depth = 0;
    j->begin = 0;
    j->end = 0;
    j->number = -1;
    j->key_len = 0;
    j->key_bytes = 0;
    j->error = CREDITS_JSON_OK;
    j->nodes = nodes;
    j->handler = handler;
    j->piece = NULL;
    j->offset = 0;
    j->state = sw_value;
    j->container = CREDITS_JSON_OTHER;
    j->in_object = 1;
    j->strict = (strict != 0);
    j->in_key = 0;
    j->literal = 0;
    j->count = 0;

    credits_json_string_init(&j->string, strict);
}


int
credits_json_feed(credits_json_t *j, void *data, const unsigned char *p,
    size_t n)
{
    const unsigned char  *end;

    if (j->error != CREDITS_JSON_OK) {
        return -1;
    }

    if (n == 0) {
        return 0;
    }

    j->piece = p;
    end = p + n;

    while (p < end) {

        if (j->state < sw_string) {
            p = credits_json_structure(j, data, p, end);

        } else if (j->state == sw_string) {
            p = credits_json_string(j, data, p, end);

        } else if (j->state == sw_number) {
            p = credits_json_number(j, data, p, end);

        } else {
            p = credits_json_literal(j, data, p, end);
        }

        if (p == NULL) {
            return -1;
        }
    }

    j->offset += n;

    return 0;
}


int
credits_json_end(credits_json_t *j, void *data)
{
    if (j->error != CREDITS_JSON_OK) {
        return -1;
    }

    if (j->state == sw_number && j->depth == 0
        && credits_json_number_whole(&j->digits))
    {
        /* only the end of the input ends a number that is the document */

        j->end = j->offset;

        if (credits_json_number_done(j, data) != 0) {
            return -1;
        }
    }

    if (j->state != sw_done) {
        j->error = CREDITS_JSON_ESYNTAX;
        return -1;
    }

    return 0;
}


int
credits_json_folds(const credits_json_name_t *names, const unsigned char *key,
    size_t n)
{
    for ( /* void */ ; names && names->name; names++) {
        if (credits_json_same_folded(names, key, n)) {
            return names->len != n || memcmp(names->name, key, n) != 0;
        }
    }

    return 0;
}


int
credits_json_blank(const credits_json_t *j)
{
    return j->error == CREDITS_JSON_OK && j->state == sw_value
           && j->depth == 0;
}


static const unsigned char *
credits_json_structure(credits_json_t *j, void *data, const unsigned char *p,
    const unsigned char *end)
{
    for ( /* void */ ; p < end; p++) {

        if (*p <= ' ' && (*p == ' ' || *p == '\n' || *p == '\r'
                          || *p == '\t'))
        {
            continue;
        }

        if (j->state == sw_colon && *p == ':') {
            j->state = sw_value;
            continue;
        }

        if (j->state == sw_comma_or_end && *p == ',') {
            j->state = j->in_object ? sw_key : sw_value;
            continue;
        }

        return credits_json_structural(j, data, p);
    }

    return p;
}


/* a byte that is neither white space nor a separator */

static const unsigned char *
credits_json_structural(credits_json_t *j, void *data, const unsigned char *p)
{
    switch (j->state) {

    case sw_element_or_end:
    case sw_value:
        if (*p == ']' && j->state == sw_element_or_end) {
            return credits_json_close(j, data, p, 0);
        }

        return credits_json_value(j, data, p);

    case sw_key_or_end:
    case sw_key:
        if (*p == '}' && j->state == sw_key_or_end) {
            return credits_json_close(j, data, p, 1);
        }

        if (*p != '"') {
            break;
        }

        j->in_key = 1;
        j->key_len = 0;
        j->key_bytes = 0;
        j->state = sw_string;
        return p + 1;

    case sw_comma_or_end:
        if (*p == '}' || *p == ']') {
            return credits_json_close(j, data, p, *p == '}');
        }

        break;

    default: /* sw_colon, sw_done */
        break;
    }

    return credits_json_fail(j, p, CREDITS_JSON_ESYNTAX);
}


static const unsigned char *
credits_json_value(credits_json_t *j, void *data, const unsigned char *p)
{
    j->begin = credits_json_offset(j, p);

    j->node = j->in_object ? j->member : j->nodes[j->container].element;

    switch (*p) {

    case '{':
        return credits_json_open(j, data, p, 1);

    case '[':
        return credits_json_open(j, data, p, 0);

    case '"':
        j->in_key = 0;
        j->state = sw_string;

        if (credits_json_event(j, data, CREDITS_JSON_STRING, NULL, 0) != 0) {
            return NULL;
        }

        return p + 1;

    case 't':
        j->literal = CREDITS_JSON_TRUE;
        break;

    case 'f':
        j->literal = CREDITS_JSON_FALSE;
        break;

    case 'n':
        j->literal = CREDITS_JSON_NULL;
        break;

    default:
        if (*p != '-' && (*p < '0' || *p > '9')) {
            return credits_json_fail(j, p, CREDITS_JSON_ESYNTAX);
        }

        credits_json_number_init(&j->digits, *p);
        j->state = sw_number;
        return p + 1;
    }

    j->count = 1;
    j->state = sw_literal;

    return p + 1;
}


static const unsigned char *
credits_json_open(credits_json_t *j, void *data, const unsigned char *p,
    int object)
{
    unsigned  limit, byte, bit;

    limit = j->strict ? CREDITS_JSON_REQUEST_DEPTH : CREDITS_JSON_DEPTH;

    if (j->depth == limit) {
        return credits_json_fail(j, p, CREDITS_JSON_EDEPTH);
    }

    if (credits_json_event(j, data,
                           object ? CREDITS_JSON_OBJECT : CREDITS_JSON_ARRAY,
                           NULL, 0)
        != 0)
    {
        return NULL;
    }

    j->in_object = (unsigned) object;
    j->container = CREDITS_JSON_OTHER;

    if (j->depth < CREDITS_JSON_NODE_DEPTH) {
        j->container = j->node;
        j->stack[j->depth] = (unsigned char) j->node;
    }

    byte = j->depth / 8;
    bit = 1u << (j->depth % 8);

    if (object) {
        j->objects[byte] = (unsigned char) (j->objects[byte] | bit);
        j->state = sw_key_or_end;

    } else {
        j->objects[byte] = (unsigned char) (j->objects[byte] & ~bit);
        j->state = sw_element_or_end;
    }

    j->depth++;

    return p + 1;
}


static const unsigned char *
credits_json_close(credits_json_t *j, void *data, const unsigned char *p,
    int object)
{
    unsigned  top;

    if (j->in_object != (unsigned) object) {
        return credits_json_fail(j, p, CREDITS_JSON_ESYNTAX);
    }

    p++;

    j->node = j->container;
    j->depth--;

    if (j->depth) {
        top = j->depth - 1;
        j->container = (top < CREDITS_JSON_NODE_DEPTH) ? j->stack[top]
                                                       : CREDITS_JSON_OTHER;
        j->in_object = (j->objects[top / 8] >> (top % 8)) & 1;
    }

    j->end = credits_json_offset(j, p);

    return (credits_json_value_done(j, data, CREDITS_JSON_END) == 0) ? p
                                                                     : NULL;
}


static const unsigned char *
credits_json_string(credits_json_t *j, void *data, const unsigned char *p,
    const unsigned char *end)
{
    size_t                n;
    credits_string_rc_t   rc;
    const unsigned char  *text;

    do {
        rc = credits_json_string_next(&j->string, &p, end, &text, &n);

        /* text before a syntax error counts */

        if (n && credits_json_text(j, data, text, n) != 0) {
            return NULL;
        }

        if (rc == CREDITS_STRING_ESYNTAX) {

            /* p is behind the byte that cannot be, which was not read */

            return credits_json_fail(j, p - 1, CREDITS_JSON_ESYNTAX);
        }

        if (rc == CREDITS_STRING_EUTF8) {
            return credits_json_fail(j, p, CREDITS_JSON_EUTF8);
        }

        if (rc == CREDITS_STRING_END) {
            return credits_json_string_done(j, data, p);
        }

    } while (p < end);

    return p;
}


static const unsigned char *
credits_json_string_done(credits_json_t *j, void *data, const unsigned char *p)
{
    int  rc;

    if (j->in_key) {
        j->member = credits_json_lookup(j);
        j->state = sw_colon;
        rc = credits_json_event(j, data, CREDITS_JSON_KEY, NULL, 0);

    } else {
        j->end = credits_json_offset(j, p);
        rc = credits_json_value_done(j, data, CREDITS_JSON_STRING_END);
    }

    return (rc == 0) ? p : NULL;
}


static int
credits_json_text(credits_json_t *j, void *data, const unsigned char *p,
    size_t n)
{
    if (!j->in_key) {
        return j->nodes[j->node].text
               ? credits_json_event(j, data, CREDITS_JSON_TEXT, p, n) : 0;
    }

    /* only an escape makes one, and it is the last byte of its text */

    if (j->strict && p[n - 1] == '\0') {
        (void) credits_json_fail(j, j->piece, CREDITS_JSON_EKEY);
        return -1;
    }

    j->key_bytes += n;

    if (j->key_len > CREDITS_JSON_KEY_MAX
        || n > CREDITS_JSON_KEY_MAX - j->key_len)
    {
        j->key_len = CREDITS_JSON_KEY_MAX + 1;
        return 0;
    }

    memcpy(j->key + j->key_len, p, n);
    j->key_len += n;

    return 0;
}


static const unsigned char *
credits_json_literal(credits_json_t *j, void *data, const unsigned char *p,
    const unsigned char *end)
{
    int          rc;
    const char  *word;

    word = (j->literal == CREDITS_JSON_TRUE) ? "true"
           : (j->literal == CREDITS_JSON_FALSE) ? "false" : "null";

    do {
        if (*p != (unsigned char) word[j->count]) {
            return credits_json_fail(j, p, CREDITS_JSON_ESYNTAX);
        }

        p++;

        if (word[++j->count] == '\0') {
            j->end = credits_json_offset(j, p);
            rc = credits_json_value_done(j, data,
                                         (credits_json_event_t) j->literal);

            return (rc == 0) ? p : NULL;
        }

    } while (p < end);

    return p;
}


static const unsigned char *
credits_json_number(credits_json_t *j, void *data, const unsigned char *p,
    const unsigned char *end)
{
    int  rc;

    do {
        rc = credits_json_number_next(&j->digits, *p);

        if (rc < 0) {
            return credits_json_fail(j, p, CREDITS_JSON_ESYNTAX);
        }

        if (rc == 0) {
            j->end = credits_json_offset(j, p);
            return (credits_json_number_done(j, data) == 0) ? p : NULL;
        }

        p++;

    } while (p < end);

    return p;
}


static int
credits_json_number_done(credits_json_t *j, void *data)
{
    j->number = credits_json_number_value(&j->digits);

    return credits_json_value_done(j, data, CREDITS_JSON_NUMBER);
}


static int
credits_json_value_done(credits_json_t *j, void *data,
    credits_json_event_t event)
{
    j->state = (j->depth == 0) ? sw_done : sw_comma_or_end;

    return credits_json_event(j, data, event, NULL, 0);
}


static uint64_t
credits_json_offset(const credits_json_t *j, const unsigned char *p)
{
    return j->offset + (uint64_t) (p - j->piece);
}


static unsigned
credits_json_lookup(const credits_json_t *j)
{
    const credits_json_name_t  *name;
    const credits_json_node_t  *node;

    node = &j->nodes[j->container];

    if (node->names == NULL) {
        return node->other;
    }

    for (name = node->names; name->len; name++) {
        if (name->len == j->key_len
            && name->name[0] == (char) j->key[0]
            && memcmp(name->name, j->key, j->key_len) == 0)
        {
            return name->node;
        }
    }

    return node->other;
}


static int
credits_json_same_folded(const credits_json_name_t *name,
    const unsigned char *key, size_t n)
{
    size_t         i, k;
    unsigned char  c, want;

    i = 0;

    for (k = 0; k < name->len && i < n; k++) {
        c = key[i++];

        if (c == 0xc5 && i < n && key[i] == 0xbf) {
            c = 's';
            i++;

        } else if (c == 0xe2 && n - i >= 2
                   && key[i] == 0x84 && key[i + 1] == 0xaa)
        {
            c = 'k';
            i += 2;
        }

        want = (unsigned char) name->name[k];

        if (c != want
            && (((c ^ want) != 0x20) || (c | 0x20) < 'a' || (c | 0x20) > 'z'))
        {
            return 0;
        }
    }

    return k == name->len && i == n;
}


static int
credits_json_event(credits_json_t *j, void *data, credits_json_event_t event,
    const unsigned char *p, size_t n)
{
    if (j->handler(data, j, event, p, n) != 0) {
        j->error = CREDITS_JSON_ESTOPPED;
        return -1;
    }

    return 0;
}


static const unsigned char *
credits_json_fail(credits_json_t *j, const unsigned char *p,
    credits_json_error_t error)
{
    j->error = error;
    j->end = credits_json_offset(j, p);

    return NULL;
}
