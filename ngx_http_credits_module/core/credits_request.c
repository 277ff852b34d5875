/*
 * The request: what a chat-completions body asks for.
 */

#include <string.h>

#include "credits_request.h"


/* the members of the body come first: their bits are in c->seen */

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
static int credits_request_key(credits_request_t *c, const credits_json_t *j);
static int credits_request_differs_in_case_only(const credits_json_t *j);
static int credits_request_value(credits_request_t *c, const credits_json_t *j,
    credits_json_event_t event);
static int credits_request_prompt_value(credits_request_t *c,
    const credits_json_t *j, credits_json_event_t event);
static int credits_request_options(credits_request_t *c,
    const credits_json_t *j, credits_json_event_t event);
static int credits_request_include(credits_request_t *c,
    const credits_json_t *j, credits_json_event_t event);
static int credits_request_limit(credits_request_t *c, const credits_json_t *j,
    credits_json_event_t event);
static int credits_request_choices(credits_request_t *c,
    const credits_json_t *j, credits_json_event_t event);
static int credits_request_text(credits_request_t *c, const credits_json_t *j,
    const unsigned char *p, size_t n);
static int credits_request_model(credits_request_t *c, const unsigned char *p,
    size_t n);
static unsigned credits_request_effective_limits(const credits_request_t *c);
static int credits_request_fail(credits_request_t *c, const char *error);
static int credits_request_json_fail(credits_request_t *c);


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
credits_request_init(credits_request_t *c)
{
    memset(c, 0, sizeof(credits_request_t));

    c->choices = 1;
    c->max_output = -1;
    c->n = 1;
    c->best_of = 1;
    c->body_empty = 1;
    c->options_empty = 1;

    credits_json_init(&c->json, credits_request_nodes, credits_request_event,
                      1);
}


int
credits_request_feed(credits_request_t *c, const unsigned char *p, size_t n)
{
    if (c->error) {
        return -1;
    }

    return (credits_json_feed(&c->json, c, p, n) == 0)
           ? 0 : credits_request_json_fail(c);
}


int
credits_request_end(credits_request_t *c)
{
    unsigned  i, effective;
    uint64_t  choices;

    if (c->error) {
        return -1;
    }

    if (credits_json_blank(&c->json)) {
        return credits_request_fail(c, "The request body is empty.");
    }

    if (credits_json_end(&c->json, c) != 0) {
        return credits_request_json_fail(c);
    }

    c->completions = (c->chat || c->legacy) && !c->responses;

    c->include_usage = (c->include.value == 1);

    choices = (uint64_t) ((c->n > c->best_of) ? c->n : c->best_of);

    if (c->prompts > CREDITS_REQUEST_CHOICES_MAX / choices) {
        return credits_request_fail(c, "The request asks for more than 128"
                                       " choices.");
    }

    if (c->prompts) {
        choices *= c->prompts;
    }

    c->choices = (int64_t) choices;

    effective = credits_request_effective_limits(c);

    for (i = 0; i < CREDITS_REQUEST_LIMITS; i++) {
        if (((effective >> i) & 1)
            && c->limits[i].state == CREDITS_REQUEST_SET
            && c->limits[i].value > c->max_output)
        {
            c->max_output = c->limits[i].value;
        }
    }

    return 0;
}


const char *
credits_request_error(const credits_request_t *c)
{
    return c->error;
}


int64_t
credits_request_prompt_tokens(const credits_request_t *c)
{
    return (int64_t) ((c->text_bytes + 3) / 4
                      + c->messages * CREDITS_REQUEST_MESSAGE_TOKENS);
}


static int
credits_request_event(void *data, credits_json_t *j,
    credits_json_event_t event, const unsigned char *p, size_t n)
{
    credits_request_t  *c;

    c = data;

    switch (event) {

    case CREDITS_JSON_KEY:
        return credits_request_key(c, j);

    case CREDITS_JSON_TEXT:
        return credits_request_text(c, j, p, n);

    case CREDITS_JSON_STRING_END:
    case CREDITS_JSON_END:
        if (j->node == NODE_INCLUDE) {
            c->include.end = j->end;

        } else if (j->node == NODE_OPTIONS) {
            c->options.end = j->end;

        } else if (j->node == NODE_TOOLS || j->node == NODE_FUNCTIONS) {
            c->text_bytes += j->end - c->part_begin;
        }

        return 0;

    default:
        return credits_request_value(c, j, event);
    }
}


static int
credits_request_key(credits_request_t *c, const credits_json_t *j)
{
    if (j->depth == 1) {
        c->body_empty = 0;

        if (j->member == CREDITS_JSON_OTHER) {
            return credits_request_differs_in_case_only(j)
                   ? credits_request_fail(c, "A member of the request differs"
                                          " from a known one in case only.")
                   : 0;
        }

        if ((c->seen >> j->member) & 1) {
            return credits_request_fail(c, "The request names a member"
                                           " twice.");
        }

        c->seen |= 1u << j->member;

        return 0;
    }

    /* within stream_options, as long as that has no end */

    if (c->options.state == CREDITS_REQUEST_SET && c->options.end == 0) {
        c->options_empty = 0;
    }

    if (j->member == NODE_INCLUDE
        && c->include.state != CREDITS_REQUEST_ABSENT)
    {
        return credits_request_fail(c, "stream_options names include_usage"
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
credits_request_value(credits_request_t *c, const credits_json_t *j,
    credits_json_event_t event)
{
    switch (j->node) {

    case CREDITS_JSON_ROOT:
        if (event != CREDITS_JSON_OBJECT) {
            return credits_request_fail(c, "The request body must be a JSON"
                                           " object.");
        }

        c->body_begin = j->begin;
        return 0;

    case NODE_MODEL:
        return (event == CREDITS_JSON_STRING)
               ? 0 : credits_request_fail(c, "model must be a string.");

    case NODE_STREAM:
        c->stream = (event == CREDITS_JSON_TRUE);
        return 0;

    case NODE_OPTIONS:
        return credits_request_options(c, j, event);

    case NODE_INCLUDE:
        return credits_request_include(c, j, event);

    case NODE_N:
    case NODE_BEST_OF:
        return credits_request_choices(c, j, event);

    case NODE_MAX_TOKENS:
    case NODE_MAX_COMPLETION:
    case NODE_MAX_OUTPUT:
        return credits_request_limit(c, j, event);

    default:
        return credits_request_prompt_value(c, j, event);
    }
}


static int
credits_request_prompt_value(credits_request_t *c, const credits_json_t *j,
    credits_json_event_t event)
{
    switch (j->node) {

    case NODE_TOOLS:
    case NODE_FUNCTIONS:
        c->part_begin = j->begin;
        break;

    case NODE_MESSAGES:
        c->chat = 1;
        break;

    case NODE_INPUT:
        c->responses = 1;
        break;

    case NODE_PROMPT:
        if (event == CREDITS_JSON_OBJECT) {

            /* the Responses API's prompt template */

            c->responses = 1;
            break;
        }

        c->legacy = 1;

        if (event == CREDITS_JSON_NUMBER) {
            c->text_bytes += CREDITS_REQUEST_TOKEN_BYTES;

        } else if (j->depth == 2) {
            c->prompts++;
        }

        break;

    case NODE_MESSAGE:
        if (event == CREDITS_JSON_OBJECT) {
            c->messages++;

        } else if (event == CREDITS_JSON_NUMBER) {
            c->text_bytes += CREDITS_REQUEST_TOKEN_BYTES;
        }

        break;

    default:
        break;
    }

    return 0;
}


static int
credits_request_options(credits_request_t *c, const credits_json_t *j,
    credits_json_event_t event)
{
    credits_request_member_t  *options;

    options = &c->options;
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
        return credits_request_fail(c, "stream_options must be an object or"
                                       " null.");
    }
}


static int
credits_request_include(credits_request_t *c, const credits_json_t *j,
    credits_json_event_t event)
{
    c->include.state = CREDITS_REQUEST_SET;
    c->include.value = (event == CREDITS_JSON_TRUE);
    c->include.begin = j->begin;
    c->include.end = j->end;    /* of a string or a container: set later */

    return 0;
}


static int
credits_request_limit(credits_request_t *c, const credits_json_t *j,
    credits_json_event_t event)
{
    credits_request_member_t  *limit;

    limit = &c->limits[j->node - NODE_MAX_TOKENS];

    limit->begin = j->begin;
    limit->end = j->end;

    if (event == CREDITS_JSON_NULL) {
        limit->state = CREDITS_REQUEST_NULL;
        return 0;
    }

    if (event != CREDITS_JSON_NUMBER || j->number < 0
        || j->number > CREDITS_REQUEST_OUTPUT_MAX)
    {
        return credits_request_fail(c, "max_tokens, max_completion_tokens and"
                                       " max_output_tokens must be integers"
                                       " from 0 to 100000000, or null.");
    }

    limit->state = CREDITS_REQUEST_SET;
    limit->value = j->number;

    return 0;
}


static int
credits_request_choices(credits_request_t *c, const credits_json_t *j,
    credits_json_event_t event)
{
    if (event == CREDITS_JSON_NULL) {
        return 0;
    }

    if (event != CREDITS_JSON_NUMBER || j->number < 1
        || j->number > CREDITS_REQUEST_CHOICES_MAX)
    {
        return credits_request_fail(c, "n and best_of must be integers from 1"
                                       " to 128, or null.");
    }

    if (j->node == NODE_N) {
        c->n = j->number;

    } else {
        c->best_of = j->number;
    }

    return 0;
}


static int
credits_request_text(credits_request_t *c, const credits_json_t *j,
    const unsigned char *p, size_t n)
{
    if (j->node == NODE_MODEL) {
        return credits_request_model(c, p, n);
    }

    c->text_bytes += n;

    return 0;
}


/* the name goes into logs, SQL and headers: it must be plain text */

static int
credits_request_model(credits_request_t *c, const unsigned char *p, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        if (c->model_len == CREDITS_REQUEST_MODEL_MAX) {
            return credits_request_fail(c, "model is longer than 255 bytes.");
        }

        if (p[i] < 0x20 || p[i] == 0x7f) {
            return credits_request_fail(c, "model contains a control"
                                           " character.");
        }

        c->model[c->model_len++] = p[i];
    }

    return 0;
}


/*
 * Which of the limits the provider can be trusted to obey: a member that
 * belongs to another kind of request may be ignored there.
 */

static unsigned
credits_request_effective_limits(const credits_request_t *c)
{
    unsigned  effective;

    effective = (1u << CREDITS_REQUEST_LIMITS) - 1;

    if (c->chat) {
        effective &= 1u << CREDITS_REQUEST_MAX_TOKENS
                     | 1u << CREDITS_REQUEST_MAX_COMPLETION;
    }

    if (c->legacy) {
        effective &= 1u << CREDITS_REQUEST_MAX_TOKENS;
    }

    if (c->responses) {
        effective &= 1u << CREDITS_REQUEST_MAX_OUTPUT;
    }

    return effective;
}


static int
credits_request_fail(credits_request_t *c, const char *error)
{
    c->error = error;

    return -1;
}


static int
credits_request_json_fail(credits_request_t *c)
{
    switch (c->json.error) {

    case CREDITS_JSON_ESTOPPED:
        return -1;

    case CREDITS_JSON_EUTF8:
        return credits_request_fail(c, "The request body is not valid UTF-8.");

    case CREDITS_JSON_EDEPTH:
        return credits_request_fail(c, "The request body is nested more than"
                                       " 64 levels deep.");

    case CREDITS_JSON_EKEY:
        return credits_request_fail(c, "A member name contains NUL.");

    default:
        return credits_request_fail(c, "The request body is not valid JSON.");
    }
}
