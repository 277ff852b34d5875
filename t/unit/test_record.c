#include "tap.h"

#include "credits_record.c"


static credits_record_t
sample(void)
{
    unsigned          i;
    credits_record_t  r;

    memset(&r, 0, sizeof(r));

    for (i = 0; i < CREDITS_UUID_LEN; i++) {
        r.request[i] = (unsigned char) (0xf0 + i);
    }

    r.status = CREDITS_ESTIMATED;
    r.credits = 16;
    r.usage.prompt = 1234;
    r.usage.completion = 14000;
    r.usage.total = 15234;
    r.usage.cached = -1;
    r.ended = 1795348619118;
    r.user_len = 8;
    memcpy(r.user, "user_123", 8);
    r.model_len = 6;
    memcpy(r.model, "gpt-4o", 6);
    strcpy(r.type, "chat");
    strcpy(r.reason, "client left");

    return r;
}


static int
same(const credits_record_t *a, const credits_record_t *b)
{
    return memcmp(a->request, b->request, sizeof(a->request)) == 0
           && a->status == b->status
           && a->credits == b->credits
           && a->usage.prompt == b->usage.prompt
           && a->usage.completion == b->usage.completion
           && a->usage.total == b->usage.total
           && a->usage.cached == b->usage.cached
           && a->ended == b->ended
           && a->user_len == b->user_len
           && memcmp(a->user, b->user, a->user_len) == 0
           && a->model_len == b->model_len
           && memcmp(a->model, b->model, a->model_len) == 0
           && strcmp(a->type, b->type) == 0
           && strcmp(a->reason, b->reason) == 0;
}


/* decodes a copy that has exactly n bytes */

static int
decode(const unsigned char *p, size_t n, credits_record_t *r)
{
    int             rc;
    unsigned char  *copy;

    copy = tap_piece(p, n);
    rc = credits_record_decode(copy, n, r);
    free(copy);

    return rc;
}


static void
test_round_trip(void)
{
    size_t            len;
    unsigned char     buf[CREDITS_RECORD_MAX];
    credits_record_t  r, back;

    r = sample();
    len = credits_record_encode(&r, buf);

    ok(len > 0 && len <= CREDITS_RECORD_MAX, "encoded");
    is(decode(buf, len, &back), len, "decoded");
    ok(same(&r, &back), "the same record");

    memset(buf + len, 'x', sizeof(buf) - len);
    is(decode(buf, sizeof(buf), &back), len, "more bytes follow");

    credits_record_init(&r, back.request, (const unsigned char *) "u", 1);
    len = credits_record_encode(&r, buf);
    is(decode(buf, len, &back), len, "smallest");
    ok(same(&r, &back), "smallest: the same record");
    ok(back.status == CREDITS_RELEASED && back.usage.total == -1
       && strcmp(back.type, "other") == 0, "a release without usage");

    r.status = CREDITS_SETTLED;
    r.credits = CREDITS_AMOUNT_MAX;
    r.usage.prompt = CREDITS_TOKENS_MAX;
    r.usage.completion = CREDITS_TOKENS_MAX;
    r.usage.total = 2 * CREDITS_TOKENS_MAX;
    r.usage.cached = CREDITS_TOKENS_MAX;
    r.ended = INT64_MAX;
    r.user_len = sizeof(r.user);
    memset(r.user, 'u', sizeof(r.user));
    r.model_len = sizeof(r.model);
    memset(r.model, 0xe4, sizeof(r.model));
    memset(r.type, 't', sizeof(r.type) - 1);
    memset(r.reason, 'r', sizeof(r.reason) - 1);
    r.reason[sizeof(r.reason) - 1] = '\0';
    len = credits_record_encode(&r, buf);
    ok(len > 0 && len <= CREDITS_RECORD_MAX, "largest: %zu bytes", len);
    is(decode(buf, len, &back), len, "largest");
    ok(same(&r, &back), "largest: the same record");
}


static void
test_range(void)
{
    unsigned          i;
    unsigned char     buf[CREDITS_RECORD_MAX];
    credits_record_t  r;

    for (i = 0; i < 15; i++) {
        r = sample();

        switch (i) {
        case 0: r.credits = -1; break;
        case 1: r.credits = CREDITS_AMOUNT_MAX + 1; break;
        case 2: r.status = CREDITS_RELEASED; break;
        case 3: r.status = (credits_status_t) 3; break;
        case 4: r.usage.prompt = -2; break;
        case 5: r.usage.completion = CREDITS_TOKENS_MAX + 1; break;
        case 6: r.usage.total = INT64_MAX; break;
        case 7: r.usage.cached = INT64_MIN; break;
        case 8: r.ended = -1; break;
        case 9: r.user_len = 0; break;
        case 10: r.user_len = CREDITS_USER_MAX + 1; break;
        case 11: r.user[3] = '\0'; break;
        case 12: r.model_len = 256; break;
        case 13: memset(r.type, 'x', sizeof(r.type)); break;
        case 14: r.reason[0] = '\n'; break;
        }

        is(credits_record_encode(&r, buf), 0, "out of range %u", i);
    }
}


/* frames with a good checksum whose fields are out of range */

static void
test_forged(void)
{
    size_t            i, len;
    unsigned char     buf[CREDITS_RECORD_MAX];
    credits_record_t  r;

    static const struct {
        unsigned       at;
        unsigned char  byte;
        const char    *what;
    } cases[] = {
        { 9, 3, "status" },
        { 9, 0, "released, but charged" },
        { 39, 0x80, "negative credits" },
        { 47, 0x80, "negative time" },
        { 55, 0x80, "negative prompt" },
        { 60, 0xff, "huge completion" },
        { 71, 0x7f, "huge total" },
        { 79, 0x00, "huge cached" },
        { 80, 0x00, "NUL in the user" },
        { 88, 0x00, "NUL in the model" },
        { 94, 0x07, "control character in the type" },
        { 98, 0xff, "reason not ASCII" }
    };

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        r = sample();
        len = credits_record_encode(&r, buf);

        buf[cases[i].at] = cases[i].byte;
        credits_record_put_number(buf + 4,
                                  credits_record_crc32c(buf + 8, len - 8), 4);

        is(decode(buf, len, &r), -1, "forged: %s", cases[i].what);
    }

    /* a type and a reason that would not fit, in a frame that adds up */

    for (i = 14; i <= 15; i++) {
        r = sample();
        len = credits_record_encode(&r, buf);
        memset(buf + len, 'x', sizeof(buf) - len);

        len += 40;
        buf[i] = (unsigned char) (buf[i] + 40);
        credits_record_put_number(buf + 10, len, 2);
        credits_record_put_number(buf + 4,
                                  credits_record_crc32c(buf + 8, len - 8), 4);

        is(decode(buf, len, &r), -1, "forged: length %zu", i);
    }
}


static void
test_damage(void)
{
    size_t            i, len;
    unsigned          bit, detected, torn;
    unsigned char     buf[CREDITS_RECORD_MAX];
    credits_record_t  r, back;

    r = sample();
    len = credits_record_encode(&r, buf);
    detected = 0;
    torn = 0;

    for (i = 0; i < len; i++) {
        for (bit = 0; bit < 8; bit++) {
            buf[i] ^= (unsigned char) (1 << bit);
            detected += (decode(buf, len, &back) == -1);
            buf[i] ^= (unsigned char) (1 << bit);
        }

        buf[i] ^= 0xff;
        detected += (decode(buf, len, &back) == -1);
        buf[i] ^= 0xff;

        torn += (decode(buf, i, &back) == 0);
    }

    is(detected, 9 * len, "every flipped bit and byte is detected");
    is(torn, len, "every truncation is torn");

    memset(buf, 0, sizeof(buf));
    is(decode(buf, sizeof(buf), &back), -1, "zeros are no record");
    is(decode(buf, 1, &back), -1, "one zero is no torn record");
}


static void
test_resync(void)
{
    size_t            len, first, second, at;
    unsigned char     log[2 * CREDITS_RECORD_MAX];
    credits_record_t  r, back;

    r = sample();
    memcpy(log, "NNCgarbage\0N", 12);
    first = 12;
    len = credits_record_encode(&r, log + first);
    second = first + len;
    r.credits = 17;
    len = credits_record_encode(&r, log + second);

    at = credits_record_resync(log, second + len);
    is(at, first, "behind garbage");

    log[first + 20] ^= 1;
    is(decode(log + first, second + len - first, &back), -1, "damaged");
    at = first + 1 + credits_record_resync(log + first + 1, second + len
                                                            - first - 1);
    is(at, second, "the next one");
    is(decode(log + at, len, &back), len, "is whole");
    is(back.credits, 17, "and the second");

    is(credits_record_resync(log + second + 1, len - 1), len - 1, "no more");
    is(credits_record_resync(log, 0), 0, "nothing");
    is(credits_record_resync((const unsigned char *) "abcNC", 5), 3,
       "a record may begin at the end");
    is(credits_record_resync((const unsigned char *) "abcNCx", 6), 6,
       "but not so");
}


int
main(void)
{
    is(credits_record_crc32c((const unsigned char *) "123456789", 9),
       0xe3069283, "CRC32C's check value");

    test_round_trip();
    test_range();
    test_forged();
    test_damage();
    test_resync();

    return tap_done();
}
