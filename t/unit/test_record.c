#include "tap.h"

#include "credits_record.c"


#define COUNTS  (sizeof(credits_usage_t) / sizeof(int64_t))


/* what 0.9.0 has written for old() */

static const unsigned char  version_1[] = {
    0x4e, 0x43, 0x72, 0xed, 0x50, 0xbe, 0xcf, 0x03, 0x01, 0x02, 0x6d, 0x00,
    0x08, 0x06, 0x04, 0x0b, 0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7,
    0xf8, 0xf9, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0xff, 0x10, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x6e, 0xdf, 0x1d, 0x03, 0xa2, 0x01, 0x00, 0x00,
    0xd2, 0x04, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xb0, 0x36, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x82, 0x3b, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0xe8, 0x03, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x75, 0x73, 0x65, 0x72,
    0x5f, 0x31, 0x32, 0x33, 0x67, 0x70, 0x74, 0x2d, 0x34, 0x6f, 0x63, 0x68,
    0x61, 0x74, 0x63, 0x6c, 0x69, 0x65, 0x6e, 0x74, 0x5f, 0x67, 0x6f, 0x6e,
    0x65
};


/* each count in turn: the usage has no other members */

static int64_t *
count(credits_usage_t *usage, size_t i)
{
    return (int64_t *) usage + i;
}


static credits_record_t
old(void)
{
    unsigned          i;
    credits_record_t  r;

    memset(&r, 0, sizeof(r));
    credits_usage_init(&r.usage);

    for (i = 0; i < CREDITS_UUID_LEN; i++) {
        r.request[i] = (unsigned char) (0xf0 + i);
    }

    r.status = CREDITS_ESTIMATED;
    r.credits = 16;
    r.usage.prompt = 1234;
    r.usage.completion = 14000;
    r.usage.total = 15234;
    r.usage.cached = 1000;
    r.ended = 1795348619118;
    r.user_len = 8;
    memcpy(r.user, "user_123", 8);
    r.model_len = 6;
    memcpy(r.model, "gpt-4o", 6);
    strcpy(r.type, "chat");
    strcpy(r.reason, "client_gone");

    return r;
}


static credits_record_t
sample(void)
{
    credits_record_t  r;

    r = old();

    r.usage.cache_write = 30;
    r.usage.cache_write_1h = 31;
    r.usage.audio_input = 32;
    r.usage.image_input = 33;
    r.usage.reasoning = 34;
    r.usage.audio_output = 35;
    r.usage.images = 0;
    r.usage.searches = 37;
    r.usage.cost = 1234567890123;
    r.answered_len = 11;
    memcpy(r.answered, "gpt-4o-mini", 11);
    strcpy(r.tier, "priority");
    strcpy(r.operation, "openai chat");
    strcpy(r.price, "gpt-4o* input=2.5 output=10 unit=1000");

    return r;
}


static int
same(const credits_record_t *a, const credits_record_t *b)
{
    return memcmp(a->request, b->request, sizeof(a->request)) == 0
           && a->status == b->status
           && a->credits == b->credits
           && memcmp(&a->usage, &b->usage, sizeof(a->usage)) == 0
           && a->ended == b->ended
           && a->user_len == b->user_len
           && memcmp(a->user, b->user, a->user_len) == 0
           && a->model_len == b->model_len
           && memcmp(a->model, b->model, a->model_len) == 0
           && a->answered_len == b->answered_len
           && memcmp(a->answered, b->answered, a->answered_len) == 0
           && strcmp(a->tier, b->tier) == 0
           && strcmp(a->operation, b->operation) == 0
           && strcmp(a->price, b->price) == 0
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
    size_t            i, len;
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
    ok(back.status == CREDITS_RELEASED && strcmp(back.type, "other") == 0,
       "a release");

    for (i = 0; i < COUNTS; i++) {
        is(*count(&back.usage, i), -1, "without usage: %zu", i);
    }

    r.status = CREDITS_SETTLED;
    r.credits = CREDITS_AMOUNT_MAX;

    for (i = 0; i < COUNTS; i++) {
        *count(&r.usage, i) = 2 * CREDITS_TOKENS_MAX;
    }

    r.usage.total = 4 * CREDITS_TOKENS_MAX;
    r.usage.cost = INT64_MAX;
    r.ended = INT64_MAX;
    r.user_len = sizeof(r.user);
    memset(r.user, 'u', sizeof(r.user));
    r.model_len = sizeof(r.model);
    memset(r.model, 0xe4, sizeof(r.model));
    r.answered_len = sizeof(r.answered);
    memset(r.answered, 0xe5, sizeof(r.answered));
    memset(r.tier, 0xe6, sizeof(r.tier) - 1);
    memset(r.operation, 'o', sizeof(r.operation) - 1);
    memset(r.price, '\n', sizeof(r.price) - 1);
    memset(r.type, 't', sizeof(r.type) - 1);
    memset(r.reason, 'r', sizeof(r.reason) - 1);
    r.reason[sizeof(r.reason) - 1] = '\0';
    len = credits_record_encode(&r, buf);
    ok(len > 0 && len <= CREDITS_RECORD_MAX, "largest: %zu bytes", len);
    is(decode(buf, len, &back), len, "largest");
    ok(same(&r, &back), "largest: the same record");
}


/* what an older module has left in the journal */

static void
test_version_1(void)
{
    size_t            i, torn;
    credits_record_t  r, back;

    r = old();

    is(decode(version_1, sizeof(version_1), &back), sizeof(version_1),
       "version 1 is read");
    ok(same(&r, &back), "version 1: the same record, and no more");

    for (i = 0, torn = 0; i < sizeof(version_1); i++) {
        torn += (decode(version_1, i, &back) == 0);
    }

    is(torn, sizeof(version_1), "version 1: every truncation is torn");
}


static void
test_range(void)
{
    unsigned          i, k;
    unsigned char     buf[CREDITS_RECORD_MAX];
    credits_record_t  r;

    for (i = 0; i < COUNTS; i++) {
        for (k = 0; k < 3; k++) {
            r = sample();
            *count(&r.usage, i)
                = (k == 0) ? -2
                           : (k == 1) ? INT64_MIN
                                      : 4 * CREDITS_TOKENS_MAX + 1;

            is(credits_record_encode(&r, buf) == 0,
               k < 2 || count(&r.usage, i) != &r.usage.cost,
               "out of range %u: count %u", k, i);
        }
    }

    for (i = 0; i < 17; i++) {
        r = sample();

        switch (i) {
        case 0: r.credits = -1; break;
        case 1: r.credits = CREDITS_AMOUNT_MAX + 1; break;
        case 2: r.status = CREDITS_RELEASED; break;
        case 3: r.status = (credits_status_t) 3; break;
        case 4: r.answered_len = 256; break;
        case 5: r.answered[0] = '\0'; break;
        case 6: r.type[0] = '\0'; break;
        case 7: memset(r.tier, 'x', sizeof(r.tier)); break;
        case 8: r.ended = -1; break;
        case 9: r.user_len = 0; break;
        case 10: r.user_len = CREDITS_USER_MAX + 1; break;
        case 11: r.user[3] = '\0'; break;
        case 12: r.model_len = 256; break;
        case 13: memset(r.type, 'x', sizeof(r.type)); break;
        case 14: r.reason[0] = '\n'; break;
        case 15: memset(r.operation, 'x', sizeof(r.operation)); break;
        case 16: memset(r.price, 'x', sizeof(r.price)); break;
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

    /* of the lengths of type, reason, tier and operation */

    static const unsigned char  texts[] = { 14, 15, 17, 18 };

    static const struct {
        unsigned       at;
        unsigned char  byte;
        const char    *what;
    } cases[] = {
        { 9, 3, "status" },
        { 9, 0, "released, but charged" },
        { 43, 0x80, "negative credits" },
        { 51, 0x80, "negative time" },
        { 59, 0x80, "negative prompt" },
        { 64, 0xff, "huge completion" },
        { 75, 0x7f, "huge total" },
        { 83, 0x01, "huge cached" },
        { 155, 0x80, "negative cost" },
        { 156, 0x00, "NUL in the user" },
        { 164, 0x00, "NUL in the model" },
        { 170, 0x07, "control character in the type" },
        { 174, 0xff, "reason not ASCII" },
        { 185, 0x00, "NUL in the answered model" },
        { 196, 0x00, "NUL in the tier" },
        { 204, 0x00, "NUL in the operation" },
        { 215, 0x00, "NUL in the price" }
    };

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        r = sample();
        len = credits_record_encode(&r, buf);

        buf[cases[i].at] = cases[i].byte;
        credits_record_put_number(buf + 4,
                                  credits_record_crc32c(buf + 8, len - 8), 4);

        is(decode(buf, len, &r), -1, "forged: %s", cases[i].what);
    }

    /* texts that would not fit, in a frame that adds up */

    for (i = 0; i < sizeof(texts); i++) {
        r = sample();
        len = credits_record_encode(&r, buf);
        memset(buf + len, 'x', sizeof(buf) - len);

        len += 40;
        buf[texts[i]] = (unsigned char) (buf[texts[i]] + 40);
        credits_record_put_number(buf + 10, len, 2);
        credits_record_put_number(buf + 4,
                                  credits_record_crc32c(buf + 8, len - 8), 4);

        is(decode(buf, len, &r), -1, "forged: length at %u", texts[i]);
    }

    /* versions that there are not */

    for (i = 0; i < 256; i++) {
        if (i == 1 || i == CREDITS_RECORD_VERSION) {
            continue;
        }

        r = sample();
        len = credits_record_encode(&r, buf);

        buf[8] = (unsigned char) i;
        credits_record_put_number(buf + 4,
                                  credits_record_crc32c(buf + 8, len - 8), 4);

        is(decode(buf, len, &r), -1, "forged: version %zu", i);
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
    test_version_1();
    test_range();
    test_forged();
    test_damage();
    test_resync();

    return tap_done();
}
