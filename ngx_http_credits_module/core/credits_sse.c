/*
 * Server-sent events, as the HTML standard frames them.
 */

#include <string.h>

#include "credits_sse.h"


#define CREDITS_SSE_CR      '\r'
#define CREDITS_SSE_LF      '\n'

/*
 * Line ends are searched in windows, so that a stream with CR only is not
 * searched to its end for an LF with every line.
 */
#define CREDITS_SSE_WINDOW  1024


typedef enum {
    sw_bom = 0,
    sw_line,
    sw_field,
    sw_value,
    sw_space,
    sw_data,
    sw_ignore
} credits_sse_state_t;


static const unsigned char *credits_sse_bom(credits_sse_t *s,
    const unsigned char *p, credits_sse_pt handler, void *data);
static const unsigned char *credits_sse_line(credits_sse_t *s,
    const unsigned char *p, credits_sse_pt handler, void *data);
static unsigned credits_sse_begin(credits_sse_t *s, unsigned char c,
    credits_sse_pt handler, void *data);
static const unsigned char *credits_sse_field(credits_sse_t *s,
    const unsigned char *p, const unsigned char *end, credits_sse_pt handler,
    void *data);
static unsigned credits_sse_named(credits_sse_t *s, credits_sse_pt handler,
    void *data);
static const unsigned char *credits_sse_value(credits_sse_t *s,
    const unsigned char *p, const unsigned char *end, credits_sse_pt handler,
    void *data);
static const unsigned char *credits_sse_eol(const unsigned char *p,
    const unsigned char *end);
static void credits_sse_data_line(credits_sse_t *s, credits_sse_pt handler,
    void *data);
static void credits_sse_end_line(credits_sse_t *s, unsigned char c);


static const unsigned char  credits_sse_bom_bytes[] = { 0xef, 0xbb, 0xbf };

enum {
    NAME_DATA = 0,
    NAME_EVENT,
    NAME_ERROR
};

static const char *const  credits_sse_names[] = { "data", "event", "error" };


void
credits_sse_init(credits_sse_t *s)
{
    s->state = sw_bom;
    s->matched = 0;
    s->name = NAME_DATA;
    s->open = 0;
    s->lines = 0;
    s->cr = 0;
    s->tail = 0;
}


void
credits_sse_feed(credits_sse_t *s, const unsigned char *p, size_t n,
    credits_sse_pt handler, void *data)
{
    const unsigned char  *end, *eol;

    end = p + n;

    while (p < end) {

        switch (s->state) {

        case sw_bom:
            p = credits_sse_bom(s, p, handler, data);
            break;

        case sw_line:
            p = credits_sse_line(s, p, handler, data);
            break;

        case sw_field:
            p = credits_sse_field(s, p, end, handler, data);
            break;

        case sw_value:
            p = credits_sse_value(s, p, end, handler, data);
            break;

        case sw_space:
            if (*p == ' ') {
                p++;
            }

            s->state = sw_data;
            break;

        default: /* sw_data, sw_ignore */
            eol = credits_sse_eol(p, end);

            if (s->state == sw_data && eol > p) {
                handler(data, CREDITS_SSE_DATA, p, (size_t) (eol - p));
            }

            p = eol;

            if (p < end
                && (*p == CREDITS_SSE_LF || *p == CREDITS_SSE_CR))
            {
                credits_sse_end_line(s, *p++);
            }

            break;
        }
    }
}


void
credits_sse_end(credits_sse_t *s, const unsigned char *p,
    credits_sse_pt handler, void *data)
{
    if (s->open) {
        s->open = 0;
        handler(data, CREDITS_SSE_CLOSE, p, 0);
    }

    s->state = sw_line;
}


static const unsigned char *
credits_sse_bom(credits_sse_t *s, const unsigned char *p,
    credits_sse_pt handler, void *data)
{
    if (*p != credits_sse_bom_bytes[s->matched]) {
        s->state = s->open ? sw_ignore : sw_line;
        return p;
    }

    if (!s->open) {
        s->open = 1;
        handler(data, CREDITS_SSE_OPEN, p, 0);
    }

    p++;

    if (++s->matched == sizeof(credits_sse_bom_bytes)) {
        s->open = 0;
        s->state = sw_line;
        handler(data, CREDITS_SSE_CLOSE, p, 0);
    }

    return p;
}


/* reads the first byte of a line */

static const unsigned char *
credits_sse_line(credits_sse_t *s, const unsigned char *p,
    credits_sse_pt handler, void *data)
{
    if (s->cr) {
        s->cr = 0;

        if (*p == CREDITS_SSE_LF) {
            if (s->tail) {
                handler(data, CREDITS_SSE_TAIL, p, 1);
            }

            return p + 1;
        }
    }

    switch (*p) {

    case CREDITS_SSE_LF:
    case CREDITS_SSE_CR:
        credits_sse_end_line(s, *p);
        p++;

        if (s->open) {
            s->open = 0;
            s->tail = 1;
            handler(data, CREDITS_SSE_CLOSE, p, 0);
        }

        return p;

    case ':':
        s->state = sw_ignore;
        return p + 1;

    default:
        if (!s->open) {
            s->open = 1;
            s->lines = 0;
            handler(data, CREDITS_SSE_OPEN, p, 0);

        } else if (s->lines) {
            handler(data, CREDITS_SSE_LINE, p, 0);
        }

        s->matched = 0;
        s->state = credits_sse_begin(s, *p, handler, data);
        return p;
    }
}


/* the state for a line that begins with c */

static unsigned
credits_sse_begin(credits_sse_t *s, unsigned char c, credits_sse_pt handler,
    void *data)
{
    switch (c) {

    case 'd':
        s->name = NAME_DATA;
        return sw_field;

    case 'e':
        s->name = NAME_EVENT;
        return sw_field;

    case '{':
        credits_sse_data_line(s, handler, data);
        return sw_data;

    default:
        return sw_ignore;
    }
}


static const unsigned char *
credits_sse_field(credits_sse_t *s, const unsigned char *p,
    const unsigned char *end, credits_sse_pt handler, void *data)
{
    const char  *name;

    name = credits_sse_names[s->name];

    while (name[s->matched] != '\0') {

        if (*p != (unsigned char) name[s->matched]) {

            if (s->matched != 1 || *p != 'r' || s->name != NAME_EVENT) {
                s->state = sw_ignore;
                return p;
            }

            s->name = NAME_ERROR;
            name = credits_sse_names[s->name];
            continue;
        }

        s->matched++;

        if (++p == end) {
            return p;
        }
    }

    switch (*p) {

    case ':':
        s->state = credits_sse_named(s, handler, data);
        return p + 1;

    case CREDITS_SSE_LF:
    case CREDITS_SSE_CR:
        if (s->name == NAME_DATA) {
            credits_sse_data_line(s, handler, data);
        }

        credits_sse_end_line(s, *p);
        return p + 1;

    default: /* a longer name */
        s->state = sw_ignore;
        return p;
    }
}


/* the state for what stands behind the name */

static unsigned
credits_sse_named(credits_sse_t *s, credits_sse_pt handler, void *data)
{
    switch (s->name) {

    case NAME_DATA:
        credits_sse_data_line(s, handler, data);
        return sw_space;

    case NAME_EVENT:
        s->matched = 0;
        return sw_value;

    default:
        handler(data, CREDITS_SSE_ERROR, NULL, 0);
        return sw_ignore;
    }
}


/* what kind of event it is: only an error matters */

static const unsigned char *
credits_sse_value(credits_sse_t *s, const unsigned char *p,
    const unsigned char *end, credits_sse_pt handler, void *data)
{
    const char  *word;

    word = credits_sse_names[NAME_ERROR];

    while ((s->matched == 0 && *p == ' ')
           || (word[s->matched] != '\0'
               && *p == (unsigned char) word[s->matched]))
    {
        s->matched += (*p != ' ');

        if (++p == end) {
            return p;
        }
    }

    if (word[s->matched] == '\0'
        && (*p == CREDITS_SSE_LF || *p == CREDITS_SSE_CR))
    {
        handler(data, CREDITS_SSE_ERROR, NULL, 0);
    }

    s->state = sw_ignore;

    return p;
}


/* returns the first LF or CR, or where the search must go on */

static const unsigned char *
credits_sse_eol(const unsigned char *p, const unsigned char *end)
{
    const unsigned char  *lf, *cr;

    if (end - p > CREDITS_SSE_WINDOW) {
        end = p + CREDITS_SSE_WINDOW;
    }

    lf = memchr(p, CREDITS_SSE_LF, (size_t) (end - p));

    if (lf) {
        end = lf;
    }

    cr = memchr(p, CREDITS_SSE_CR, (size_t) (end - p));

    return cr ? cr : end;
}


static void
credits_sse_data_line(credits_sse_t *s, credits_sse_pt handler, void *data)
{
    if (s->lines) {
        handler(data, CREDITS_SSE_JOIN, NULL, 0);
    }

    s->lines = 1;
}


static void
credits_sse_end_line(credits_sse_t *s, unsigned char c)
{
    s->cr = (c == CREDITS_SSE_CR);
    s->tail = 0;
    s->state = sw_line;
}
