/*
 * The journal record.  A frame, little-endian:
 *
 *     0  magic           4
 *     4  checksum        4   CRC32C of all that follows
 *     8  version         1
 *     9  status          1
 *    10  length          2   of the whole frame
 *    12  lengths             of each text, a byte
 *        request        16
 *        credits         8
 *        ended           8
 *        counts              of the usage, 8 each
 *        texts
 *
 * A version adds to the ends of both lists, of counts and of texts, so that
 * what an older module has left is read by the same code.
 */

#include <string.h>

#include "credits_price.h"
#include "credits_record.h"


#define CREDITS_RECORD_VERSION   2

#define CREDITS_RECORD_CHECKSUM  4
#define CREDITS_RECORD_BODY      8
#define CREDITS_RECORD_LENGTHS   12

#define CREDITS_RECORD_COUNTS                                                 \
    (sizeof(credits_record_counts) / sizeof(credits_record_counts[0]))
#define CREDITS_RECORD_TEXTS                                                  \
    (sizeof(credits_record_texts) / sizeof(credits_record_texts[0]))

/* an estimate may be added to a number that the provider said */
#define CREDITS_RECORD_COUNT_MAX (2 * CREDITS_TOKENS_MAX)
#define CREDITS_RECORD_TOTAL_MAX (2 * CREDITS_RECORD_COUNT_MAX)


typedef struct {
    size_t    at;               /* in credits_usage_t */
    int64_t   max;
} credits_record_count_t;


/* where it is in credits_record_t */
typedef struct {
    size_t    at;
    size_t    size;
    size_t    length;           /* 0: it ends with a NUL */
} credits_record_text_t;


#define credits_record_count(member, max)                                     \
    { offsetof(credits_usage_t, member), max }

#define credits_record_string(member, length)                                 \
    { offsetof(credits_record_t, member),                                     \
      sizeof(((credits_record_t *) NULL)->member), length }


static const credits_record_count_t  credits_record_counts[] = {
    credits_record_count(prompt, CREDITS_RECORD_COUNT_MAX),
    credits_record_count(completion, CREDITS_RECORD_COUNT_MAX),
    credits_record_count(total, CREDITS_RECORD_TOTAL_MAX),
    credits_record_count(cached, CREDITS_RECORD_COUNT_MAX),

    /* version 2 */
    credits_record_count(cache_write, CREDITS_RECORD_COUNT_MAX),
    credits_record_count(cache_write_1h, CREDITS_RECORD_COUNT_MAX),
    credits_record_count(audio_input, CREDITS_RECORD_COUNT_MAX),
    credits_record_count(image_input, CREDITS_RECORD_COUNT_MAX),
    credits_record_count(reasoning, CREDITS_RECORD_COUNT_MAX),
    credits_record_count(audio_output, CREDITS_RECORD_COUNT_MAX),
    credits_record_count(images, CREDITS_RECORD_COUNT_MAX),
    credits_record_count(searches, CREDITS_RECORD_COUNT_MAX),
    credits_record_count(cost, INT64_MAX)
};


static const credits_record_text_t  credits_record_texts[] = {
    credits_record_string(user, offsetof(credits_record_t, user_len)),
    credits_record_string(model, offsetof(credits_record_t, model_len)),
    credits_record_string(type, 0),
    credits_record_string(reason, 0),

    /* version 2 */
    credits_record_string(answered, offsetof(credits_record_t, answered_len)),
    credits_record_string(tier, 0),
    credits_record_string(operation, 0),
    credits_record_string(price, 0)
};


/* how much of the two lists a version has */
static const struct {
    size_t    counts;
    size_t    texts;
} credits_record_versions[] = {
    { 0, 0 },                   /* there is no version 0 */
    { 4, 4 },
    { CREDITS_RECORD_COUNTS, CREDITS_RECORD_TEXTS }
};


static size_t credits_record_fixed(unsigned version);
static void credits_record_lengths(const credits_record_t *r,
    size_t lengths[CREDITS_RECORD_TEXTS]);
static size_t credits_record_room(const credits_record_text_t *text);
static int credits_record_valid(const credits_record_t *r,
    const size_t lengths[CREDITS_RECORD_TEXTS]);
static int credits_record_valid_usage(const credits_usage_t *usage);
static int credits_record_valid_texts(const credits_record_t *r,
    const size_t lengths[CREDITS_RECORD_TEXTS]);
static int credits_record_printable(const char *s);
static int credits_record_read(const unsigned char *p, credits_record_t *r);
static uint32_t credits_record_crc32c(const unsigned char *p, size_t n);
static unsigned char *credits_record_put_bytes(unsigned char *p,
    const void *src, size_t n);
static unsigned char *credits_record_put_number(unsigned char *p,
    uint64_t value, unsigned n);
static uint64_t credits_record_get_number(const unsigned char **p, unsigned n);


static const unsigned char  credits_record_magic[] = { 'N', 'C', 'r', 0xed };


void
credits_record_init(credits_record_t *r,
    const unsigned char request[CREDITS_UUID_LEN], const unsigned char *user,
    unsigned user_len)
{
    memset(r, 0, sizeof(credits_record_t));

    memcpy(r->request, request, CREDITS_UUID_LEN);
    memcpy(r->user, user, user_len);
    r->user_len = user_len;

    r->status = CREDITS_RELEASED;
    memcpy(r->type, "other", sizeof("other"));

    credits_usage_init(&r->usage);
}


size_t
credits_record_encode(const credits_record_t *r,
    unsigned char buf[CREDITS_RECORD_MAX])
{
    size_t                i, len, lengths[CREDITS_RECORD_TEXTS];
    uint32_t              checksum;
    unsigned char        *p;
    const unsigned char  *record, *usage;

    credits_record_lengths(r, lengths);

    if (!credits_record_valid(r, lengths)) {
        return 0;
    }

    record = (const unsigned char *) r;
    usage = (const unsigned char *) &r->usage;
    len = credits_record_fixed(CREDITS_RECORD_VERSION);

    for (i = 0; i < CREDITS_RECORD_TEXTS; i++) {
        len += lengths[i];
    }

    p = buf + CREDITS_RECORD_BODY;

    *p++ = CREDITS_RECORD_VERSION;
    *p++ = (unsigned char) r->status;
    p = credits_record_put_number(p, len, 2);

    for (i = 0; i < CREDITS_RECORD_TEXTS; i++) {
        *p++ = (unsigned char) lengths[i];
    }

    p = credits_record_put_bytes(p, r->request, CREDITS_UUID_LEN);
    p = credits_record_put_number(p, (uint64_t) r->credits, 8);
    p = credits_record_put_number(p, (uint64_t) r->ended, 8);

    for (i = 0; i < CREDITS_RECORD_COUNTS; i++) {
        p = credits_record_put_number(p,
                   *(const uint64_t *) (usage + credits_record_counts[i].at),
                   8);
    }

    for (i = 0; i < CREDITS_RECORD_TEXTS; i++) {
        p = credits_record_put_bytes(p, record + credits_record_texts[i].at,
                                     lengths[i]);
    }

    p = credits_record_put_bytes(buf, credits_record_magic,
                                 sizeof(credits_record_magic));
    checksum = credits_record_crc32c(buf + CREDITS_RECORD_BODY,
                                     len - CREDITS_RECORD_BODY);
    (void) credits_record_put_number(p, checksum, 4);

    return len;
}


int
credits_record_decode(const unsigned char *p, size_t n, credits_record_t *r)
{
    size_t                i, len, sum, known;
    unsigned              version;
    const unsigned char  *pos;

    known = (n < sizeof(credits_record_magic)) ? n
                                               : sizeof(credits_record_magic);

    if (memcmp(p, credits_record_magic, known) != 0) {
        return -1;
    }

    if (n <= CREDITS_RECORD_BODY) {
        return 0;
    }

    version = p[CREDITS_RECORD_BODY];

    if (version == 0 || version > CREDITS_RECORD_VERSION) {
        return -1;
    }

    sum = credits_record_fixed(version);

    if (n < sum) {
        return 0;
    }

    pos = p + 10;
    len = (size_t) credits_record_get_number(&pos, 2);

    for (i = 0; i < credits_record_versions[version].texts; i++) {
        sum += *pos++;
    }

    /* a wrong length must not look like a torn tail */

    if (len != sum || len > CREDITS_RECORD_MAX) {
        return -1;
    }

    if (n < len) {
        return 0;
    }

    pos = p + CREDITS_RECORD_CHECKSUM;

    if (credits_record_get_number(&pos, 4)
        != credits_record_crc32c(p + CREDITS_RECORD_BODY,
                                 len - CREDITS_RECORD_BODY))
    {
        return -1;
    }

    return (credits_record_read(p, r) == 0) ? (int) len : -1;
}


size_t
credits_record_resync(const unsigned char *p, size_t n)
{
    size_t  i, left;

    for (i = 0; i < n; i++) {
        left = n - i;

        if (left > sizeof(credits_record_magic)) {
            left = sizeof(credits_record_magic);
        }

        if (memcmp(p + i, credits_record_magic, left) == 0) {
            return i;
        }
    }

    return n;
}


/* bytes before the texts */

static size_t
credits_record_fixed(unsigned version)
{
    return CREDITS_RECORD_LENGTHS + credits_record_versions[version].texts
           + CREDITS_UUID_LEN + 8 + 8
           + 8 * credits_record_versions[version].counts;
}


/* a text without its NUL is as long as its array, which is too long */

static void
credits_record_lengths(const credits_record_t *r,
    size_t lengths[CREDITS_RECORD_TEXTS])
{
    size_t                        i;
    const char                   *s, *nul;
    const unsigned char          *record;
    const credits_record_text_t  *text;

    record = (const unsigned char *) r;

    for (i = 0; i < CREDITS_RECORD_TEXTS; i++) {
        text = &credits_record_texts[i];

        if (text->length) {
            lengths[i] = *(const unsigned *) (record + text->length);
            continue;
        }

        s = (const char *) record + text->at;
        nul = memchr(s, '\0', text->size);
        lengths[i] = nul ? (size_t) (nul - s) : text->size;
    }
}


/* the longest that it may be */

static size_t
credits_record_room(const credits_record_text_t *text)
{
    return text->length ? text->size : text->size - 1;
}


static int
credits_record_valid(const credits_record_t *r,
    const size_t lengths[CREDITS_RECORD_TEXTS])
{
    return r->status <= CREDITS_ESTIMATED
           && r->credits >= 0 && r->credits <= CREDITS_AMOUNT_MAX
           && (r->status != CREDITS_RELEASED || r->credits == 0)
           && r->ended >= 0
           && credits_record_valid_usage(&r->usage)
           && credits_record_valid_texts(r, lengths)
           && r->user_len >= 1
           && r->type[0] != '\0'
           && credits_record_printable(r->type)
           && credits_record_printable(r->reason);
}


static int
credits_record_valid_usage(const credits_usage_t *usage)
{
    size_t                          i;
    int64_t                         n;
    const credits_record_count_t   *count;

    for (i = 0; i < CREDITS_RECORD_COUNTS; i++) {
        count = &credits_record_counts[i];
        n = *(const int64_t *) ((const unsigned char *) usage + count->at);

        if (n < -1 || n > count->max) {
            return 0;
        }
    }

    return 1;
}


static int
credits_record_valid_texts(const credits_record_t *r,
    const size_t lengths[CREDITS_RECORD_TEXTS])
{
    size_t                        i;
    const unsigned char          *record;
    const credits_record_text_t  *text;

    record = (const unsigned char *) r;

    for (i = 0; i < CREDITS_RECORD_TEXTS; i++) {
        text = &credits_record_texts[i];

        if (lengths[i] > credits_record_room(text)
            || memchr(record + text->at, '\0', lengths[i]) != NULL)
        {
            return 0;
        }
    }

    return 1;
}


static int
credits_record_printable(const char *s)
{
    for ( /* void */ ; *s; s++) {
        if (*s < ' ' || *s > '~') {
            return 0;
        }
    }

    return 1;
}


/* reads a whole frame of a known version; 0, or -1: it cannot be one */

static int
credits_record_read(const unsigned char *p, credits_record_t *r)
{
    size_t                        lengths[CREDITS_RECORD_TEXTS];
    size_t                        i, counts, texts;
    unsigned char                *record;
    const unsigned char          *pos;
    const credits_record_text_t  *text;

    memset(r, 0, sizeof(credits_record_t));
    memset(lengths, 0, sizeof(lengths));
    credits_usage_init(&r->usage);

    record = (unsigned char *) r;
    counts = credits_record_versions[p[CREDITS_RECORD_BODY]].counts;
    texts = credits_record_versions[p[CREDITS_RECORD_BODY]].texts;

    r->status = (credits_status_t) p[9];
    pos = p + CREDITS_RECORD_LENGTHS;

    for (i = 0; i < texts; i++) {
        text = &credits_record_texts[i];
        lengths[i] = *pos++;

        if (lengths[i] > credits_record_room(text)) {
            return -1;
        }

        if (text->length) {
            *(unsigned *) (record + text->length) = (unsigned) lengths[i];
        }
    }

    memcpy(r->request, pos, CREDITS_UUID_LEN);
    pos += CREDITS_UUID_LEN;

    r->credits = (int64_t) credits_record_get_number(&pos, 8);
    r->ended = (int64_t) credits_record_get_number(&pos, 8);

    for (i = 0; i < counts; i++) {
        *(int64_t *) ((unsigned char *) &r->usage
                      + credits_record_counts[i].at)
            = (int64_t) credits_record_get_number(&pos, 8);
    }

    for (i = 0; i < texts; i++) {
        memcpy(record + credits_record_texts[i].at, pos, lengths[i]);
        pos += lengths[i];
    }

    return credits_record_valid(r, lengths) ? 0 : -1;
}


/*
 * By nibbles, with a table of 64 bytes instead of 1024: each request makes
 * one record only.
 */

static uint32_t
credits_record_crc32c(const unsigned char *p, size_t n)
{
    uint32_t               crc;
    const unsigned char   *end;
    static const uint32_t  table[16] = {
        0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1,
        0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
        0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
        0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75
    };

    crc = 0xffffffff;

    for (end = p + n; p < end; p++) {
        crc ^= *p;
        crc = (crc >> 4) ^ table[crc & 0x0f];
        crc = (crc >> 4) ^ table[crc & 0x0f];
    }

    return crc ^ 0xffffffff;
}


static unsigned char *
credits_record_put_bytes(unsigned char *p, const void *src, size_t n)
{
    memcpy(p, src, n);

    return p + n;
}


static unsigned char *
credits_record_put_number(unsigned char *p, uint64_t value, unsigned n)
{
    while (n--) {
        *p++ = (unsigned char) value;
        value >>= 8;
    }

    return p;
}


static uint64_t
credits_record_get_number(const unsigned char **p, unsigned n)
{
    unsigned  i;
    uint64_t  value;

    value = 0;

    for (i = 0; i < n; i++) {
        value |= (uint64_t) *(*p)++ << (8 * i);
    }

    return value;
}
