/*
 * A webhook's signature, as Polar makes it: Standard Webhooks' headers, and
 * HMAC-SHA256 of "id.timestamp.body".  The key is all of the secret's bytes:
 * a prefix (whsec_) is not taken off, and nothing is decoded.
 */

#ifndef CREDITS_WEBHOOK_H
#define CREDITS_WEBHOOK_H

#include <stddef.h>
#include <stdint.h>

#include "credits_signature.h"


#define CREDITS_WEBHOOK_ID_MAX      255
#define CREDITS_WEBHOOK_SIGNATURES  16      /* looked at */
#define CREDITS_WEBHOOK_SECRETS     4
#define CREDITS_WEBHOOK_TOLERANCE   300     /* s, either way, inclusive */


typedef struct {
    const unsigned char  *p;
    size_t                n;
} credits_webhook_str_t;

typedef struct {
    credits_webhook_str_t  id;
    credits_webhook_str_t  timestamp;
    unsigned char          signatures[CREDITS_WEBHOOK_SIGNATURES]
                                     [CREDITS_SHA256_LEN];
    unsigned               nsignatures;
    struct evp_md_ctx_st  *macs[CREDITS_WEBHOOK_SECRETS];   /* libcrypto's */
    unsigned               nmacs;
    unsigned               failed:1;
} credits_webhook_t;


/*
 * The values of webhook-id, webhook-timestamp and webhook-signature, at `now`
 * in seconds since 1970.  NULL, or why they cannot be true.  The strings must
 * stay until credits_webhook_begin() has returned.
 */
const char *credits_webhook_init(credits_webhook_t *w,
    const credits_webhook_str_t *id, const credits_webhook_str_t *timestamp,
    const credits_webhook_str_t *signature, int64_t now);

/*
 * Then the body, in pieces.  1 to CREDITS_WEBHOOK_SECRETS secrets, none of
 * them empty.  Each returns 0, or -1 when libcrypto failed; whatever they
 * return, credits_webhook_end() must follow.
 */
int credits_webhook_begin(credits_webhook_t *w,
    const credits_webhook_str_t *secrets, unsigned n);
int credits_webhook_feed(credits_webhook_t *w, const unsigned char *p,
    size_t n);

/*
 * 1: one of the signatures was made with one of the secrets; 0: none was;
 * -1: libcrypto failed, now or before.
 */
int credits_webhook_end(credits_webhook_t *w);

#endif /* CREDITS_WEBHOOK_H */
