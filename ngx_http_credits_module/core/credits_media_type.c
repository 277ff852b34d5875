/*
 * The Content-Type of a request.
 */

#include <string.h>
#include <strings.h>

#include "credits_media_type.h"
#include "credits_multipart.h"


#define CREDITS_MEDIA_TYPE_PARAMETERS  8


static int credits_media_type_parameter(credits_span_t *rest,
    credits_span_t *name, credits_span_t *value);
static void credits_media_type_blanks(credits_span_t *rest);
static void credits_media_type_token(credits_span_t *rest,
    credits_span_t *token);
static int credits_media_type_quoted(credits_span_t *rest,
    credits_span_t *value);
static int credits_media_type_boundary(credits_span_t value);
static int credits_media_type_same(credits_span_t a, credits_span_t b);
static int credits_media_type_is(credits_span_t span, const char *word);
static int credits_media_type_char(unsigned char c, const char *more);


int
credits_media_type(const unsigned char *value, size_t n, unsigned bodies,
    credits_span_t *boundary)
{
    int             rc, type;
    unsigned        i, count;
    credits_span_t  rest, token, text, names[CREDITS_MEDIA_TYPE_PARAMETERS];

    rest.data = value;
    rest.len = n;
    boundary->data = value;
    boundary->len = 0;

    credits_media_type_blanks(&rest);
    token.data = rest.data;

    while (rest.len && credits_media_type_char(rest.data[0], "/")) {
        rest.data++;
        rest.len--;
    }

    token.len = (size_t) (rest.data - token.data);

    type = credits_media_type_is(token, "application/json")
           ? CREDITS_BODY_JSON
           : credits_media_type_is(token, "multipart/form-data")
           ? CREDITS_BODY_MULTIPART : 0;

    for (count = 0; /* void */ ; count++) {
        rc = credits_media_type_parameter(&rest, &token, &text);

        if (rc <= 0) {
            break;
        }

        for (i = 0; i < count; i++) {
            if (credits_media_type_same(names[i], token)) {
                return -1;
            }
        }

        if (count == CREDITS_MEDIA_TYPE_PARAMETERS
            || (credits_media_type_is(token, "charset")
                && !credits_media_type_is(text, "utf-8")))
        {
            return -1;
        }

        names[count] = token;

        if (credits_media_type_is(token, "boundary")) {
            *boundary = text;
        }
    }

    if (rc < 0 || (bodies & (unsigned) type) == 0
        || (type == CREDITS_BODY_MULTIPART)
           != credits_media_type_boundary(*boundary))
    {
        return -1;
    }

    return type;
}


/* takes ";", a name, "=", and a token or a quoted string; 0: none is left */

static int
credits_media_type_parameter(credits_span_t *rest, credits_span_t *name,
    credits_span_t *value)
{
    credits_media_type_blanks(rest);

    if (rest->len == 0) {
        return 0;
    }

    if (rest->data[0] != ';') {
        return -1;
    }

    rest->data++;
    rest->len--;

    credits_media_type_blanks(rest);

    if (rest->len == 0) {

        /* "application/json;" is often written */

        return 0;
    }

    credits_media_type_token(rest, name);

    if (name->len == 0 || rest->len < 2 || rest->data[0] != '=') {
        return -1;
    }

    rest->data++;
    rest->len--;

    if (rest->data[0] == '"') {
        return credits_media_type_quoted(rest, value);
    }

    credits_media_type_token(rest, value);

    return value->len ? 1 : -1;
}


static void
credits_media_type_blanks(credits_span_t *rest)
{
    while (rest->len && (rest->data[0] == ' ' || rest->data[0] == '\t')) {
        rest->data++;
        rest->len--;
    }
}


static void
credits_media_type_token(credits_span_t *rest, credits_span_t *token)
{
    token->data = rest->data;

    while (rest->len && credits_media_type_char(rest->data[0], "")) {
        rest->data++;
        rest->len--;
    }

    token->len = (size_t) (rest->data - token->data);
}


/* without escapes: no writer needs one, and not every reader knows them */

static int
credits_media_type_quoted(credits_span_t *rest, credits_span_t *value)
{
    rest->data++;
    rest->len--;
    value->data = rest->data;

    while (rest->len && rest->data[0] != '"') {

        if (rest->data[0] == '\\' || rest->data[0] < 0x20
            || rest->data[0] >= 0x7f)
        {
            return -1;
        }

        rest->data++;
        rest->len--;
    }

    if (rest->len == 0) {
        return -1;
    }

    value->len = (size_t) (rest->data - value->data);
    rest->data++;
    rest->len--;

    return 1;
}


/* the characters of RFC 2046, but for blanks */

static int
credits_media_type_boundary(credits_span_t value)
{
    size_t         i;
    unsigned char  c;

    if (value.len == 0 || value.len > CREDITS_MULTIPART_BOUNDARY_MAX) {
        return 0;
    }

    for (i = 0; i < value.len; i++) {
        c = value.data[i];

        if (!((c | 0x20) >= 'a' && (c | 0x20) <= 'z')
            && !(c >= '0' && c <= '9') && strchr("'()+_,-./:=?", c) == NULL)
        {
            return 0;
        }
    }

    return 1;
}


static int
credits_media_type_same(credits_span_t a, credits_span_t b)
{
    return a.len == b.len
           && strncasecmp((const char *) a.data, (const char *) b.data, a.len)
              == 0;
}


static int
credits_media_type_is(credits_span_t span, const char *word)
{
    credits_span_t  other;

    other.data = (const unsigned char *) word;
    other.len = strlen(word);

    return credits_media_type_same(span, other);
}


/* of a token (RFC 9110), or one of these */

static int
credits_media_type_char(unsigned char c, const char *more)
{
    return c > 0x20 && c < 0x7f
           && (strchr("\"(),/:;<=>?@[\\]{}", c) == NULL
               || strchr(more, c) != NULL);
}
