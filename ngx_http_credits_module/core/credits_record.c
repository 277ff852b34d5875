/*
 * The journal record.  A frame, little-endian:
 *
 *     0  magic           4
 *     4  checksum        4   CRC32C of all that follows
 *     8  version         1
 *     9  status          1
 *    10  length          2   of the whole frame
 *    12  lengths         4   of user, model, type, reason
 *    16  request        16
 *    32  credits         8
 *    40  ended           8
 *    48  usage          32   prompt, completion, total, cached
 *    80  user, model, type, reason
 */

#include <string.h>

#include "credits_price.h"
#include "credits_record.h"


#define CREDITS_RECORD_VERSION   1

#define CREDITS_RECORD_CHECKSUM  4
#define CREDITS_RECORD_BODY      8
#define CREDITS_RECORD_FIXED     80

/* an estimate may stand beside a number that the provider said */
#define CREDITS_RECORD_TOTAL_MAX (2 * CREDITS_TOKENS_MAX)


static size_t credits_record_text(const char *s, size_t size);
static int credits_record_valid(const credits_record_t *r, size_t type_len,
    size_t reason_len);
static int credits_record_printable(const char *s, size_t n);
static void credits_record_read(const unsigned char *p, credits_record_t *r);
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
    r->usage.prompt = -1;
    r->usage.completion = -1;
    r->usage.total = -1;
    r->usage.cached = -1;

    memcpy(r->type, "other", sizeof("other"));
}


size_t
credits_record_encode(const credits_record_t *r,
    unsigned char buf[CREDITS_RECORD_MAX])
{
    size_t          len, type_len, reason_len;
    uint32_t        checksum;
    unsigned char  *p;

    type_len = credits_record_text(r->type, sizeof(r->type));
    reason_len = credits_record_text(r->reason, sizeof(r->reason));

    if (!credits_record_valid(r, type_len, reason_len)) {
        return 0;
    }

    len = CREDITS_RECORD_FIXED + r->user_len + r->model_len + type_len
          + reason_len;

    p = buf + CREDITS_RECORD_BODY;

    *p++ = CREDITS_RECORD_VERSION;
    *p++ = (unsigned char) r->status;
    p = credits_record_put_number(p, len, 2);
    *p++ = (unsigned char) r->user_len;
    *p++ = (unsigned char) r->model_len;
    *p++ = (unsigned char) type_len;
    *p++ = (unsigned char) reason_len;

    p = credits_record_put_bytes(p, r->request, CREDITS_UUID_LEN);
    p = credits_record_put_number(p, (uint64_t) r->credits, 8);
    p = credits_record_put_number(p, (uint64_t) r->ended, 8);
    p = credits_record_put_number(p, (uint64_t) r->usage.prompt, 8);
    p = credits_record_put_number(p, (uint64_t) r->usage.completion, 8);
    p = credits_record_put_number(p, (uint64_t) r->usage.total, 8);
    p = credits_record_put_number(p, (uint64_t) r->usage.cached, 8);

    p = credits_record_put_bytes(p, r->user, r->user_len);
    p = credits_record_put_bytes(p, r->model, r->model_len);
    p = credits_record_put_bytes(p, r->type, type_len);
    (void) credits_record_put_bytes(p, r->reason, reason_len);

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
    size_t                i, len, lengths, known;
    const unsigned char  *pos;

    known = (n < sizeof(credits_record_magic)) ? n
                                               : sizeof(credits_record_magic);

    if (memcmp(p, credits_record_magic, known) != 0) {
        return -1;
    }

    if (n < CREDITS_RECORD_FIXED) {
        return 0;
    }

    pos = p + 10;
    len = (size_t) credits_record_get_number(&pos, 2);
    lengths = CREDITS_RECORD_FIXED;

    for (i = 0; i < 4; i++) {
        lengths += *pos++;
    }

    /* a wrong length must not look like a torn tail */

    if (p[CREDITS_RECORD_BODY] != CREDITS_RECORD_VERSION || len != lengths
        || len > CREDITS_RECORD_MAX)
    {
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

    /* type and reason must fit, with their NUL */

    if (p[14] >= sizeof(r->type) || p[15] >= sizeof(r->reason)) {
        return -1;
    }

    credits_record_read(p, r);

    return credits_record_valid(r, p[14], p[15]) ? (int) len : -1;
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


/* length of a string that fills its array if it has no NUL */

static size_t
credits_record_text(const char *s, size_t size)
{
    const char  *nul;

    nul = memchr(s, '\0', size);

    return nul ? (size_t) (nul - s) : size;
}


static int
credits_record_valid(const credits_record_t *r, size_t type_len,
    size_t reason_len)
{
    const credits_usage_t  *u;

    u = &r->usage;

    return r->status <= CREDITS_ESTIMATED
           && r->credits >= 0 && r->credits <= CREDITS_AMOUNT_MAX
           && (r->status != CREDITS_RELEASED || r->credits == 0)
           && r->ended >= 0
           && u->prompt >= -1 && u->prompt <= CREDITS_TOKENS_MAX
           && u->completion >= -1 && u->completion <= CREDITS_TOKENS_MAX
           && u->total >= -1 && u->total <= CREDITS_RECORD_TOTAL_MAX
           && u->cached >= -1 && u->cached <= CREDITS_TOKENS_MAX
           && r->user_len >= 1 && r->user_len <= sizeof(r->user)
           && memchr(r->user, '\0', r->user_len) == NULL
           && r->model_len <= sizeof(r->model)
           && memchr(r->model, '\0', r->model_len) == NULL
           && type_len >= 1 && type_len < sizeof(r->type)
           && credits_record_printable(r->type, type_len)
           && reason_len < sizeof(r->reason)
           && credits_record_printable(r->reason, reason_len);
}


static int
credits_record_printable(const char *s, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        if (s[i] < ' ' || s[i] > '~') {
            return 0;
        }
    }

    return 1;
}


/* reads a record whose lengths are known to fit */

static void
credits_record_read(const unsigned char *p, credits_record_t *r)
{
    size_t                type_len, reason_len;
    const unsigned char  *pos;

    memset(r, 0, sizeof(credits_record_t));

    r->status = (credits_status_t) p[9];
    r->user_len = p[12];
    r->model_len = p[13];
    type_len = p[14];
    reason_len = p[15];

    pos = p + 16;

    memcpy(r->request, pos, CREDITS_UUID_LEN);
    pos += CREDITS_UUID_LEN;

    r->credits = (int64_t) credits_record_get_number(&pos, 8);
    r->ended = (int64_t) credits_record_get_number(&pos, 8);
    r->usage.prompt = (int64_t) credits_record_get_number(&pos, 8);
    r->usage.completion = (int64_t) credits_record_get_number(&pos, 8);
    r->usage.total = (int64_t) credits_record_get_number(&pos, 8);
    r->usage.cached = (int64_t) credits_record_get_number(&pos, 8);

    memcpy(r->user, pos, r->user_len);
    pos += r->user_len;

    memcpy(r->model, pos, r->model_len);
    pos += r->model_len;

    memcpy(r->type, pos, type_len);
    pos += type_len;

    memcpy(r->reason, pos, reason_len);
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
