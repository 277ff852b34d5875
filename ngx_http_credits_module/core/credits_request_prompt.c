/*
 * The request: how large its prompt is.
 */

#include <string.h>

#include "credits_request_nodes.h"
#include "credits_request_prompt.h"


/* a token weighs as much as one that is estimated from text */
#define CREDITS_PROMPT_TOKEN_BYTES      4
#define CREDITS_PROMPT_MESSAGE_TOKENS   4

/* of an id or a word as the API knows them, of an address: what is longer may
   be read as text */
#define CREDITS_PROMPT_WORD_FREE        64
#define CREDITS_PROMPT_URL_FREE         2048

/* MP3 of 128 kbit/s has 16 kB a second, of which models make 8 to 10 tokens */
#define CREDITS_PROMPT_SOUND_BYTES      2000

/* of a frame: an array, and a source whose kind its neighbour names */
#define CREDITS_PROMPT_ARRAY            0x80
#define CREDITS_PROMPT_WAITS            0x40
#define CREDITS_PROMPT_KIND             0x0f


/* apart from what happens with every text, which then costs less */
#define CREDITS_PROMPT_SELDOM           __attribute__((noinline))


typedef enum {
    sw_count = 0,       /* text, but for what is free */
    sw_probe,           /* the same, unless it is a data URL */
    sw_head,            /* of one */
    sw_blob,            /* of one, behind its head */
    sw_word,            /* the same as text, and kept */
    sw_bytes            /* of a part, no text */
} credits_request_prompt_mode_t;


static void credits_request_prompt_open(credits_request_prompt_t *p,
    const credits_json_t *j, credits_json_event_t event);
static void credits_request_prompt_string(credits_request_prompt_t *p,
    const credits_json_t *j);
static void credits_request_prompt_scalar(credits_request_prompt_t *p,
    const credits_json_t *j, credits_json_event_t event);
static void credits_request_prompt_count(credits_request_prompt_t *p,
    size_t n);
static void credits_request_prompt_keep(credits_request_prompt_t *p,
    const unsigned char *text, size_t n);
static void credits_request_prompt_head(credits_request_prompt_t *p,
    const unsigned char *text, size_t n) CREDITS_PROMPT_SELDOM;
static void credits_request_prompt_blob(credits_request_prompt_t *p,
    const unsigned char *text, size_t n) CREDITS_PROMPT_SELDOM;
static void credits_request_prompt_string_end(credits_request_prompt_t *p,
    const credits_json_t *j);
static void credits_request_prompt_url(credits_request_prompt_t *p);
static void credits_request_prompt_word(credits_request_prompt_t *p,
    const credits_json_t *j);
static void credits_request_prompt_close(credits_request_prompt_t *p,
    const credits_json_t *j);
static void credits_request_prompt_media(credits_request_prompt_t *p,
    const credits_json_t *j);
static credits_part_t credits_request_prompt_type(
    const credits_request_prompt_t *p);
static credits_part_t credits_request_prompt_mime(const unsigned char *mime,
    size_t n);
static int credits_request_prompt_is(const unsigned char *p, size_t n,
    const char *prefix);
static unsigned char credits_request_prompt_lower(unsigned char c);


void
credits_request_prompt_init(credits_request_prompt_t *p,
    const credits_part_tokens_t *parts)
{
    memset(p, 0, sizeof(credits_request_prompt_t));

    p->parts = parts;
}


void
credits_request_prompt_key(credits_request_prompt_t *p,
    const credits_json_t *j)
{
    if (j->member == CREDITS_NODE_DATA) {
        p->text_bytes += j->key_bytes;

    } else if (j->key_bytes > CREDITS_PROMPT_WORD_FREE) {
        p->text_bytes += j->key_bytes;
    }
}


void
credits_request_prompt_value(credits_request_prompt_t *p,
    const credits_json_t *j, credits_json_event_t event)
{
    if (j->node >= CREDITS_NODE_BOUND
        && event != CREDITS_JSON_NULL && event != CREDITS_JSON_FALSE)
    {
        p->unbounded |= 1u << (j->node - CREDITS_NODE_BOUND);
    }

    switch (event) {

    case CREDITS_JSON_OBJECT:
    case CREDITS_JSON_ARRAY:
        credits_request_prompt_open(p, j, event);
        break;

    case CREDITS_JSON_STRING:
        credits_request_prompt_string(p, j);
        break;

    default:
        credits_request_prompt_scalar(p, j, event);
        break;
    }

    if (j->node == CREDITS_NODE_PROMPT && j->depth == 2
        && event != CREDITS_JSON_NUMBER)
    {
        p->batch++;
    }
}


static void
credits_request_prompt_open(credits_request_prompt_t *p,
    const credits_json_t *j, credits_json_event_t event)
{
    p->frames[j->depth] = (event == CREDITS_JSON_ARRAY) ? CREDITS_PROMPT_ARRAY
                                                        : 0;

    switch (j->node) {

    case CREDITS_NODE_MESSAGE:
        p->messages += (event == CREDITS_JSON_OBJECT);
        break;

    case CREDITS_NODE_DATA:
        p->text_bytes += CREDITS_PROMPT_TOKEN_BYTES;
        break;

    case CREDITS_NODE_RAW:
    case CREDITS_NODE_TOOLS:
    case CREDITS_NODE_FUNCTIONS:
        p->raw_begin = j->begin;
        break;

    case CREDITS_NODE_PROMPT:
        if (event == CREDITS_JSON_OBJECT) {
            p->unbounded |= 1u << CREDITS_BOUND_TEMPLATE;
        }

        break;

    case CREDITS_NODE_IMAGE:
    case CREDITS_NODE_PICTURE:
    case CREDITS_NODE_AUDIO:
    case CREDITS_NODE_FILE:
    case CREDITS_NODE_FILE_DATA:
    case CREDITS_NODE_SOURCE:
        p->media = CREDITS_PART_UNKNOWN;
        p->media_bytes = 0;
        break;

    default:
        break;
    }
}


/* how the bytes of a string are taken */

static void
credits_request_prompt_string(credits_request_prompt_t *p,
    const credits_json_t *j)
{
    p->mode = sw_probe;
    p->free = 0;
    p->word_len = 0;
    p->blob = 0;

    switch (j->node) {

    case CREDITS_NODE_TYPE:
    case CREDITS_NODE_WORD:
    case CREDITS_NODE_MIME:
    case CREDITS_NODE_SOURCE_TYPE:
    case CREDITS_NODE_TOOL_TYPE:
        p->mode = sw_word;
        p->free = CREDITS_PROMPT_WORD_FREE;
        break;

    case CREDITS_NODE_LOOSE:
    case CREDITS_NODE_FILE_ID:
        p->free = CREDITS_PROMPT_WORD_FREE;
        break;

    case CREDITS_NODE_URL:
        p->free = CREDITS_PROMPT_URL_FREE;
        break;

    case CREDITS_NODE_INNER:
    case CREDITS_NODE_FILE_URL:
    case CREDITS_NODE_IMAGE:
    case CREDITS_NODE_FILE:
    case CREDITS_NODE_SOURCE:
        p->free = CREDITS_PROMPT_URL_FREE;
        p->media = CREDITS_PART_UNKNOWN;
        p->media_bytes = 0;
        break;

    case CREDITS_NODE_PICTURE:
    case CREDITS_NODE_AUDIO:
    case CREDITS_NODE_FILE_DATA:
        p->mode = sw_bytes;
        p->media = CREDITS_PART_UNKNOWN;
        p->media_bytes = 0;
        break;

    case CREDITS_NODE_BLOB:
        p->mode = sw_bytes;
        break;

    case CREDITS_NODE_RAW:
    case CREDITS_NODE_TOOLS:
    case CREDITS_NODE_FUNCTIONS:
        p->raw_begin = j->begin;
        break;

    default:
        break;
    }
}


/* numbers are no text, but where all is text, or where they are tokens */

static void
credits_request_prompt_scalar(credits_request_prompt_t *p,
    const credits_json_t *j, credits_json_event_t event)
{
    uint64_t  n;

    n = (event == CREDITS_JSON_NUMBER) ? j->end - j->begin : 0;

    switch (j->node) {

    case CREDITS_NODE_MESSAGE:
    case CREDITS_NODE_PROMPT:
    case CREDITS_NODE_INPUT:
        if (n) {
            p->text_bytes += CREDITS_PROMPT_TOKEN_BYTES;
        }

        break;

    case CREDITS_NODE_DATA:
        p->text_bytes += (n > CREDITS_PROMPT_TOKEN_BYTES)
                         ? n : CREDITS_PROMPT_TOKEN_BYTES;
        break;

    default:
        if (n > CREDITS_PROMPT_WORD_FREE) {
            p->text_bytes += n;
        }

        break;
    }
}


void
credits_request_prompt_text(credits_request_prompt_t *p,
    const unsigned char *text, size_t n)
{
    switch (p->mode) {

    case sw_probe:
        if ((text[0] | 0x20) == 'd') {
            p->mode = sw_head;
            credits_request_prompt_head(p, text, n);
            return;
        }

        p->mode = sw_count;
        credits_request_prompt_count(p, n);
        return;

    case sw_head:
        credits_request_prompt_head(p, text, n);
        return;

    case sw_blob:
        credits_request_prompt_blob(p, text, n);
        return;

    case sw_word:
        credits_request_prompt_keep(p, text, n);
        credits_request_prompt_count(p, n);
        return;

    case sw_bytes:
        credits_request_prompt_keep(p, text, n);
        p->media_bytes += n;
        return;

    default: /* sw_count */
        credits_request_prompt_count(p, n);
        return;
    }
}


static void
credits_request_prompt_count(credits_request_prompt_t *p, size_t n)
{
    if (p->free >= n) {
        p->free -= (unsigned) n;
        return;
    }

    p->text_bytes += n - p->free;
    p->free = 0;
}


/* keeps the first bytes */

static void
credits_request_prompt_keep(credits_request_prompt_t *p,
    const unsigned char *text, size_t n)
{
    if (n > CREDITS_PROMPT_WORD_MAX - p->word_len) {
        n = CREDITS_PROMPT_WORD_MAX - p->word_len;
    }

    memcpy(p->word + p->word_len, text, n);
    p->word_len += (unsigned) n;
}


/* "data:", a media type, ";base64,": what is not, is text */

static void
credits_request_prompt_head(credits_request_prompt_t *p,
    const unsigned char *text, size_t n)
{
    size_t  i;

    for (i = 0; i < n && text[i] != ','; i++) {
        if (text[i] <= 0x20 || text[i] >= 0x7f
            || p->word_len == CREDITS_PROMPT_WORD_MAX)
        {
            break;
        }

        p->word[p->word_len++] = credits_request_prompt_lower(text[i]);
    }

    if (i == n
        && memcmp(p->word, "data:", (p->word_len < 5) ? p->word_len : 5) == 0)
    {
        return;
    }

    if (i < n && text[i] == ',' && p->word_len > sizeof("data:;base64") - 1
        && memcmp(p->word, "data:", 5) == 0
        && credits_request_prompt_is(p->word + p->word_len - 7, 7, ";base64"))
    {
        p->mode = sw_blob;
        credits_request_prompt_blob(p, text + i + 1, n - i - 1);
        return;
    }

    p->mode = sw_count;
    credits_request_prompt_count(p, p->word_len + n - i);
}


/* base64, of either alphabet; anything else may be read as text */

static void
credits_request_prompt_blob(credits_request_prompt_t *p,
    const unsigned char *text, size_t n)
{
    size_t         i;
    unsigned char  c;

    /* what is free already is a picture's, or a file's */

    for (i = p->free ? n : 0; i < n; i++) {
        c = text[i];

        if ((unsigned char) ((c | 0x20) - 'a') > 25
            && (unsigned char) (c - '0') > 9
            && c != '+' && c != '/' && c != '=' && c != '-' && c != '_')
        {
            p->mode = sw_count;
            credits_request_prompt_count(p, p->word_len + 1
                                            + (size_t) p->blob + n);
            return;
        }
    }

    p->blob += n;
}


void
credits_request_prompt_end(credits_request_prompt_t *p,
    const credits_json_t *j, credits_json_event_t event)
{
    if ((j->node == CREDITS_NODE_PART || j->node == CREDITS_NODE_WORD)
        && event == CREDITS_JSON_STRING_END
        && (p->mode == sw_count || p->mode == sw_word))
    {
        /* most strings: they are counted already */

        return;
    }

    switch (j->node) {

    case CREDITS_NODE_RAW:
    case CREDITS_NODE_TOOLS:
    case CREDITS_NODE_FUNCTIONS:
        p->text_bytes += j->end - p->raw_begin;
        return;

    default:
        break;
    }

    if (event == CREDITS_JSON_STRING_END) {
        credits_request_prompt_string_end(p, j);

    } else if (!(p->frames[j->depth] & CREDITS_PROMPT_ARRAY)) {
        credits_request_prompt_close(p, j);
    }
}


static void
credits_request_prompt_string_end(credits_request_prompt_t *p,
    const credits_json_t *j)
{
    if (p->mode == sw_head) {
        credits_request_prompt_count(p, p->word_len);
    }

    switch (j->node) {

    case CREDITS_NODE_TYPE:
    case CREDITS_NODE_MIME:
    case CREDITS_NODE_SOURCE_TYPE:
    case CREDITS_NODE_TOOL_TYPE:
        credits_request_prompt_word(p, j);
        return;

    case CREDITS_NODE_BLOB:
    case CREDITS_NODE_URL:
    case CREDITS_NODE_INNER:
        credits_request_prompt_url(p);
        return;

    case CREDITS_NODE_FILE_ID:
        p->unbounded |= 1u << CREDITS_BOUND_FILE_ID;
        credits_request_prompt_part(p, CREDITS_PART_FILE, 0);
        return;

    case CREDITS_NODE_FILE_URL:
        p->unbounded |= 1u << CREDITS_BOUND_FILE_URL;
        credits_request_prompt_part(p, CREDITS_PART_FILE, 0);
        return;

    case CREDITS_NODE_IMAGE:
    case CREDITS_NODE_PICTURE:
    case CREDITS_NODE_AUDIO:
    case CREDITS_NODE_FILE:
    case CREDITS_NODE_FILE_DATA:
    case CREDITS_NODE_SOURCE:
        credits_request_prompt_url(p);
        credits_request_prompt_media(p, j);
        return;

    default:
        break;
    }

    if (p->mode == sw_blob) {
        credits_request_prompt_part(p, credits_request_prompt_mime(
                                           p->word + 5, p->word_len - 5),
                                    p->blob);
    }
}


/* of a part: a data URL says its media type, if nothing else does */

static void
credits_request_prompt_url(credits_request_prompt_t *p)
{
    p->media_bytes += p->blob;

    if (p->media == CREDITS_PART_UNKNOWN
        && credits_request_prompt_is(p->word, p->word_len, "data:"))
    {
        p->media = credits_request_prompt_mime(p->word + 5, p->word_len - 5);
    }
}


/* a word that says of what kind a part, a source or a tool is */

static void
credits_request_prompt_word(credits_request_prompt_t *p,
    const credits_json_t *j)
{
    switch (j->node) {

    case CREDITS_NODE_TYPE:
        p->frames[j->depth - 1] |= credits_request_prompt_type(p);

        if (credits_request_prompt_is(p->word, p->word_len,
                                      "item_reference"))
        {
            p->unbounded |= 1u << CREDITS_BOUND_ITEM_REFERENCE;
        }

        break;

    case CREDITS_NODE_MIME:
        if (p->media != CREDITS_PART_TEXT) {
            p->media = credits_request_prompt_mime(p->word, p->word_len);
        }

        break;

    case CREDITS_NODE_SOURCE_TYPE:
        if (p->word_len == 4
            && credits_request_prompt_is(p->word, 4, "text"))
        {
            p->media = CREDITS_PART_TEXT;
        }

        break;

    default: /* CREDITS_NODE_TOOL_TYPE */
        p->unbounded |= credits_request_bounds_tool(p->word, p->word_len);
        break;
    }
}


/* of an object: only now all of its members are known */

static void
credits_request_prompt_close(credits_request_prompt_t *p,
    const credits_json_t *j)
{
    unsigned        frame;
    credits_part_t  part;

    switch (j->node) {

    case CREDITS_NODE_FILE_DATA:

        /* a picture by address has a bound, a text or a film has none */

        if (p->media != CREDITS_PART_IMAGE) {
            p->unbounded |= 1u << CREDITS_BOUND_FILE_DATA;
        }

        credits_request_prompt_media(p, j);
        break;

    case CREDITS_NODE_IMAGE:
    case CREDITS_NODE_PICTURE:
    case CREDITS_NODE_AUDIO:
    case CREDITS_NODE_FILE:
    case CREDITS_NODE_SOURCE:
        credits_request_prompt_media(p, j);
        break;

    case CREDITS_NODE_MESSAGE:
    case CREDITS_NODE_PART:
    case CREDITS_NODE_DOCUMENT:
    case CREDITS_NODE_SYSTEM:
        frame = p->frames[j->depth];

        if (frame & CREDITS_PROMPT_WAITS) {
            part = (credits_part_t) (frame & CREDITS_PROMPT_KIND);
            credits_request_prompt_part(p, part, 0);
        }

        break;

    default:
        break;
    }
}


static void
credits_request_prompt_media(credits_request_prompt_t *p,
    const credits_json_t *j)
{
    unsigned char   *frame;
    credits_part_t   part;

    part = (credits_part_t) p->media;

    switch (j->node) {

    case CREDITS_NODE_IMAGE:
    case CREDITS_NODE_PICTURE:
        part = CREDITS_PART_IMAGE;
        break;

    case CREDITS_NODE_AUDIO:
        part = CREDITS_PART_AUDIO;
        break;

    case CREDITS_NODE_FILE:
        if (part != CREDITS_PART_TEXT) {
            part = CREDITS_PART_FILE;
        }

        break;

    case CREDITS_NODE_SOURCE:
        frame = &p->frames[j->depth - 1];

        if (part == CREDITS_PART_UNKNOWN
            && !(*frame & CREDITS_PROMPT_ARRAY))
        {
            *frame |= CREDITS_PROMPT_WAITS;
            return;
        }

        break;

    default: /* CREDITS_NODE_FILE_DATA */
        break;
    }

    credits_request_prompt_part(p, part, p->media_bytes);
}


void
credits_request_prompt_part(credits_request_prompt_t *p, credits_part_t part,
    uint64_t bytes)
{
    int64_t  tokens;

    switch (part) {

    case CREDITS_PART_TEXT:
        p->text_bytes += bytes;
        return;

    case CREDITS_PART_IMAGE:
        p->part_tokens += p->parts->image;
        return;

    case CREDITS_PART_AUDIO:
        tokens = (int64_t) (bytes / CREDITS_PROMPT_SOUND_BYTES);
        p->part_tokens += (tokens > p->parts->audio) ? tokens
                                                     : p->parts->audio;
        return;

    default:
        p->part_tokens += p->parts->file;
        return;
    }
}


int64_t
credits_request_prompt_size(const credits_request_prompt_t *p)
{
    return (int64_t) ((p->text_bytes + 3) / 4
                      + p->messages * CREDITS_PROMPT_MESSAGE_TOKENS)
           + p->part_tokens;
}


static credits_part_t
credits_request_prompt_type(const credits_request_prompt_t *p)
{
    return credits_request_prompt_is(p->word, p->word_len, "image")
           ? CREDITS_PART_IMAGE
           : credits_request_prompt_is(p->word, p->word_len, "audio")
           ? CREDITS_PART_AUDIO
           : credits_request_prompt_is(p->word, p->word_len, "document")
           ? CREDITS_PART_FILE : CREDITS_PART_UNKNOWN;
}


/* text is text however it is coded: its bytes count */

static credits_part_t
credits_request_prompt_mime(const unsigned char *mime, size_t n)
{
    return credits_request_prompt_is(mime, n, "image/") ? CREDITS_PART_IMAGE
           : credits_request_prompt_is(mime, n, "audio/") ? CREDITS_PART_AUDIO
           : credits_request_prompt_is(mime, n, "text/") ? CREDITS_PART_TEXT
           : CREDITS_PART_FILE;
}


static int
credits_request_prompt_is(const unsigned char *p, size_t n,
    const char *prefix)
{
    size_t  i;

    for (i = 0; prefix[i]; i++) {
        if (i == n) {
            return 0;
        }

        if (credits_request_prompt_lower(p[i]) != (unsigned char) prefix[i]) {
            return 0;
        }
    }

    return 1;
}


static unsigned char
credits_request_prompt_lower(unsigned char c)
{
    return (c >= 'A' && c <= 'Z') ? c | 0x20 : c;
}
