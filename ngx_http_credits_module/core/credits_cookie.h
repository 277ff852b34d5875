/*
 * The session cookie: found in a header, and its signature verified.
 */

#ifndef CREDITS_COOKIE_H
#define CREDITS_COOKIE_H

#include <stddef.h>


#define CREDITS_COOKIE_TOKEN_MAX  128


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
    unsigned char token[CREDITS_COOKIE_TOKEN_MAX]);

#endif /* CREDITS_COOKIE_H */
