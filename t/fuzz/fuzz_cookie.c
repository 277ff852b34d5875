/*
 * A cookie is accepted if, and only if, its signature is the one that this
 * driver computes.  The first byte of the input says what the rest is: "c" a
 * Cookie header; otherwise a token, which is signed here and sent in one of
 * the spellings that browsers and clients use.
 */

#include <ctype.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "credits_cookie.h"
#include "credits_signature.h"
#include "fuzz.h"


#define NAME    "better-auth.session_token"
#define SECRET  "nginx-credits-example-secret-0123456789"

#define SIGNATURE_LEN  44


static int
verify(const unsigned char *value, size_t n,
    unsigned char token[CREDITS_COOKIE_TOKEN_MAX])
{
    int             len;
    unsigned char  *copy;

    copy = fuzz_copy(value, n);
    len = credits_cookie_verify(copy, n, (const unsigned char *) SECRET,
                                sizeof(SECRET) - 1, token);
    free(copy);

    return len;
}


/* what Better Auth would have signed the token with */

static void
sign(const unsigned char *token, size_t n, fuzz_trace_t *value)
{
    unsigned       len;
    unsigned char  mac[EVP_MAX_MD_SIZE], text[SIGNATURE_LEN + 1];

    (void) HMAC(EVP_sha256(), SECRET, sizeof(SECRET) - 1, token, n, mac,
                &len);
    (void) EVP_EncodeBlock(text, mac, (int) len);

    fuzz_put(value, token, n);
    fuzz_put(value, ".", 1);
    fuzz_put(value, text, SIGNATURE_LEN);
}


/* percent-decoded and without its quotes */

static void
decode(const unsigned char *p, size_t n, fuzz_trace_t *value)
{
    char           digits[3];
    size_t         i;
    unsigned char  c;

    if (n >= 2 && p[0] == '"' && p[n - 1] == '"') {
        p++;
        n -= 2;
    }

    digits[2] = '\0';

    for (i = 0; i < n; i++) {
        c = p[i];

        if (c == '%' && n - i > 2 && isxdigit(p[i + 1])
            && isxdigit(p[i + 2]))
        {
            memcpy(digits, p + i + 1, 2);
            c = (unsigned char) strtoul(digits, NULL, 16);
            i += 2;
        }

        fuzz_put(value, &c, 1);
    }
}


static void
check_value(const unsigned char *p, size_t n)
{
    int             len;
    fuzz_trace_t    sent, expected;
    unsigned char   token[CREDITS_COOKIE_TOKEN_MAX];

    len = verify(p, n, token);

    must(len == -1 || (len > 0 && len <= CREDITS_COOKIE_TOKEN_MAX));

    if (len == -1) {
        return;
    }

    memset(&sent, 0, sizeof(sent));
    memset(&expected, 0, sizeof(expected));

    decode(p, n, &sent);
    sign(token, (size_t) len, &expected);

    must(fuzz_same(&sent, &expected));

    free(sent.p);
    free(expected.p);
}


static void
check_header(const unsigned char *p, size_t n)
{
    size_t                len, i, at;
    unsigned              found, again;
    unsigned char        *header;
    const unsigned char  *value;

    header = fuzz_copy(p, n);
    value = NULL;
    len = 0;

    found = credits_cookie_find(header, n, (const unsigned char *) NAME,
                                sizeof(NAME) - 1, &value, &len);

    /* as often as the name stands where a name can stand */

    again = 0;

    for (i = 0; i + sizeof(NAME) <= n; i++) {
        if (memcmp(header + i, NAME "=", sizeof(NAME)) == 0) {
            for (at = i; at > 0 && isblank(header[at - 1]); at--) {
                /* void */
            }

            again += (at == 0 || header[at - 1] == ';');
        }
    }

    must(found == again);

    if (found) {
        must(value >= header + sizeof(NAME) && value + len <= header + n);
        must(memcmp(value - sizeof(NAME), NAME "=", sizeof(NAME)) == 0);
        must(memchr(value, ';', len) == NULL);

        check_value(value, len);
    }

    free(header);
}


static void
check_signed(unsigned spelling, const unsigned char *p, size_t n)
{
    int             len, good;
    char            escape[4];
    size_t          i;
    unsigned        quoted;
    fuzz_trace_t    value, sent;
    unsigned char   token[CREDITS_COOKIE_TOKEN_MAX];

    memset(&value, 0, sizeof(value));
    memset(&sent, 0, sizeof(sent));

    sign(p, n, &value);

    good = (n >= 1 && n <= CREDITS_COOKIE_TOKEN_MAX);

    for (i = 0; i < n; i++) {
        good &= (p[i] > ' ' && p[i] <= '~' && p[i] != '.');
    }

    quoted = spelling & 1;

    if (quoted) {
        fuzz_put(&sent, "\"", 1);
    }

    for (i = 0; i < value.n; i++) {
        spelling = spelling * 1103515245 + 12345;

        /* an open quote would not be the token's own */

        if (value.p[i] == '%' || value.p[i] == '"' || (spelling & 0x10000)) {
            (void) snprintf(escape, sizeof(escape),
                            (spelling & 0x20000) ? "%%%02x" : "%%%02X",
                            value.p[i]);
            fuzz_put(&sent, escape, 3);

        } else {
            fuzz_put(&sent, value.p + i, 1);
        }
    }

    if (quoted) {
        fuzz_put(&sent, "\"", 1);
    }

    len = verify(sent.p, sent.n, token);

    must((len > 0) == good);
    must(!good || ((size_t) len == n && memcmp(token, p, n) == 0));

    free(value.p);
    free(sent.p);
}


int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
    if (n == 0) {
        return 0;
    }

    if (*p == 'c') {
        check_header(p + 1, n - 1);

    } else {
        check_signed(*p, p + 1, n - 1);
    }

    return 0;
}
