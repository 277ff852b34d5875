/*
 * What an answer has used.
 */

#include "credits_usage.h"


void
credits_usage_init(credits_usage_t *usage)
{
    usage->prompt = -1;
    usage->completion = -1;
    usage->total = -1;

    usage->cached = -1;
    usage->cache_write = -1;
    usage->cache_write_1h = -1;
    usage->audio_input = -1;
    usage->image_input = -1;

    usage->reasoning = -1;
    usage->audio_output = -1;

    usage->images = -1;
    usage->searches = -1;
    usage->cost = -1;
}


int64_t
credits_usage_billable(const credits_usage_t *usage)
{
    int64_t  prompt, completion, sum;

    prompt = (usage->prompt > 0) ? usage->prompt : 0;
    completion = (usage->completion > 0) ? usage->completion : 0;

    sum = (completion > INT64_MAX - prompt) ? INT64_MAX : prompt + completion;

    return (usage->total > sum) ? usage->total : sum;
}
