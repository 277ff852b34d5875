/*
 * The counts of usage objects.
 */

#include "credits_answer_counts.h"


static int64_t credits_answer_counts_prompt(const credits_answer_counts_t *c,
    int *partial);
static int64_t credits_answer_counts_written(
    const credits_answer_counts_t *c);
static int64_t credits_answer_counts_completion(
    const credits_answer_counts_t *c, int64_t prompt);
static unsigned credits_answer_counts_prompts(credits_answer_counts_t *c);
static void credits_answer_counts_parts(credits_answer_counts_t *c);
static void credits_answer_counts_caches(credits_answer_counts_t *c);
static void credits_answer_counts_usage(const credits_answer_counts_t *c,
    credits_usage_t *usage);
static int64_t credits_answer_counts_first(const credits_answer_counts_t *c,
    credits_count_t one, credits_count_t other);
static void credits_answer_counts_replace(int64_t *count, int64_t value);
static int64_t credits_answer_counts_positive(int64_t count);
static int64_t credits_answer_counts_sum(int64_t a, int64_t b);
static int64_t credits_answer_counts_within(int64_t part, int64_t whole);


void
credits_answer_counts_init(credits_answer_counts_t *c)
{
    credits_answer_counts_begin(c);

    c->cache = 0;
    c->made_input = -1;
    c->made_output = -1;
    credits_usage_init(&c->said);
}


void
credits_answer_counts_begin(credits_answer_counts_t *c)
{
    unsigned  i;

    for (i = 0; i < CREDITS_COUNTS; i++) {
        c->object[i] = -1;
    }

    c->cost = -1;
    c->any = 0;
}


int
credits_answer_counts_set(credits_answer_counts_t *c, credits_count_t n,
    int64_t value)
{
    if (value < 0 || value > CREDITS_TOKENS_MAX) {
        return -1;
    }

    c->object[n] = value;
    c->any = 1;

    return 0;
}


unsigned
credits_answer_counts_commit(credits_answer_counts_t *c,
    credits_usage_t *usage)
{
    unsigned  faults;

    faults = credits_answer_counts_prompts(c);

    credits_answer_counts_parts(c);
    credits_answer_counts_caches(c);
    credits_answer_counts_begin(c);
    credits_answer_counts_usage(c, usage);

    return faults;
}


void
credits_answer_counts_begun(credits_answer_counts_t *c,
    credits_usage_t *usage)
{
    c->said.completion = -1;
    usage->completion = -1;
}


/*
 * The prompt by this object alone, or -1.  partial: what it says of the cache
 * is less than what an earlier one said, or nothing but the cache.
 */

static int64_t
credits_answer_counts_prompt(const credits_answer_counts_t *c, int *partial)
{
    int64_t         input, cache;
    const int64_t  *n;

    n = c->object;
    *partial = 0;

    if (n[CREDITS_COUNT_PROMPT] >= 0) {
        return credits_answer_counts_sum(n[CREDITS_COUNT_PROMPT],
                                         n[CREDITS_COUNT_TOOL_PROMPT]);
    }

    input = credits_answer_counts_first(c, CREDITS_COUNT_BILLED_INPUT,
                                        CREDITS_COUNT_INPUT);
    input = credits_answer_counts_sum(input, n[CREDITS_COUNT_BILLED_IMAGE]);

    cache = credits_answer_counts_sum(credits_answer_counts_written(c),
                                      n[CREDITS_COUNT_CACHE_READ]);

    *partial = (input <= 0 || (cache <= 0 && c->cache));

    return credits_answer_counts_sum(input, cache);
}


/* what was written to a cache, beside the input */

static int64_t
credits_answer_counts_written(const credits_answer_counts_t *c)
{
    int64_t  all, parts;

    all = c->object[CREDITS_COUNT_CACHE_CREATION];

    parts = credits_answer_counts_sum(c->object[CREDITS_COUNT_WRITE_SHORT],
                                      c->object[CREDITS_COUNT_WRITE_LONG]);

    return (all > parts) ? all : parts;
}


static int64_t
credits_answer_counts_completion(const credits_answer_counts_t *c,
    int64_t prompt)
{
    int64_t  said, total;

    said = credits_answer_counts_sum(c->object[CREDITS_COUNT_COMPLETION],
                                     c->object[CREDITS_COUNT_THOUGHTS]);

    if (said >= 0) {
        return said;
    }

    said = credits_answer_counts_first(c, CREDITS_COUNT_BILLED_OUTPUT,
                                       CREDITS_COUNT_OUTPUT);
    total = c->object[CREDITS_COUNT_TOTAL];

    if (said >= 0 || prompt < 0 || total < 0) {
        return said;
    }

    return (total > prompt) ? total - prompt : 0;
}


/* the counts of which others are parts */

static unsigned
credits_answer_counts_prompts(credits_answer_counts_t *c)
{
    int       partial;
    int64_t   prompt, completion, cached;
    unsigned  faults;

    faults = 0;
    prompt = credits_answer_counts_prompt(c, &partial);
    completion = credits_answer_counts_completion(c, prompt);

    if (prompt > CREDITS_TOKENS_MAX) {
        faults++;

    } else if (!partial || prompt > c->said.prompt) {
        credits_answer_counts_replace(&c->said.prompt, prompt);
    }

    if (completion > CREDITS_TOKENS_MAX) {
        faults++;

    } else {
        credits_answer_counts_replace(&c->said.completion, completion);
    }

    credits_answer_counts_replace(&c->said.total,
                                  c->object[CREDITS_COUNT_TOTAL]);

    cached = credits_answer_counts_first(c, CREDITS_COUNT_CACHED,
                                         CREDITS_COUNT_CACHE_READ);

    return faults + (prompt >= 0 && cached > prompt);
}


static void
credits_answer_counts_parts(credits_answer_counts_t *c)
{
    credits_usage_t  *said;

    said = &c->said;

    credits_answer_counts_replace(&said->audio_input,
                                  c->object[CREDITS_COUNT_AUDIO_INPUT]);
    credits_answer_counts_replace(&said->image_input,
        credits_answer_counts_first(c, CREDITS_COUNT_IMAGE_INPUT,
                                    CREDITS_COUNT_BILLED_IMAGE));
    credits_answer_counts_replace(&said->reasoning,
        credits_answer_counts_first(c, CREDITS_COUNT_REASONING,
                                    CREDITS_COUNT_THOUGHTS));
    credits_answer_counts_replace(&said->audio_output,
                                  c->object[CREDITS_COUNT_AUDIO_OUTPUT]);
    credits_answer_counts_replace(&said->images,
                                  c->object[CREDITS_COUNT_PAGES]);
    credits_answer_counts_replace(&said->searches,
                                  c->object[CREDITS_COUNT_SEARCHES]);
    credits_answer_counts_replace(&said->cost, c->cost);

    credits_answer_counts_replace(&c->made_input,
                                  c->object[CREDITS_COUNT_MADE_INPUT]);
    credits_answer_counts_replace(&c->made_output,
                                  c->object[CREDITS_COUNT_MADE_OUTPUT]);
}


static void
credits_answer_counts_caches(credits_answer_counts_t *c)
{
    int64_t  all, lasting;

    credits_answer_counts_replace(&c->said.cached,
        credits_answer_counts_first(c, CREDITS_COUNT_CACHED,
                                    CREDITS_COUNT_CACHE_READ));

    all = c->object[CREDITS_COUNT_CACHE_WRITE];

    if (all < 0) {
        all = credits_answer_counts_written(c);
    }

    lasting = c->object[CREDITS_COUNT_WRITE_LONG];
    credits_answer_counts_replace(&c->said.cache_write_1h, lasting);

    if (all >= 0) {
        lasting = credits_answer_counts_positive(lasting);
        credits_answer_counts_replace(&c->said.cache_write,
                                      (all > lasting) ? all - lasting : 0);
    }

    if (c->object[CREDITS_COUNT_CACHE_READ] > 0 || all > 0) {
        c->cache = 1;
    }
}


/* what all objects say; no part is more than its whole */

static void
credits_answer_counts_usage(const credits_answer_counts_t *c,
    credits_usage_t *usage)
{
    int64_t  left, made;

    *usage = c->said;

    usage->prompt = credits_answer_counts_sum(usage->prompt, c->made_input);
    usage->completion = credits_answer_counts_sum(usage->completion,
                                                  c->made_output);

    if (usage->total >= 0) {
        made = credits_answer_counts_sum(c->made_input, c->made_output);
        usage->total = credits_answer_counts_sum(usage->total, made);
    }

    /* reasoning that cannot be part of the completion stands beside it */

    if (usage->completion >= 0 && usage->reasoning > usage->completion
        && usage->total - usage->reasoning
           < credits_answer_counts_sum(usage->prompt, usage->completion))
    {
        usage->completion = credits_answer_counts_sum(usage->completion,
                                                      usage->reasoning);
    }

    usage->prompt = credits_answer_counts_within(usage->prompt,
                                                 CREDITS_TOKENS_MAX);
    usage->completion = credits_answer_counts_within(usage->completion,
                                                     CREDITS_TOKENS_MAX);
    left = usage->prompt;
    usage->cached = credits_answer_counts_within(usage->cached, left);

    left -= credits_answer_counts_positive(usage->cached);
    usage->cache_write = credits_answer_counts_within(usage->cache_write,
                                                      left);

    left -= credits_answer_counts_positive(usage->cache_write);
    usage->cache_write_1h = credits_answer_counts_within(usage->cache_write_1h,
                                                         left);

    usage->audio_input = credits_answer_counts_within(usage->audio_input,
                                                      usage->prompt);
    usage->image_input = credits_answer_counts_within(usage->image_input,
                                                      usage->prompt);
    usage->audio_output = credits_answer_counts_within(usage->audio_output,
                                                       usage->completion);
}


static int64_t
credits_answer_counts_first(const credits_answer_counts_t *c,
    credits_count_t one, credits_count_t other)
{
    return (c->object[one] >= 0) ? c->object[one] : c->object[other];
}


static void
credits_answer_counts_replace(int64_t *count, int64_t value)
{
    if (value > 0 || (value == 0 && *count < 0)) {
        *count = value;
    }
}


static int64_t
credits_answer_counts_positive(int64_t count)
{
    return (count > 0) ? count : 0;
}


/* of counts that may be absent: so is their sum if both are */

static int64_t
credits_answer_counts_sum(int64_t a, int64_t b)
{
    if (a < 0 || b < 0) {
        return (a > b) ? a : b;
    }

    return a + b;
}


static int64_t
credits_answer_counts_within(int64_t part, int64_t whole)
{
    return (part > whole) ? whole : part;
}
