/*
 * Signatures: HMAC-SHA256, compared in constant time.
 */

#ifndef CREDITS_SIGNATURE_H
#define CREDITS_SIGNATURE_H

#include <stddef.h>


#define CREDITS_SHA256_LEN     32
#define CREDITS_SIGNATURE_LEN  44       /* 32 bytes in base64 */


/* 0, or -1 when libcrypto failed */
int credits_signature_sha256(const unsigned char *p, size_t n,
    unsigned char digest[CREDITS_SHA256_LEN]);

/*
 * A digest in standard base64, canonical only: 43 digits, one "=", and the two
 * unused bits are zero.  s has CREDITS_SIGNATURE_LEN bytes.  0, or -1.
 */
int credits_signature_decode(const unsigned char *s,
    unsigned char mac[CREDITS_SHA256_LEN]);

/* 0: mac is the HMAC-SHA256 of p under the secret; or -1 */
int credits_signature_verify(const unsigned char *secret, size_t secret_len,
    const unsigned char *p, size_t n,
    const unsigned char mac[CREDITS_SHA256_LEN]);

#endif /* CREDITS_SIGNATURE_H */
