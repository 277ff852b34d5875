#include "tap.h"

#include <openssl/hmac.h>

#include "credits_webhook.c"


#define ID       "msg_1"
#define TIME     "1770122096"
#define NOW      1770122096
#define SECRET   "whsec_ovyN6cPrTv56AApvzCaJno08SSmGJmgbWilb33N2JuK"
#define OLD      "polar_whs_ovyN6cPrTv56AApvzCaJno08SSmGJmgbWilb33N2JuK"
#define BODY     "{\"type\":\"order.paid\","                                  \
                 "\"timestamp\":\"2026-02-03T12:34:56Z\","                    \
                 "\"data\":{\"id\":\"ord_1\",\"paid\":true}}"
#define GOOD     "sTWvx60LH/eDpJOTA9z5chuyYYfcFGD2OeAV7YaL57w="
#define GOOD_OLD "kJKj5QXC2Sx2tiYc/oXq+u7wBxIYUW/qZwBjNgMqmUg="

/* what a test changes of it */
typedef struct {
    const char  *id;
    const char  *timestamp;
    const char  *signature;
    const char  *body;
    const char  *secrets[CREDITS_WEBHOOK_SECRETS + 1];
    int64_t      now;
    unsigned     cut;               /* length of the pieces, 0: whole */
} hook_t;

static const hook_t  hook = {
    ID, TIME, "v1," GOOD, BODY, { SECRET }, NOW, 0
};


static credits_webhook_str_t
piece(const char *s)
{
    credits_webhook_str_t  str;

    str.n = strlen(s);
    str.p = tap_piece(s, str.n);

    return str;
}


/* 1: accepted, 0: refused, 2: already for what the headers are, -1: failed */

static int
verify(const hook_t *h)
{
    int                    rc, failed;
    size_t                 i, n, len;
    unsigned               k, nsecrets;
    const char            *why;
    unsigned char         *copy;
    credits_webhook_t      w;
    credits_webhook_str_t  id, timestamp, signature;
    credits_webhook_str_t  secrets[CREDITS_WEBHOOK_SECRETS];

    id = piece(h->id);
    timestamp = piece(h->timestamp);
    signature = piece(h->signature);

    for (nsecrets = 0; h->secrets[nsecrets]; nsecrets++) {
        secrets[nsecrets] = piece(h->secrets[nsecrets]);
    }

    why = credits_webhook_init(&w, &id, &timestamp, &signature, h->now);
    rc = 2;

    if (why == NULL) {
        failed = credits_webhook_begin(&w, secrets, nsecrets);

        n = strlen(h->body);

        for (i = 0; i < n; i += len) {
            len = (h->cut && h->cut < n - i) ? h->cut : n - i;
            copy = tap_piece(h->body + i, len);
            failed |= credits_webhook_feed(&w, copy, len);
            free(copy);
        }

        rc = credits_webhook_end(&w);
        rc = failed ? -1 : rc;
    }

    free((void *) id.p);
    free((void *) timestamp.p);
    free((void *) signature.p);

    for (k = 0; k < nsecrets; k++) {
        free((void *) secrets[k].p);
    }

    return rc;
}


/* what the secret's owner would send for it */

static void
sign(const hook_t *h, char *signature)
{
    char           message[8192];
    unsigned       len;
    unsigned char  mac[EVP_MAX_MD_SIZE];

    len = (unsigned) snprintf(message, sizeof(message), "%s.%s.%s", h->id,
                              h->timestamp, h->body);

    (void) HMAC(EVP_sha256(), h->secrets[0], (int) strlen(h->secrets[0]),
                (unsigned char *) message, len, mac, &len);

    strcpy(signature, "v1,");
    (void) EVP_EncodeBlock((unsigned char *) signature + 3, mac, (int) len);
}


static void
test_vectors(void)
{
    hook_t  h;

    is(strlen(BODY), 90, "the example's body");
    is(verify(&hook), 1, "whsec_ is part of the key");

    h = hook;
    h.signature = "v1," GOOD_OLD;
    h.secrets[0] = OLD;
    is(verify(&h), 1, "polar_whs_ is part of the key");

    h.secrets[0] = SECRET;
    is(verify(&h), 0, "another secret");

    /* Standard Webhooks' own example: whsec_ stripped, base64-decoded */

    h = hook;
    h.id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    h.timestamp = "1614265330";
    h.now = 1614265330;
    h.body = "{\"test\": 2432232314}";
    h.signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    h.secrets[0] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    is(verify(&h), 0, "a key that is decoded is another one");

    h.secrets[0] = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    is(verify(&h), 0, "and so it is without its prefix");
}


/* an order as Polar sends it, with the headers that came with it */

static void
test_order(void)
{
    char     body[8192], line[256], values[3][256], *value;
    FILE    *file;
    hook_t   h;
    size_t   n;

    file = fopen("fixtures/polar_order_paid.json", "rb");
    n = file ? fread(body, 1, sizeof(body) - 1, file) : 0;
    body[n] = '\0';
    ok(file != NULL && fclose(file) == 0, "the order can be read");
    is(n, 2577, "all of it");

    file = fopen("fixtures/polar_order_paid.headers", "r");
    memset(values, 0, sizeof(values));

    for (n = 0; file && n < 3 && fgets(line, sizeof(line), file); n++) {
        value = strstr(line, ": ");
        strcpy(values[n], value ? value + 2 : "");
        values[n][strcspn(values[n], "\n")] = '\0';
    }

    ok(file != NULL && fclose(file) == 0, "and its headers");

    h = hook;
    h.body = body;
    h.id = values[0];
    h.timestamp = values[1];
    h.signature = values[2];
    is(verify(&h), 1, "an order");

    for (h.cut = 1; h.cut < 200; h.cut += 33) {
        is(verify(&h), 1, "an order in pieces of %u", h.cut);
    }

    h.cut = 0;
    strcat(body, "\n");
    is(verify(&h), 0, "with a newline behind it");
}


static void
test_signatures(void)
{
    hook_t  h;
    size_t  i;

    static const struct {
        const char  *signature;
        int          rc;
        const char  *what;
    } cases[] = {
        { "v1,AAAA v1," GOOD, 1, "behind one that is too short" },
        { "v1a,x v1," GOOD, 1, "behind another version" },
        { "v1," GOOD_OLD " v1," GOOD, 1, "behind another secret's" },
        { "v1," GOOD " v1," GOOD_OLD, 1, "before another secret's" },
        { "v1," GOOD " x", 1, "before what is none" },
        { "v1," GOOD " v1," GOOD, 1, "twice" },
        { "v1," GOOD_OLD ",v1," GOOD, 2, "separated by a comma" },
        { "v1," GOOD ",v1," GOOD_OLD, 2, "followed by a comma" },
        { "v1," GOOD "\tx", 2, "separated by a tab" },
        { "v1," GOOD_OLD, 0, "another secret's" },
        { "v2," GOOD, 2, "version 2" },
        { "V1," GOOD, 2, "VERSION 1" },
        { "v1a," GOOD, 2, "version 1a" },
        { "v1=" GOOD, 2, "an equal sign for the comma" },
        { "v1 " GOOD, 2, "a space for the comma" },
        { "v1, " GOOD, 2, "a space behind the comma" },
        { GOOD, 2, "no version" },
        { "v1," GOOD "=", 2, "two =" },
        { "v1,sTWvx60LH/eDpJOTA9z5chuyYYfcFGD2OeAV7YaL57w", 2, "no padding" },
        { "v1,sTWvx60LH/eDpJOTA9z5chuyYYfcFGD2OeAV7YaL57wA", 2,
          "a digit for the padding" },
        { "v1,sTWvx60LH_eDpJOTA9z5chuyYYfcFGD2OeAV7YaL57w=", 2,
          "url-safe alphabet" },
        { "v1,sTWvx60LH/eDpJOTA9z5chuyYYfcFGD2OeAV7YaL57x=", 2,
          "unused bits set" },
        { "v1,stwvx60lh/edpjota9z5chuyyyfcfgd2oeav7yal57w=", 0,
          "lower-cased" },
        { "v1,b1356fc7ad0b1ff783a4939303dcf972"
          "1bb26187dc1460f639e015ed868be7bc", 2, "in hex" },
        { "v1,", 2, "empty" },
        { "", 2, "nothing" },
        { " ", 2, "a space" },
        { "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", 0, "all zero" },
        { "v1,47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", 0,
          "the digest of nothing" }
    };

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        h = hook;
        h.signature = cases[i].signature;
        is(verify(&h), cases[i].rc, "signature: %s", cases[i].what);
    }
}


/* so many others, and then the good one */

static int
verify_behind(unsigned others, const char *other)
{
    char      list[8192];
    hook_t    h;
    unsigned  i;

    list[0] = '\0';

    for (i = 0; i < others; i++) {
        strcat(list, other);
        strcat(list, " ");
    }

    strcat(list, "v1," GOOD);

    h = hook;
    h.signature = list;

    return verify(&h);
}


static void
test_many_signatures(void)
{
    is(verify_behind(15, "v1," GOOD_OLD), 1, "the 16th signature");
    is(verify_behind(16, "v1," GOOD_OLD), 0, "the 17th is not looked at");
    is(verify_behind(15, "x"), 1, "the 16th, behind what are none");
    is(verify_behind(16, "x"), 2, "the 17th, behind what are none");
    is(verify_behind(15, ""), 1, "the 16th, behind spaces");
    is(verify_behind(90, "v1," GOOD_OLD), 2, "a list of 4 kB");
}


/* a bit of the signature, a byte of what is signed */

static void
test_altered(void)
{
    char           signature[64], body[sizeof(BODY)];
    hook_t         h;
    unsigned       i, refused;
    unsigned char  mac[CREDITS_SHA256_LEN];

    h = hook;
    h.signature = signature;
    strcpy(signature, "v1,");

    is(credits_signature_decode((const unsigned char *) GOOD, mac), 0,
       "decoded");

    for (refused = 0, i = 0; i < 256; i++) {
        mac[i / 8] ^= (unsigned char) (1 << (i % 8));
        (void) EVP_EncodeBlock((unsigned char *) signature + 3, mac,
                               CREDITS_SHA256_LEN);
        refused += (verify(&h) == 0);
        mac[i / 8] ^= (unsigned char) (1 << (i % 8));
    }

    is(refused, 256, "each single-bit flip of the signature is refused");

    h = hook;
    h.body = body;

    for (refused = 0, i = 0; i < strlen(BODY); i++) {
        strcpy(body, BODY);
        body[i] ^= 0x20;
        refused += (verify(&h) == 0);
    }

    is(refused, strlen(BODY), "each altered byte of the body is refused");

    for (refused = 0, i = 0; i < strlen(BODY); i++) {
        strcpy(body, BODY);
        body[i] = '\0';
        refused += (verify(&h) == 0);
    }

    is(refused, strlen(BODY), "each truncation of the body is refused");

    h = hook;
    h.body = " " BODY;
    is(verify(&h), 0, "a space before the body");
    h.body = BODY "\n";
    is(verify(&h), 0, "a newline behind the body");
}


static void
test_time(void)
{
    hook_t   h;
    size_t   i;
    int64_t  d;

    static const struct {
        const char  *timestamp;
        int          rc;
        const char  *what;
    } cases[] = {
        { "1770122095", 0, "a second less" },
        { "1770122097", 0, "a second more" },
        { "1770122096abc", 2, "letters behind it" },
        { "abc", 2, "letters" },
        { "", 2, "nothing" },
        { "01770122096", 2, "a leading zero" },
        { "+1770122096", 2, "a plus" },
        { "-1770122096", 2, "a minus" },
        { " 1770122096", 2, "a space" },
        { "1770122096.0", 2, "a fraction" },
        { "1.770122096e9", 2, "an exponent" },
        { "0x69818eb0", 2, "in hex" },
        { "1770122096000", 2, "milliseconds" },
        { "18446744075479673712", 2, "2^64 more" },
        { "0", 2, "1970" },
        { "999999999999", 2, "the last" }
    };

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        h = hook;
        h.timestamp = cases[i].timestamp;
        is(verify(&h), cases[i].rc, "timestamp: %s", cases[i].what);
    }

    h = hook;

    for (d = 299; d <= 302; d++) {
        h.now = NOW + d;
        is(verify(&h), d <= 300 ? 1 : 2, "%d seconds old", (int) d);
        h.now = NOW - d;
        is(verify(&h), d <= 300 ? 1 : 2, "%d seconds ahead", (int) d);
    }
}


static void
test_ids(void)
{
    char    id[257], signature[64];
    hook_t  h;
    int     c, good;

    h = hook;
    h.id = "msg_2";
    is(verify(&h), 0, "another id");
    h.id = "";
    is(verify(&h), 2, "no id");

    h.id = id;
    h.signature = signature;

    memset(id, 'x', sizeof(id));
    id[255] = '\0';
    sign(&h, signature);
    is(verify(&h), 1, "the longest id");

    id[255] = 'x';
    id[256] = '\0';
    sign(&h, signature);
    is(verify(&h), 2, "one byte longer");

    for (good = 0, c = 1; c < 256; c++) {
        id[0] = (char) c;
        id[1] = '\0';
        sign(&h, signature);
        good += (verify(&h) == ((c > ' ' && c <= '~' && c != '.') ? 1 : 2));
    }

    is(good, 255, "ids are printable ASCII without a dot");

    /* "msg.1770122096.{..}" must not be id "msg" and id "msg.1770122096" */

    h = hook;
    h.signature = signature;
    h.body = "1770122096." BODY;
    sign(&h, signature);
    is(verify(&h), 1, "a body that begins like a time");

    h.id = ID "." TIME;
    h.body = BODY;
    is(verify(&h), 2, "the same bytes with the dots elsewhere");
}


static void
test_secrets(void)
{
    hook_t  h;

    h = hook;
    h.secrets[0] = OLD;
    is(verify(&h), 0, "the other secret");

    h.secrets[1] = SECRET;
    is(verify(&h), 1, "the second of two secrets");

    h.secrets[0] = SECRET;
    h.secrets[1] = OLD;
    is(verify(&h), 1, "the first of two secrets");

    h.signature = "v1," GOOD_OLD;
    is(verify(&h), 1, "signed with the second");

    h.secrets[0] = h.secrets[1] = h.secrets[2] = "another secret";
    h.secrets[3] = OLD;
    is(verify(&h), 1, "the last of four");
    h.secrets[3] = "another secret";
    is(verify(&h), 0, "none of four");

    h = hook;
    h.secrets[0] = SECRET + strlen("whsec_");
    is(verify(&h), 0, "without the prefix");
    h.secrets[0] = SECRET "\n";
    is(verify(&h), 0, "with a newline");
    h.secrets[0] = "whsec_ovyN6cPrTv56AApvzCaJno08SSmGJmgbWilb33N2Ju";
    is(verify(&h), 0, "a byte less");
}


/* an empty body is signed like any other */

static void
test_bodies(void)
{
    char    signature[64];
    hook_t  h;

    h = hook;
    h.body = "";
    is(verify(&h), 0, "no body");

    h.signature = signature;
    sign(&h, signature);
    is(verify(&h), 1, "no body, signed");
}


/* what cannot be checked is not accepted, and nothing leaks */

static void
test_failure(void)
{
    credits_webhook_t      w;
    credits_webhook_str_t  id, timestamp, signature, secrets[2];

    id = piece(ID);
    timestamp = piece(TIME);
    signature = piece("v1," GOOD);
    secrets[0] = piece(SECRET);

    ok(credits_webhook_init(&w, &id, &timestamp, &signature, NOW) == NULL,
       "init");
    is(credits_webhook_end(&w), 0, "no secret accepts nothing");

    (void) credits_webhook_init(&w, &id, &timestamp, &signature, NOW);
    is(credits_webhook_begin(&w, secrets, 1), 0, "begin");
    EVP_MD_CTX_free(w.macs[0]);
    w.macs[0] = NULL;
    is(credits_webhook_feed(&w, secrets[0].p, 1), -1, "feed without a MAC");
    is(credits_webhook_end(&w), -1, "end without a MAC");

    free((void *) id.p);
    free((void *) timestamp.p);
    free((void *) signature.p);
    free((void *) secrets[0].p);
}


int
main(void)
{
    test_vectors();
    test_order();
    test_signatures();
    test_many_signatures();
    test_altered();
    test_time();
    test_ids();
    test_secrets();
    test_bodies();
    test_failure();

    is(ERR_peek_error(), 0, "no error is left in OpenSSL's queue");

    return tap_done();
}
