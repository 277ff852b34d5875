/*
 * What an answer costs: the row of a table is found, and says what is charged.
 * The rows stand in docs/metering.md.
 */

#include "credits_verdict.h"


#define CREDITS_VERDICT_TEXT_BYTES   4      /* a token of text */
#define CREDITS_VERDICT_SOUND_BYTES  800    /* a token of sound */


typedef enum {
    /* no answer that is charged */
    CREDITS_VERDICT_STOPPED_UNANSWERED = 0,
    CREDITS_VERDICT_OWN_PAGE,
    CREDITS_VERDICT_NOT_SENT,
    CREDITS_VERDICT_REFUSED,
    CREDITS_VERDICT_LEFT_UNANSWERED,
    CREDITS_VERDICT_UNANSWERED,

    /* an answer that failed */
    CREDITS_VERDICT_ERROR,
    CREDITS_VERDICT_ERROR_BEHIND_TEXT,
    CREDITS_VERDICT_PAGE,
    CREDITS_VERDICT_PAGE_CAPTURED,

    /* an answer */
    CREDITS_VERDICT_SAID,
    CREDITS_VERDICT_UNREADABLE,
    CREDITS_VERDICT_ZERO,
    CREDITS_VERDICT_UNSAID,
    CREDITS_VERDICT_CUT,
    CREDITS_VERDICT_LEFT,
    CREDITS_VERDICT_STOPPED,

    /* an answer that is nothing */
    CREDITS_VERDICT_EMPTY,
    CREDITS_VERDICT_CUT_EMPTY,
    CREDITS_VERDICT_LEFT_EMPTY,
    CREDITS_VERDICT_STOPPED_EMPTY,
    CREDITS_VERDICT_ROWS
} credits_verdict_name_t;


typedef struct {
    credits_status_t   status;
    credits_reason_t   reason;
    unsigned           capture:1;   /* with it, at least the hold */
} credits_verdict_row_t;


/* what was said, without the zeros that say nothing, and what was seen */
typedef struct {
    const credits_verdict_input_t  *in;
    credits_usage_t                 usage;
    uint64_t                        produced;   /* tokens, estimated */
    unsigned                        ended:1;
    unsigned                        zero:1;     /* a zero said nothing */
} credits_verdict_seen_t;


static credits_verdict_name_t credits_verdict_find(
    const credits_verdict_seen_t *seen);
static credits_verdict_name_t credits_verdict_unanswered(
    const credits_verdict_input_t *in);
static credits_verdict_name_t credits_verdict_failed(
    const credits_verdict_seen_t *seen);
static credits_verdict_name_t credits_verdict_produced(
    const credits_verdict_seen_t *seen);
static credits_verdict_name_t credits_verdict_empty(
    const credits_verdict_seen_t *seen);
static void credits_verdict_see(const credits_verdict_input_t *in,
    credits_verdict_seen_t *seen);
static void credits_verdict_see_product(credits_verdict_seen_t *seen);
static void credits_verdict_drop_zeros(credits_verdict_seen_t *seen);
static void credits_verdict_complete_said(credits_verdict_seen_t *seen);
static int credits_verdict_said(const credits_verdict_seen_t *seen);
static int credits_verdict_begun(const credits_verdict_seen_t *seen);
static int credits_verdict_unseen(const credits_verdict_seen_t *seen);
static int credits_verdict_shows(const credits_verdict_input_t *in);
static void credits_verdict_charge_said(const credits_usage_t *said,
    credits_usage_t *usage);
static void credits_verdict_estimate(const credits_verdict_seen_t *seen,
    credits_usage_t *usage);
static int64_t credits_verdict_prompt(const credits_verdict_seen_t *seen);
static int64_t credits_verdict_completion(const credits_verdict_seen_t *seen,
    int64_t prompt);
static uint64_t credits_verdict_tokens(uint64_t bytes, uint64_t each);
static int64_t credits_verdict_clamp(uint64_t tokens);
static int64_t credits_verdict_positive(int64_t n);


static const credits_verdict_row_t  credits_verdict_rows[] = {

    [CREDITS_VERDICT_STOPPED_UNANSWERED] =
        { CREDITS_RELEASED, CREDITS_REASON_WORKER_STOPPED, 0 },

    [CREDITS_VERDICT_OWN_PAGE] =
        { CREDITS_RELEASED, CREDITS_REASON_NOT_ANSWERED_BY_PROVIDER, 0 },

    [CREDITS_VERDICT_NOT_SENT] =
        { CREDITS_RELEASED, CREDITS_REASON_NOT_SENT, 0 },

    [CREDITS_VERDICT_REFUSED] =
        { CREDITS_RELEASED, CREDITS_REASON_UPSTREAM_ERROR, 0 },

    [CREDITS_VERDICT_LEFT_UNANSWERED] =
        { CREDITS_ESTIMATED, CREDITS_REASON_CLIENT_GONE, 1 },

    [CREDITS_VERDICT_UNANSWERED] =
        { CREDITS_RELEASED, CREDITS_REASON_UPSTREAM_ERROR, 0 },

    [CREDITS_VERDICT_ERROR] =
        { CREDITS_RELEASED, CREDITS_REASON_UPSTREAM_ERROR, 0 },

    [CREDITS_VERDICT_ERROR_BEHIND_TEXT] =
        { CREDITS_ESTIMATED, CREDITS_REASON_UPSTREAM_ERROR, 0 },

    [CREDITS_VERDICT_PAGE] =
        { CREDITS_RELEASED, CREDITS_REASON_UPSTREAM_ERROR, 0 },

    [CREDITS_VERDICT_PAGE_CAPTURED] =
        { CREDITS_ESTIMATED, CREDITS_REASON_UNREADABLE, 1 },

    [CREDITS_VERDICT_SAID] =
        { CREDITS_SETTLED, CREDITS_REASON_NONE, 0 },

    [CREDITS_VERDICT_UNREADABLE] =
        { CREDITS_ESTIMATED, CREDITS_REASON_UNREADABLE, 1 },

    [CREDITS_VERDICT_ZERO] =
        { CREDITS_ESTIMATED, CREDITS_REASON_ZERO_USAGE, 0 },

    [CREDITS_VERDICT_UNSAID] =
        { CREDITS_ESTIMATED, CREDITS_REASON_NO_USAGE, 0 },

    [CREDITS_VERDICT_CUT] =
        { CREDITS_ESTIMATED, CREDITS_REASON_TRUNCATED, 0 },

    [CREDITS_VERDICT_LEFT] =
        { CREDITS_ESTIMATED, CREDITS_REASON_CLIENT_GONE, 1 },

    [CREDITS_VERDICT_STOPPED] =
        { CREDITS_ESTIMATED, CREDITS_REASON_WORKER_STOPPED, 0 },

    [CREDITS_VERDICT_EMPTY] =
        { CREDITS_RELEASED, CREDITS_REASON_EMPTY_ANSWER, 0 },

    [CREDITS_VERDICT_CUT_EMPTY] =
        { CREDITS_RELEASED, CREDITS_REASON_TRUNCATED, 0 },

    [CREDITS_VERDICT_LEFT_EMPTY] =
        { CREDITS_ESTIMATED, CREDITS_REASON_CLIENT_GONE, 1 },

    [CREDITS_VERDICT_STOPPED_EMPTY] =
        { CREDITS_RELEASED, CREDITS_REASON_WORKER_STOPPED, 0 }
};


const char *
credits_reason_name(credits_reason_t reason)
{
    static const char *const  names[CREDITS_REASONS] = {
        [CREDITS_REASON_NONE] = "",
        [CREDITS_REASON_NO_USAGE] = "no_usage",
        [CREDITS_REASON_ZERO_USAGE] = "zero_usage",
        [CREDITS_REASON_UNREADABLE] = "unreadable",
        [CREDITS_REASON_TRUNCATED] = "truncated",
        [CREDITS_REASON_CLIENT_GONE] = "client_gone",
        [CREDITS_REASON_WORKER_STOPPED] = "worker_stopped",
        [CREDITS_REASON_UPSTREAM_ERROR] = "upstream_error",
        [CREDITS_REASON_EMPTY_ANSWER] = "empty_answer",
        [CREDITS_REASON_NOT_SENT] = "not_sent",
        [CREDITS_REASON_NOT_ANSWERED_BY_PROVIDER] =
            "not_answered_by_provider"
    };

    return names[reason];
}


void
credits_verdict(const credits_verdict_input_t *in, credits_verdict_t *out)
{
    credits_verdict_seen_t        seen;
    const credits_verdict_row_t  *row;

    credits_verdict_see(in, &seen);
    row = &credits_verdict_rows[credits_verdict_find(&seen)];

    out->status = row->status;
    out->reason = row->reason;
    out->at_least_hold = in->capture && row->capture;

    switch (row->status) {

    case CREDITS_RELEASED:
        credits_usage_init(&out->usage);
        break;

    case CREDITS_SETTLED:
        credits_verdict_charge_said(&seen.usage, &out->usage);
        break;

    case CREDITS_ESTIMATED:
        credits_verdict_estimate(&seen, &out->usage);
        break;
    }
}


static credits_verdict_name_t
credits_verdict_find(const credits_verdict_seen_t *seen)
{
    const credits_answer_facts_t  *f;

    f = seen->in->answer;

    if (f == NULL) {
        return credits_verdict_unanswered(seen->in);
    }

    if (f->error || (f->page && f->bytes)) {
        return credits_verdict_failed(seen);
    }

    if (credits_verdict_said(seen)) {
        return CREDITS_VERDICT_SAID;
    }

    return credits_verdict_begun(seen) ? credits_verdict_produced(seen)
                                       : credits_verdict_empty(seen);
}


static credits_verdict_name_t
credits_verdict_unanswered(const credits_verdict_input_t *in)
{
    if (in->end == CREDITS_END_STOPPED) {
        return CREDITS_VERDICT_STOPPED_UNANSWERED;
    }

    if (in->refused) {
        return in->sent ? CREDITS_VERDICT_REFUSED : CREDITS_VERDICT_NOT_SENT;
    }

    if (in->end == CREDITS_END_WHOLE) {
        return CREDITS_VERDICT_OWN_PAGE;
    }

    if (!in->sent) {
        return CREDITS_VERDICT_NOT_SENT;
    }

    /* the provider is at work, and its answer will not be seen */

    return (in->end == CREDITS_END_LEFT) ? CREDITS_VERDICT_LEFT_UNANSWERED
                                         : CREDITS_VERDICT_UNANSWERED;
}


static credits_verdict_name_t
credits_verdict_failed(const credits_verdict_seen_t *seen)
{
    if (seen->in->answer->error) {
        return seen->produced ? CREDITS_VERDICT_ERROR_BEHIND_TEXT
                              : CREDITS_VERDICT_ERROR;
    }

    return seen->in->capture ? CREDITS_VERDICT_PAGE_CAPTURED
                             : CREDITS_VERDICT_PAGE;
}


/* something was produced, or counted, and its usage was not said to the end */

static credits_verdict_name_t
credits_verdict_produced(const credits_verdict_seen_t *seen)
{
    if (seen->in->answer->unreadable_bytes
        || (seen->ended && seen->in->answer->faults))
    {
        return CREDITS_VERDICT_UNREADABLE;
    }

    if (seen->ended && seen->zero) {
        return CREDITS_VERDICT_ZERO;
    }

    /* the usage may stand behind the end, and was not waited for */

    switch (seen->in->end) {

    case CREDITS_END_LEFT:
        return CREDITS_VERDICT_LEFT;

    case CREDITS_END_STOPPED:
        return CREDITS_VERDICT_STOPPED;

    default:
        return seen->ended ? CREDITS_VERDICT_UNSAID : CREDITS_VERDICT_CUT;
    }
}


static credits_verdict_name_t
credits_verdict_empty(const credits_verdict_seen_t *seen)
{
    if (seen->ended) {
        return CREDITS_VERDICT_EMPTY;
    }

    switch (seen->in->end) {

    case CREDITS_END_WHOLE:
        return CREDITS_VERDICT_EMPTY;

    case CREDITS_END_LEFT:
        return CREDITS_VERDICT_LEFT_EMPTY;

    case CREDITS_END_STOPPED:
        return CREDITS_VERDICT_STOPPED_EMPTY;

    default:
        return CREDITS_VERDICT_CUT_EMPTY;
    }
}


static void
credits_verdict_see(const credits_verdict_input_t *in,
    credits_verdict_seen_t *seen)
{
    const credits_answer_facts_t  *f;

    f = in->answer;

    seen->in = in;
    seen->produced = 0;
    seen->ended = 0;
    seen->zero = 0;

    if (f == NULL) {
        credits_usage_init(&seen->usage);
        return;
    }

    seen->usage = f->usage;

    /* text and sound have no mark at their end, an error is none */

    seen->ended = !f->error
                  && (f->finished
                      || (f->product && in->end == CREDITS_END_WHOLE));

    credits_verdict_see_product(seen);
    credits_verdict_drop_zeros(seen);

    if (seen->ended) {
        credits_verdict_complete_said(seen);
    }
}


/* what was produced, in tokens, as far as it could be seen */

static void
credits_verdict_see_product(credits_verdict_seen_t *seen)
{
    uint64_t                        bytes;
    const credits_answer_facts_t   *f;
    const credits_verdict_input_t  *in;

    in = seen->in;
    f = in->answer;

    if (f->product && in->operation->product == CREDITS_PRODUCT_SOUND) {
        seen->produced = credits_verdict_tokens(f->bytes,
                                                CREDITS_VERDICT_SOUND_BYTES);
        seen->usage.audio_output = credits_verdict_clamp(seen->produced);
        return;
    }

    if (f->product) {
        seen->produced = credits_verdict_tokens(f->bytes,
                                                CREDITS_VERDICT_TEXT_BYTES);
        return;
    }

    bytes = (f->page && !f->error) ? f->bytes
                                   : f->text_bytes + f->unreadable_bytes;

    seen->produced = credits_verdict_tokens(bytes, CREDITS_VERDICT_TEXT_BYTES);

    if (in->operation->product != CREDITS_PRODUCT_PICTURES) {
        return;
    }

    if (seen->usage.images < 0 && !f->error
        && (f->unreadable_bytes || seen->usage.completion > 0))
    {
        /* they were made, but could not be counted */

        seen->usage.images = in->images;
    }

    seen->produced += (uint64_t) credits_verdict_positive(seen->usage.images)
                      * (uint64_t) credits_verdict_positive(in->image_tokens);
}


/* a count that is zero beside what would make it positive says nothing */

static void
credits_verdict_drop_zeros(credits_verdict_seen_t *seen)
{
    int64_t           prompt;
    credits_usage_t  *usage;

    usage = &seen->usage;
    prompt = seen->in->prompt_tokens;

    if (usage->prompt == 0 && prompt > 0) {
        usage->prompt = -1;
        seen->zero = 1;
    }

    if (usage->completion == 0 && seen->produced) {
        usage->completion = -1;
        seen->zero = 1;
    }

    if (usage->total == 0 && (prompt > 0 || seen->produced)) {
        usage->total = -1;
    }
}


/* one of prompt and completion follows from the other and the total */

static void
credits_verdict_complete_said(credits_verdict_seen_t *seen)
{
    credits_usage_t  *usage;

    usage = &seen->usage;

    if (usage->prompt < 0 && usage->completion >= 0
        && usage->total > usage->completion)
    {
        usage->prompt = usage->total - usage->completion;
    }

    if (usage->completion >= 0 || usage->prompt < 0) {
        return;
    }

    if (usage->total > usage->prompt) {
        usage->completion = usage->total - usage->prompt;

    } else if (seen->produced == 0 || !credits_verdict_shows(seen->in)) {
        usage->completion = 0;
    }
}


/* 1 if the answer came to its end, and all that matters was said */

static int
credits_verdict_said(const credits_verdict_seen_t *seen)
{
    return seen->ended && seen->usage.prompt >= 0
           && seen->usage.completion >= 0
           && (seen->usage.prompt || seen->usage.completion);
}


/* 1 if something was produced or counted */

static int
credits_verdict_begun(const credits_verdict_seen_t *seen)
{
    const credits_usage_t  *usage;

    usage = &seen->usage;

    return seen->produced || usage->prompt > 0 || usage->completion > 0
           || usage->total > 0 || usage->images > 0 || usage->searches > 0
           || usage->cost > 0
           || (seen->ended && credits_verdict_unseen(seen));
}


/*
 * 1 if the answer was given though nothing of it can be seen: vectors and
 * ranks, the transcript of silence, a count that was refused.
 */

static int
credits_verdict_unseen(const credits_verdict_seen_t *seen)
{
    if (seen->in->answer->faults) {
        return 1;
    }

    if (!seen->in->answer->known) {
        return 0;
    }

    return !credits_verdict_shows(seen->in)
           || seen->in->operation->product == CREDITS_PRODUCT_TEXT;
}


/* 1 if what the operation produces is seen: not vectors or ranks */

static int
credits_verdict_shows(const credits_verdict_input_t *in)
{
    return in->operation->output
           || in->operation->product != CREDITS_PRODUCT_JSON;
}


static void
credits_verdict_charge_said(const credits_usage_t *said,
    credits_usage_t *usage)
{
    *usage = *said;

    if (usage->total < 0) {
        usage->total = usage->prompt + usage->completion;
    }
}


/* the prompt, and the larger of what was said and what was seen */

static void
credits_verdict_estimate(const credits_verdict_seen_t *seen,
    credits_usage_t *usage)
{
    int64_t  sum;

    *usage = seen->usage;

    if (usage->prompt < 0) {
        usage->prompt = credits_verdict_prompt(seen);
    }

    if (!seen->ended || usage->completion < 0) {
        usage->completion = credits_verdict_completion(seen, usage->prompt);
    }

    sum = usage->prompt + usage->completion;

    if (usage->total < sum) {
        usage->total = sum;
    }
}


/* an estimate; it leaves room for the text in a total that was said alone */

static int64_t
credits_verdict_prompt(const credits_verdict_seen_t *seen)
{
    int64_t  prompt, produced, room;

    prompt = credits_verdict_clamp((uint64_t) credits_verdict_positive(
                                                   seen->in->prompt_tokens));

    if (!seen->ended || seen->usage.total <= 0 || seen->usage.completion >= 0)
    {
        return prompt;
    }

    produced = credits_verdict_clamp(seen->produced);
    room = credits_verdict_positive(seen->usage.total - produced);

    return (prompt > room) ? room : prompt;
}


static int64_t
credits_verdict_completion(const credits_verdict_seen_t *seen, int64_t prompt)
{
    int64_t   said;
    uint64_t  produced;

    produced = seen->produced;
    said = seen->usage.completion;

    if (seen->ended && seen->usage.total > prompt) {
        said = seen->usage.total - prompt;

    } else {
        /* what was thought unseen was not counted either */

        produced += (uint64_t) credits_verdict_positive(
                                                   seen->in->hidden_tokens);
    }

    return (said > credits_verdict_clamp(produced))
           ? said : credits_verdict_clamp(produced);
}


static uint64_t
credits_verdict_tokens(uint64_t bytes, uint64_t each)
{
    return bytes / each + (bytes % each != 0);
}


static int64_t
credits_verdict_clamp(uint64_t tokens)
{
    return (tokens > CREDITS_TOKENS_MAX) ? CREDITS_TOKENS_MAX
                                         : (int64_t) tokens;
}


static int64_t
credits_verdict_positive(int64_t n)
{
    return (n > 0) ? n : 0;
}
