/*
 * Signatures: HMAC-SHA256, compared in constant time.
 */

#ifndef CREDITS_SIGNATURE_H
#define CREDITS_SIGNATURE_H

#include <stddef.h>


#define CREDITS_SHA256_LEN     32
#define CREDITS_SIGNATURE_LEN  44       /* 32 bytes in base64 */
#define CREDITS_TOKEN_MAX      128


/* 0, or -1 when libcrypto failed */
int credits_sha256(const unsigned char *p, size_t n,
    unsigned char digest[CREDITS_SHA256_LEN]);

/*
 * A digest in standard base64, canonical only: 43 digits, one "=", and the two
 * unused bits are zero.  s has CREDITS_SIGNATURE_LEN bytes.  0, or -1.
 */
int credits_signature_decode(const unsigned char *s,
    unsigned char mac[CREDITS_SHA256_LEN]);

/*
 * Looks through the value of one Cookie header.  Returns how many cookies
 * have exactly this name; *value, *len is the first one's value as sent.
 */
unsigned credits_cookie_find(const unsigned char *header, size_t n,
    const unsigned char *name, size_t name_len,
    const unsigned char **value, size_t *len);

/*
 * A cookie that Better Auth signed: percent-encoded "token.signature".
 * Returns the token's length, its bytes in token[], or -1: not signed with
 * this secret.
 */
int credits_cookie_verify(const unsigned char *value, size_t n,
    const unsigned char *secret, size_t secret_len,
    unsigned char token[CREDITS_TOKEN_MAX]);

#endif /* CREDITS_SIGNATURE_H */
