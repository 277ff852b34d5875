/*
 * The inside of a JSON string.
 */

#include "credits_json_string.h"
#include "credits_utf8.h"


#define CREDITS_STRING_SPECIAL  1   /* quote, backslash, control */
#define CREDITS_STRING_HIGH     2   /* not ASCII */


typedef enum {
    sw_plain = 0,
    sw_escape,
    sw_hex
} credits_json_string_state_t;


static credits_string_rc_t credits_json_string_plain(
    credits_json_string_t *s, const unsigned char **p,
    const unsigned char *end, size_t *n);
static const unsigned char *credits_json_string_run(const unsigned char *p,
    const unsigned char *end, unsigned classes);
static int credits_json_string_utf8(credits_json_string_t *s,
    const unsigned char **p, const unsigned char *end);
static credits_string_rc_t credits_json_string_escape(
    credits_json_string_t *s, const unsigned char **p, size_t *n);
static credits_string_rc_t credits_json_string_hex(credits_json_string_t *s,
    const unsigned char **p, size_t *n);
static void credits_json_string_put(credits_json_string_t *s, size_t *n,
    unsigned code);


#define S  CREDITS_STRING_SPECIAL
#define H  CREDITS_STRING_HIGH

static const unsigned char  credits_json_string_class[256] = {
    S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S,
    S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S,
    0, 0, S, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, S, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H,
    H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H,
    H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H,
    H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H,
    H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H,
    H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H,
    H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H,
    H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H
};

#undef S
#undef H


void
credits_json_string_init(credits_json_string_t *s, int strict)
{
    s->state = sw_plain;
    s->stop_classes = CREDITS_STRING_SPECIAL
                      | (strict ? CREDITS_STRING_HIGH : 0);
    s->high = 0;
    s->more = 0;
}


credits_string_rc_t
credits_json_string_next(credits_json_string_t *s, const unsigned char **p,
    const unsigned char *end, const unsigned char **text, size_t *n)
{
    *n = 0;

    switch (s->state) {

    case sw_escape:
        *text = s->bytes;
        return credits_json_string_escape(s, p, n);

    case sw_hex:
        *text = s->bytes;
        return credits_json_string_hex(s, p, n);

    default: /* sw_plain */
        break;
    }

    if (s->high && **p != '\\') {

        /*
         * RFC 8259 allows half a surrogate pair, and programs that cut a
         * text within an emoji send it; parsers read it as U+FFFD.
         */

        s->high = 0;
        *text = s->bytes;
        credits_json_string_put(s, n, 0xfffd);

        return CREDITS_STRING_MORE;
    }

    *text = *p;

    return credits_json_string_plain(s, p, end, n);
}


static credits_string_rc_t
credits_json_string_plain(credits_json_string_t *s, const unsigned char **p,
    const unsigned char *end, size_t *n)
{
    int                   rc;
    unsigned char         c;
    const unsigned char  *pos;

    pos = *p;

    do {
        rc = 0;

        if (s->more == 0) {
            pos = credits_json_string_run(pos, end, s->stop_classes);
        }

        if (pos < end
            && (s->more
                || credits_json_string_class[*pos] == CREDITS_STRING_HIGH))
        {
            rc = credits_json_string_utf8(s, &pos, end);
        }

    } while (rc > 0);

    *n = (size_t) (pos - *p);
    *p = pos;

    if (rc < 0) {
        return CREDITS_STRING_EUTF8;
    }

    if (pos == end) {
        return CREDITS_STRING_MORE;
    }

    c = *pos;
    (*p)++;

    switch (c) {

    case '"':
        return CREDITS_STRING_END;

    case '\\':
        s->state = sw_escape;
        return CREDITS_STRING_MORE;

    default:
        return CREDITS_STRING_ESYNTAX;
    }
}


/* the end of the bytes that are of none of these classes */

static const unsigned char *
credits_json_string_run(const unsigned char *p, const unsigned char *end,
    unsigned classes)
{
    const unsigned char  *class;

    class = credits_json_string_class;

    /* most bytes of a body are looked at here: four at a time */

    while (end - p >= 4
           && !((class[p[0]] | class[p[1]] | class[p[2]] | class[p[3]])
                & classes))
    {
        p += 4;
    }

    while (p < end && !(class[*p] & classes)) {
        p++;
    }

    return p;
}


/* verifies UTF-8: returns 1 at the next ASCII byte or at the end, or -1 */

static int
credits_json_string_utf8(credits_json_string_t *s, const unsigned char **p,
    const unsigned char *end)
{
    unsigned char  c;

    for ( /* void */ ; *p < end; (*p)++) {
        c = **p;

        if (s->more) {
            if (c < s->low_bound || c > s->high_bound) {
                return -1;
            }

            s->more--;
            s->low_bound = 0x80;
            s->high_bound = 0xbf;
            continue;
        }

        if (c < 0x80) {
            break;
        }

        s->more = credits_utf8_follow(c, &s->low_bound, &s->high_bound);

        if (s->more == 0) {
            return -1;
        }
    }

    return 1;
}


static credits_string_rc_t
credits_json_string_escape(credits_json_string_t *s, const unsigned char **p,
    size_t *n)
{
    unsigned char  c;

    c = *(*p)++;

    if (c == 'u') {
        s->digits = 4;
        s->code = 0;
        s->state = sw_hex;
        return CREDITS_STRING_MORE;
    }

    switch (c) {

    case '"':
    case '\\':
    case '/':
        break;

    case 'b':
        c = '\b';
        break;

    case 'f':
        c = '\f';
        break;

    case 'n':
        c = '\n';
        break;

    case 'r':
        c = '\r';
        break;

    case 't':
        c = '\t';
        break;

    default:
        return CREDITS_STRING_ESYNTAX;
    }

    if (s->high) {
        s->high = 0;
        credits_json_string_put(s, n, 0xfffd);
    }

    credits_json_string_put(s, n, c);
    s->state = sw_plain;

    return CREDITS_STRING_MORE;
}


static credits_string_rc_t
credits_json_string_hex(credits_json_string_t *s, const unsigned char **p,
    size_t *n)
{
    unsigned       digit;
    unsigned char  c, letter;

    c = *(*p)++;
    letter = c | 0x20;

    if (c >= '0' && c <= '9') {
        digit = (unsigned) c - '0';

    } else if (letter >= 'a' && letter <= 'f') {
        digit = (unsigned) letter - 'a' + 10;

    } else {
        return CREDITS_STRING_ESYNTAX;
    }

    s->code = (s->code << 4) | digit;

    if (--s->digits) {
        return CREDITS_STRING_MORE;
    }

    s->state = sw_plain;

    if (s->high && s->code >= 0xdc00 && s->code <= 0xdfff) {
        s->code = 0x10000 + ((s->high - 0xd800) << 10) + (s->code - 0xdc00);

    } else if (s->high) {
        credits_json_string_put(s, n, 0xfffd);
    }

    s->high = 0;

    if (s->code >= 0xd800 && s->code <= 0xdbff) {
        s->high = s->code;
        return CREDITS_STRING_MORE;
    }

    if (s->code >= 0xdc00 && s->code <= 0xdfff) {
        s->code = 0xfffd;
    }

    credits_json_string_put(s, n, s->code);

    return CREDITS_STRING_MORE;
}


/* appends the UTF-8 of a code point to s->bytes */

static void
credits_json_string_put(credits_json_string_t *s, size_t *n, unsigned code)
{
    unsigned        shift;
    unsigned char  *b;

    b = s->bytes + *n;

    if (code < 0x80) {
        *b = (unsigned char) code;
        (*n)++;
        return;
    }

    shift = (code < 0x800) ? 6 : (code < 0x10000) ? 12 : 18;

    *b++ = (unsigned char) ((0xff00u >> (shift / 6 + 1)) | (code >> shift));

    while (shift) {
        shift -= 6;
        *b++ = (unsigned char) (0x80 | ((code >> shift) & 0x3f));
    }

    *n = (size_t) (b - s->bytes);
}
