/*
 * A webhook's signature.
 */

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "credits_webhook.h"


#define CREDITS_WEBHOOK_VERSION    "v1,"
#define CREDITS_WEBHOOK_LIST_MAX   4096     /* bytes of webhook-signature */
#define CREDITS_WEBHOOK_SECONDS    12       /* digits of webhook-timestamp */


static int credits_webhook_id_ok(const credits_webhook_str_t *id);
static int credits_webhook_seconds(const credits_webhook_str_t *timestamp,
    int64_t *seconds);
static void credits_webhook_list(credits_webhook_t *w,
    const credits_webhook_str_t *signature);
static EVP_MD_CTX *credits_webhook_mac(const credits_webhook_str_t *secret);


const char *
credits_webhook_init(credits_webhook_t *w, const credits_webhook_str_t *id,
    const credits_webhook_str_t *timestamp,
    const credits_webhook_str_t *signature, int64_t now)
{
    int64_t  seconds;

    memset(w, 0, sizeof(credits_webhook_t));

    if (!credits_webhook_id_ok(id)) {
        return "webhook-id is not an id";
    }

    if (credits_webhook_seconds(timestamp, &seconds) != 0) {
        return "webhook-timestamp is not a time in seconds";
    }

    if (seconds < now - CREDITS_WEBHOOK_TOLERANCE) {
        return "webhook-timestamp is too old";
    }

    if (seconds > now + CREDITS_WEBHOOK_TOLERANCE) {
        return "webhook-timestamp is too new";
    }

    if (signature->n > CREDITS_WEBHOOK_LIST_MAX) {
        return "webhook-signature is too long";
    }

    credits_webhook_list(w, signature);

    if (w->nsignatures == 0) {
        return "webhook-signature has no signature of version v1";
    }

    w->id = *id;
    w->timestamp = *timestamp;

    return NULL;
}


/* a dot would let what is signed be read in two ways */

static int
credits_webhook_id_ok(const credits_webhook_str_t *id)
{
    size_t  i;

    if (id->n == 0 || id->n > CREDITS_WEBHOOK_ID_MAX) {
        return 0;
    }

    for (i = 0; i < id->n; i++) {
        if (id->p[i] <= ' ' || id->p[i] > '~' || id->p[i] == '.') {
            return 0;
        }
    }

    return 1;
}


static int
credits_webhook_seconds(const credits_webhook_str_t *timestamp,
    int64_t *seconds)
{
    size_t  i;

    if (timestamp->n == 0 || timestamp->n > CREDITS_WEBHOOK_SECONDS
        || (timestamp->n > 1 && timestamp->p[0] == '0'))
    {
        return -1;
    }

    *seconds = 0;

    for (i = 0; i < timestamp->n; i++) {
        if (timestamp->p[i] < '0' || timestamp->p[i] > '9') {
            return -1;
        }

        *seconds = *seconds * 10 + (timestamp->p[i] - '0');
    }

    return 0;
}


/* reads a list separated by spaces; entries of other versions are no error */

static void
credits_webhook_list(credits_webhook_t *w,
    const credits_webhook_str_t *signature)
{
    size_t                version;
    unsigned              seen;
    const unsigned char  *p, *end, *next;

    version = sizeof(CREDITS_WEBHOOK_VERSION) - 1;
    end = signature->p + signature->n;

    for (p = signature->p, seen = 0;
         p < end && seen < CREDITS_WEBHOOK_SIGNATURES;
         p = next + 1, seen++)
    {
        next = memchr(p, ' ', (size_t) (end - p));
        if (next == NULL) {
            next = end;
        }

        if ((size_t) (next - p) == version + CREDITS_SIGNATURE_LEN
            && memcmp(p, CREDITS_WEBHOOK_VERSION, version) == 0
            && credits_signature_decode(p + version,
                                        w->signatures[w->nsignatures]) == 0)
        {
            w->nsignatures++;
        }
    }
}


int
credits_webhook_begin(credits_webhook_t *w,
    const credits_webhook_str_t *secrets, unsigned n)
{
    unsigned  i;

    for (i = 0; i < n; i++) {
        w->macs[i] = credits_webhook_mac(&secrets[i]);
        w->nmacs++;
    }

    if (credits_webhook_feed(w, w->id.p, w->id.n) != 0
        || credits_webhook_feed(w, (const unsigned char *) ".", 1) != 0
        || credits_webhook_feed(w, w->timestamp.p, w->timestamp.n) != 0)
    {
        return -1;
    }

    return credits_webhook_feed(w, (const unsigned char *) ".", 1);
}


/* returns NULL when libcrypto failed */

static EVP_MD_CTX *
credits_webhook_mac(const credits_webhook_str_t *secret)
{
    int          rc;
    EVP_PKEY    *key;
    EVP_MD_CTX  *mac;

    rc = 0;
    mac = EVP_MD_CTX_new();
    key = EVP_PKEY_new_raw_private_key(EVP_PKEY_HMAC, NULL, secret->p,
                                       secret->n);

    if (mac && key) {
        rc = EVP_DigestSignInit(mac, NULL, EVP_sha256(), NULL, key);
    }

    /* the context has a reference of its own */

    EVP_PKEY_free(key);

    if (rc != 1) {
        EVP_MD_CTX_free(mac);
        mac = NULL;
    }

    return mac;
}


int
credits_webhook_feed(credits_webhook_t *w, const unsigned char *p, size_t n)
{
    unsigned  i;

    for (i = 0; i < w->nmacs; i++) {
        if (w->macs[i] == NULL || EVP_DigestSignUpdate(w->macs[i], p, n) != 1)
        {
            w->failed = 1;
            return -1;
        }
    }

    return 0;
}


/* compares all secrets with all signatures: the time it takes tells nothing */

int
credits_webhook_end(credits_webhook_t *w)
{
    int            same;
    size_t         len;
    unsigned       i, k;
    unsigned char  own[CREDITS_SHA256_LEN];

    same = 0;

    for (i = 0; i < w->nmacs; i++) {
        len = sizeof(own);

        if (w->macs[i] == NULL
            || EVP_DigestSignFinal(w->macs[i], own, &len) != 1)
        {
            w->failed = 1;
            continue;
        }

        for (k = 0; k < w->nsignatures; k++) {
            same |= (CRYPTO_memcmp(own, w->signatures[k], sizeof(own)) == 0);
        }
    }

    for (i = 0; i < w->nmacs; i++) {
        EVP_MD_CTX_free(w->macs[i]);
        w->macs[i] = NULL;
    }

    w->nmacs = 0;

    OPENSSL_cleanse(own, sizeof(own));

    if (w->failed) {
        ERR_clear_error();
        return -1;
    }

    return same;
}
