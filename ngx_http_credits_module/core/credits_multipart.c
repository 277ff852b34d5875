/*
 * A push parser for multipart/form-data.
 */

#include <string.h>
#include <strings.h>

#include "credits_multipart.h"


typedef enum {
    sw_first = 0,       /* the first boundary: nothing stands in front */
    sw_behind,          /* a boundary */
    sw_behind_lf,
    sw_line,            /* a header */
    sw_line_lf,
    sw_body,
    sw_last,            /* "--" behind the last boundary */
    sw_end,
    sw_end_lf,
    sw_done
} credits_multipart_state_t;


static int credits_multipart_byte(credits_multipart_t *m, void *data,
    unsigned char c);
static int credits_multipart_line(credits_multipart_t *m, unsigned char c);
static int credits_multipart_header(credits_multipart_t *m);
static int credits_multipart_is(credits_span_t *line, const char *name);
static int credits_multipart_disposition(credits_multipart_t *m,
    credits_span_t line);
static int credits_multipart_parameter(credits_span_t *line,
    credits_span_t *name, credits_span_t *value);
static void credits_multipart_blanks(credits_span_t *line);
static void credits_multipart_until(credits_span_t *line, const char *stop,
    credits_span_t *taken);
static int credits_multipart_name(credits_multipart_t *m,
    credits_span_t value);
static void credits_multipart_charset(credits_multipart_t *m,
    credits_span_t line);
static void credits_multipart_begin(credits_multipart_t *m);
static int credits_multipart_body(credits_multipart_t *m, void *data,
    unsigned char c);
static void credits_multipart_match(credits_multipart_t *m, unsigned char c);
static int credits_multipart_delimiter(const credits_multipart_t *m,
    unsigned i);
static void credits_multipart_take(credits_multipart_t *m,
    const unsigned char *p, size_t n);


void
credits_multipart_init(credits_multipart_t *m, credits_span_t boundary,
    credits_multipart_pt handler)
{
    memset(m, 0, sizeof(credits_multipart_t));

    m->boundary = boundary;
    m->handler = handler;
    m->failed = (boundary.len == 0
                 || boundary.len > CREDITS_MULTIPART_BOUNDARY_MAX);
}


int
credits_multipart_feed(credits_multipart_t *m, void *data,
    const unsigned char *p, size_t n)
{
    size_t                run;
    const unsigned char  *end, *dash;

    if (m->failed) {
        return -1;
    }

    for (end = p + n; p < end; p++) {

        if (m->state == sw_body && m->matched == 0) {
            dash = memchr(p, '-', (size_t) (end - p));
            run = (size_t) ((dash ? dash : end) - p);

            credits_multipart_take(m, p, run);
            p += run;

            if (p == end) {
                break;
            }
        }

        if (credits_multipart_byte(m, data, *p) != 0) {
            m->failed = 1;
            return -1;
        }
    }

    return 0;
}


int
credits_multipart_end(const credits_multipart_t *m)
{
    return (!m->failed && (m->state == sw_end || m->state == sw_done)) ? 0
                                                                       : -1;
}


static int
credits_multipart_byte(credits_multipart_t *m, void *data, unsigned char c)
{
    switch (m->state) {

    case sw_first:
        if (c != credits_multipart_delimiter(m, m->matched)) {
            return -1;
        }

        if (++m->matched == m->boundary.len + 2) {
            m->state = sw_behind;
        }

        return 0;

    case sw_behind:
        m->state = (c == '-') ? sw_last : sw_behind_lf;
        return (c == '-' || c == '\r') ? 0 : -1;

    case sw_behind_lf:
        credits_multipart_begin(m);
        return (c == '\n') ? 0 : -1;

    case sw_line:
    case sw_line_lf:
        return credits_multipart_line(m, c);

    case sw_body:
        return credits_multipart_body(m, data, c);

    case sw_last:
        m->state = sw_end;
        return (c == '-') ? 0 : -1;

    case sw_end:
        m->state = sw_end_lf;
        return (c == '\r') ? 0 : -1;

    case sw_end_lf:
        m->state = sw_done;
        return (c == '\n') ? 0 : -1;

    default: /* sw_done */
        return -1;
    }
}


static int
credits_multipart_line(credits_multipart_t *m, unsigned char c)
{
    if (m->state == sw_line) {

        if (c == '\r') {
            m->state = sw_line_lf;
            return 0;
        }

        if ((c < 0x20 && c != '\t') || c == 0x7f
            || m->len == CREDITS_MULTIPART_LINE_MAX)
        {
            return -1;
        }

        m->value[m->len++] = c;

        return 0;
    }

    if (c != '\n') {
        return -1;
    }

    if (m->len) {
        m->state = sw_line;
        return credits_multipart_header(m);
    }

    if (!m->named || (m->charset && !m->file)) {
        return -1;
    }

    m->state = sw_body;
    m->size = 0;
    m->matched = 0;
    m->last[0] = 0;
    m->last[1] = 0;

    return 0;
}


static int
credits_multipart_header(credits_multipart_t *m)
{
    credits_span_t  line;

    line.data = m->value;
    line.len = m->len;
    m->len = 0;

    if (credits_multipart_is(&line, "content-disposition")) {

        if (m->named) {
            return -1;
        }

        m->named = 1;

        return credits_multipart_disposition(m, line);
    }

    if (credits_multipart_is(&line, "content-type")) {
        credits_multipart_charset(m, line);
        return 0;
    }

    if (credits_multipart_is(&line, "content-transfer-encoding")) {
        return ((line.len == 6
                 && strncasecmp((const char *) line.data, "binary", 6) == 0)
                || (line.len == 4
                    && (strncasecmp((const char *) line.data, "8bit", 4) == 0
                        || strncasecmp((const char *) line.data, "7bit", 4)
                           == 0)))
               ? 0 : -1;
    }

    /* another one, which has no blank in its name */

    if (line.data[0] == ' ' || line.data[0] == '\t' || line.data[0] == ':'
        || memchr(line.data, ':', line.len) == NULL)
    {
        return -1;
    }

    return memchr(line.data, ' ', (size_t) ((const unsigned char *)
                                            memchr(line.data, ':', line.len)
                                            - line.data))
           ? -1 : 0;
}


/* a header of this name: the line becomes its value */

static int
credits_multipart_is(credits_span_t *line, const char *name)
{
    size_t  n;

    n = strlen(name);

    if (line->len <= n || line->data[n] != ':'
        || strncasecmp((const char *) line->data, name, n) != 0)
    {
        return 0;
    }

    for (n++; n < line->len
              && (line->data[n] == ' ' || line->data[n] == '\t'); n++)
    {
        /* void */
    }

    line->data += n;
    line->len -= n;

    return 1;
}


static int
credits_multipart_disposition(credits_multipart_t *m, credits_span_t line)
{
    int             rc;
    unsigned        names, files, coded;
    credits_span_t  name, value;

    if (line.len < 9
        || strncasecmp((const char *) line.data, "form-data", 9) != 0)
    {
        return -1;
    }

    line.data += 9;
    line.len -= 9;

    names = 0;
    files = 0;
    coded = 0;

    for ( ;; ) {
        rc = credits_multipart_parameter(&line, &name, &value);

        if (rc <= 0) {
            break;
        }

        if (name.len == 4
            && strncasecmp((const char *) name.data, "name", 4) == 0)
        {
            names++;

            if (credits_multipart_name(m, value) != 0) {
                return -1;
            }

        } else if (name.len == 8
                   && strncasecmp((const char *) name.data, "filename", 8)
                      == 0)
        {
            files++;

        } else if (name.len == 9
                   && strncasecmp((const char *) name.data, "filename*", 9)
                      == 0)
        {
            coded++;

        } else if (memchr(name.data, '*', name.len)) {

            /* "name*": whose name it is, would be said twice */

            return -1;
        }
    }

    m->file = (files || coded);

    return (rc == 0 && names == 1 && files <= 1 && coded <= 1) ? 0 : -1;
}


/* takes "; name=value" or "; name="value""; 0: none is left, -1: malformed */

static int
credits_multipart_parameter(credits_span_t *line, credits_span_t *name,
    credits_span_t *value)
{
    credits_multipart_blanks(line);

    if (line->len == 0) {
        return 0;
    }

    if (line->data[0] != ';') {
        return -1;
    }

    line->data++;
    line->len--;

    credits_multipart_blanks(line);
    credits_multipart_until(line, "= \t;\"", name);

    if (name->len == 0 || line->len < 2 || line->data[0] != '=') {
        return -1;
    }

    line->data++;
    line->len--;

    if (line->data[0] != '"') {
        credits_multipart_until(line, " \t;\"\\", value);
        return value->len ? 1 : -1;
    }

    line->data++;
    line->len--;

    credits_multipart_until(line, "\"", value);

    /* some parsers see the end of the value here, some do not */

    if (line->len == 0
        || (value->len && value->data[value->len - 1] == '\\'))
    {
        return -1;
    }

    line->data++;
    line->len--;

    return 1;
}


static void
credits_multipart_blanks(credits_span_t *line)
{
    while (line->len && (line->data[0] == ' ' || line->data[0] == '\t')) {
        line->data++;
        line->len--;
    }
}


/* takes what stands in front of the first of these bytes */

static void
credits_multipart_until(credits_span_t *line, const char *stop,
    credits_span_t *taken)
{
    taken->data = line->data;

    while (line->len && strchr(stop, line->data[0]) == NULL) {
        line->data++;
        line->len--;
    }

    taken->len = (size_t) (line->data - taken->data);
}


/* a name that has to be decoded would not be the same everywhere */

static int
credits_multipart_name(credits_multipart_t *m, credits_span_t value)
{
    if (value.len == 0 || value.len > CREDITS_MULTIPART_NAME_MAX
        || memchr(value.data, '\\', value.len)
        || memchr(value.data, '%', value.len))
    {
        return -1;
    }

    memcpy(m->name, value.data, value.len);
    m->name_len = value.len;

    return 0;
}


static void
credits_multipart_charset(credits_multipart_t *m, credits_span_t line)
{
    for ( /* void */ ; line.len >= 7; line.data++, line.len--) {

        if (strncasecmp((const char *) line.data, "charset", 7) == 0) {
            m->charset |= !(line.len >= 13
                            && strncasecmp((const char *) line.data + 7,
                                           "=utf-8", 6) == 0
                            && (line.len == 13 || line.data[13] == ';'));
        }
    }
}


static void
credits_multipart_begin(credits_multipart_t *m)
{
    m->state = sw_line;
    m->len = 0;
    m->file = 0;
    m->named = 0;
    m->charset = 0;
    m->name_len = 0;
}


/* the boundary is nowhere but at the end of a part */

static int
credits_multipart_body(credits_multipart_t *m, void *data, unsigned char c)
{
    size_t  n;

    credits_multipart_match(m, c);
    credits_multipart_take(m, &c, 1);

    n = m->boundary.len + 2;

    if (m->matched < n) {
        return 0;
    }

    if (!m->crlf) {
        return -1;
    }

    m->size -= n + 2;
    m->state = sw_behind;

    return m->handler(data, m);
}


static void
credits_multipart_match(credits_multipart_t *m, unsigned char c)
{
    unsigned  i, k;

    if (m->matched == 0) {
        m->crlf = (m->last[0] == '\r' && m->last[1] == '\n');
    }

    for (k = m->matched; /* void */ ; k--) {

        /* the longest end of what was matched that begins it, too */

        for (i = 0; i < k; i++) {
            if (credits_multipart_delimiter(m, i)
                != credits_multipart_delimiter(m, m->matched - k + i))
            {
                break;
            }
        }

        if (i == k && credits_multipart_delimiter(m, k) == c) {
            break;
        }

        if (k == 0) {
            m->matched = 0;
            return;
        }
    }

    if (k < m->matched) {
        m->crlf = 0;
    }

    m->matched = k + 1;
}


/* byte i of "--" and the boundary */

static int
credits_multipart_delimiter(const credits_multipart_t *m, unsigned i)
{
    return (i < 2) ? '-' : m->boundary.data[i - 2];
}


static void
credits_multipart_take(credits_multipart_t *m, const unsigned char *p,
    size_t n)
{
    size_t  room;

    if (m->size < CREDITS_MULTIPART_LINE_MAX) {
        room = CREDITS_MULTIPART_LINE_MAX - (size_t) m->size;
        memcpy(m->value + m->size, p, (n < room) ? n : room);
    }

    m->size += n;

    if (n > 1) {
        m->last[0] = p[n - 2];
        m->last[1] = p[n - 1];

    } else if (n) {
        m->last[0] = m->last[1];
        m->last[1] = p[0];
    }
}
