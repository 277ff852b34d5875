/*
 * What an answer has used.
 */

#include "credits_usage.h"


int64_t
credits_usage_billable(const credits_usage_t *usage)
{
    int64_t  prompt, completion, sum;

    prompt = (usage->prompt > 0) ? usage->prompt : 0;
    completion = (usage->completion > 0) ? usage->completion : 0;

    sum = (completion > INT64_MAX - prompt) ? INT64_MAX : prompt + completion;

    return (usage->total > sum) ? usage->total : sum;
}
