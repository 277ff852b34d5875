#include "tap.h"

#include "credits_signature.c"


/* of "what do ya want for nothing?" under "Jefe": RFC 4231, section 4.3 */

#define KEY   "Jefe"
#define DATA  "what do ya want for nothing?"
#define MAC   "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM="


static int
verify(size_t key_len, const char *data, const unsigned char *mac)
{
    return credits_signature_verify((const unsigned char *) KEY, key_len,
                                    (const unsigned char *) data,
                                    strlen(data), mac);
}


static void
test_verify(void)
{
    unsigned char  mac[CREDITS_SHA256_LEN];

    is(credits_signature_decode((const unsigned char *) MAC, mac), 0,
       "the signature is base64");
    is(verify(4, DATA, mac), 0, "RFC 4231's example");
    is(verify(4, "what do ya want for nothing", mac), -1, "other bytes");
    is(verify(3, DATA, mac), -1, "another secret");
    is(verify(0, DATA, mac), -1, "no secret");
    is(verify((size_t) INT_MAX + 1, DATA, mac), -1,
       "a secret that libcrypto cannot count");

    mac[CREDITS_SHA256_LEN - 1] ^= 1;
    is(verify(4, DATA, mac), -1, "the last bit differs");
}


static void
test_digest(void)
{
    unsigned char  digest[CREDITS_SHA256_LEN];

    is(credits_signature_sha256((const unsigned char *) "abc", 3, digest), 0,
       "sha256");
    ok(digest[0] == 0xba && digest[1] == 0x78 && digest[31] == 0xad,
       "FIPS 180's example");
}


int
main(void)
{
    test_verify();
    test_digest();

    is(ERR_peek_error(), 0, "no error is left in OpenSSL's queue");

    return tap_done();
}
