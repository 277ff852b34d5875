/*
 * The counts of an answer's usage objects, of whatever dialect, and how those
 * of one object and of the next make one usage.
 */

#ifndef CREDITS_ANSWER_COUNTS_H
#define CREDITS_ANSWER_COUNTS_H

#include <stdint.h>

#include "credits_usage.h"


/* tokens, unless said otherwise */
typedef enum {
    CREDITS_COUNT_PROMPT = 0,       /* cached or not */
    CREDITS_COUNT_INPUT,            /* without what the cache counts say,
                                       if there are any */
    CREDITS_COUNT_COMPLETION,
    CREDITS_COUNT_OUTPUT,
    CREDITS_COUNT_TOTAL,
    CREDITS_COUNT_TOOL_PROMPT,      /* beside the prompt */
    CREDITS_COUNT_THOUGHTS,         /* beside the completion */
    CREDITS_COUNT_CACHE_CREATION,   /* beside the input */
    CREDITS_COUNT_CACHE_READ,       /* beside the input */
    CREDITS_COUNT_CACHED,           /* inside the prompt, as the next */
    CREDITS_COUNT_CACHE_WRITE,
    CREDITS_COUNT_WRITE_SHORT,      /* inside the writes, as the next */
    CREDITS_COUNT_WRITE_LONG,
    CREDITS_COUNT_AUDIO_INPUT,
    CREDITS_COUNT_IMAGE_INPUT,
    CREDITS_COUNT_REASONING,
    CREDITS_COUNT_AUDIO_OUTPUT,
    CREDITS_COUNT_BILLED_INPUT,     /* these before INPUT and OUTPUT */
    CREDITS_COUNT_BILLED_OUTPUT,
    CREDITS_COUNT_BILLED_IMAGE,     /* beside BILLED_INPUT */
    CREDITS_COUNT_MADE_INPUT,       /* of tools, beside all of the above */
    CREDITS_COUNT_MADE_OUTPUT,
    CREDITS_COUNT_PAGES,            /* pages */
    CREDITS_COUNT_SEARCHES,         /* searches */
    CREDITS_COUNT_ENTRY,            /* of a list; the reader's own */
    CREDITS_COUNTS
} credits_count_t;


typedef struct {
    int64_t           object[CREDITS_COUNTS];   /* of the one at hand; -1 */
    int64_t           cost;                     /* nanodollars */
    unsigned          any:1;                    /* something was set in it */
    unsigned          cache:1;  /* an earlier one had cache counts */
    int64_t           made_input;
    int64_t           made_output;
    credits_usage_t   said;     /* of all objects, without what tools made */
} credits_answer_counts_t;


void credits_answer_counts_init(credits_answer_counts_t *c);

/* before an object */
void credits_answer_counts_begin(credits_answer_counts_t *c);

/* a count of the object; returns -1 if it is out of range */
int credits_answer_counts_set(credits_answer_counts_t *c, credits_count_t n,
    int64_t value);

/*
 * At the end of the object.  A count replaces the same count of an earlier
 * object, but a zero replaces none; usage becomes what all of them say.
 * Returns how many counts could not be: sums above CREDITS_TOKENS_MAX, parts
 * that are more than the whole.
 */
unsigned credits_answer_counts_commit(credits_answer_counts_t *c,
    credits_usage_t *usage);

/* the completion said so far was only a beginning: nothing was said of it */
void credits_answer_counts_begun(credits_answer_counts_t *c,
    credits_usage_t *usage);

#endif /* CREDITS_ANSWER_COUNTS_H */
