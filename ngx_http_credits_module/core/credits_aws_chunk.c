/*
 * Base64 in the payloads of AWS's messages.
 */

#include "credits_aws_chunk.h"


#define CREDITS_AWS_CHUNK_BUFFER  256


typedef enum {
    sw_head = 0,
    sw_plain,
    sw_base64,
    sw_behind
} credits_aws_chunk_state_t;


static size_t credits_aws_chunk_head(credits_aws_chunk_t *s,
    const unsigned char *p, size_t n, credits_aws_chunk_pt handler,
    void *data);
static size_t credits_aws_chunk_base64(credits_aws_chunk_t *s,
    const unsigned char *p, size_t n, credits_aws_chunk_pt handler,
    void *data);
static int credits_aws_chunk_digit(unsigned char c);


static const unsigned char  credits_aws_chunk_before[] = {
    '{', '"', 'b', 'y', 't', 'e', 's', '"', ':', '"'
};


void
credits_aws_chunk_init(credits_aws_chunk_t *s)
{
    s->state = sw_head;
    s->matched = 0;
    s->bits = 0;
    s->count = 0;
}


void
credits_aws_chunk_feed(credits_aws_chunk_t *s, const unsigned char *p,
    size_t n, credits_aws_chunk_pt handler, void *data)
{
    size_t  len;

    for ( /* void */ ; n; p += len, n -= len) {

        switch (s->state) {

        case sw_head:
            len = credits_aws_chunk_head(s, p, n, handler, data);
            break;

        case sw_base64:
            len = credits_aws_chunk_base64(s, p, n, handler, data);
            break;

        case sw_plain:
            handler(data, p, n);
            return;

        default: /* sw_behind: padding */
            return;
        }
    }
}


void
credits_aws_chunk_end(credits_aws_chunk_t *s, credits_aws_chunk_pt handler,
    void *data)
{
    if (s->state == sw_head && s->matched) {
        handler(data, credits_aws_chunk_before, s->matched);
    }
}


/* what matched so far is handed on when it was something else */

static size_t
credits_aws_chunk_head(credits_aws_chunk_t *s, const unsigned char *p,
    size_t n, credits_aws_chunk_pt handler, void *data)
{
    size_t  i;

    for (i = 0; i < n; i++) {

        if (p[i] != credits_aws_chunk_before[s->matched]) {
            credits_aws_chunk_end(s, handler, data);
            s->state = sw_plain;
            break;
        }

        if (++s->matched == sizeof(credits_aws_chunk_before)) {
            s->state = sw_base64;
            return i + 1;
        }
    }

    return i;
}


static size_t
credits_aws_chunk_base64(credits_aws_chunk_t *s, const unsigned char *p,
    size_t n, credits_aws_chunk_pt handler, void *data)
{
    int             digit;
    size_t          i, len;
    unsigned char   buffer[CREDITS_AWS_CHUNK_BUFFER];

    len = 0;

    for (i = 0; i < n && len < sizeof(buffer); i++) {

        if (p[i] == '"') {
            s->state = sw_behind;
            i++;
            break;
        }

        digit = credits_aws_chunk_digit(p[i]);

        if (digit < 0) {
            continue;
        }

        s->bits = ((s->bits << 6) | (unsigned) digit) & 0xffff;
        s->count += 6;

        if (s->count >= 8) {
            s->count -= 8;
            buffer[len++] = (unsigned char) (s->bits >> s->count);
        }
    }

    if (len) {
        handler(data, buffer, len);
    }

    return i;
}


/* -1: padding, or the escape of a slash */

static int
credits_aws_chunk_digit(unsigned char c)
{
    return (c >= 'A' && c <= 'Z') ? c - 'A'
           : (c >= 'a' && c <= 'z') ? c - 'a' + 26
           : (c >= '0' && c <= '9') ? c - '0' + 52
           : (c == '+') ? 62
           : (c == '/') ? 63 : -1;
}
