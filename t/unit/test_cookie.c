#include "tap.h"

#include <openssl/hmac.h>

#include "credits_cookie.c"


#define NAME    "better-auth.session_token"
#define SECRET  "nginx-credits-example-secret-0123456789"
#define TOKEN   "YtV4LrkHBRiddjTudBelE4vgNGrogaLY"
#define SIG     "Fe1T2fArA3uG6gdNUY3t/dOYmVfjLljxlY4pShkuo6U="
#define SENT    TOKEN ".Fe1T2fArA3uG6gdNUY3t%2FdOYmVfjLljxlY4pShkuo6U%3D"


static int
verify_with(const char *value, const char *secret, const char *token)
{
    int             len;
    unsigned char  *copy, found[CREDITS_COOKIE_TOKEN_MAX];

    copy = tap_piece(value, strlen(value));
    len = credits_cookie_verify(copy, strlen(value),
                                (const unsigned char *) secret,
                                strlen(secret), found);
    free(copy);

    if (len == -1) {
        return -1;
    }

    return (size_t) len == strlen(token)
           && memcmp(found, token, (size_t) len) == 0;
}


static int
verify(const char *value)
{
    return verify_with(value, SECRET, TOKEN);
}


static void
encode64(const unsigned char *p, char *text)
{
    unsigned            i, bits;
    static const char   digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "abcdefghijklmnopqrstuvwxyz0123456789+/";

    for (i = 0; i < 33; i += 3) {
        bits = (unsigned) p[i] << 16 | (unsigned) p[i + 1] << 8
               | (i + 2 < 32 ? p[i + 2] : 0u);
        *text++ = digits[bits >> 18 & 63];
        *text++ = digits[bits >> 12 & 63];
        *text++ = digits[bits >> 6 & 63];
        *text++ = (i + 2 < 32) ? digits[bits & 63] : '=';
    }

    *text = '\0';
}


/* a token with the signature that belongs to it */

static void
sign(const char *token, char *value)
{
    unsigned       len;
    unsigned char  mac[EVP_MAX_MD_SIZE];

    HMAC(EVP_sha256(), SECRET, strlen(SECRET), (const unsigned char *) token,
         strlen(token), mac, &len);
    strcpy(value, token);
    strcat(value, ".");
    encode64(mac, value + strlen(value));
}


static void
test_table(void)
{
    size_t  i;

    static const struct {
        const char  *value;
        int          rc;
        const char  *what;
    } cases[] = {
        { SENT, 1, "as sent" },
        { TOKEN "." SIG, 1, "undecoded" },
        { "\"" SENT "\"", 1, "in double quotes" },
        { TOKEN ".Fe1T2fArA3uG6gdNUY3t%2fdOYmVfjLljxlY4pShkuo6U%3d", 1,
          "lower-case escapes" },
        { "%59tV4LrkHBRiddjTudBelE4vgNGrogaLY%2e" SIG, 1,
          "all of it may be escaped" },
        { "", -1, "empty" },
        { "\"", -1, "one quote" },
        { "\"\"", -1, "two quotes" },
        { "\"" SENT, -1, "an opening quote only" },
        { SENT "\"", -1, "a closing quote only" },
        { TOKEN, -1, "unsigned token" },
        { TOKEN ".", -1, "empty signature" },
        { "." SIG, -1, "empty token" },
        { SIG, -1, "signature only" },
        { TOKEN ".Fe1T2fArA3uG6gdNUY3t/dOYmVfjLljxlY4pShkuo6U", -1,
          "signature without =" },
        { TOKEN ".Fe1T2fArA3uG6gdNUY3t/dOYmVfjLljxlY4pShkuo6U==", -1,
          "signature with ==" },
        { TOKEN ".Fe1T2fArA3uG6gdNUY3t_dOYmVfjLljxlY4pShkuo6U=", -1,
          "url-safe alphabet" },
        { TOKEN ".Fe1T2fArA3uG6gdNUY3t/dOYmVfjLljxlY4pShkuo6V=", -1,
          "unused bits set: V" },
        { TOKEN ".Fe1T2fArA3uG6gdNUY3t/dOYmVfjLljxlY4pShkuo6W=", -1,
          "unused bits set: W" },
        { TOKEN ".Fe1T2fArA3uG6gdNUY3t/dOYmVfjLljxlY4pShkuo6X=", -1,
          "unused bits set: X" },
        { TOKEN ".fe1T2fArA3uG6gdNUY3t/dOYmVfjLljxlY4pShkuo6U=", -1,
          "altered signature" },
        { "ZtV4LrkHBRiddjTudBelE4vgNGrogaLY." SIG, -1, "altered token" },
        { TOKEN "..Fe1T2fArA3uG6gdNUY3t/dOYmVfjLljxlY4pShkuo6U=", -1,
          "two dots" },
        { "x." TOKEN "." SIG, -1, "a dot in the token" },
        { TOKEN "." SIG " ", -1, "a space behind" },
        { " " TOKEN "." SIG, -1, "a space before" },
        { TOKEN "%00." SIG, -1, "NUL in the token" },
        { TOKEN ".Fe1T2fArA3uG6gdNUY3t%2", -1, "escape cut after a digit" },
        { TOKEN ".Fe1T2fArA3uG6gdNUY3t%", -1, "escape cut after %" },
        { TOKEN ".Fe1T2fArA3uG6gdNUY3t%GFdOYmVfjLljxlY4pShkuo6U%3D", -1,
          "not a hex digit" },
        { TOKEN ".Fe1T2fArA3uG6gdNUY3t%252FdOYmVfjLljxlY4pShkuo6U%253D", -1,
          "escaped twice" },
        { SENT SENT, -1, "twice" }
    };

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        is(verify(cases[i].value), cases[i].rc, "%s", cases[i].what);
    }

    is(verify_with("GMWI1tkpODISxco1FRzoXJThATdaCqMd."
                   "kc99uEJh7gAKI%2BC7mCDjyzyRni24P8nJhjq137k3Mkw%3D",
                   SECRET, "GMWI1tkpODISxco1FRzoXJThATdaCqMd"),
       1, "the https example");

    is(verify_with(SENT, "nginx-credits-example-secret-0123456780", TOKEN),
       -1, "another secret");
    is(verify_with(SENT, "", TOKEN), -1, "no secret");
}


static void
test_bits(void)
{
    char           value[256];
    unsigned       i, rejected, len;
    unsigned char  mac[EVP_MAX_MD_SIZE];

    HMAC(EVP_sha256(), SECRET, strlen(SECRET), (const unsigned char *) TOKEN,
         strlen(TOKEN), mac, &len);

    strcpy(value, TOKEN ".");
    encode64(mac, value + strlen(TOKEN ".") );
    is(verify(value), 1, "our own base64 of it");

    rejected = 0;

    for (i = 0; i < 256; i++) {
        mac[i / 8] ^= (unsigned char) (1 << (i % 8));
        encode64(mac, value + strlen(TOKEN "."));
        rejected += (verify(value) == -1);
        mac[i / 8] ^= (unsigned char) (1 << (i % 8));
    }

    is(rejected, 256, "each single-bit flip is rejected");

    rejected = 0;

    for (i = 0; i < strlen(SENT); i++) {
        strcpy(value, SENT);
        value[i] = '\0';
        rejected += (verify(value) == -1);
    }

    is(rejected, strlen(SENT), "each truncation is rejected");
}


static void
test_tokens(void)
{
    char      token[200], value[300];
    unsigned  i, good;

    memset(token, 'x', sizeof(token));
    token[CREDITS_COOKIE_TOKEN_MAX] = '\0';
    sign(token, value);
    is(verify_with(value, SECRET, token), 1, "the longest token");

    token[CREDITS_COOKIE_TOKEN_MAX] = 'x';
    token[CREDITS_COOKIE_TOKEN_MAX + 1] = '\0';
    sign(token, value);
    is(verify_with(value, SECRET, token), -1, "one byte longer");

    sign("x", value);
    is(verify_with(value, SECRET, "x"), 1, "the shortest token");

    sign("", value);
    is(verify_with(value, SECRET, ""), -1, "empty, but signed");

    good = 0;

    for (i = 1; i < 256; i++) {
        token[0] = (char) i;
        token[1] = 'x';
        token[2] = '\0';
        sign(token, value);

        good += (verify_with(value, SECRET, token)
                 == ((i > ' ' && i <= '~' && i != '.' && i != '%') ? 1 : -1));
    }

    is(good, 255, "tokens are printable ASCII without dots");
}


static unsigned
find(const char *header, const char *want)
{
    size_t                len;
    unsigned              found;
    unsigned char        *copy;
    const unsigned char  *value;

    copy = tap_piece(header, strlen(header));
    found = credits_cookie_find(copy, strlen(header),
                                (const unsigned char *) NAME, strlen(NAME),
                                &value, &len);

    if (found) {
        ok(len == strlen(want) && memcmp(value, want, len) == 0,
           "value in: %s", header);
    }

    free(copy);

    return found;
}


static void
test_find(void)
{
    is(find(NAME "=a.b%3D", "a.b%3D"), 1, "alone");
    is(find("x=1; " NAME "=a; y=2", "a"), 1, "others around");
    is(find("x=1;" NAME "=a;y=2", "a"), 1, "no space behind ;");
    is(find("x=1;   \t" NAME "=a", "a"), 1, "much space behind ;");
    is(find(NAME "=\"a\"", "\"a\""), 1, "quotes are left alone");
    is(find(NAME "=a=b==", "a=b=="), 1, "equal signs in the value");
    is(find(NAME "=", ""), 1, "empty value");
    is(find(NAME "=;", ""), 1, "empty value before ;");
    is(find(NAME "=a; " NAME "=b", "a"), 2, "two of the name: the first");
    is(find(NAME "=a;" NAME "=b;" NAME "=c", "a"), 3, "three of the name");
    is(find("", ""), 0, "empty header");
    is(find(";;; ;", ""), 0, "separators only");
    is(find(NAME, ""), 0, "no equal sign");
    is(find("Better-Auth.session_token=a", ""), 0, "other case");
    is(find("__Secure-" NAME "=a", ""), 0, "__Secure- prefix");
    is(find(NAME "x=a", ""), 0, "longer name");
    is(find("better-auth.session_toke=a", ""), 0, "shorter name");
    is(find(NAME " =a", ""), 0, "space before the equal sign");
    is(find("x=" NAME "=a", ""), 0, "the name within a value");
    is(find("x=1; " NAME "=a; __Secure-" NAME "=b", "a"), 1,
       "plain beside __Secure-");
}


int
main(void)
{
    test_table();
    test_bits();
    test_tokens();
    test_find();

    return tap_done();
}
