/*
 * A JSON document as a tree, by recursive descent.
 */

#include <stdlib.h>
#include <string.h>

#include "document.h"


typedef struct {
    const unsigned char  *begin;
    const unsigned char  *p;
    const unsigned char  *end;
    unsigned              depth;
} document_input_t;


static document_t *document_value(document_input_t *in);
static int document_container(document_input_t *in, document_t *d);
static int document_entry(document_input_t *in, document_t *d,
    document_t ***tail);
static int document_number(document_input_t *in, document_t *d);
static long document_exponent(const unsigned char *p, size_t n);
static int document_string(document_input_t *in, unsigned char **text,
    size_t *len);
static int document_escape(document_input_t *in, unsigned char **text);
static int document_utf16(document_input_t *in);
static int document_utf8(document_input_t *in, unsigned char **text);
static unsigned char *document_put(unsigned char *to, int code);
static unsigned document_digits(document_input_t *in);
static int document_take(document_input_t *in, const char *word);
static void document_space(document_input_t *in);
static const document_t *document_skip(const document_t *d,
    const char *const *but);


static const char *const  document_all[] = { NULL };


document_t *
document_parse(const unsigned char *p, size_t n, unsigned depth)
{
    document_t        *d;
    document_input_t   in;

    in.begin = p;
    in.p = p;
    in.end = p + n;
    in.depth = depth;

    document_space(&in);
    d = document_value(&in);
    document_space(&in);

    if (d && in.p != in.end) {
        document_free(d);
        return NULL;
    }

    return d;
}


void
document_free(document_t *d)
{
    document_t  *next;

    for ( /* void */ ; d; d = next) {
        next = d->next;
        document_free(d->first);
        free(d->text);
        free(d->key);
        free(d);
    }
}


int
document_named(const document_t *d, const char *name)
{
    return d->key && d->key_len == strlen(name)
           && memcmp(d->key, name, d->key_len) == 0;
}


const document_t *
document_member(const document_t *d, const char *name)
{
    for (d = d->first; d; d = d->next) {
        if (document_named(d, name)) {
            return d;
        }
    }

    return NULL;
}


/* by its decimal digits: those of "1.20e3" are 12, with 2 zeros behind */

int64_t
document_integer(const document_t *d)
{
    char     digits[32 * 1024];
    long     power;
    size_t   i, n;
    int64_t  value;

    if (d->kind != DOCUMENT_NUMBER || d->len >= sizeof(digits)) {
        return -1;
    }

    n = 0;
    power = 0;

    for (i = 0; i < d->len && d->text[i] != 'e' && d->text[i] != 'E'; i++) {
        if (d->text[i] != '.') {
            digits[n++] = (char) d->text[i];
            power -= (memchr(d->text, '.', i) != NULL);
        }
    }

    if (digits[0] == '-') {
        return -1;
    }

    if (i < d->len) {
        power += document_exponent(d->text + i + 1, d->len - i - 1);
    }

    for ( /* void */ ; n && digits[n - 1] == '0'; n--) {
        power++;
    }

    value = 0;

    for (i = 0; i < n || (value && power-- > 0); i++) {
        if (__builtin_mul_overflow(value, 10, &value)
            || __builtin_add_overflow(value, i < n ? digits[i] - '0' : 0,
                                      &value))
        {
            return -1;
        }
    }

    return (value && power < -1) ? -1 : value;
}


/* at most a hundred million: of more, no number is written here */

static long
document_exponent(const unsigned char *p, size_t n)
{
    long    value;
    size_t  i;

    value = 0;

    for (i = (*p == '+' || *p == '-'); i < n && value < 100000000; i++) {
        value = value * 10 + (p[i] - '0');
    }

    return (*p == '-') ? -value : value;
}


int
document_equal(const document_t *a, const document_t *b,
    const char *const *but)
{
    const document_t  *one, *other;

    if (a->kind != b->kind || a->len != b->len
        || (a->len && memcmp(a->text, b->text, a->len) != 0)
        || (a->key == NULL) != (b->key == NULL)
        || a->key_len != b->key_len
        || (a->key_len && memcmp(a->key, b->key, a->key_len) != 0))
    {
        return 0;
    }

    one = document_skip(a->first, but);
    other = document_skip(b->first, but);

    while (one && other) {
        if (!document_equal(one, other, document_all)) {
            return 0;
        }

        one = document_skip(one->next, but);
        other = document_skip(other->next, but);
    }

    return one == other;
}


static document_t *
document_value(document_input_t *in)
{
    int          rc;
    document_t  *d;

    if (in->p == in->end) {
        return NULL;
    }

    d = calloc(1, sizeof(document_t));
    d->begin = (size_t) (in->p - in->begin);

    switch (*in->p) {

    case '{':
        d->kind = DOCUMENT_OBJECT;
        rc = document_container(in, d);
        break;

    case '[':
        d->kind = DOCUMENT_ARRAY;
        rc = document_container(in, d);
        break;

    case '"':
        d->kind = DOCUMENT_STRING;
        rc = document_string(in, &d->text, &d->len);
        break;

    case 't':
        d->kind = DOCUMENT_TRUE;
        rc = document_take(in, "true");
        break;

    case 'f':
        d->kind = DOCUMENT_FALSE;
        rc = document_take(in, "false");
        break;

    case 'n':
        d->kind = DOCUMENT_NULL;
        rc = document_take(in, "null");
        break;

    default:
        d->kind = DOCUMENT_NUMBER;
        rc = document_number(in, d);
        break;
    }

    if (!rc) {
        document_free(d);
        return NULL;
    }

    d->end = (size_t) (in->p - in->begin);

    return d;
}


static int
document_container(document_input_t *in, document_t *d)
{
    const char   *close;
    document_t  **tail;

    if (in->depth == 0) {
        return 0;
    }

    in->depth--;
    in->p++;

    close = (d->kind == DOCUMENT_OBJECT) ? "}" : "]";
    tail = &d->first;

    document_space(in);

    if (!document_take(in, close)) {

        do {
            if (!document_entry(in, d, &tail)) {
                return 0;
            }

        } while (document_take(in, ","));

        if (!document_take(in, close)) {
            return 0;
        }
    }

    in->depth++;

    return 1;
}


/* an element, or a key and its value, with the white space around it */

static int
document_entry(document_input_t *in, document_t *d, document_t ***tail)
{
    size_t          len;
    document_t     *value;
    unsigned char  *key;

    key = NULL;
    len = 0;

    document_space(in);

    if (d->kind == DOCUMENT_OBJECT) {

        if (in->p == in->end || *in->p != '"'
            || !document_string(in, &key, &len)
            || memchr(key, '\0', len) != NULL)
        {
            free(key);
            return 0;
        }

        document_space(in);

        if (!document_take(in, ":")) {
            free(key);
            return 0;
        }

        document_space(in);
    }

    value = document_value(in);

    if (value == NULL) {
        free(key);
        return 0;
    }

    value->key = key;
    value->key_len = len;

    **tail = value;
    *tail = &value->next;

    document_space(in);

    return 1;
}


static int
document_number(document_input_t *in, document_t *d)
{
    const unsigned char  *begin;

    begin = in->p;

    (void) document_take(in, "-");

    if (!document_take(in, "0") && document_digits(in) == 0) {
        return 0;
    }

    if (document_take(in, ".") && document_digits(in) == 0) {
        return 0;
    }

    if (document_take(in, "e") || document_take(in, "E")) {

        if (!document_take(in, "+")) {
            (void) document_take(in, "-");
        }

        if (document_digits(in) == 0) {
            return 0;
        }
    }

    d->len = (size_t) (in->p - begin);
    d->text = malloc(d->len);
    memcpy(d->text, begin, d->len);

    return 1;
}


/* no escape is shorter than what it stands for */

static int
document_string(document_input_t *in, unsigned char **text, size_t *len)
{
    unsigned char  *to;

    in->p++;

    *text = malloc((size_t) (in->end - in->p) + 1);
    to = *text;

    while (in->p < in->end) {

        if (*in->p == '"') {
            in->p++;
            *len = (size_t) (to - *text);
            return 1;
        }

        if (*in->p == '\\') {
            if (!document_escape(in, &to)) {
                break;
            }

        } else if (*in->p < 0x20 || !document_utf8(in, &to)) {
            break;
        }
    }

    return 0;
}


static int
document_escape(document_input_t *in, unsigned char **text)
{
    int                      code, low;
    const char              *letter;
    const unsigned char     *after;
    static const char        letters[] = "\"\\/bfnrt";
    static const char        meanings[] = "\"\\/\b\f\n\r\t";

    if (++in->p == in->end) {
        return 0;
    }

    if (*in->p != 'u') {
        letter = *in->p ? strchr(letters, *in->p) : NULL;

        if (letter == NULL) {
            return 0;
        }

        in->p++;
        *(*text)++ = (unsigned char) meanings[letter - letters];
        return 1;
    }

    in->p--;
    code = document_utf16(in);

    if (code < 0) {
        return 0;
    }

    if (code >= 0xd800 && code <= 0xdbff) {
        after = in->p;
        low = document_utf16(in);

        if (low >= 0xdc00 && low <= 0xdfff) {
            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);

        } else {
            in->p = after;
            code = 0xfffd;
        }

    } else if (code >= 0xdc00 && code <= 0xdfff) {
        code = 0xfffd;
    }

    *text = document_put(*text, code);

    return 1;
}


/* the code unit of \uXXXX, or -1 */

static int
document_utf16(document_input_t *in)
{
    char       *end;
    long        code;
    char        digits[5];

    if (in->end - in->p < 6 || in->p[0] != '\\' || in->p[1] != 'u') {
        return -1;
    }

    memcpy(digits, in->p + 2, 4);
    digits[4] = '\0';

    if (strspn(digits, "0123456789abcdefABCDEF") != 4) {
        return -1;
    }

    code = strtol(digits, &end, 16);
    in->p += 6;

    return (int) code;
}


/* decodes, encodes again, and compares: only the shortest form is valid */

static int
document_utf8(document_input_t *in, unsigned char **text)
{
    int             code;
    size_t          i, len;
    unsigned char  *end;

    code = *in->p;
    len = (code < 0x80) ? 1 : (code < 0xe0) ? 2 : (code < 0xf0) ? 3 : 4;

    if ((size_t) (in->end - in->p) < len) {
        return 0;
    }

    if (len > 1) {
        code &= 0xff >> (len + 1);
    }

    for (i = 1; i < len; i++) {
        code = code << 6 | (in->p[i] & 0x3f);
    }

    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
        return 0;
    }

    end = document_put(*text, code);

    if ((size_t) (end - *text) != len || memcmp(*text, in->p, len) != 0) {
        return 0;
    }

    *text = end;
    in->p += len;

    return 1;
}


static unsigned char *
document_put(unsigned char *to, int code)
{
    if (code < 0x80) {
        *to++ = (unsigned char) code;

    } else if (code < 0x800) {
        *to++ = (unsigned char) (0xc0 | code >> 6);
        *to++ = (unsigned char) (0x80 | (code & 0x3f));

    } else if (code < 0x10000) {
        *to++ = (unsigned char) (0xe0 | code >> 12);
        *to++ = (unsigned char) (0x80 | (code >> 6 & 0x3f));
        *to++ = (unsigned char) (0x80 | (code & 0x3f));

    } else {
        *to++ = (unsigned char) (0xf0 | code >> 18);
        *to++ = (unsigned char) (0x80 | (code >> 12 & 0x3f));
        *to++ = (unsigned char) (0x80 | (code >> 6 & 0x3f));
        *to++ = (unsigned char) (0x80 | (code & 0x3f));
    }

    return to;
}


static unsigned
document_digits(document_input_t *in)
{
    unsigned  n;

    for (n = 0; in->p < in->end && *in->p >= '0' && *in->p <= '9'; n++) {
        in->p++;
    }

    return n;
}


static int
document_take(document_input_t *in, const char *word)
{
    size_t  len;

    len = strlen(word);

    if ((size_t) (in->end - in->p) < len || memcmp(in->p, word, len) != 0) {
        return 0;
    }

    in->p += len;

    return 1;
}


static void
document_space(document_input_t *in)
{
    while (in->p < in->end && *in->p && strchr(" \t\r\n", *in->p)) {
        in->p++;
    }
}


static const document_t *
document_skip(const document_t *d, const char *const *but)
{
    const char *const  *name;

    for ( /* void */ ; d; d = d->next) {

        for (name = but; *name && !document_named(d, *name); name++) {
            /* void */
        }

        if (*name == NULL) {
            break;
        }
    }

    return d;
}
