/*
 * The meter without nginx: reads answers from standard input, feeds each in
 * pieces, and writes what it costs as a line of JSON.  An answer is a line
 *
 *     dialect operation label end capture prompt hidden seed length
 *
 * and `length` bytes of body.  label: none, json, events, text or encoded;
 * end: whole, cut or left; capture: 0 or 1; prompt, hidden: tokens; seed: of
 * the pieces, 0 for a single one.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "credits_answer.h"
#include "credits_verdict.h"


#define METER_WORD  31      /* characters */


typedef struct {
    char       dialect[METER_WORD + 1];
    char       operation[METER_WORD + 1];
    char       label[METER_WORD + 1];
    char       end[METER_WORD + 1];
    int        capture;
    int64_t    prompt;
    int64_t    hidden;
    uint32_t   seed;
    size_t     length;
} meter_case_t;


static const char *const  meter_labels[] = { "none", "json", "events", "text",
                                             "encoded", NULL };
static const char *const  meter_ends[] = { "whole", "cut", "left", NULL };
static const char *const  meter_statuses[] = {
    [CREDITS_SETTLED] = "settled",
    [CREDITS_ESTIMATED] = "estimated",
    [CREDITS_RELEASED] = "released"
};


static void
meter_fail(const char *what)
{
    fprintf(stderr, "meter: %s\n", what);
    exit(1);
}


static int
meter_index(const char *const *words, const char *word)
{
    int  i;

    for (i = 0; words[i]; i++) {
        if (strcmp(words[i], word) == 0) {
            return i;
        }
    }

    meter_fail(word);
    return -1;
}


static const credits_operation_t *
meter_operation(const meter_case_t *c)
{
    int                         dialect;
    const credits_operation_t  *operation;

    dialect = credits_dialect_find((const unsigned char *) c->dialect,
                                   strlen(c->dialect));

    if (dialect < 0) {
        meter_fail(c->dialect);
    }

    operation = credits_operation_named((credits_dialect_t) dialect,
                                        (const unsigned char *) c->operation,
                                        strlen(c->operation));

    if (operation == NULL) {
        meter_fail(c->operation);
    }

    return operation;
}


/* Marsaglia's xorshift, 32 bits */

static uint32_t
meter_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;

    return *state;
}


static void
meter_emit(void *data, const unsigned char *p, size_t n)
{
    /* what the client sees is tested elsewhere */
}


/* small pieces and large ones; an odd seed withholds the usage chunk */

static void
meter_feed(credits_answer_t *a, const meter_case_t *c,
    const unsigned char *body)
{
    size_t          i, len;
    uint32_t        state;
    unsigned char  *piece;

    state = c->seed;

    for (i = 0; i < c->length; i += len) {
        len = c->length - i;

        if (c->seed) {
            len = 1 + meter_random(&state) % ((state & 0x100) ? 8 : 512);
        }

        if (len > c->length - i) {
            len = c->length - i;
        }

        /* a copy, so that no read beyond the piece goes unseen */

        piece = malloc(len);

        if (piece == NULL) {
            meter_fail("no memory");
        }

        memcpy(piece, body + i, len);
        credits_answer_feed(a, piece, len, meter_emit, NULL);
        free(piece);
    }

    credits_answer_end(a, meter_emit, NULL);
}


static void
meter_print(const credits_verdict_t *v)
{
    const credits_usage_t  *u;

    u = &v->usage;

    printf("{\"status\":\"%s\",\"reason\":\"%s\",\"atLeastHold\":%s,"
           "\"prompt\":%" PRId64 ",\"completion\":%" PRId64
           ",\"total\":%" PRId64 ",\"cached\":%" PRId64
           ",\"cacheWrite\":%" PRId64 ",\"cacheWrite1h\":%" PRId64
           ",\"audioInput\":%" PRId64 ",\"imageInput\":%" PRId64
           ",\"reasoning\":%" PRId64 ",\"audioOutput\":%" PRId64
           ",\"images\":%" PRId64 ",\"searches\":%" PRId64
           ",\"cost\":%" PRId64 "}\n",
           meter_statuses[v->status], credits_reason_name(v->reason),
           v->at_least_hold ? "true" : "false", u->prompt, u->completion,
           u->total, u->cached, u->cache_write, u->cache_write_1h,
           u->audio_input, u->image_input, u->reasoning, u->audio_output,
           u->images, u->searches, u->cost);
}


static void
meter_run(const meter_case_t *c, const unsigned char *body)
{
    credits_answer_t         answer;
    credits_verdict_t        verdict;
    credits_verdict_input_t  in;

    memset(&in, 0, sizeof(in));
    in.operation = meter_operation(c);
    in.answer = &answer.facts;
    in.end = (credits_end_t) meter_index(meter_ends, c->end);
    in.sent = 1;
    in.capture = (c->capture != 0);
    in.prompt_tokens = c->prompt;
    in.images = 1;
    in.hidden_tokens = c->hidden;

    credits_answer_init(&answer, in.operation,
                        (credits_label_t) meter_index(meter_labels, c->label),
                        c->seed & 1);
    meter_feed(&answer, c, body);
    credits_verdict(&in, &verdict);
    meter_print(&verdict);
}


int
main(void)
{
    int             n;
    meter_case_t    c;
    unsigned char  *body;

    for ( ;; ) {
        n = scanf("%31s %31s %31s %31s %d %" SCNd64 " %" SCNd64 " %" SCNu32
                  " %zu", c.dialect, c.operation, c.label, c.end, &c.capture,
                  &c.prompt, &c.hidden, &c.seed, &c.length);

        if (n == EOF) {
            return 0;
        }

        if (n != 9 || getchar() != '\n') {
            meter_fail("not a case");
        }

        body = malloc(c.length + 1);

        if (body == NULL || fread(body, 1, c.length, stdin) != c.length) {
            meter_fail("a body is too short");
        }

        meter_run(&c, body);
        free(body);
    }
}
