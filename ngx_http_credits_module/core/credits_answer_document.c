/*
 * The JSON documents of an answer.
 */

#include <string.h>

#include "credits_answer_document.h"
#include "credits_answer_nodes.h"


#define CREDITS_ANSWER_COMPLAINT_MAX  1024      /* bytes of a document */
#define CREDITS_ANSWER_EMPTY_MAX      4         /* bytes: {}, [], null */
#define CREDITS_ANSWER_TICKS          10        /* of a nanodollar's tenth */


/* apart from what happens with every value, which then costs less */
#define CREDITS_ANSWER_SELDOM  __attribute__((noinline))


#define credits_answer_word(d)  (d)->word, (d)->word_len


static int credits_answer_document_event(void *data, credits_json_t *j,
    credits_json_event_t event, const unsigned char *p, size_t n);
static int credits_answer_document_read(credits_answer_document_t *d,
    const credits_json_t *j, credits_json_event_t event,
    const unsigned char *p, size_t n) CREDITS_ANSWER_SELDOM;
static void credits_answer_document_value(credits_answer_document_t *d,
    const credits_json_t *j, credits_json_event_t event);
static void credits_answer_document_chunk(credits_answer_document_t *d,
    const credits_json_t *j, credits_json_event_t event);
static void credits_answer_document_begins(credits_answer_document_t *d,
    const credits_json_t *j, credits_json_event_t event);
static void credits_answer_document_object(credits_answer_document_t *d,
    const credits_json_t *j);
static void credits_answer_document_scalar(credits_answer_document_t *d,
    const credits_json_t *j, credits_json_event_t event);
static void credits_answer_document_string(credits_answer_document_t *d,
    const credits_json_t *j);
static void credits_answer_document_text(credits_answer_document_t *d,
    const credits_json_t *j, const unsigned char *p, size_t n);
static void credits_answer_document_word(credits_answer_document_t *d,
    const unsigned char *p, size_t n);
static void credits_answer_document_error(credits_answer_document_t *d,
    int error);
static void credits_answer_document_string_end(credits_answer_document_t *d,
    const credits_json_t *j);
static void credits_answer_document_container_end(credits_answer_document_t *d,
    const credits_json_t *j);
static void credits_answer_document_entry(credits_answer_document_t *d,
    unsigned node);
static void credits_answer_document_number(credits_answer_document_t *d,
    const credits_json_t *j);
static void credits_answer_document_digits(credits_answer_document_t *d,
    const unsigned char *p, size_t n);
static void credits_answer_document_commit(credits_answer_document_t *d);
static void credits_answer_document_model(credits_answer_document_t *d,
    const unsigned char *p, size_t n);
static void credits_answer_document_tier(credits_answer_document_t *d,
    unsigned node);
static void credits_answer_document_counted(credits_answer_document_t *d,
    unsigned type);
static void credits_answer_document_made(credits_answer_made_t *made,
    unsigned type, int alone);
static void credits_answer_document_texts(credits_answer_document_t *d,
    unsigned type);
static void credits_answer_document_shape(credits_answer_document_t *d,
    unsigned type);
static int credits_answer_document_in_family(
    const credits_answer_document_t *d);
static int credits_answer_document_is(const unsigned char *p, size_t n,
    const char *word);
static int credits_answer_document_begins_with(const unsigned char *p,
    size_t n, const char *word);
static unsigned credits_answer_document_type(
    const credits_answer_document_t *d);


/* what the type of a document says of it */

#define TYPE_LAST       0x01    /* nothing comes behind it */
#define TYPE_PICTURE    0x02    /* a picture, perhaps one of several */
#define TYPE_BINARY     0x04    /* its delta is base64, not text */
#define TYPE_BEGUN      0x08    /* its item is not yet what it will be */
#define TYPE_ITEM       0x10    /* its item is one of several */
#define TYPE_ERROR      0x20
#define TYPE_START      0x40    /* its completion is a beginning, no count */

#define type(s, flags)  { s, sizeof(s) - 1, flags }

static const struct {
    const char  *name;
    size_t       len;
    unsigned     flags;
} credits_answer_document_types[] = {
    type("message_start", TYPE_START),
    type("message_stop", TYPE_LAST),
    type("message-end", TYPE_LAST),
    type("response.completed", TYPE_LAST),
    type("response.incomplete", TYPE_LAST),
    type("response.failed", TYPE_LAST|TYPE_ERROR),
    type("transcript.text.done", TYPE_LAST),
    type("speech.audio.done", TYPE_LAST),
    type("image_generation.completed", TYPE_PICTURE),
    type("image_edit.completed", TYPE_PICTURE),
    type("response.audio.delta", TYPE_BINARY),
    type("response.output_audio.delta", TYPE_BINARY),
    type("response.output_item.added", TYPE_BEGUN),
    type("response.output_item.done", TYPE_ITEM),
    type("error", TYPE_ERROR),
    { NULL, 0, 0 }
};

/* events of these families are known, also those without a member that is */

static const char *const  credits_answer_document_families[] = {
    "response.",
    "message",
    "content",
    "ping",
    "transcript.",
    "speech.",
    "image_",
    "tool-",
    "citation",
    "error",
    NULL
};


void
credits_answer_document_init(credits_answer_document_t *d,
    credits_answer_facts_t *facts)
{
    memset(d, 0, offsetof(credits_answer_document_t, json));

    d->facts = facts;
    credits_usage_init(&facts->usage);
    credits_answer_counts_init(&d->counts);
    credits_answer_document_begin(d);
}


void
credits_answer_document_begin(credits_answer_document_t *d)
{
    credits_json_init(&d->json, credits_answer_nodes,
                      credits_answer_document_event, 0);

    d->ended = 0;
    d->fault = 0;
    d->known = 0;
    d->partial = 0;
    d->complaint = 0;
    d->failure = 0;
    d->last = 0;
    d->said = 0;
    d->undroppable = 0;
    d->no_choices = 0;
    d->has_usage = 0;
    d->kind = CREDITS_TEXT_DELTA;
    d->bytes = 0;
    d->behind = 0;
    d->raw = 0;
    d->type_len = 0;
    d->text[CREDITS_TEXT_DELTA] = 0;
    d->text[CREDITS_TEXT_WHOLE] = 0;
    d->text[CREDITS_TEXT_ROOT] = 0;
    d->pictures.document = 0;
    d->searches.document = 0;

    /* an object that was not whole says nothing, here neither */

    if (d->counts.any) {
        credits_answer_counts_begin(&d->counts);
    }
}


size_t
credits_answer_document_feed(credits_answer_document_t *d,
    const unsigned char *p, size_t n)
{
    uint64_t  offset;

    if (d->ended) {
        return 0;
    }

    offset = d->bytes;

    if (credits_json_feed(&d->json, d, p, n) == 0) {
        d->bytes += n;
        return n;
    }

    d->ended = 1;
    d->bytes = d->json.end;

    if (d->json.error != CREDITS_JSON_ESTOPPED) {
        d->fault = 1;
        d->undroppable = 1;
    }

    return (size_t) (d->bytes - offset);
}


void
credits_answer_document_skip(credits_answer_document_t *d, size_t n)
{
    d->ended = 1;
    d->fault = 1;
    d->undroppable = 1;
    d->bytes += n;
    d->behind += n;
}


int
credits_answer_document_is_whole(const credits_answer_document_t *d)
{
    return d->ended && !d->fault;
}


int
credits_answer_document_end(credits_answer_document_t *d)
{
    unsigned  type;

    if (!d->ended && !credits_json_blank(&d->json)) {
        d->fault = (credits_json_end(&d->json, d) != 0
                    && d->json.error != CREDITS_JSON_ESTOPPED);
        d->ended = 1;
    }

    /* what is behind a fault is counted there */

    if (d->raw) {
        d->text[d->kind] += d->bytes - d->behind - (d->raw - 1);
    }

    type = credits_answer_document_type(d);

    credits_answer_document_texts(d, type);
    credits_answer_document_counted(d, type);

    if (d->ended) {
        credits_answer_document_shape(d, type);
    }

    return d->no_choices && d->has_usage && !d->undroppable
           && credits_answer_document_is_whole(d);
}


uint64_t
credits_answer_document_produced(const credits_answer_document_t *d)
{
    uint64_t  streamed, whole;

    streamed = d->streamed + d->text[CREDITS_TEXT_DELTA];
    whole = d->text[CREDITS_TEXT_WHOLE];

    if (d->type_len) {
        whole += d->text[CREDITS_TEXT_ROOT];

    } else {
        streamed += d->text[CREDITS_TEXT_ROOT];
    }

    if (d->whole > whole) {
        whole = d->whole;
    }

    return (streamed > whole) ? streamed : whole;
}


/* most events say nothing, or that text was produced */

static int
credits_answer_document_event(void *data, credits_json_t *j,
    credits_json_event_t event, const unsigned char *p, size_t n)
{
    credits_answer_document_t  *d;

    d = data;

    if (event == CREDITS_JSON_KEY) {
        return 0;
    }

    if (j->node >= NODE_TEXT && j->node <= NODE_TEXT_LAST) {

        if (event == CREDITS_JSON_TEXT) {
            d->text[d->kind] += n;
            return 0;
        }

        if (event == CREDITS_JSON_STRING_END
            || (event == CREDITS_JSON_STRING && j->depth > 1))
        {
            d->known = 1;
            return 0;
        }

    } else if (event >= CREDITS_JSON_STRING) {

        if (j->node == NODE_ORDINARY
            || (j->node == CREDITS_JSON_OTHER && j->depth > 1)
            || (j->node == NODE_MODEL && d->facts->model_len))
        {
            return 0;
        }

        if (j->node == NODE_KEEP && j->depth > 1) {
            d->known |= (event != CREDITS_JSON_NULL);
            return 0;
        }
    }

    return credits_answer_document_read(d, j, event, p, n);
}


/* stops the scanner where the document ends: others may follow */

static int
credits_answer_document_read(credits_answer_document_t *d,
    const credits_json_t *j, credits_json_event_t event,
    const unsigned char *p, size_t n)
{
    switch (event) {

    case CREDITS_JSON_TEXT:
        credits_answer_document_text(d, j, p, n);
        return 0;

    case CREDITS_JSON_STRING_END:
        credits_answer_document_string_end(d, j);
        break;

    case CREDITS_JSON_END:
        credits_answer_document_container_end(d, j);
        break;

    default:
        credits_answer_document_value(d, j, event);

        if (event <= CREDITS_JSON_STRING) {
            return 0;
        }

        break;
    }

    return (j->depth == 0) ? -1 : 0;
}


static void
credits_answer_document_value(credits_answer_document_t *d,
    const credits_json_t *j, credits_json_event_t event)
{
    if (j->node >= NODE_KNOWN && event != CREDITS_JSON_NULL
        && !(j->node == NODE_MESSAGE && event == CREDITS_JSON_STRING))
    {
        d->known = 1;
    }

    if (j->depth <= 2) {
        credits_answer_document_chunk(d, j, event);
    }

    if (j->node >= NODE_FIELD && j->node <= NODE_COUNT_LAST) {
        credits_answer_document_scalar(d, j, event);
        return;
    }

    switch (event) {

    case CREDITS_JSON_STRING:
        credits_answer_document_string(d, j);
        break;

    case CREDITS_JSON_OBJECT:
    case CREDITS_JSON_ARRAY:
        credits_answer_document_begins(d, j, event);
        break;

    default:
        credits_answer_document_scalar(d, j, event);
        break;
    }
}


/* is this document still the usage chunk? */

static void
credits_answer_document_chunk(credits_answer_document_t *d,
    const credits_json_t *j, credits_json_event_t event)
{
    switch (j->node) {

    case CREDITS_JSON_ROOT:
        d->undroppable |= (event != CREDITS_JSON_OBJECT);
        break;

    case NODE_CHOICES:
        d->known = 1;       /* null as well */
        d->no_choices = 1;
        d->undroppable |= (event != CREDITS_JSON_ARRAY);
        break;

    case NODE_CHOICE:
        d->undroppable = 1;
        break;

    case NODE_USAGE:
        if (j->depth == 1) {
            d->has_usage = 1;
            d->undroppable |= (event != CREDITS_JSON_OBJECT);
        }

        break;

    case NODE_ORDINARY:
    case NODE_OBJECT:
    case NODE_MODEL:
    case NODE_TIER:
    case NODE_X_GROQ:
        break;

    default:
        d->undroppable |= (j->depth == 1 && event != CREDITS_JSON_NULL);
        break;
    }
}


/* an object or an array */

static void
credits_answer_document_begins(credits_answer_document_t *d,
    const credits_json_t *j, credits_json_event_t event)
{
    switch (j->node) {

    case NODE_RAW:
        d->raw = j->begin + 1;
        break;

    case NODE_WHOLE:
    case NODE_OUTPUT:
    case NODE_EVENT_ITEM:
    case NODE_EVENT_PART:
        d->kind = CREDITS_TEXT_WHOLE;
        break;

    case NODE_ROOT_CONTENT:
        d->kind = CREDITS_TEXT_ROOT;
        break;

    default:
        break;
    }

    if (event == CREDITS_JSON_OBJECT) {
        credits_answer_document_object(d, j);
    }
}


static void
credits_answer_document_object(credits_answer_document_t *d,
    const credits_json_t *j)
{
    switch (j->node) {

    case NODE_ERROR:
        credits_answer_document_error(d, 1);
        break;

    case NODE_USAGE:
    case NODE_METADATA:
    case NODE_TOOL_USAGE:
        credits_answer_counts_begin(&d->counts);
        break;

    case NODE_INPUT_ENTRY:
    case NODE_OUTPUT_ENTRY:
    case NODE_CACHE_ENTRY:
        d->counts.object[CREDITS_COUNT_ENTRY] = -1;
        d->word_len = 0;
        break;

    case NODE_DELTA:
    case NODE_EVENT_DELTA:
        d->partial = 1;
        break;

    case NODE_DATUM:
        d->picture = 0;
        break;

    case NODE_IMAGE:
        d->pictures.document++;
        break;

    default:
        break;
    }
}


/* a number, true, false or null; and all values of counts */

static void
credits_answer_document_scalar(credits_answer_document_t *d,
    const credits_json_t *j, credits_json_event_t event)
{
    if (j->node >= NODE_FIELD && j->node <= NODE_COUNT_LAST) {

        if (event == CREDITS_JSON_STRING) {
            d->digits = 0;
            d->bad = 0;

        } else if (event == CREDITS_JSON_NUMBER) {
            credits_answer_document_number(d, j);

        } else if (event != CREDITS_JSON_NULL
                   && !(event == CREDITS_JSON_OBJECT && j->node == NODE_COST))
        {
            d->facts->faults++;
        }

        return;
    }

    switch (j->node) {

    case NODE_ERROR:
        credits_answer_document_error(d, event == CREDITS_JSON_TRUE
            || (event == CREDITS_JSON_NUMBER && j->number != 0));
        break;

    case NODE_STATUS_CODE:
        credits_answer_document_error(d, event == CREDITS_JSON_NUMBER
                                         && j->number != 0);
        break;

    case NODE_SUCCESS:
        d->failure |= (event == CREDITS_JSON_FALSE);
        break;

    case NODE_DONE:
        if (event == CREDITS_JSON_TRUE) {
            d->finished = 1;
            d->last = 1;

        } else if (event == CREDITS_JSON_FALSE) {
            d->partial = 1;
        }

        break;

    default:
        break;
    }
}


static void
credits_answer_document_string(credits_answer_document_t *d,
    const credits_json_t *j)
{
    switch (j->node) {

    case NODE_TYPE:
        d->type_len = 0;
        break;

    case NODE_MODEL:
        d->modelled = (d->facts->model_len == 0);
        d->word_len = 0;
        break;

    case NODE_PICTURE:
        if (!d->picture) {
            d->picture = 1;
            d->pictures.document++;
        }

        break;

    default:
        d->word_len = 0;
        break;
    }
}


static void
credits_answer_document_text(credits_answer_document_t *d,
    const credits_json_t *j, const unsigned char *p, size_t n)
{
    if (j->node >= NODE_FIELD && j->node <= NODE_COUNT_LAST) {
        credits_answer_document_digits(d, p, n);
        return;
    }

    switch (j->node) {

    case NODE_TYPE:
        if (n > CREDITS_ANSWER_WORD_MAX - d->type_len) {
            n = CREDITS_ANSWER_WORD_MAX - d->type_len;
        }

        memcpy(d->type + d->type_len, p, n);
        d->type_len += n;
        break;

    case NODE_MODEL:
        credits_answer_document_model(d, p, n);
        break;

    case NODE_FINISH:
        d->finished = 1;
        credits_answer_document_word(d, p, n);
        break;

    case NODE_OBJECT:
        if (d->word_len || (*p | 0x20) == 'e') {
            credits_answer_document_word(d, p, n);

        } else {
            d->word_len = CREDITS_ANSWER_WORD_MAX;      /* no word of ours */
        }

        break;

    case NODE_STATUS:
    case NODE_TRAFFIC:
    case NODE_TIER:
    case NODE_LABEL:
    case NODE_MIME:
    case NODE_ITEM_TYPE:
    case NODE_STATUS_CODE:
    case NODE_SERVICE_TIER:
        credits_answer_document_word(d, p, n);
        break;

    case NODE_ERROR:
        credits_answer_document_error(d, 1);
        break;

    case NODE_MESSAGE:
    case NODE_COMPLAINT:
        d->complaint = 1;
        break;

    case NODE_PICTURE:
        break;

    case NODE_ROOT_TEXT:
    case NODE_ROOT_CONTENT:
        d->text[CREDITS_TEXT_ROOT] += n;
        break;

    default:
        d->text[d->kind] += n;
        break;
    }
}


static void
credits_answer_document_word(credits_answer_document_t *d,
    const unsigned char *p, size_t n)
{
    if (n > CREDITS_ANSWER_WORD_MAX - d->word_len) {
        n = CREDITS_ANSWER_WORD_MAX - d->word_len;
    }

    memcpy(d->word + d->word_len, p, n);
    d->word_len += n;
}


/* a document that has one is of a known shape */

static void
credits_answer_document_error(credits_answer_document_t *d, int error)
{
    if (error) {
        d->facts->error = 1;
        d->known = 1;
    }
}


static void
credits_answer_document_string_end(credits_answer_document_t *d,
    const credits_json_t *j)
{
    if (j->node >= NODE_FIELD && j->node <= NODE_COUNT_LAST) {

        if (d->bad || !d->digits || !credits_json_number_whole(&j->digits)) {
            d->facts->faults++;
            return;
        }

        credits_answer_document_number(d, j);
        return;
    }

    switch (j->node) {

    case NODE_OBJECT:
        credits_answer_document_error(d,
            credits_answer_document_is(credits_answer_word(d), "error"));
        break;

    case NODE_FINISH:
        credits_answer_document_error(d,
            credits_answer_document_begins_with(credits_answer_word(d),
                                                "error"));
        break;

    case NODE_STATUS:
        credits_answer_document_error(d,
            credits_answer_document_is(credits_answer_word(d), "failed")
            || credits_answer_document_is(credits_answer_word(d), "error"));
        break;

    case NODE_STATUS_CODE:
        credits_answer_document_error(d, d->word_len
            && !credits_answer_document_is(credits_answer_word(d), "0"));
        break;

    case NODE_MODEL:
        if (d->modelled && d->word_len <= CREDITS_ANSWER_MODEL_MAX) {
            d->facts->model_len = d->word_len;
        }

        break;

    case NODE_TIER:
    case NODE_TRAFFIC:
    case NODE_SERVICE_TIER:
        credits_answer_document_tier(d, j->node);
        break;

    case NODE_MIME:
        d->pictures.document += credits_answer_document_begins_with(
                                    credits_answer_word(d), "image/") != 0;
        break;

    case NODE_ITEM_TYPE:
        d->searches.document += credits_answer_document_is(
                                    credits_answer_word(d), "web_search_call")
                                != 0;
        d->pictures.document += credits_answer_document_is(
                                    credits_answer_word(d),
                                    "image_generation_call") != 0;
        break;

    default:
        break;
    }
}


static void
credits_answer_document_container_end(credits_answer_document_t *d,
    const credits_json_t *j)
{
    switch (j->node) {

    case NODE_USAGE:
    case NODE_METADATA:
    case NODE_TOOL_USAGE:
        credits_answer_document_commit(d);
        break;

    case CREDITS_JSON_ROOT:

        /* Ollama has its counts there */

        if (d->counts.any) {
            credits_answer_document_commit(d);
        }

        break;

    case NODE_INPUT_ENTRY:
    case NODE_OUTPUT_ENTRY:
    case NODE_CACHE_ENTRY:
        credits_answer_document_entry(d, j->node);
        break;

    case NODE_RAW:
        if (d->raw) {
            d->text[d->kind] += j->end - (d->raw - 1);
            d->raw = 0;
        }

        break;

    case NODE_WHOLE:
    case NODE_OUTPUT:
    case NODE_EVENT_ITEM:
    case NODE_EVENT_PART:
    case NODE_ROOT_CONTENT:
        d->kind = CREDITS_TEXT_DELTA;
        break;

    default:
        break;
    }
}


/* the count of one modality, or of one time to live */

static void
credits_answer_document_entry(credits_answer_document_t *d, unsigned node)
{
    int64_t          count;
    credits_count_t  which;

    count = d->counts.object[CREDITS_COUNT_ENTRY];
    which = CREDITS_COUNT_ENTRY;

    if (node == NODE_CACHE_ENTRY) {
        which = credits_answer_document_is(credits_answer_word(d), "1h")
                ? CREDITS_COUNT_WRITE_LONG : CREDITS_COUNT_WRITE_SHORT;

    } else if (credits_answer_document_is(credits_answer_word(d), "audio")) {
        which = (node == NODE_INPUT_ENTRY) ? CREDITS_COUNT_AUDIO_INPUT
                                           : CREDITS_COUNT_AUDIO_OUTPUT;

    } else if (node == NODE_INPUT_ENTRY
               && credits_answer_document_is(credits_answer_word(d), "image"))
    {
        which = CREDITS_COUNT_IMAGE_INPUT;
    }

    if (count >= 0) {
        (void) credits_answer_counts_set(&d->counts, which, count);
    }
}


/* the value of a count: a number, or a string that is one */

static void
credits_answer_document_number(credits_answer_document_t *d,
    const credits_json_t *j)
{
    int64_t  number;

    if (j->node == NODE_COST || j->node == NODE_TICKS) {
        number = (j->node == NODE_COST)
                 ? credits_json_number_nanos(&j->digits)
                 : credits_json_number_value(&j->digits);

        if (number < 0) {
            d->facts->faults++;
            return;
        }

        d->counts.any = 1;
        d->counts.cost = (j->node == NODE_COST) ? number
                         : number / CREDITS_ANSWER_TICKS
                           + (number % CREDITS_ANSWER_TICKS != 0);
        return;
    }

    number = credits_json_number_value(&j->digits);

    if (credits_answer_counts_set(&d->counts,
                                  (credits_count_t) (j->node - NODE_FIELD),
                                  number)
        != 0)
    {
        d->facts->faults++;
    }
}


static void
credits_answer_document_digits(credits_answer_document_t *d,
    const unsigned char *p, size_t n)
{
    const unsigned char  *end;

    for (end = p + n; p < end && !d->bad; p++) {

        if (d->digits) {
            d->bad = (credits_json_number_next(&d->json.digits, *p) <= 0);

        } else if (*p == '-' || (*p >= '0' && *p <= '9')) {
            credits_json_number_init(&d->json.digits, *p);
            d->digits = 1;

        } else {
            d->bad = 1;
        }
    }
}


static void
credits_answer_document_commit(credits_answer_document_t *d)
{
    d->said = 1;
    d->facts->faults += credits_answer_counts_commit(&d->counts,
                                                     &d->facts->usage);
}


/* the first model that is named counts; a name that is too long is none */

static void
credits_answer_document_model(credits_answer_document_t *d,
    const unsigned char *p, size_t n)
{
    if (!d->modelled) {
        return;
    }

    if (d->word_len <= CREDITS_ANSWER_MODEL_MAX
        && n <= CREDITS_ANSWER_MODEL_MAX - d->word_len)
    {
        memcpy(d->facts->model + d->word_len, p, n);
    }

    d->word_len += n;
}


/* in lower case; Gemini's without its beginning */

static void
credits_answer_document_tier(credits_answer_document_t *d, unsigned node)
{
    size_t                i, n;
    const unsigned char  *p;

    static const char  beginning[] = "on_demand_";

    p = d->word;
    n = d->word_len;

    if (node == NODE_TRAFFIC
        && credits_answer_document_begins_with(p, n, beginning))
    {
        p += sizeof(beginning) - 1;
        n -= sizeof(beginning) - 1;
    }

    if (n == 0 || n > CREDITS_ANSWER_TIER_MAX) {
        return;
    }

    for (i = 0; i < n; i++) {
        d->facts->tier[i] = (unsigned char) ((p[i] >= 'A' && p[i] <= 'Z')
                                             ? p[i] | 0x20 : p[i]);
    }

    d->facts->tier_len = n;
}


/* pictures and searches, each once */

static void
credits_answer_document_counted(credits_answer_document_t *d, unsigned type)
{
    int64_t           made;
    credits_usage_t  *usage;

    if (type & TYPE_START) {
        credits_answer_counts_begun(&d->counts, &d->facts->usage);
    }

    if (type & TYPE_PICTURE) {
        d->finished = 1;
        d->pictures.document = 1;
    }

    credits_answer_document_made(&d->pictures, type, d->type_len == 0);
    credits_answer_document_made(&d->searches, type, 0);

    usage = &d->facts->usage;
    made = (int64_t) d->pictures.whole;

    if (made > 0 && made > usage->images) {
        usage->images = made;
    }

    made = (int64_t) d->searches.whole;

    if (made > 0 && made > usage->searches) {
        usage->searches = made;
    }
}


/* alone: no later document names again what this one has */

static void
credits_answer_document_made(credits_answer_made_t *made, unsigned type,
    int alone)
{
    if (type & TYPE_BEGUN) {
        made->document = 0;
    }

    if ((type & (TYPE_PICTURE|TYPE_ITEM)) || alone) {
        made->streamed += made->document;
        made->document = made->streamed;
    }

    if (made->document > made->whole) {
        made->whole = made->document;
    }
}


static void
credits_answer_document_texts(credits_answer_document_t *d, unsigned type)
{
    uint64_t  whole;

    if (type & TYPE_BINARY) {
        d->text[CREDITS_TEXT_DELTA] = 0;
    }

    whole = d->text[CREDITS_TEXT_WHOLE];
    d->streamed += d->text[CREDITS_TEXT_DELTA];

    if (d->type_len) {
        whole += d->text[CREDITS_TEXT_ROOT];

    } else {
        d->streamed += d->text[CREDITS_TEXT_ROOT];
    }

    if (whole > d->whole) {
        d->whole = whole;
    }

    d->text[CREDITS_TEXT_DELTA] = 0;
    d->text[CREDITS_TEXT_WHOLE] = 0;
    d->text[CREDITS_TEXT_ROOT] = 0;
}


/* what the whole document was, and what of it could not be read */

static void
credits_answer_document_shape(credits_answer_document_t *d, unsigned type)
{
    credits_answer_document_error(d, type & TYPE_ERROR);

    if (d->fault) {
        d->facts->faults++;

    } else if (d->last || (type & TYPE_LAST)) {
        d->finished = 1;
        d->done = 1;
    }

    if (!d->known && (d->failure
                      || (d->complaint && !d->fault
                          && d->bytes <= CREDITS_ANSWER_COMPLAINT_MAX)))
    {
        credits_answer_document_error(d, 1);
    }

    if (d->known || credits_answer_document_in_family(d)) {
        d->facts->known = 1;
        d->facts->unreadable_bytes += d->behind;

    } else if (!d->excused && (d->fault
                               || d->bytes > CREDITS_ANSWER_EMPTY_MAX))
    {
        d->facts->unreadable_bytes += d->bytes;
    }
}


static int
credits_answer_document_in_family(const credits_answer_document_t *d)
{
    const char *const  *family;

    for (family = credits_answer_document_families; *family; family++) {
        if (credits_answer_document_begins_with(d->type, d->type_len,
                                                *family))
        {
            return 1;
        }
    }

    return 0;
}


/* but for the case of ASCII letters; word is in lower case */

static int
credits_answer_document_is(const unsigned char *p, size_t n, const char *word)
{
    return n == strlen(word)
           && credits_answer_document_begins_with(p, n, word);
}


static int
credits_answer_document_begins_with(const unsigned char *p, size_t n,
    const char *word)
{
    for ( /* void */ ; *word; word++, p++, n--) {
        if (n == 0 || (*p != (unsigned char) *word
                       && (*p < 'A' || *p > 'Z'
                           || (*p | 0x20) != (unsigned char) *word)))
        {
            return 0;
        }
    }

    return 1;
}


/* its flags */

static unsigned
credits_answer_document_type(const credits_answer_document_t *d)
{
    unsigned  i;

    if (d->type_len == 0) {
        return 0;
    }

    for (i = 0; credits_answer_document_types[i].name; i++) {
        if (credits_answer_document_types[i].len == d->type_len
            && memcmp(credits_answer_document_types[i].name, d->type,
                      d->type_len)
               == 0)
        {
            return credits_answer_document_types[i].flags;
        }
    }

    return 0;
}
