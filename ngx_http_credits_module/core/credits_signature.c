/*
 * Signatures: HMAC-SHA256.
 */

#include <limits.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "credits_signature.h"


static const EVP_MD *credits_signature_md(void);
static int credits_signature_base64(unsigned char c);


int
credits_signature_sha256(const unsigned char *p, size_t n,
    unsigned char digest[CREDITS_SHA256_LEN])
{
    if (EVP_Digest(p, n, digest, NULL, credits_signature_md(), NULL) != 1) {
        ERR_clear_error();
        return -1;
    }

    return 0;
}


/*
 * With EVP_sha256() libcrypto 3 looks the algorithm up at each use, which
 * takes longer than a digest of a few bytes.  What is fetched is never freed.
 */

static const EVP_MD *
credits_signature_md(void)
{
#if (OPENSSL_VERSION_NUMBER >= 0x30000000L)
    static EVP_MD  *md;

    if (md == NULL) {
        md = EVP_MD_fetch(NULL, "SHA256", NULL);
    }

    if (md) {
        return md;
    }

    ERR_clear_error();
#endif

    return EVP_sha256();
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
        digit = credits_signature_base64(s[i]);

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

    /* the last three digits hold 16 bits, so two of 18 must be zero */

    if (bits & 3) {
        return -1;
    }

    mac[k++] = (unsigned char) (bits >> 10);
    mac[k] = (unsigned char) (bits >> 2);

    return 0;
}


int
credits_signature_verify(const unsigned char *secret, size_t secret_len,
    const unsigned char *p, size_t n,
    const unsigned char mac[CREDITS_SHA256_LEN])
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
credits_signature_base64(unsigned char c)
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
