/*
 * Any bytes: a record that is read is one that could have been written, the
 * records behind a fault are found, and one bad byte is noticed.
 */

#include "credits_record.h"
#include "fuzz.h"


static int64_t
take_number(const unsigned char **p, size_t *n, unsigned bytes)
{
    int64_t  number;

    for (number = 0; bytes && *n; bytes--, (*n)--) {
        number = number << 8 | *(*p)++;
    }

    return number;
}


static unsigned
take_text(const unsigned char **p, size_t *n, void *text, size_t size)
{
    unsigned  len;

    for (len = 0; len < size && *n; len++) {
        (*n)--;

        if (*(*p)++ == '\0') {
            break;
        }

        ((unsigned char *) text)[len] = *(*p - 1);
    }

    return len;
}


/* numbers; texts, a NUL behind each; what version 2 has added to both */

static size_t
write_record(const unsigned char *p, size_t n,
    unsigned char buf[CREDITS_RECORD_MAX])
{
    size_t            len;
    credits_record_t  r;

    memset(&r, 0, sizeof(r));

    r.status = (credits_status_t) take_number(&p, &n, 1);
    r.credits = take_number(&p, &n, 4);
    r.ended = take_number(&p, &n, 6);
    r.usage.prompt = take_number(&p, &n, 4);
    r.usage.completion = take_number(&p, &n, 4);
    r.usage.total = take_number(&p, &n, 4);
    r.usage.cached = take_number(&p, &n, 4) - 1;

    r.user_len = take_text(&p, &n, r.user, sizeof(r.user));
    r.model_len = take_text(&p, &n, r.model, sizeof(r.model));
    (void) take_text(&p, &n, r.type, sizeof(r.type));
    (void) take_text(&p, &n, r.reason, sizeof(r.reason));

    r.answered_len = take_text(&p, &n, r.answered, sizeof(r.answered));
    (void) take_text(&p, &n, r.tier, sizeof(r.tier));
    (void) take_text(&p, &n, r.operation, sizeof(r.operation));
    (void) take_text(&p, &n, r.price, sizeof(r.price));

    r.usage.cache_write = take_number(&p, &n, 4) - 1;
    r.usage.cache_write_1h = take_number(&p, &n, 4) - 1;
    r.usage.audio_input = take_number(&p, &n, 4) - 1;
    r.usage.image_input = take_number(&p, &n, 4) - 1;
    r.usage.reasoning = take_number(&p, &n, 4) - 1;
    r.usage.audio_output = take_number(&p, &n, 4) - 1;
    r.usage.images = take_number(&p, &n, 4) - 1;
    r.usage.searches = take_number(&p, &n, 4) - 1;
    r.usage.cost = take_number(&p, &n, 7) - 1;

    len = credits_record_encode(&r, buf);
    must(len <= CREDITS_RECORD_MAX);

    return len;
}


static void
check_record(const unsigned char *p, size_t n, const credits_record_t *r)
{
    size_t            len;
    unsigned char     again[CREDITS_RECORD_MAX];
    credits_record_t  other;

    len = credits_record_encode(r, again);

    if (p[8] == 2) {
        must(len == n && memcmp(p, again, n) == 0);

    } else {
        /* an older one is written anew, and says the same */

        must(credits_record_decode(again, len, &other) == (int) len);
        must(memcmp(r, &other, sizeof(other)) == 0);
    }

    /* a torn tail is no fault, one bad bit is */

    must(credits_record_decode(p, n - 1, &other) == 0);

    memcpy(again, p, n);
    again[(p[4] << 8 | p[5]) % n] ^= 1u << (p[6] & 7);
    must(credits_record_decode(again, n, &other) <= 0);
}


/* CRC32C, bit by bit */

static uint32_t
checksum(const unsigned char *p, size_t n)
{
    int       bit;
    uint32_t  crc;

    for (crc = 0xffffffff; n; n--) {
        crc ^= *p++;

        for (bit = 0; bit < 8; bit++) {
            crc = (crc >> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
        }
    }

    return ~crc;
}


/* the input as a frame whose checksum is right: is what it says possible? */

static void
check_sealed(const unsigned char *p, size_t n)
{
    int               rc;
    uint32_t          crc;
    unsigned char    *frame;
    credits_record_t  r;

    if (n < 8) {
        return;
    }

    frame = fuzz_copy(p, n);
    crc = checksum(p + 8, n - 8);

    memcpy(frame, "NCr\xed", 4);
    memcpy(frame + 4, &crc, 4);         /* the drivers run on little-endian */

    rc = credits_record_decode(frame, n, &r);

    if (rc > 0) {
        must((size_t) rc == n);
        must(r.credits >= 0 && r.ended >= 0);
        must(r.status != CREDITS_RELEASED || r.credits == 0);
        must(r.user_len > 0 && memchr(r.user, '\0', r.user_len) == NULL);
        must(memchr(r.type, '\0', sizeof(r.type)) != NULL);
        must(memchr(r.reason, '\0', sizeof(r.reason)) != NULL);
        must(memchr(r.tier, '\0', sizeof(r.tier)) != NULL);
        must(memchr(r.operation, '\0', sizeof(r.operation)) != NULL);
        must(memchr(r.price, '\0', sizeof(r.price)) != NULL);

        check_record(frame, n, &r);
    }

    free(frame);
}


/* every record is found again behind whatever stands before it */

static void
check_resync(const unsigned char *junk, size_t n, const unsigned char *record,
    size_t len)
{
    int               rc;
    size_t            at;
    unsigned char    *journal;
    credits_record_t  r;

    journal = malloc(n + len);
    memcpy(journal, junk, n);
    memcpy(journal + n, record, len);

    for (at = 0; at < n; at += (rc > 0) ? (size_t) rc : 1) {
        at += credits_record_resync(journal + at, n + len - at);
        must(at <= n);

        rc = credits_record_decode(journal + at, n + len - at, &r);
    }

    free(journal);
}


int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
    int               rc;
    size_t            at, len;
    unsigned char     buf[CREDITS_RECORD_MAX];
    unsigned char    *copy;
    credits_record_t  r;

    copy = fuzz_copy(p, n);

    for (at = 0; at < n; at++) {
        at += credits_record_resync(copy + at, n - at);

        if (at == n) {
            break;
        }

        rc = credits_record_decode(copy + at, n - at, &r);

        if (rc > 0) {
            check_record(copy + at, (size_t) rc, &r);
        }
    }

    free(copy);

    check_sealed(p, n);

    len = write_record(p, n, buf);

    if (len) {
        must(credits_record_decode(buf, len, &r) == (int) len);
        check_record(buf, len, &r);
        check_resync(p, n, buf, len);
    }

    return 0;
}
