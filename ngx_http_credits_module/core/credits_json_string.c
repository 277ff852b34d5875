/*
 * The inside of a JSON string.
 */

#include <stdint.h>
#include <string.h>

#include "credits_json_string.h"
#include "credits_utf8.h"


/* the byte c, eight times */
#define EIGHT(c)  ((c) * 0x0101010101010101ULL)


typedef enum {
    sw_plain = CREDITS_STRING_PLAIN,
    sw_escape = CREDITS_STRING_ESCAPE,
    sw_hex,
    sw_utf8,
    sw_high             /* surrogate; the other half must follow */
} credits_json_string_state_t;


static uint64_t credits_json_string_find(const unsigned char *p,
    uint64_t lenient);
static credits_string_rc_t credits_json_string_mixed(
    credits_json_string_t *s, const unsigned char **p,
    const unsigned char *end, const unsigned char *text, size_t *n);
static int credits_json_string_utf8(credits_json_string_t *s,
    const unsigned char **p, const unsigned char *end);
static credits_string_rc_t credits_json_string_escape(
    credits_json_string_t *s, const unsigned char **p, size_t *n);
static credits_string_rc_t credits_json_string_hex(credits_json_string_t *s,
    const unsigned char **p, size_t *n);
static void credits_json_string_put(credits_json_string_t *s, size_t *n,
    unsigned code);


void
credits_json_string_init(credits_json_string_t *s, int strict)
{
    s->state = sw_plain;
    s->strict = strict;
    s->high = 0;
    s->more = 0;
}


/* the end of the plain bytes at p; with strict, only ASCII is plain */

const unsigned char *
credits_json_string_run(const unsigned char *p, const unsigned char *end,
    int strict)
{
    uint64_t       found, lenient;
    unsigned char  rest[8];

    lenient = strict ? 0 : EIGHT(0x80);

    for ( /* void */ ; end - p >= 8; p += 8) {
        found = credits_json_string_find(p, lenient);

        if (found) {
            return p + __builtin_ctzll(found) / 8;
        }
    }

    memset(rest, '"', sizeof(rest));
    memcpy(rest, p, (size_t) (end - p));

    return p + __builtin_ctzll(credits_json_string_find(rest, lenient)) / 8;
}


/*
 * Most bytes of a body are looked at here, eight at a time.  The lowest bit
 * set in the result is the highest one of the first byte that is not plain:
 * one of the differences is negative there, or the byte is not ASCII.  Only
 * behind that one may a borrow set others.
 */

static uint64_t
credits_json_string_find(const unsigned char *p, uint64_t lenient)
{
    uint64_t  bytes, found;

    bytes = (uint64_t) p[0] | (uint64_t) p[1] << 8
            | (uint64_t) p[2] << 16 | (uint64_t) p[3] << 24
            | (uint64_t) p[4] << 32 | (uint64_t) p[5] << 40
            | (uint64_t) p[6] << 48 | (uint64_t) p[7] << 56;

    found = (bytes - EIGHT(0x20))                   /* a control */
            | ((bytes ^ EIGHT('"')) - EIGHT(1))
            | ((bytes ^ EIGHT('\\')) - EIGHT(1));

    return found & EIGHT(0x80) & ~(bytes & lenient);
}


/* what is neither a plain byte, nor a quote or a backslash behind some */

credits_string_rc_t
credits_json_string_special(credits_json_string_t *s, const unsigned char **p,
    const unsigned char *end, const unsigned char **text, size_t *n)
{
    switch (s->state) {

    case sw_escape:
        *text = s->bytes;
        return credits_json_string_escape(s, p, n);

    case sw_hex:
        *text = s->bytes;
        return credits_json_string_hex(s, p, n);

    case sw_high:
        s->state = sw_plain;

        if (**p == '\\') {
            return credits_json_string_next(s, p, end, text, n);
        }

        /*
         * RFC 8259 allows half a surrogate pair, and programs that cut a
         * text within an emoji send it; parsers read it as U+FFFD.
         */

        s->high = 0;
        *text = s->bytes;
        credits_json_string_put(s, n, 0xfffd);

        return CREDITS_STRING_MORE;

    default: /* sw_plain, sw_utf8 */
        return credits_json_string_mixed(s, p, end, *text, n);
    }
}


/* plain bytes, and such that are not ASCII */

static credits_string_rc_t
credits_json_string_mixed(credits_json_string_t *s, const unsigned char **p,
    const unsigned char *end, const unsigned char *text, size_t *n)
{
    credits_string_rc_t  rc;

    rc = CREDITS_STRING_ESYNTAX;        /* for a control */

    while (*p < end && (s->state == sw_utf8 || **p >= 0x80)) {

        if (credits_json_string_utf8(s, p, end) != 0) {
            rc = CREDITS_STRING_EUTF8;
            break;
        }

        rc = CREDITS_STRING_MORE;

        if (s->state == sw_plain) {
            *p = credits_json_string_run(*p, end, s->strict);
        }
    }

    *n = (size_t) (*p - text);
    *p += (rc == CREDITS_STRING_ESYNTAX);

    return rc;
}


/* verifies UTF-8, to the next ASCII byte or to the end: 0, or -1 */

static int
credits_json_string_utf8(credits_json_string_t *s, const unsigned char **p,
    const unsigned char *end)
{
    int                   rc;
    unsigned              more;
    unsigned char         c;
    const unsigned char  *pos;

    rc = 0;
    more = s->more;

    for (pos = *p; pos < end; pos++) {
        c = *pos;

        if (more) {
            if (c < s->low_bound || c > s->high_bound) {
                rc = -1;
                break;
            }

            more--;
            s->low_bound = 0x80;
            s->high_bound = 0xbf;
            continue;
        }

        if (c < 0x80) {
            break;
        }

        more = credits_utf8_follow(c, &s->low_bound, &s->high_bound);

        if (more == 0) {
            rc = -1;
            break;
        }
    }

    *p = pos;
    s->more = (unsigned char) more;
    s->state = more ? sw_utf8 : sw_plain;

    return rc;
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

    if (s->high && s->code >= 0xdc00 && s->code <= 0xdfff) {
        s->code = 0x10000 + ((s->high - 0xd800) << 10) + (s->code - 0xdc00);

    } else if (s->high) {
        credits_json_string_put(s, n, 0xfffd);
    }

    s->high = 0;
    s->state = sw_plain;

    if (s->code >= 0xd800 && s->code <= 0xdbff) {
        s->high = s->code;
        s->state = sw_high;
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
