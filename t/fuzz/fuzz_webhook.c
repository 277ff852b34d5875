/*
 * A webhook is accepted if, and only if, one of its first signatures is the
 * one that this driver computes, and its headers are what they should be.
 * The input is four lines: id, timestamp, signatures, body, the last of which
 * may hold more of them.  In the signatures "@" stands for the good one, "#"
 * for the second secret's, "$" for that of another secret.
 */

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "credits_webhook.h"
#include "fuzz.h"


#define NOW      1770122096
#define FIRST    "whsec_ovyN6cPrTv56AApvzCaJno08SSmGJmgbWilb33N2JuK"
#define SECOND   "polar_whs_ovyN6cPrTv56AApvzCaJno08SSmGJmgbWilb33N2JuK"
#define OTHER    "ovyN6cPrTv56AApvzCaJno08SSmGJmgbWilb33N2JuK"

#define SIGNATURE_LEN  (sizeof("v1,") - 1 + 44)
#define LINES          4


typedef struct {
    const unsigned char  *p;
    size_t                n;
} line_t;

typedef struct {
    credits_webhook_t    *w;
    int                   rc;
} feed_t;


static void
split(const unsigned char *p, size_t n, line_t *lines)
{
    size_t    len;
    unsigned  i;

    for (i = 0; i < LINES; i++) {
        len = 0;

        while (len < n && (p[len] != '\n' || i == LINES - 1)) {
            len++;
        }

        lines[i].p = p;
        lines[i].n = len;

        len += (len < n);
        p += len;
        n -= len;
    }
}


/* "v1," and what the secret's owner would write behind it */

static void
sign(const char *secret, const line_t *lines, unsigned char *text)
{
    unsigned        len;
    fuzz_trace_t    signed_bytes;
    unsigned char   mac[EVP_MAX_MD_SIZE];

    memset(&signed_bytes, 0, sizeof(signed_bytes));
    fuzz_put(&signed_bytes, lines[0].p, lines[0].n);
    fuzz_put(&signed_bytes, ".", 1);
    fuzz_put(&signed_bytes, lines[1].p, lines[1].n);
    fuzz_put(&signed_bytes, ".", 1);
    fuzz_put(&signed_bytes, lines[3].p, lines[3].n);

    (void) HMAC(EVP_sha256(), secret, (int) strlen(secret), signed_bytes.p,
                signed_bytes.n, mac, &len);

    memcpy(text, "v1,", 3);
    (void) EVP_EncodeBlock(text + 3, mac, (int) len);

    free(signed_bytes.p);
}


/* what the headers must be, said in another way */

static int
headers_good(const line_t *lines)
{
    char     text[16], again[32];
    size_t   i;
    int64_t  seconds;

    if (lines[0].n < 1 || lines[0].n > 255 || lines[1].n < 1
        || lines[1].n > 12)
    {
        return 0;
    }

    for (i = 0; i < lines[0].n; i++) {
        if (lines[0].p[i] < 0x21 || lines[0].p[i] > 0x7e
            || lines[0].p[i] == 0x2e)
        {
            return 0;
        }
    }

    memcpy(text, lines[1].p, lines[1].n);
    text[lines[1].n] = '\0';

    seconds = strtoll(text, NULL, 10);
    (void) snprintf(again, sizeof(again), "%lld", (long long) seconds);

    return strlen(again) == lines[1].n
           && memcmp(again, lines[1].p, lines[1].n) == 0
           && seconds >= NOW - 300 && seconds <= NOW + 300;
}


/* is this signature one of the first 16 of the list? */

static int
listed(const fuzz_trace_t *list, const unsigned char *signature)
{
    size_t    i, begin;
    unsigned  seen;

    begin = 0;
    seen = 0;

    for (i = 0; i <= list->n && seen < 16; i++) {
        if (i < list->n && list->p[i] != ' ') {
            continue;
        }

        if (i - begin == SIGNATURE_LEN
            && memcmp(list->p + begin, signature, SIGNATURE_LEN) == 0)
        {
            return 1;
        }

        begin = i + 1;
        seen++;
    }

    return 0;
}


static void
feed_body(void *data, const unsigned char *p, size_t n)
{
    feed_t  *feed = data;

    feed->rc |= credits_webhook_feed(feed->w, p, n);
}


static int
verify(const line_t *lines, const fuzz_trace_t *list, unsigned nsecrets)
{
    int                     rc;
    feed_t                  feed;
    unsigned char          *copy[3];
    credits_webhook_t       w;
    credits_webhook_str_t   id, timestamp, signature, secrets[2];

    secrets[0].p = (const unsigned char *) FIRST;
    secrets[0].n = sizeof(FIRST) - 1;
    secrets[1].p = (const unsigned char *) SECOND;
    secrets[1].n = sizeof(SECOND) - 1;

    id.p = copy[0] = fuzz_copy(lines[0].p, lines[0].n);
    id.n = lines[0].n;
    timestamp.p = copy[1] = fuzz_copy(lines[1].p, lines[1].n);
    timestamp.n = lines[1].n;
    signature.p = copy[2] = fuzz_copy(list->p, list->n);
    signature.n = list->n;

    rc = 0;

    if (credits_webhook_init(&w, &id, &timestamp, &signature, NOW) == NULL) {
        feed.w = &w;
        feed.rc = credits_webhook_begin(&w, secrets, nsecrets);

        fuzz_pieces(lines[3].p, lines[3].n, (unsigned) lines[3].n, feed_body,
                    &feed);
        must(feed.rc == 0);

        rc = credits_webhook_end(&w);
    }

    free(copy[0]);
    free(copy[1]);
    free(copy[2]);

    return rc;
}


int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
    int             headers;
    line_t          lines[LINES];
    size_t          i;
    fuzz_trace_t    list;
    unsigned char   first[SIGNATURE_LEN + 1], second[SIGNATURE_LEN + 1];
    unsigned char   other[SIGNATURE_LEN + 1];

    split(p, n, lines);
    sign(FIRST, lines, first);
    sign(SECOND, lines, second);
    sign(OTHER, lines, other);

    memset(&list, 0, sizeof(list));

    for (i = 0; i < lines[2].n; i++) {
        switch (lines[2].p[i]) {

        case '@':
            fuzz_put(&list, first, SIGNATURE_LEN);
            break;

        case '#':
            fuzz_put(&list, second, SIGNATURE_LEN);
            break;

        case '$':
            fuzz_put(&list, other, SIGNATURE_LEN);
            break;

        default:
            fuzz_put(&list, lines[2].p + i, 1);
        }
    }

    headers = headers_good(lines) && list.n <= 4096;

    must(verify(lines, &list, 1) == (headers && listed(&list, first)));
    must(verify(lines, &list, 2)
         == (headers && (listed(&list, first) || listed(&list, second))));

    free(list.p);

    return 0;
}
