/*
 * Signatures: HMAC-SHA256 and Better Auth's signed cookie.
 */

#include <limits.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "credits_signature.h"


/* "token.signature", unescaped */
#define CREDITS_COOKIE_MAX      (CREDITS_TOKEN_MAX + 1 + CREDITS_SIGNATURE_LEN)


static int credits_cookie_decode(const unsigned char *value, size_t n,
    unsigned char decoded[CREDITS_COOKIE_MAX], size_t *len);
static int credits_signature_check(const unsigned char *secret,
    size_t secret_len, const unsigned char *p, size_t n,
    const unsigned char *mac);
static int credits_hex(unsigned char c);
static int credits_base64(unsigned char c);


int
credits_sha256(const unsigned char *p, size_t n,
    unsigned char digest[CREDITS_SHA256_LEN])
{
    if (EVP_Digest(p, n, digest, NULL, EVP_sha256(), NULL) != 1) {
        ERR_clear_error();
        return -1;
    }

    return 0;
}


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
    unsigned char token[CREDITS_TOKEN_MAX])
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

    if (credits_signature_check(secret, secret_len, decoded, len, mac) != 0) {
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

            high = credits_hex(value[i + 1]);
            low = credits_hex(value[i + 2]);

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


int
credits_signature_decode(const unsigned char *s,
    unsigned char mac[CREDITS_SHA256_LEN])
{
    int       digit;
    size_t    i, k;
    unsigned  bits;

    if (s[CREDITS_SIGNATURE_LEN - 1] != '=') {
        return -1;
    }

    bits = 0;
    k = 0;

    for (i = 0; i < CREDITS_SIGNATURE_LEN - 1; i++) {
        digit = credits_base64(s[i]);

        if (digit < 0) {
            return -1;
        }

        bits = (bits << 6) | (unsigned) digit;

        if (i % 4 == 3) {
            mac[k++] = (unsigned char) (bits >> 16);
            mac[k++] = (unsigned char) (bits >> 8);
            mac[k++] = (unsigned char) bits;
        }
    }

    /* the last three digits hold 16 of their 18 bits */

    if (bits & 3) {
        return -1;
    }

    mac[k++] = (unsigned char) (bits >> 10);
    mac[k] = (unsigned char) (bits >> 2);

    return 0;
}


/* 0: this is the HMAC-SHA256 of p under the secret */

static int
credits_signature_check(const unsigned char *secret, size_t secret_len,
    const unsigned char *p, size_t n, const unsigned char *mac)
{
    int            rc;
    unsigned       len;
    unsigned char  own[EVP_MAX_MD_SIZE];

    if (secret_len == 0 || secret_len > INT_MAX) {
        return -1;
    }

    if (HMAC(EVP_sha256(), secret, (int) secret_len, p, n, own, &len) == NULL)
    {
        ERR_clear_error();
        return -1;
    }

    rc = CRYPTO_memcmp(own, mac, CREDITS_SHA256_LEN);

    OPENSSL_cleanse(own, sizeof(own));

    return (rc == 0) ? 0 : -1;
}


static int
credits_hex(unsigned char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }

    c |= 0x20;

    return (c >= 'a' && c <= 'f') ? c - 'a' + 10 : -1;
}


static int
credits_base64(unsigned char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }

    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }

    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }

    return (c == '+') ? 62 : (c == '/') ? 63 : -1;
}
