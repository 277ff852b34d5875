/*
 * The JSON documents of an answer.
 */

#include <string.h>

#include "credits_answer_document.h"


enum {
    NODE_USAGE = CREDITS_JSON_ROOT + 1,
    NODE_DETAILS,

    /* in the order of credits_answer_document_field_t */
    NODE_FIELD,
    NODE_FIELD_LAST = NODE_FIELD + CREDITS_ANSWER_FIELDS - 1,

    NODE_TYPE,
    NODE_ERROR,
    NODE_FINISH,
    NODE_STREAMED,
    NODE_WHOLE,

    NODE_CHOICES,
    NODE_CHOICE,
    NODE_DELTA,                 /* of a choice */
    NODE_DELTA_PARTS,
    NODE_DELTA_PART,
    NODE_DELTA_CALLS,
    NODE_DELTA_CALL,
    NODE_DELTA_FUNCTION,
    NODE_MESSAGE,               /* of a choice */
    NODE_PARTS,
    NODE_PART,
    NODE_CALLS,
    NODE_CALL,
    NODE_FUNCTION,

    NODE_RESPONSE,
    NODE_OUTPUT,
    NODE_ITEM,
    NODE_EVENT_MESSAGE,         /* of message_start */
    NODE_EVENT_DELTA            /* Responses: text; Anthropic: an object */
};


typedef enum {
    FIELD_PROMPT = 0,
    FIELD_COMPLETION,
    FIELD_TOTAL,
    FIELD_INPUT,
    FIELD_OUTPUT,
    FIELD_CACHE_CREATION,
    FIELD_CACHE_READ,
    FIELD_CACHE_HIT,
    FIELD_CACHED
} credits_answer_document_field_t;


static int credits_answer_document_event(void *data, credits_json_t *j,
    credits_json_event_t event, const unsigned char *p, size_t n);
static void credits_answer_document_value(credits_answer_document_t *d,
    const credits_json_t *j, credits_json_event_t event);
static void credits_answer_document_text(credits_answer_document_t *d,
    const credits_json_t *j, const unsigned char *p, size_t n);
static void credits_answer_document_field(credits_answer_document_t *d,
    const credits_json_t *j, credits_json_event_t event);
static void credits_answer_document_commit(credits_answer_document_t *d);
static int64_t credits_answer_document_input(credits_answer_document_t *d);
static int64_t credits_answer_document_cached(credits_answer_document_t *d);
static int credits_answer_document_type_is(const credits_answer_document_t *d,
    const char *const *types);


static const credits_json_name_t  credits_answer_document_root[] = {
    credits_json_name("choices", NODE_CHOICES),
    credits_json_name("usage", NODE_USAGE),
    credits_json_name("type", NODE_TYPE),
    credits_json_name("error", NODE_ERROR),
    credits_json_name("delta", NODE_EVENT_DELTA),
    credits_json_name("response", NODE_RESPONSE),
    credits_json_name("message", NODE_EVENT_MESSAGE),
    credits_json_name("output", NODE_OUTPUT),
    credits_json_name("content", NODE_PARTS),
    credits_json_name("text", NODE_WHOLE),
    credits_json_name("stop_reason", NODE_FINISH),
    credits_json_last_name
};

static const credits_json_name_t  credits_answer_document_response[] = {
    credits_json_name("usage", NODE_USAGE),
    credits_json_name("error", NODE_ERROR),
    credits_json_name("output", NODE_OUTPUT),
    credits_json_last_name
};

static const credits_json_name_t  credits_answer_document_event_message[] = {
    credits_json_name("usage", NODE_USAGE),
    credits_json_last_name
};

static const credits_json_name_t  credits_answer_document_event_delta[] = {
    credits_json_name("text", NODE_STREAMED),
    credits_json_name("thinking", NODE_STREAMED),
    credits_json_name("partial_json", NODE_STREAMED),
    credits_json_name("stop_reason", NODE_FINISH),
    credits_json_last_name
};

static const credits_json_name_t  credits_answer_document_usage_names[] = {
    credits_json_name("prompt_tokens", NODE_FIELD + FIELD_PROMPT),
    credits_json_name("completion_tokens", NODE_FIELD + FIELD_COMPLETION),
    credits_json_name("total_tokens", NODE_FIELD + FIELD_TOTAL),
    credits_json_name("input_tokens", NODE_FIELD + FIELD_INPUT),
    credits_json_name("output_tokens", NODE_FIELD + FIELD_OUTPUT),
    credits_json_name("cache_creation_input_tokens",
                      NODE_FIELD + FIELD_CACHE_CREATION),
    credits_json_name("cache_read_input_tokens",
                      NODE_FIELD + FIELD_CACHE_READ),
    credits_json_name("prompt_cache_hit_tokens",
                      NODE_FIELD + FIELD_CACHE_HIT),
    credits_json_name("prompt_tokens_details", NODE_DETAILS),
    credits_json_name("input_tokens_details", NODE_DETAILS),
    credits_json_last_name
};

static const credits_json_name_t  credits_answer_document_details[] = {
    credits_json_name("cached_tokens", NODE_FIELD + FIELD_CACHED),
    credits_json_last_name
};

static const credits_json_name_t  credits_answer_document_choice[] = {
    credits_json_name("delta", NODE_DELTA),
    credits_json_name("finish_reason", NODE_FINISH),
    credits_json_name("message", NODE_MESSAGE),
    credits_json_name("text", NODE_STREAMED),
    credits_json_last_name
};

static const credits_json_name_t  credits_answer_document_delta[] = {
    credits_json_name("content", NODE_DELTA_PARTS),
    credits_json_name("reasoning_content", NODE_STREAMED),
    credits_json_name("refusal", NODE_STREAMED),
    credits_json_name("tool_calls", NODE_DELTA_CALLS),
    credits_json_name("function_call", NODE_DELTA_FUNCTION),
    credits_json_last_name
};

static const credits_json_name_t  credits_answer_document_delta_part[] = {
    credits_json_name("text", NODE_STREAMED),
    credits_json_last_name
};

static const credits_json_name_t  credits_answer_document_delta_call[] = {
    credits_json_name("function", NODE_DELTA_FUNCTION),
    credits_json_last_name
};

static const credits_json_name_t  credits_answer_document_delta_function[] = {
    credits_json_name("arguments", NODE_STREAMED),
    credits_json_last_name
};

static const credits_json_name_t  credits_answer_document_message[] = {
    credits_json_name("content", NODE_PARTS),
    credits_json_name("reasoning_content", NODE_WHOLE),
    credits_json_name("refusal", NODE_WHOLE),
    credits_json_name("tool_calls", NODE_CALLS),
    credits_json_name("function_call", NODE_FUNCTION),
    credits_json_last_name
};

static const credits_json_name_t  credits_answer_document_part[] = {
    credits_json_name("text", NODE_WHOLE),
    credits_json_name("thinking", NODE_WHOLE),
    credits_json_name("refusal", NODE_WHOLE),
    credits_json_last_name
};

static const credits_json_name_t  credits_answer_document_call[] = {
    credits_json_name("function", NODE_FUNCTION),
    credits_json_last_name
};

static const credits_json_name_t  credits_answer_document_function[] = {
    credits_json_name("arguments", NODE_WHOLE),
    credits_json_last_name
};

static const credits_json_name_t  credits_answer_document_item[] = {
    credits_json_name("content", NODE_PARTS),
    credits_json_name("arguments", NODE_WHOLE),
    credits_json_last_name
};


static const credits_json_node_t  credits_answer_document_nodes[] = {
    [CREDITS_JSON_ROOT] = { credits_answer_document_root, 0, 0 },
    [NODE_USAGE] = { credits_answer_document_usage_names, 0, 0 },
    [NODE_DETAILS] = { credits_answer_document_details, 0, 0 },
    [NODE_TYPE] = { NULL, 0, 1 },
    [NODE_FINISH] = { NULL, 0, 1 },
    [NODE_STREAMED] = { NULL, 0, 1 },
    [NODE_WHOLE] = { NULL, 0, 1 },
    [NODE_CHOICES] = { NULL, NODE_CHOICE, 0 },
    [NODE_CHOICE] = { credits_answer_document_choice, 0, 0 },
    [NODE_DELTA] = { credits_answer_document_delta, 0, 0 },
    [NODE_DELTA_PARTS] = { NULL, NODE_DELTA_PART, 1 },
    [NODE_DELTA_PART] = { credits_answer_document_delta_part, 0, 0 },
    [NODE_DELTA_CALLS] = { NULL, NODE_DELTA_CALL, 0 },
    [NODE_DELTA_CALL] = { credits_answer_document_delta_call, 0, 0 },
    [NODE_DELTA_FUNCTION] = { credits_answer_document_delta_function, 0, 0 },
    [NODE_MESSAGE] = { credits_answer_document_message, 0, 0 },
    [NODE_PARTS] = { NULL, NODE_PART, 1 },
    [NODE_PART] = { credits_answer_document_part, 0, 0 },
    [NODE_CALLS] = { NULL, NODE_CALL, 0 },
    [NODE_CALL] = { credits_answer_document_call, 0, 0 },
    [NODE_FUNCTION] = { credits_answer_document_function, 0, 0 },
    [NODE_RESPONSE] = { credits_answer_document_response, 0, 0 },
    [NODE_OUTPUT] = { NULL, NODE_ITEM, 0 },
    [NODE_ITEM] = { credits_answer_document_item, 0, 0 },
    [NODE_EVENT_MESSAGE] = { credits_answer_document_event_message, 0, 0 },
    [NODE_EVENT_DELTA] = { credits_answer_document_event_delta, 0, 1 }
};


/* events behind which nothing comes */

static const char *const  credits_answer_document_last_types[] = {
    "message_stop",
    "response.completed",
    "response.incomplete",
    "response.failed",
    NULL
};

/* their deltas are base64, not text */

static const char *const  credits_answer_document_binary_types[] = {
    "response.audio.delta",
    "response.output_audio.delta",
    NULL
};

static const char *const  credits_answer_document_error_types[] = {
    "error",
    NULL
};


void
credits_answer_document_init(credits_answer_document_t *d, int single)
{
    unsigned  i;

    memset(d, 0, sizeof(credits_answer_document_t));

    credits_usage_init(&d->usage);

    for (i = 0; i < CREDITS_ANSWER_FIELDS; i++) {
        d->committed[i] = -1;
        d->current[i] = -1;
    }

    d->single = (single != 0);
}


void
credits_answer_document_begin(credits_answer_document_t *d)
{
    credits_json_init(&d->json, credits_answer_document_nodes,
                      credits_answer_document_event, 0);

    d->undroppable = 0;
    d->no_choices = 0;
    d->has_usage = 0;
    d->type_len = 0;
    d->document_delta = 0;
    d->document_whole = 0;
}


int
credits_answer_document_feed(credits_answer_document_t *d,
    const unsigned char *p, size_t n)
{
    if (credits_json_feed(&d->json, d, p, n) != 0) {
        d->undroppable = 1;
    }

    return !d->undroppable;
}


int
credits_answer_document_end(credits_answer_document_t *d)
{
    int  blank;

    if (d->document_whole > d->whole) {
        d->whole = d->document_whole;
    }

    blank = credits_json_blank(&d->json);

    if (credits_json_end(&d->json, d) != 0) {
        d->faults += !blank;
        return 0;
    }

    if (credits_answer_document_type_is(d, credits_answer_document_last_types))
    {
        credits_answer_document_done(d);
    }

    if (credits_answer_document_type_is(d,
                                        credits_answer_document_binary_types))
    {
        d->streamed -= d->document_delta;
    }

    return d->no_choices && d->has_usage && !d->undroppable;
}


void
credits_answer_document_done(credits_answer_document_t *d)
{
    d->finished = 1;
    d->done = 1;
}


uint64_t
credits_answer_document_produced(const credits_answer_document_t *d)
{
    uint64_t  text;

    text = (d->whole > d->document_whole) ? d->whole : d->document_whole;

    return (d->streamed > text) ? d->streamed : text;
}


static int
credits_answer_document_event(void *data, credits_json_t *j,
    credits_json_event_t event, const unsigned char *p, size_t n)
{
    credits_answer_document_t  *d;

    d = data;

    switch (event) {

    case CREDITS_JSON_KEY:
        break;

    case CREDITS_JSON_TEXT:
        credits_answer_document_text(d, j, p, n);
        break;

    case CREDITS_JSON_STRING_END:
        if (j->node == NODE_TYPE
            && credits_answer_document_type_is(d,
                                       credits_answer_document_error_types))
        {
            d->error = 1;
        }

        break;

    case CREDITS_JSON_END:
        if (j->node == NODE_USAGE) {
            credits_answer_document_commit(d);

        } else if (j->depth == 0 && d->single) {
            credits_answer_document_done(d);
        }

        break;

    default:
        credits_answer_document_value(d, j, event);
        break;
    }

    return 0;
}


static void
credits_answer_document_value(credits_answer_document_t *d,
    const credits_json_t *j, credits_json_event_t event)
{
    unsigned  i;

    if (j->node >= NODE_FIELD && j->node <= NODE_FIELD_LAST) {
        credits_answer_document_field(d, j, event);
        return;
    }

    switch (j->node) {

    case CREDITS_JSON_ROOT:
        if (event != CREDITS_JSON_OBJECT) {
            d->undroppable = 1;
        }

        break;

    case NODE_CHOICES:
        d->no_choices = 1;

        if (event != CREDITS_JSON_ARRAY) {
            d->undroppable = 1;
        }

        break;

    case NODE_CHOICE:
        d->undroppable = 1;
        break;

    case NODE_USAGE:
        for (i = 0; i < CREDITS_ANSWER_FIELDS; i++) {
            d->current[i] = -1;
        }

        if (j->depth == 1) {
            d->has_usage = 1;

            if (event != CREDITS_JSON_OBJECT) {
                d->undroppable = 1;
            }
        }

        break;

    case NODE_ERROR:
        if (event == CREDITS_JSON_OBJECT) {
            d->error = 1;
        }

        break;

    case NODE_TYPE:
        d->type_len = 0;
        break;

    default:
        break;
    }
}


static void
credits_answer_document_text(credits_answer_document_t *d,
    const credits_json_t *j, const unsigned char *p, size_t n)
{
    switch (j->node) {

    case NODE_TYPE:
        if (n > CREDITS_ANSWER_TYPE_MAX - d->type_len) {
            n = CREDITS_ANSWER_TYPE_MAX - d->type_len;
        }

        memcpy(d->type + d->type_len, p, n);
        d->type_len += n;
        break;

    case NODE_FINISH:
        d->finished = 1;
        break;

    case NODE_EVENT_DELTA:
        d->document_delta += n;
        d->streamed += n;
        break;

    case NODE_STREAMED:
    case NODE_DELTA_PARTS:
        d->streamed += n;
        break;

    default: /* NODE_WHOLE, NODE_PARTS */
        d->document_whole += n;
        break;
    }
}


static void
credits_answer_document_field(credits_answer_document_t *d,
    const credits_json_t *j, credits_json_event_t event)
{
    if (event == CREDITS_JSON_NULL) {
        return;
    }

    if (event != CREDITS_JSON_NUMBER || j->number < 0
        || j->number > CREDITS_TOKENS_MAX)
    {
        d->faults++;
        return;
    }

    d->current[j->node - NODE_FIELD] = j->number;
}


/* at the end of a usage object: its numbers replace those of earlier ones */

static void
credits_answer_document_commit(credits_answer_document_t *d)
{
    unsigned          i;
    const int64_t    *committed;
    credits_usage_t  *usage;

    for (i = 0; i < CREDITS_ANSWER_FIELDS; i++) {
        if (d->current[i] >= 0) {
            d->committed[i] = d->current[i];
        }
    }

    committed = d->committed;
    usage = &d->usage;

    usage->total = committed[FIELD_TOTAL];

    usage->prompt = (committed[FIELD_PROMPT] >= 0)
                    ? committed[FIELD_PROMPT]
                    : credits_answer_document_input(d);

    usage->completion = (committed[FIELD_COMPLETION] >= 0)
                        ? committed[FIELD_COMPLETION]
                        : committed[FIELD_OUTPUT];

    if (usage->completion < 0 && usage->prompt >= 0 && usage->total >= 0) {
        usage->completion = (usage->total > usage->prompt)
                            ? usage->total - usage->prompt : 0;
    }

    usage->cached = credits_answer_document_cached(d);
}


/* Anthropic counts the cached part of the prompt beside input_tokens */

static int64_t
credits_answer_document_input(credits_answer_document_t *d)
{
    unsigned  i;
    int64_t   input;

    input = d->committed[FIELD_INPUT];

    if (input < 0) {
        return -1;
    }

    for (i = FIELD_CACHE_CREATION; i <= FIELD_CACHE_READ; i++) {
        if (d->committed[i] > 0) {
            input += d->committed[i];
        }
    }

    if (input > CREDITS_TOKENS_MAX) {
        d->faults++;
        return -1;
    }

    return input;
}


static int64_t
credits_answer_document_cached(credits_answer_document_t *d)
{
    int64_t        cached;
    const int64_t  *committed;

    committed = d->committed;

    cached = (committed[FIELD_CACHED] >= 0) ? committed[FIELD_CACHED]
             : (committed[FIELD_CACHE_READ] >= 0) ? committed[FIELD_CACHE_READ]
             : committed[FIELD_CACHE_HIT];

    if (cached > d->usage.prompt) {
        d->faults += (d->usage.prompt >= 0);
        return d->usage.prompt;
    }

    return cached;
}


static int
credits_answer_document_type_is(const credits_answer_document_t *d,
    const char *const *types)
{
    for ( /* void */ ; *types; types++) {
        if (strlen(*types) == d->type_len
            && memcmp(*types, d->type, d->type_len) == 0)
        {
            return 1;
        }
    }

    return 0;
}
