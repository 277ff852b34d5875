/*
 * Better Auth's signed cookie.
 */

#include <string.h>

#include "credits_cookie.h"
#include "credits_signature.h"


/* "token.signature", unescaped */
#define CREDITS_COOKIE_MAX                                                    \
    (CREDITS_COOKIE_TOKEN_MAX + 1 + CREDITS_SIGNATURE_LEN)


static int credits_cookie_decode(const unsigned char *value, size_t n,
    unsigned char decoded[CREDITS_COOKIE_MAX], size_t *len);
static int credits_cookie_hex(unsigned char c);


unsigned
credits_cookie_find(const unsigned char *header, size_t n,
    const unsigned char *name, size_t name_len,
    const unsigned char **value, size_t *len)
{
    unsigned              found;
    const unsigned char  *p, *end, *next, *eq;

    found = 0;
    end = header + n;

    for (p = header; p < end; p = (next < end) ? next + 1 : end) {

        while (p < end && (*p == ' ' || *p == '\t')) {
            p++;
        }

        next = memchr(p, ';', (size_t) (end - p));
        if (next == NULL) {
            next = end;
        }

        eq = memchr(p, '=', (size_t) (next - p));

        if (eq == NULL || (size_t) (eq - p) != name_len
            || memcmp(p, name, name_len) != 0)
        {
            continue;
        }

        if (found++ == 0) {
            *value = eq + 1;
            *len = (size_t) (next - eq) - 1;
        }
    }

    return found;
}


int
credits_cookie_verify(const unsigned char *value, size_t n,
    const unsigned char *secret, size_t secret_len,
    unsigned char token[CREDITS_COOKIE_TOKEN_MAX])
{
    size_t         i, len;
    unsigned char  mac[CREDITS_SHA256_LEN];
    unsigned char  decoded[CREDITS_COOKIE_MAX];

    if (n >= 2 && value[0] == '"' && value[n - 1] == '"') {
        value++;
        n -= 2;
    }

    if (credits_cookie_decode(value, n, decoded, &len) != 0
        || len < 1 + 1 + CREDITS_SIGNATURE_LEN)
    {
        return -1;
    }

    len -= 1 + CREDITS_SIGNATURE_LEN;

    if (decoded[len] != '.'
        || credits_signature_decode(decoded + len + 1, mac) != 0)
    {
        return -1;
    }

    for (i = 0; i < len; i++) {
        if (decoded[i] <= ' ' || decoded[i] > '~' || decoded[i] == '.') {
            return -1;
        }
    }

    if (credits_signature_verify(secret, secret_len, decoded, len, mac) != 0) {
        return -1;
    }

    memcpy(token, decoded, len);

    return (int) len;
}


static int
credits_cookie_decode(const unsigned char *value, size_t n,
    unsigned char decoded[CREDITS_COOKIE_MAX], size_t *len)
{
    int            high, low;
    size_t         i, k;
    unsigned char  c;

    k = 0;

    for (i = 0; i < n; i++) {
        c = value[i];

        if (c == '%') {
            if (n - i < 3) {
                return -1;
            }

            high = credits_cookie_hex(value[i + 1]);
            low = credits_cookie_hex(value[i + 2]);

            if (high < 0 || low < 0) {
                return -1;
            }

            c = (unsigned char) (high << 4 | low);
            i += 2;
        }

        if (k == CREDITS_COOKIE_MAX) {
            return -1;
        }

        decoded[k++] = c;
    }

    *len = k;

    return 0;
}


static int
credits_cookie_hex(unsigned char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }

    c |= 0x20;

    return (c >= 'a' && c <= 'f') ? c - 'a' + 10 : -1;
}
