/*
 * AWS's event stream (application/vnd.amazon.eventstream).  A message is its
 * length, that of its headers, a checksum of both, the headers, the payload
 * and a checksum of all; numbers are big endian.
 */

#include "credits_aws_event.h"


#define CREDITS_AWS_EVENT_NUMBER    4           /* bytes */
#define CREDITS_AWS_EVENT_OVERHEAD  16          /* lengths and checksums */
#define CREDITS_AWS_EVENT_MAX       (32u << 20) /* bytes of a message */

#define CREDITS_AWS_EVENT_BYTES     6           /* types of a header: these */
#define CREDITS_AWS_EVENT_STRING    7           /* two have a length */


typedef enum {
    sw_length = 0,
    sw_headers_length,
    sw_prelude_sum,
    sw_name_length,
    sw_name,
    sw_type,
    sw_value_length,
    sw_value,
    sw_payload,
    sw_sum,
    sw_fault
} credits_aws_event_state_t;


static int credits_aws_event_byte(credits_aws_event_t *s, unsigned char c,
    credits_aws_event_pt handler, void *data);
static int credits_aws_event_prelude(credits_aws_event_t *s,
    credits_aws_event_pt handler, void *data);
static int credits_aws_event_header(credits_aws_event_t *s, unsigned char c,
    credits_aws_event_pt handler, void *data);
static void credits_aws_event_value(credits_aws_event_t *s, uint32_t len,
    credits_aws_event_pt handler, void *data);
static void credits_aws_event_value_end(credits_aws_event_t *s,
    credits_aws_event_pt handler, void *data);
static void credits_aws_event_match(credits_aws_event_t *s, unsigned char c,
    const char *word);
static void credits_aws_event_next(credits_aws_event_t *s, unsigned state,
    uint32_t count);


static const char  credits_aws_event_name[] = ":message-type";
static const char  credits_aws_event_ordinary[] = "event";

#define CREDITS_AWS_EVENT_NO_MATCH  sizeof(credits_aws_event_name)


/* bytes of a value, by its type; 0 also for those that have a length */

static const unsigned char  credits_aws_event_sizes[] = {
    0, 0, 1, 2, 4, 8, 0, 0, 8, 16
};


void
credits_aws_event_init(credits_aws_event_t *s)
{
    s->matched = 0;
    s->typed = 0;
    s->headers = 0;
    s->payload = 0;
    credits_aws_event_next(s, sw_length, CREDITS_AWS_EVENT_NUMBER);
}


void
credits_aws_event_feed(credits_aws_event_t *s, const unsigned char *p,
    size_t n, credits_aws_event_pt handler, void *data)
{
    size_t  len;

    while (n) {
        len = 1;

        if (s->state == sw_fault) {
            handler(data, CREDITS_AWS_EVENT_FAULT, p, n);
            return;
        }

        if (s->state == sw_payload) {
            len = (n < s->count) ? n : s->count;
            handler(data, CREDITS_AWS_EVENT_DATA, p, len);
            s->count -= (uint32_t) len;

            if (s->count == 0) {
                credits_aws_event_next(s, sw_sum, CREDITS_AWS_EVENT_NUMBER);
            }

        } else if (credits_aws_event_byte(s, *p, handler, data) != 0) {
            s->state = sw_fault;
            continue;
        }

        p += len;
        n -= len;
    }
}


int
credits_aws_event_blank(const credits_aws_event_t *s)
{
    return s->state == sw_length && s->count == CREDITS_AWS_EVENT_NUMBER;
}


/* a byte of anything but a payload; -1: it cannot be one */

static int
credits_aws_event_byte(credits_aws_event_t *s, unsigned char c,
    credits_aws_event_pt handler, void *data)
{
    if (s->state >= sw_name_length && s->state <= sw_value) {
        s->headers--;
        return credits_aws_event_header(s, c, handler, data);
    }

    s->number = (s->number << 8) | c;

    if (--s->count) {
        return 0;
    }

    switch (s->state) {

    case sw_length:
        if (s->number < CREDITS_AWS_EVENT_OVERHEAD
            || s->number > CREDITS_AWS_EVENT_MAX)
        {
            return -1;
        }

        s->payload = s->number - CREDITS_AWS_EVENT_OVERHEAD;
        credits_aws_event_next(s, sw_headers_length,
                               CREDITS_AWS_EVENT_NUMBER);
        return 0;

    case sw_headers_length:
        if (s->number > s->payload) {
            return -1;
        }

        s->headers = s->number;
        s->payload -= s->number;
        credits_aws_event_next(s, sw_prelude_sum, CREDITS_AWS_EVENT_NUMBER);
        return 0;

    case sw_prelude_sum:
        return credits_aws_event_prelude(s, handler, data);

    default: /* sw_sum */
        handler(data, CREDITS_AWS_EVENT_CLOSE, NULL, 0);
        credits_aws_event_next(s, sw_length, CREDITS_AWS_EVENT_NUMBER);
        return 0;
    }
}


static int
credits_aws_event_prelude(credits_aws_event_t *s,
    credits_aws_event_pt handler, void *data)
{
    handler(data, CREDITS_AWS_EVENT_OPEN, NULL, 0);

    if (s->headers) {
        credits_aws_event_next(s, sw_name_length, 1);

    } else {
        credits_aws_event_value_end(s, handler, data);
    }

    return 0;
}


static int
credits_aws_event_header(credits_aws_event_t *s, unsigned char c,
    credits_aws_event_pt handler, void *data)
{
    switch (s->state) {

    case sw_name_length:
        if (c == 0 || c >= s->headers) {
            return -1;
        }

        s->matched = 0;
        credits_aws_event_next(s, sw_name, c);
        return 0;

    case sw_name:
        credits_aws_event_match(s, c, credits_aws_event_name);

        if (--s->count == 0) {
            s->typed = (s->matched == sizeof(credits_aws_event_name) - 1);
            credits_aws_event_next(s, sw_type, 1);
        }

        return 0;

    case sw_type:
        if (c >= sizeof(credits_aws_event_sizes)) {
            return -1;
        }

        if (c == CREDITS_AWS_EVENT_BYTES || c == CREDITS_AWS_EVENT_STRING) {
            credits_aws_event_next(s, sw_value_length, 2);
            return (s->headers < 2) ? -1 : 0;
        }

        if (credits_aws_event_sizes[c] > s->headers) {
            return -1;
        }

        credits_aws_event_value(s, credits_aws_event_sizes[c], handler, data);
        return 0;

    case sw_value_length:
        s->number = (s->number << 8) | c;

        if (--s->count == 0) {
            if (s->number > s->headers) {
                return -1;
            }

            credits_aws_event_value(s, s->number, handler, data);
        }

        return 0;

    default: /* sw_value */
        credits_aws_event_match(s, c, credits_aws_event_ordinary);

        if (--s->count == 0) {
            credits_aws_event_value_end(s, handler, data);
        }

        return 0;
    }
}


static void
credits_aws_event_value(credits_aws_event_t *s, uint32_t len,
    credits_aws_event_pt handler, void *data)
{
    s->matched = 0;
    credits_aws_event_next(s, sw_value, len);

    if (len == 0) {
        credits_aws_event_value_end(s, handler, data);
    }
}


static void
credits_aws_event_value_end(credits_aws_event_t *s,
    credits_aws_event_pt handler, void *data)
{
    if (s->typed && s->matched != sizeof(credits_aws_event_ordinary) - 1) {
        handler(data, CREDITS_AWS_EVENT_ERROR, NULL, 0);
    }

    s->typed = 0;

    if (s->headers) {
        credits_aws_event_next(s, sw_name_length, 1);

    } else if (s->payload) {
        credits_aws_event_next(s, sw_payload, s->payload);

    } else {
        credits_aws_event_next(s, sw_sum, CREDITS_AWS_EVENT_NUMBER);
    }
}


/* counts the bytes that are those of the word, as long as all are */

static void
credits_aws_event_match(credits_aws_event_t *s, unsigned char c,
    const char *word)
{
    if (s->matched != CREDITS_AWS_EVENT_NO_MATCH
        && word[s->matched] == (char) c && c != '\0')
    {
        s->matched++;

    } else {
        s->matched = CREDITS_AWS_EVENT_NO_MATCH;
    }
}


static void
credits_aws_event_next(credits_aws_event_t *s, unsigned state, uint32_t count)
{
    s->state = state;
    s->count = count;
    s->number = 0;
}
