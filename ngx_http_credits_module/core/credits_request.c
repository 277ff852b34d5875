/*
 * The request: what a body asks for.
 */

#include <string.h>

#include "credits_request.h"
#include "credits_request_nodes.h"


/* apart from what happens with every value, which then costs less */
#define CREDITS_REQUEST_SELDOM  __attribute__((noinline))


static int credits_request_event(void *data, credits_json_t *j,
    credits_json_event_t event, const unsigned char *p, size_t n);
static int credits_request_key(credits_request_t *r, const credits_json_t *j);
static int credits_request_unknown(credits_request_t *r,
    const credits_json_t *j) CREDITS_REQUEST_SELDOM;
static int credits_request_once(credits_request_t *r, unsigned node)
    CREDITS_REQUEST_SELDOM;
static int credits_request_value(credits_request_t *r, const credits_json_t *j,
    credits_json_event_t event) CREDITS_REQUEST_SELDOM;
static int credits_request_kind(credits_request_t *r, const credits_json_t *j,
    credits_json_event_t event);
static int credits_request_stream(credits_request_t *r,
    credits_json_event_t event);
static int credits_request_object(credits_request_t *r,
    credits_request_member_t *member, const credits_json_t *j,
    credits_json_event_t event, const char *error);
static void credits_request_include(credits_request_t *r,
    const credits_json_t *j, credits_json_event_t event);
static int credits_request_limit(credits_request_t *r, const credits_json_t *j,
    credits_json_event_t event);
static int credits_request_budget(credits_request_t *r,
    const credits_json_t *j, credits_json_event_t event);
static int credits_request_choices(credits_request_t *r,
    const credits_json_t *j, credits_json_event_t event);
static int credits_request_text(credits_request_t *r, const credits_json_t *j,
    const unsigned char *p, size_t n);
static int credits_request_model(credits_request_t *r, const unsigned char *p,
    size_t n) CREDITS_REQUEST_SELDOM;
static int credits_request_tier(credits_request_t *r, const unsigned char *p,
    size_t n) CREDITS_REQUEST_SELDOM;
static void credits_request_close(credits_request_t *r,
    const credits_json_t *j, credits_json_event_t event);
static int credits_request_field(void *data, const credits_multipart_t *m);
static int credits_request_field_value(credits_request_t *r,
    const credits_multipart_t *m, unsigned node);
static void credits_request_field_part(credits_request_t *r,
    const credits_multipart_t *m);
static int credits_request_field_is(const credits_multipart_t *m,
    const char *value);
static int credits_request_conflicts(credits_request_t *r);
static int credits_request_all_choices(credits_request_t *r);
static void credits_request_max_output(credits_request_t *r);
static int credits_request_fail(credits_request_t *r, const char *error);
static int credits_request_json_fail(credits_request_t *r);


static const char *const  credits_request_limit_error =
    "max_tokens, max_completion_tokens and max_output_tokens must be integers"
    " from 0 to 100000000, or null.";

static const char *const  credits_request_config_error =
    "maxOutputTokens, maxTokens and num_predict must be integers from 0 to"
    " 100000000, or null.";

static const char *const  credits_request_choices_error =
    "n and best_of must be integers from 1 to 128, or null.";

static const char *const  credits_request_stream_error =
    "stream must be true, false or null.";

static const char *const  credits_request_case_error =
    "A member of the request differs from a known one in case only.";

static const char *const  credits_request_twice_error =
    "The request names a member twice.";


/* the fields of a form */

static const credits_json_name_t  credits_request_fields[] = {
    credits_json_name("model", CREDITS_NODE_MODEL),
    credits_json_name("stream", CREDITS_NODE_STREAM),
    credits_json_name("n", CREDITS_NODE_N),
    credits_json_name("prompt", CREDITS_NODE_PROMPT),
    credits_json_name("service_tier", CREDITS_NODE_TIER),
    credits_json_name("file", CREDITS_NODE_FILE),
    credits_json_name("image", CREDITS_NODE_IMAGE),
    credits_json_name("image[]", CREDITS_NODE_IMAGE),
    credits_json_name("mask", CREDITS_NODE_IMAGE),
    credits_json_last_name
};


uint32_t
credits_request_allow(const unsigned char *name, size_t n)
{
    return credits_request_bounds_find(name, n);
}


void
credits_request_init(credits_request_t *r,
    const credits_operation_t *operation, const credits_part_tokens_t *parts,
    credits_span_t boundary)
{
    memset(r, 0, sizeof(credits_request_t));

    r->operation = operation;
    r->choices = 1;
    r->max_output = -1;
    r->n = 1;
    r->best_of = 1;
    r->body_empty = 1;
    r->options.empty = 1;
    r->config.empty = 1;
    r->form = (boundary.len != 0);

    credits_request_prompt_init(&r->prompt, parts);

    if (r->form) {
        credits_multipart_init(&r->body.multipart, boundary,
                               credits_request_field);

    } else {
        credits_json_init(&r->body.json,
                          credits_request_nodes(operation->prompt),
                          credits_request_event, 1);
    }
}


int
credits_request_feed(credits_request_t *r, const unsigned char *p, size_t n)
{
    if (r->error) {
        return -1;
    }

    if (!r->form) {
        return (credits_json_feed(&r->body.json, r, p, n) == 0)
               ? 0 : credits_request_json_fail(r);
    }

    if (credits_multipart_feed(&r->body.multipart, r, p, n) == 0) {
        return 0;
    }

    return r->error ? -1 : credits_request_fail(r, "The request body is not"
                                                " valid multipart/form-data.");
}


int
credits_request_end(credits_request_t *r)
{
    if (r->error) {
        return -1;
    }

    if (r->form) {
        if (credits_multipart_end(&r->body.multipart) != 0) {
            return credits_request_fail(r, "The request body is not valid"
                                           " multipart/form-data.");
        }

    } else {
        if (credits_json_blank(&r->body.json)) {
            return credits_request_fail(r, "The request body is empty.");
        }

        if (credits_json_end(&r->body.json, r) != 0) {
            return credits_request_json_fail(r);
        }
    }

    switch (r->operation->stream) {

    case CREDITS_STREAM_MEMBER:
        break;

    case CREDITS_STREAM_UNLESS:
        r->stream = !r->stream_not;
        break;

    default:
        r->stream = (r->operation->stream == CREDITS_STREAM_ALWAYS);
        break;
    }

    r->include_usage = (r->include.value == 1);

    if (r->operation->prompt == CREDITS_PROMPT_INVOKE
        && !((r->seen >> CREDITS_NODE_VERSION) & 1))
    {
        r->prompt.unbounded |= 1u << CREDITS_BOUND_INVOKE;
    }

    if (credits_request_conflicts(r) != 0
        || credits_request_all_choices(r) != 0)
    {
        return -1;
    }

    credits_request_max_output(r);

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
    return credits_request_prompt_size(&r->prompt);
}


int
credits_request_limit_fits(const credits_request_t *r, int64_t limit)
{
    return r->thinking == 0 || limit > r->thinking;
}


const char *
credits_request_unbounded(const credits_request_t *r, uint32_t allowed)
{
    unsigned  i;

    for (i = 0; i < CREDITS_BOUNDS; i++) {
        if (((r->prompt.unbounded & ~allowed) >> i) & 1) {
            return credits_request_bounds_name((credits_bound_t) i);
        }
    }

    return NULL;
}


static int
credits_request_event(void *data, credits_json_t *j,
    credits_json_event_t event, const unsigned char *p, size_t n)
{
    credits_request_t  *r;

    r = data;

    if (j->node == CREDITS_JSON_OTHER && event != CREDITS_JSON_KEY) {

        /* most values of a schema: it counts as a whole */

        return 0;
    }

    switch (event) {

    case CREDITS_JSON_KEY:
        return credits_request_key(r, j);

    case CREDITS_JSON_TEXT:
        return credits_request_text(r, j, p, n);

    case CREDITS_JSON_STRING_END:
    case CREDITS_JSON_END:
        credits_request_close(r, j, event);
        return 0;

    default:
        if (j->node < CREDITS_NODE_ONCE) {
            return credits_request_value(r, j, event);
        }

        credits_request_prompt_value(&r->prompt, j, event);
        return 0;
    }
}


static int
credits_request_key(credits_request_t *r, const credits_json_t *j)
{
    if (j->depth == 1) {
        r->body_empty = 0;

    } else {

        /* an object is open as long as it has no end */

        if (r->options.state == CREDITS_REQUEST_SET && r->options.end == 0) {
            r->options.empty = 0;
        }

        if (r->config.state == CREDITS_REQUEST_SET && r->config.end == 0) {
            r->config.empty = 0;
        }
    }

    switch (j->member) {

    case CREDITS_JSON_OTHER:
    case CREDITS_NODE_DATA:
    case CREDITS_NODE_LOOSE:
        return credits_request_unknown(r, j);

    default:
        if (j->member < CREDITS_NODE_TOOLS
            || (j->member == CREDITS_NODE_TOOLS && j->depth == 1))
        {
            return credits_request_once(r, j->member);
        }

        credits_request_prompt_key(&r->prompt, j);
        return 0;
    }
}


/* some providers' parsers ignore the case of names */

static int
credits_request_unknown(credits_request_t *r, const credits_json_t *j)
{
    const credits_json_name_t  *names;

    names = credits_json_siblings(j);

    if (names && j->key_len <= CREDITS_JSON_KEY_MAX
        && credits_json_folds(names, j->key, j->key_len))
    {
        return credits_request_fail(r, credits_request_case_error);
    }

    credits_request_prompt_key(&r->prompt, j);

    return 0;
}


static int
credits_request_once(credits_request_t *r, unsigned node)
{
    if ((r->seen >> node) & 1) {
        return credits_request_fail(r, (node == CREDITS_NODE_INCLUDE)
                                       ? "stream_options names include_usage"
                                         " twice."
                                       : credits_request_twice_error);
    }

    r->seen |= 1u << node;

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

    case CREDITS_NODE_MODEL:
        return (event == CREDITS_JSON_STRING)
               ? 0 : credits_request_fail(r, "model must be a string.");

    case CREDITS_NODE_STREAM:
        return credits_request_stream(r, event);

    case CREDITS_NODE_OPTIONS:
        return credits_request_object(r, &r->options, j, event,
                                      "stream_options must be an object or"
                                      " null.");

    case CREDITS_NODE_CONFIG:
        return credits_request_object(r, &r->config, j, event,
                                      "generationConfig, inferenceConfig and"
                                      " options must be objects or null.");

    case CREDITS_NODE_INCLUDE:
        credits_request_include(r, j, event);
        return 0;

    case CREDITS_NODE_N:
    case CREDITS_NODE_BEST_OF:
        return credits_request_choices(r, j, event);

    case CREDITS_NODE_MAX_TOKENS:
    case CREDITS_NODE_MAX_COMPLETION:
    case CREDITS_NODE_MAX_OUTPUT:
    case CREDITS_NODE_CONFIG_MAX:
        return credits_request_limit(r, j, event);

    case CREDITS_NODE_BUDGET:
        return credits_request_budget(r, j, event);

    case CREDITS_NODE_TIER:
        return (event == CREDITS_JSON_STRING || event == CREDITS_JSON_NULL)
               ? 0 : credits_request_fail(r, "service_tier must be a string"
                                             " or null.");

    case CREDITS_NODE_BACKGROUND:
        if (event != CREDITS_JSON_FALSE && event != CREDITS_JSON_NULL) {
            r->unmetered = "background";
        }

        return 0;

    default:
        return credits_request_kind(r, j, event);
    }
}


/* what is there to be answered: no more than one thing may be */

static int
credits_request_kind(credits_request_t *r, const credits_json_t *j,
    credits_json_event_t event)
{
    if (event != CREDITS_JSON_NULL) {

        switch (j->node) {

        case CREDITS_NODE_MESSAGES:
            r->chat = 1;
            break;

        case CREDITS_NODE_INPUT:
            r->input = 1;
            break;

        case CREDITS_NODE_PROMPT:
            r->legacy |= (event != CREDITS_JSON_OBJECT);
            break;

        default:
            break;
        }
    }

    credits_request_prompt_value(&r->prompt, j, event);

    return 0;
}


static int
credits_request_stream(credits_request_t *r, credits_json_event_t event)
{
    if (event != CREDITS_JSON_TRUE && event != CREDITS_JSON_FALSE
        && event != CREDITS_JSON_NULL)
    {
        return credits_request_fail(r, credits_request_stream_error);
    }

    r->stream = (event == CREDITS_JSON_TRUE);
    r->stream_not = (event == CREDITS_JSON_FALSE);

    return 0;
}


static int
credits_request_object(credits_request_t *r, credits_request_member_t *member,
    const credits_json_t *j, credits_json_event_t event, const char *error)
{
    member->begin = j->begin;

    switch (event) {

    case CREDITS_JSON_OBJECT:
        member->state = CREDITS_REQUEST_SET;
        return 0;

    case CREDITS_JSON_NULL:
        member->state = CREDITS_REQUEST_NULL;
        member->end = j->end;
        return 0;

    default:
        return credits_request_fail(r, error);
    }
}


static void
credits_request_include(credits_request_t *r, const credits_json_t *j,
    credits_json_event_t event)
{
    r->include.state = CREDITS_REQUEST_SET;
    r->include.value = (event == CREDITS_JSON_TRUE);
    r->include.begin = j->begin;
    r->include.end = j->end;    /* of a string or a container: set later */
}


static int
credits_request_limit(credits_request_t *r, const credits_json_t *j,
    credits_json_event_t event)
{
    credits_request_member_t  *limit;

    limit = &r->limits[j->node - CREDITS_NODE_MAX_TOKENS];

    limit->begin = j->begin;
    limit->end = j->end;

    if (event == CREDITS_JSON_NULL) {
        limit->state = CREDITS_REQUEST_NULL;
        return 0;
    }

    limit->state = CREDITS_REQUEST_SET;
    limit->value = j->number;

    if (event == CREDITS_JSON_NUMBER && j->number < 0
        && r->operation->limit == CREDITS_LIMIT_NUM_PREDICT)
    {
        /* -1: no limit, -2: as much as the context has room for */

        limit->value = INT64_MAX;
        return 0;
    }

    if (event != CREDITS_JSON_NUMBER || j->number < 0
        || j->number > CREDITS_REQUEST_OUTPUT_MAX)
    {
        return credits_request_fail(r, (j->node == CREDITS_NODE_CONFIG_MAX)
                                       ? credits_request_config_error
                                       : credits_request_limit_error);
    }

    return 0;
}


static int
credits_request_budget(credits_request_t *r, const credits_json_t *j,
    credits_json_event_t event)
{
    if (event == CREDITS_JSON_NULL) {
        return 0;
    }

    if (event != CREDITS_JSON_NUMBER
        || j->number > CREDITS_REQUEST_OUTPUT_MAX)
    {
        return credits_request_fail(r, "A thinking budget must be an integer"
                                       " up to 100000000, or null.");
    }

    /* -1: the model decides */

    r->thinking = (j->number > 0) ? j->number : 0;

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
        return credits_request_fail(r, credits_request_choices_error);
    }

    if (j->node == CREDITS_NODE_N) {
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
    switch (j->node) {

    case CREDITS_NODE_MODEL:
        return credits_request_model(r, p, n);

    case CREDITS_NODE_TIER:
        return credits_request_tier(r, p, n);

    default:
        credits_request_prompt_text(&r->prompt, p, n);
        return 0;
    }
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


static int
credits_request_tier(credits_request_t *r, const unsigned char *p, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        if (r->tier_len == CREDITS_REQUEST_TIER_MAX
            || p[i] <= 0x20 || p[i] >= 0x7f)
        {
            return credits_request_fail(r, "service_tier must be a word of at"
                                           " most 32 bytes.");
        }

        r->tier[r->tier_len++] = p[i];
    }

    return 0;
}


static void
credits_request_close(credits_request_t *r, const credits_json_t *j,
    credits_json_event_t event)
{
    switch (j->node) {

    case CREDITS_NODE_INCLUDE:
        r->include.end = j->end;
        break;

    case CREDITS_NODE_OPTIONS:
        r->options.end = j->end;
        break;

    case CREDITS_NODE_CONFIG:
        r->config.end = j->end;
        break;

    case CREDITS_NODE_MODEL:
    case CREDITS_NODE_TIER:
        break;

    default:
        credits_request_prompt_end(&r->prompt, j, event);
        break;
    }
}


/* of a form */

static int
credits_request_field(void *data, const credits_multipart_t *m)
{
    unsigned                    node;
    credits_request_t          *r;
    const credits_json_name_t  *name;

    r = data;
    node = CREDITS_JSON_OTHER;

    for (name = credits_request_fields; name->name; name++) {
        if (name->len == m->name_len
            && memcmp(name->name, m->name, m->name_len) == 0)
        {
            node = name->node;
        }
    }

    if (node == CREDITS_JSON_OTHER
        && credits_json_folds(credits_request_fields, m->name, m->name_len))
    {
        return credits_request_fail(r, credits_request_case_error);
    }

    if (node == CREDITS_JSON_OTHER || node >= CREDITS_NODE_ONCE) {
        credits_request_field_part(r, m);
        return 0;
    }

    if (m->file) {
        return credits_request_fail(r, "A field of the form must not be a"
                                       " file.");
    }

    return (credits_request_once(r, node) == 0)
           ? credits_request_field_value(r, m, node) : -1;
}


static int
credits_request_field_value(credits_request_t *r, const credits_multipart_t *m,
    unsigned node)
{
    size_t   i;
    int64_t  n;

    if (node == CREDITS_NODE_PROMPT) {
        credits_request_prompt_part(&r->prompt, CREDITS_PART_TEXT, m->size);
        return 0;
    }

    if (m->size > CREDITS_MULTIPART_VALUE_MAX) {
        return credits_request_fail(r, "A field of the form is too long.");
    }

    switch (node) {

    case CREDITS_NODE_MODEL:
        return credits_request_model(r, m->value, (size_t) m->size);

    case CREDITS_NODE_TIER:
        return credits_request_tier(r, m->value, (size_t) m->size);

    case CREDITS_NODE_STREAM:
        r->stream = credits_request_field_is(m, "true");

        return (r->stream || credits_request_field_is(m, "false"))
               ? 0 : credits_request_fail(r, credits_request_stream_error);

    default: /* CREDITS_NODE_N */
        break;
    }

    n = 0;

    for (i = 0; i < m->size && n <= CREDITS_REQUEST_CHOICES_MAX; i++) {
        n = (m->value[i] >= '0' && m->value[i] <= '9')
            ? n * 10 + m->value[i] - '0' : CREDITS_REQUEST_CHOICES_MAX + 1;
    }

    if (n < 1 || n > CREDITS_REQUEST_CHOICES_MAX) {
        return credits_request_fail(r, credits_request_choices_error);
    }

    r->n = n;

    return 0;
}


/* a file, or a field that nobody knows: it may be read as text */

static void
credits_request_field_part(credits_request_t *r, const credits_multipart_t *m)
{
    if (m->file) {
        credits_request_prompt_part(&r->prompt,
                                    (r->operation->prompt
                                     == CREDITS_PROMPT_SOUND)
                                    ? CREDITS_PART_AUDIO : CREDITS_PART_IMAGE,
                                    m->size);
        return;
    }

    credits_request_prompt_part(&r->prompt, CREDITS_PART_TEXT, m->size);
}


static int
credits_request_field_is(const credits_multipart_t *m, const char *value)
{
    return m->size == strlen(value)
           && memcmp(m->value, value, (size_t) m->size) == 0;
}


/* a provider may answer either of them, by rules that are not the row's */

static int
credits_request_conflicts(credits_request_t *r)
{
    unsigned  template;

    template = (r->prompt.unbounded >> CREDITS_BOUND_TEMPLATE) & 1;

    if (r->chat && r->input) {
        return credits_request_fail(r, "The request has both messages and"
                                       " input.");
    }

    if (r->chat && template) {
        return credits_request_fail(r, "The request has both messages and a"
                                       " prompt object.");
    }

    if (r->legacy && r->input) {
        return credits_request_fail(r, "The request has both prompt and"
                                       " input.");
    }

    return 0;
}


static int
credits_request_all_choices(credits_request_t *r)
{
    uint64_t  choices;

    choices = (uint64_t) ((r->n > r->best_of) ? r->n : r->best_of);

    if (r->prompt.batch > CREDITS_REQUEST_CHOICES_MAX / choices) {
        return credits_request_fail(r, "The request asks for more than 128"
                                       " choices.");
    }

    if (r->prompt.batch) {
        choices *= r->prompt.batch;
    }

    r->choices = (int64_t) choices;

    return 0;
}


/*
 * The largest of those limits that the provider can be trusted to obey: a
 * member that belongs to another kind of request may be ignored there.
 */

static void
credits_request_max_output(credits_request_t *r)
{
    unsigned  i, effective;

    switch (r->operation->limit) {

    case CREDITS_LIMIT_NONE:
        effective = 0;
        break;

    case CREDITS_LIMIT_MAX_COMPLETION_TOKENS:
        effective = 1u << CREDITS_REQUEST_MAX_TOKENS;

        if (!r->legacy) {
            effective |= 1u << CREDITS_REQUEST_MAX_COMPLETION;
        }

        break;

    case CREDITS_LIMIT_MAX_TOKENS:
        effective = 1u << CREDITS_REQUEST_MAX_TOKENS;
        break;

    case CREDITS_LIMIT_MAX_OUTPUT_TOKENS:
        effective = 1u << CREDITS_REQUEST_MAX_OUTPUT;
        break;

    default:
        effective = 1u << CREDITS_REQUEST_CONFIG_MAX;
        break;
    }

    for (i = 0; i < CREDITS_REQUEST_LIMITS; i++) {
        if (((effective >> i) & 1)
            && r->limits[i].state == CREDITS_REQUEST_SET
            && r->limits[i].value <= CREDITS_REQUEST_OUTPUT_MAX
            && r->limits[i].value > r->max_output)
        {
            r->max_output = r->limits[i].value;
        }
    }
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
    switch (r->body.json.error) {

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
