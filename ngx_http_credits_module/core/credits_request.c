/*
 * The request: what a chat-completions body asks for.
 */

#include <string.h>

#include "credits_request.h"


/* the members of the body come first: their bits are in r->seen */

enum {
    NODE_MODEL = CREDITS_JSON_ROOT + 1,
    NODE_STREAM,
    NODE_OPTIONS,
    NODE_N,
    NODE_BEST_OF,
    NODE_MAX_TOKENS,            /* in the order of credits_request_limit_t */
    NODE_MAX_COMPLETION,
    NODE_MAX_OUTPUT,
    NODE_MESSAGES,
    NODE_PROMPT,
    NODE_INPUT,
    NODE_SYSTEM,
    NODE_INSTRUCTIONS,
    NODE_TOOLS,
    NODE_FUNCTIONS,

    NODE_INCLUDE,
    NODE_MESSAGE,
    NODE_CONTENT,
    NODE_PART,
    NODE_CALLS,
    NODE_CALL,
    NODE_FUNCTION
};

/* a token given by its number weighs as much as one estimated from text */
#define CREDITS_REQUEST_TOKEN_BYTES     4
#define CREDITS_REQUEST_MESSAGE_TOKENS  4


static int credits_request_event(void *data, credits_json_t *j,
    credits_json_event_t event, const unsigned char *p, size_t n);
static int credits_request_key(credits_request_t *r, const credits_json_t *j);
static int credits_request_differs_in_case_only(const credits_json_t *j);
static int credits_request_value(credits_request_t *r, const credits_json_t *j,
    credits_json_event_t event);
static int credits_request_prompt_value(credits_request_t *r,
    const credits_json_t *j, credits_json_event_t event);
static int credits_request_options(credits_request_t *r,
    const credits_json_t *j, credits_json_event_t event);
static int credits_request_include(credits_request_t *r,
    const credits_json_t *j, credits_json_event_t event);
static int credits_request_limit(credits_request_t *r, const credits_json_t *j,
    credits_json_event_t event);
static int credits_request_choices(credits_request_t *r,
    const credits_json_t *j, credits_json_event_t event);
static int credits_request_text(credits_request_t *r, const credits_json_t *j,
    const unsigned char *p, size_t n);
static int credits_request_model(credits_request_t *r, const unsigned char *p,
    size_t n);
static unsigned credits_request_effective_limits(const credits_request_t *r);
static int credits_request_fail(credits_request_t *r, const char *error);
static int credits_request_json_fail(credits_request_t *r);


static const credits_json_name_t  credits_request_body[] = {
    credits_json_name("model", NODE_MODEL),
    credits_json_name("stream", NODE_STREAM),
    credits_json_name("stream_options", NODE_OPTIONS),
    credits_json_name("n", NODE_N),
    credits_json_name("best_of", NODE_BEST_OF),
    credits_json_name("max_tokens", NODE_MAX_TOKENS),
    credits_json_name("max_completion_tokens", NODE_MAX_COMPLETION),
    credits_json_name("max_output_tokens", NODE_MAX_OUTPUT),
    credits_json_name("messages", NODE_MESSAGES),
    credits_json_name("prompt", NODE_PROMPT),
    credits_json_name("input", NODE_INPUT),
    credits_json_name("system", NODE_SYSTEM),
    credits_json_name("instructions", NODE_INSTRUCTIONS),
    credits_json_name("tools", NODE_TOOLS),
    credits_json_name("functions", NODE_FUNCTIONS),
    credits_json_last_name
};

static const credits_json_name_t  credits_request_stream_options[] = {
    credits_json_name("include_usage", NODE_INCLUDE),
    credits_json_last_name
};

/* a message of a chat, or an item of the Responses API's input */

static const credits_json_name_t  credits_request_message[] = {
    credits_json_name("content", NODE_CONTENT),
    credits_json_name("text", NODE_CONTENT),
    credits_json_name("output", NODE_CONTENT),
    credits_json_name("arguments", NODE_CONTENT),
    credits_json_name("tool_calls", NODE_CALLS),
    credits_json_name("function_call", NODE_FUNCTION),
    credits_json_last_name
};

static const credits_json_name_t  credits_request_part[] = {
    credits_json_name("text", NODE_CONTENT),
    credits_json_name("content", NODE_CONTENT),
    credits_json_last_name
};

static const credits_json_name_t  credits_request_call[] = {
    credits_json_name("function", NODE_FUNCTION),
    credits_json_last_name
};

static const credits_json_name_t  credits_request_function[] = {
    credits_json_name("arguments", NODE_CONTENT),
    credits_json_last_name
};


static const credits_json_node_t  credits_request_nodes[] = {
    [CREDITS_JSON_ROOT] = { credits_request_body, 0, 0 },
    [NODE_MODEL] = { NULL, 0, 1 },
    [NODE_OPTIONS] = { credits_request_stream_options, 0, 0 },
    [NODE_MESSAGES] = { NULL, NODE_MESSAGE, 0 },
    [NODE_PROMPT] = { NULL, NODE_PROMPT, 1 },
    [NODE_INPUT] = { NULL, NODE_MESSAGE, 1 },
    [NODE_SYSTEM] = { NULL, NODE_PART, 1 },
    [NODE_INSTRUCTIONS] = { NULL, NODE_PART, 1 },
    [NODE_MESSAGE] = { credits_request_message, NODE_MESSAGE, 1 },
    [NODE_CONTENT] = { NULL, NODE_PART, 1 },
    [NODE_PART] = { credits_request_part, 0, 1 },
    [NODE_CALLS] = { NULL, NODE_CALL, 0 },
    [NODE_CALL] = { credits_request_call, 0, 0 },
    [NODE_FUNCTION] = { credits_request_function, 0, 0 }
};


void
credits_request_init(credits_request_t *r)
{
    memset(r, 0, sizeof(credits_request_t));

    r->choices = 1;
    r->max_output = -1;
    r->n = 1;
    r->best_of = 1;
    r->body_empty = 1;
    r->options_empty = 1;

    credits_json_init(&r->json, credits_request_nodes, credits_request_event,
                      1);
}


int
credits_request_feed(credits_request_t *r, const unsigned char *p, size_t n)
{
    if (r->error) {
        return -1;
    }

    return (credits_json_feed(&r->json, r, p, n) == 0)
           ? 0 : credits_request_json_fail(r);
}


int
credits_request_end(credits_request_t *r)
{
    unsigned  i, effective;
    uint64_t  choices;

    if (r->error) {
        return -1;
    }

    if (credits_json_blank(&r->json)) {
        return credits_request_fail(r, "The request body is empty.");
    }

    if (credits_json_end(&r->json, r) != 0) {
        return credits_request_json_fail(r);
    }

    r->completions = (r->chat || r->legacy) && !r->responses;

    r->include_usage = (r->include.value == 1);

    choices = (uint64_t) ((r->n > r->best_of) ? r->n : r->best_of);

    if (r->prompts > CREDITS_REQUEST_CHOICES_MAX / choices) {
        return credits_request_fail(r, "The request asks for more than 128"
                                       " choices.");
    }

    if (r->prompts) {
        choices *= r->prompts;
    }

    r->choices = (int64_t) choices;

    effective = credits_request_effective_limits(r);

    for (i = 0; i < CREDITS_REQUEST_LIMITS; i++) {
        if (((effective >> i) & 1)
            && r->limits[i].state == CREDITS_REQUEST_SET
            && r->limits[i].value > r->max_output)
        {
            r->max_output = r->limits[i].value;
        }
    }

    return 0;
}


const char *
credits_request_error(const credits_request_t *r)
{
    return r->error;
}


int64_t
credits_request_prompt_tokens(const credits_request_t *r)
{
    return (int64_t) ((r->text_bytes + 3) / 4
                      + r->messages * CREDITS_REQUEST_MESSAGE_TOKENS);
}


static int
credits_request_event(void *data, credits_json_t *j,
    credits_json_event_t event, const unsigned char *p, size_t n)
{
    credits_request_t  *r;

    r = data;

    switch (event) {

    case CREDITS_JSON_KEY:
        return credits_request_key(r, j);

    case CREDITS_JSON_TEXT:
        return credits_request_text(r, j, p, n);

    case CREDITS_JSON_STRING_END:
    case CREDITS_JSON_END:
        if (j->node == NODE_INCLUDE) {
            r->include.end = j->end;

        } else if (j->node == NODE_OPTIONS) {
            r->options.end = j->end;

        } else if (j->node == NODE_TOOLS || j->node == NODE_FUNCTIONS) {
            r->text_bytes += j->end - r->part_begin;
        }

        return 0;

    default:
        return credits_request_value(r, j, event);
    }
}


static int
credits_request_key(credits_request_t *r, const credits_json_t *j)
{
    if (j->depth == 1) {
        r->body_empty = 0;

        if (j->member == CREDITS_JSON_OTHER) {
            return credits_request_differs_in_case_only(j)
                   ? credits_request_fail(r, "A member of the request differs"
                                          " from a known one in case only.")
                   : 0;
        }

        if ((r->seen >> j->member) & 1) {
            return credits_request_fail(r, "The request names a member"
                                           " twice.");
        }

        r->seen |= 1u << j->member;

        return 0;
    }

    /* stream_options is open as long as it has no end */

    if (r->options.state == CREDITS_REQUEST_SET && r->options.end == 0) {
        r->options_empty = 0;
    }

    if (j->member == NODE_INCLUDE
        && r->include.state != CREDITS_REQUEST_ABSENT)
    {
        return credits_request_fail(r, "stream_options names include_usage"
                                       " twice.");
    }

    return 0;
}


/* some providers' parsers ignore the case of names, others do not */

static int
credits_request_differs_in_case_only(const credits_json_t *j)
{
    size_t                      i;
    unsigned char               ch;
    const credits_json_name_t  *name;

    for (name = credits_request_body; name->name; name++) {

        if (name->len != j->key_len) {
            continue;
        }

        for (i = 0; i < j->key_len; i++) {
            ch = j->key[i];

            if (ch >= 'A' && ch <= 'Z') {
                ch |= 0x20;
            }

            if (ch != (unsigned char) name->name[i]) {
                break;
            }
        }

        if (i == j->key_len) {
            return 1;
        }
    }

    return 0;
}


static int
credits_request_value(credits_request_t *r, const credits_json_t *j,
    credits_json_event_t event)
{
    switch (j->node) {

    case CREDITS_JSON_ROOT:
        if (event != CREDITS_JSON_OBJECT) {
            return credits_request_fail(r, "The request body must be a JSON"
                                           " object.");
        }

        r->body_begin = j->begin;
        return 0;

    case NODE_MODEL:
        return (event == CREDITS_JSON_STRING)
               ? 0 : credits_request_fail(r, "model must be a string.");

    case NODE_STREAM:
        r->stream = (event == CREDITS_JSON_TRUE);
        return 0;

    case NODE_OPTIONS:
        return credits_request_options(r, j, event);

    case NODE_INCLUDE:
        return credits_request_include(r, j, event);

    case NODE_N:
    case NODE_BEST_OF:
        return credits_request_choices(r, j, event);

    case NODE_MAX_TOKENS:
    case NODE_MAX_COMPLETION:
    case NODE_MAX_OUTPUT:
        return credits_request_limit(r, j, event);

    default:
        return credits_request_prompt_value(r, j, event);
    }
}


static int
credits_request_prompt_value(credits_request_t *r, const credits_json_t *j,
    credits_json_event_t event)
{
    switch (j->node) {

    case NODE_TOOLS:
    case NODE_FUNCTIONS:
        r->part_begin = j->begin;
        break;

    case NODE_MESSAGES:
        r->chat = 1;
        break;

    case NODE_INPUT:
        r->responses = 1;
        break;

    case NODE_PROMPT:
        if (event == CREDITS_JSON_OBJECT) {

            /* this is the Responses API's prompt template */

            r->responses = 1;
            break;
        }

        r->legacy = 1;

        if (event == CREDITS_JSON_NUMBER) {
            r->text_bytes += CREDITS_REQUEST_TOKEN_BYTES;

        } else if (j->depth == 2) {
            r->prompts++;
        }

        break;

    case NODE_MESSAGE:
        if (event == CREDITS_JSON_OBJECT) {
            r->messages++;

        } else if (event == CREDITS_JSON_NUMBER) {
            r->text_bytes += CREDITS_REQUEST_TOKEN_BYTES;
        }

        break;

    default:
        break;
    }

    return 0;
}


static int
credits_request_options(credits_request_t *r, const credits_json_t *j,
    credits_json_event_t event)
{
    credits_request_member_t  *options;

    options = &r->options;
    options->begin = j->begin;

    switch (event) {

    case CREDITS_JSON_OBJECT:
        options->state = CREDITS_REQUEST_SET;
        return 0;

    case CREDITS_JSON_NULL:
        options->state = CREDITS_REQUEST_NULL;
        options->end = j->end;
        return 0;

    default:
        return credits_request_fail(r, "stream_options must be an object or"
                                       " null.");
    }
}


static int
credits_request_include(credits_request_t *r, const credits_json_t *j,
    credits_json_event_t event)
{
    r->include.state = CREDITS_REQUEST_SET;
    r->include.value = (event == CREDITS_JSON_TRUE);
    r->include.begin = j->begin;
    r->include.end = j->end;    /* of a string or a container: set later */

    return 0;
}


static int
credits_request_limit(credits_request_t *r, const credits_json_t *j,
    credits_json_event_t event)
{
    credits_request_member_t  *limit;

    limit = &r->limits[j->node - NODE_MAX_TOKENS];

    limit->begin = j->begin;
    limit->end = j->end;

    if (event == CREDITS_JSON_NULL) {
        limit->state = CREDITS_REQUEST_NULL;
        return 0;
    }

    if (event != CREDITS_JSON_NUMBER || j->number < 0
        || j->number > CREDITS_REQUEST_OUTPUT_MAX)
    {
        return credits_request_fail(r, "max_tokens, max_completion_tokens and"
                                       " max_output_tokens must be integers"
                                       " from 0 to 100000000, or null.");
    }

    limit->state = CREDITS_REQUEST_SET;
    limit->value = j->number;

    return 0;
}


static int
credits_request_choices(credits_request_t *r, const credits_json_t *j,
    credits_json_event_t event)
{
    if (event == CREDITS_JSON_NULL) {
        return 0;
    }

    if (event != CREDITS_JSON_NUMBER || j->number < 1
        || j->number > CREDITS_REQUEST_CHOICES_MAX)
    {
        return credits_request_fail(r, "n and best_of must be integers from 1"
                                       " to 128, or null.");
    }

    if (j->node == NODE_N) {
        r->n = j->number;

    } else {
        r->best_of = j->number;
    }

    return 0;
}


static int
credits_request_text(credits_request_t *r, const credits_json_t *j,
    const unsigned char *p, size_t n)
{
    if (j->node == NODE_MODEL) {
        return credits_request_model(r, p, n);
    }

    r->text_bytes += n;

    return 0;
}


/* the name goes into logs, SQL and headers: it must be plain text */

static int
credits_request_model(credits_request_t *r, const unsigned char *p, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        if (r->model_len == CREDITS_REQUEST_MODEL_MAX) {
            return credits_request_fail(r, "model is longer than 255 bytes.");
        }

        if (p[i] < 0x20 || p[i] == 0x7f) {
            return credits_request_fail(r, "model contains a control"
                                           " character.");
        }

        r->model[r->model_len++] = p[i];
    }

    return 0;
}


/*
 * Which of the limits the provider can be trusted to obey: a member that
 * belongs to another kind of request may be ignored there.
 */

static unsigned
credits_request_effective_limits(const credits_request_t *r)
{
    unsigned  effective;

    effective = (1u << CREDITS_REQUEST_LIMITS) - 1;

    if (r->chat) {
        effective &= 1u << CREDITS_REQUEST_MAX_TOKENS
                     | 1u << CREDITS_REQUEST_MAX_COMPLETION;
    }

    if (r->legacy) {
        effective &= 1u << CREDITS_REQUEST_MAX_TOKENS;
    }

    if (r->responses) {
        effective &= 1u << CREDITS_REQUEST_MAX_OUTPUT;
    }

    return effective;
}


static int
credits_request_fail(credits_request_t *r, const char *error)
{
    r->error = error;

    return -1;
}


static int
credits_request_json_fail(credits_request_t *r)
{
    switch (r->json.error) {

    case CREDITS_JSON_ESTOPPED:
        return -1;

    case CREDITS_JSON_EUTF8:
        return credits_request_fail(r, "The request body is not valid UTF-8.");

    case CREDITS_JSON_EDEPTH:
        return credits_request_fail(r, "The request body is nested more than"
                                       " 64 levels deep.");

    case CREDITS_JSON_EKEY:
        return credits_request_fail(r, "A member name contains NUL.");

    default:
        return credits_request_fail(r, "The request body is not valid JSON.");
    }
}
