#include "tap.h"

#include "credits_verdict.c"


#define PROMPT  50      /* tokens, estimated */
#define ASKED   4       /* pictures */
#define PICTURE 1000    /* tokens */
#define HIDDEN  9000

#define WHOLE    CREDITS_END_WHOLE
#define CUT      CREDITS_END_CUT
#define LEFT     CREDITS_END_LEFT
#define STOPPED  CREDITS_END_STOPPED


/*
 * An answer, and what it costs.  facts: f finished, k known, e error, p page,
 * P product, ! a fault.
 */
typedef struct {
    const char                 *name;
    const credits_operation_t  *operation;
    credits_end_t               end;
    const char                 *facts;
    int64_t                     said[3];    /* prompt, completion, total */
    uint64_t                    text;       /* bytes */
    uint64_t                    unreadable;
    const char                 *reason;     /* "" is settled, "-x" released
                                               for x, "+x": estimated, and
                                               with capture at least the
                                               hold, "x" estimated */
    int64_t                     prompt;
    int64_t                     completion;
} case_t;


static const credits_operation_t  chat = {
    .name = "chat", .output = 1, .product = CREDITS_PRODUCT_JSON
};

static const credits_operation_t  embeddings = {
    .name = "embeddings", .product = CREDITS_PRODUCT_JSON
};

static const credits_operation_t  transcriptions = {
    .name = "transcriptions", .output = 1, .product = CREDITS_PRODUCT_TEXT
};

static const credits_operation_t  speech = {
    .name = "speech", .product = CREDITS_PRODUCT_SOUND
};

static const credits_operation_t  images = {
    .name = "images", .product = CREDITS_PRODUCT_PICTURES
};


#define NOTHING  { -1, -1, -1 }


/* the usage was said, and the answer came to its end */
static const case_t  settled[] = {
    { "usage said", &chat, WHOLE, "fk", { 1300, 6400, 7700 }, 60, 0,
      "", 1300, 6400 },
    { "also without a total", &chat, WHOLE, "fk", { 1300, 6400, -1 }, 60, 0,
      "", 1300, 6400 },
    { "also when cut behind it", &chat, CUT, "fk", { 1300, 6400, 7700 }, 60, 0,
      "", 1300, 6400 },
    { "also when the client has left", &chat, LEFT, "fk",
      { 1300, 6400, 7700 }, 60, 0, "", 1300, 6400 },
    { "also when the worker exits", &chat, STOPPED, "fk",
      { 1300, 6400, 7700 }, 60, 0, "", 1300, 6400 },
    { "less than the text would be", &chat, WHOLE, "fk", { 1300, 64, -1 },
      4000, 0, "", 1300, 64 },
    { "nothing produced, but counted", &chat, WHOLE, "fk", { 3000, 0, 3000 },
      0, 0, "", 3000, 0 },
    { "nothing produced, only the prompt counted", &chat, WHOLE, "fk",
      { 3000, -1, -1 }, 0, 0, "", 3000, 0 },
    { "thought only", &chat, WHOLE, "fk", { 30, 900, 930 }, 0, 0,
      "", 30, 900 },
    { "no prompt said, but a total", &chat, WHOLE, "fk", { -1, 400, 1700 },
      60, 0, "", 1300, 400 },
    { "prompt of zero, but a total", &chat, WHOLE, "fk", { 0, 400, 1700 },
      60, 0, "", 1300, 400 },
    { "no completion said, but a total", &chat, WHOLE, "fk",
      { 1300, -1, 1700 }, 60, 0, "", 1300, 400 },
    { "zero completion, but a total", &chat, WHOLE, "fk", { 1300, 0, 1700 },
      60, 0, "", 1300, 400 },
    { "embeddings", &embeddings, WHOLE, "fk", { 800, -1, 800 }, 0, 0,
      "", 800, 0 },
    { "embeddings that say no total", &embeddings, WHOLE, "fk",
      { 800, -1, -1 }, 0, 0, "", 800, 0 },
    { "embeddings in an odd shape", &embeddings, WHOLE, "fk",
      { 800, 0, 800 }, 0, 4000, "", 800, 0 },
    { "an unknown event in a stream", &chat, WHOLE, "fk",
      { 1300, 6400, 7700 }, 60, 12, "", 1300, 6400 },
    { "a fault in a stream", &chat, WHOLE, "fk!", { 1300, 6400, 7700 }, 60,
      12, "", 1300, 6400 },
    { "a transcript that says its usage", &transcriptions, WHOLE, "fk",
      { 214, 45, 259 }, 400, 0, "", 214, 45 },
    { "pictures that say their usage", &images, WHOLE, "fk",
      { 40, 4100, 4140 }, 0, 0, "", 40, 4100 }
};


/* it came to its end, and its usage was not said, or not all of it */
static const case_t  unsaid[] = {
    { "no usage", &chat, WHOLE, "fk", NOTHING, 4001, 0,
      "no_usage", PROMPT, 1001 },
    { "no usage, cut behind the end", &chat, CUT, "fk", NOTHING, 4001, 0,
      "no_usage", PROMPT, 1001 },
    { "no usage, the client has left", &chat, LEFT, "fk", NOTHING, 4001, 0,
      "+client_gone", PROMPT, 1001 },
    { "no usage, the worker exits", &chat, STOPPED, "fk", NOTHING, 4001, 0,
      "worker_stopped", PROMPT, 1001 },
    { "zeros, the client has left", &chat, LEFT, "fk", { 0, 0, 0 }, 4001, 0,
      "zero_usage", PROMPT, 1001 },
    { "zeros, cut", &chat, CUT, "k", { 0, 0, 0 }, 4001, 0,
      "truncated", PROMPT, 1001 },
    { "zeros beside text", &chat, WHOLE, "fk", { 0, 0, 0 }, 16000, 0,
      "zero_usage", PROMPT, 4000 },
    { "zero completion beside text", &chat, WHOLE, "fk", { 1500, 0, 1500 },
      16000, 0, "zero_usage", 1500, 4000 },
    { "no completion beside text", &chat, WHOLE, "fk", { 1500, -1, -1 },
      16000, 0, "no_usage", 1500, 4000 },
    { "no completion, and a total of the prompt", &chat, WHOLE, "fk",
      { 2400, -1, 2400 }, 12000, 0, "no_usage", 2400, 3000 },
    { "prompt of zero", &chat, WHOLE, "fk", { 0, 60, 60 }, 200, 0,
      "zero_usage", PROMPT, 60 },
    { "no prompt", &chat, WHOLE, "fk", { -1, 60, -1 }, 200, 0,
      "no_usage", PROMPT, 60 },
    { "no prompt, nothing to see", &chat, WHOLE, "fk", { -1, 60, -1 }, 0, 0,
      "no_usage", PROMPT, 60 },
    { "a total alone", &chat, WHOLE, "fk", { -1, -1, 1000 }, 200, 0,
      "no_usage", PROMPT, 950 },
    { "a total alone, less than the prompt", &chat, WHOLE, "fk",
      { -1, -1, 30 }, 40, 0, "no_usage", 20, 10 },
    { "a total alone, less than the text", &chat, WHOLE, "fk",
      { -1, -1, 30 }, 4000, 0, "no_usage", 0, 1000 },
    { "embeddings without usage", &embeddings, WHOLE, "fk", NOTHING, 0, 0,
      "no_usage", PROMPT, 0 },
    { "embeddings that say no prompt", &embeddings, WHOLE, "fk",
      { -1, 0, -1 }, 0, 0, "no_usage", PROMPT, 0 },
    { "embeddings of zero", &embeddings, WHOLE, "fk", { 0, 0, 0 }, 0, 0,
      "zero_usage", PROMPT, 0 },
    { "a transcript in JSON", &transcriptions, WHOLE, "fk", NOTHING, 400, 0,
      "no_usage", PROMPT, 100 },
    { "the transcript of silence", &transcriptions, WHOLE, "fk", NOTHING, 0,
      0, "no_usage", PROMPT, 0 },
    { "a transcript as text", &transcriptions, WHOLE, "P", NOTHING, 20000, 0,
      "no_usage", PROMPT, 5000 },
    { "speech", &speech, WHOLE, "P", NOTHING, 80001, 0,
      "no_usage", PROMPT, 101 },
    { "pictures that say no prompt", &images, WHOLE, "fk", { -1, 900, -1 },
      0, 0, "no_usage", PROMPT, 900 }
};


/* it did not come to its end */
static const case_t  cut[] = {
    { "a placeholder", &chat, CUT, "k", { 900, 3, -1 }, 16000, 0,
      "truncated", 900, 4000 },
    { "ended in order, but without a mark", &chat, WHOLE, "k",
      { 900, 3, -1 }, 16000, 0, "truncated", 900, 4000 },
    { "the client left", &chat, LEFT, "k", { 900, 3, -1 }, 16000, 0,
      "+client_gone", 900, 4000 },
    { "the worker exits", &chat, STOPPED, "k", { 900, 3, -1 }, 16000, 0,
      "worker_stopped", 900, 4000 },
    { "more said than seen", &chat, CUT, "k", { 1200, 2450, 3650 }, 1000, 0,
      "truncated", 1200, 2450 },
    { "only said", &chat, CUT, "k", { 1200, 2450, -1 }, 0, 0,
      "truncated", 1200, 2450 },
    { "only the prompt said", &chat, CUT, "k", { 1200, -1, -1 }, 0, 0,
      "truncated", 1200, 0 },
    { "the prompt said, and a zero", &chat, CUT, "k", { 1300, 0, 1300 },
      16000, 0, "truncated", 1300, 4000 },
    { "zeros", &chat, CUT, "k", { 0, 0, 0 }, 16000, 0,
      "truncated", PROMPT, 4000 },
    { "only a total said", &chat, CUT, "k", { -1, -1, 1000 }, 0, 0,
      "truncated", PROMPT, 0 },
    { "only the completion said", &chat, CUT, "k", { -1, 70, 1000 }, 200, 0,
      "truncated", PROMPT, 70 },
    { "no usage", &chat, CUT, "k", NOTHING, 4001, 0,
      "truncated", PROMPT, 1001 },
    { "a transcript as text", &transcriptions, CUT, "P", NOTHING, 400, 0,
      "truncated", PROMPT, 100 },
    { "speech", &speech, LEFT, "P", NOTHING, 1600, 0,
      "+client_gone", PROMPT, 2 },
    { "nothing, cut", &chat, CUT, "", NOTHING, 0, 0, "-truncated", -1, -1 },
    { "zeros and nothing, cut", &chat, CUT, "k", { 0, 0, 0 }, 0, 0,
      "-truncated", -1, -1 },
    { "nothing, the client left", &chat, LEFT, "", NOTHING, 0, 0,
      "+client_gone", PROMPT, 0 },
    { "nothing, the worker exits", &chat, STOPPED, "", NOTHING, 0, 0,
      "-worker_stopped", -1, -1 },
    { "vectors, cut", &embeddings, CUT, "k", NOTHING, 0, 0,
      "-truncated", -1, -1 },
    { "a reset before any picture", &images, CUT, "k", NOTHING, 0, 0,
      "-truncated", -1, -1 }
};


/* nothing was produced, or nothing that can be read */
static const case_t  failed[] = {
    { "an empty body", &chat, WHOLE, "", NOTHING, 0, 0,
      "-empty_answer", -1, -1 },
    { "an end mark only", &chat, WHOLE, "f", NOTHING, 0, 0,
      "-empty_answer", -1, -1 },
    { "no choices", &chat, WHOLE, "fk", NOTHING, 0, 0,
      "-empty_answer", -1, -1 },
    { "no choices, zeros", &chat, WHOLE, "fk", { 0, 0, 0 }, 0, 0,
      "-empty_answer", -1, -1 },
    { "no choices, the client has left", &chat, LEFT, "fk", NOTHING, 0, 0,
      "-empty_answer", -1, -1 },
    { "no pictures", &images, WHOLE, "fk", NOTHING, 0, 0,
      "-empty_answer", -1, -1 },
    { "pictures in an unknown shape", &images, WHOLE, "f", NOTHING, 0, 400,
      "+unreadable", PROMPT, 100 + ASKED * PICTURE },
    { "embeddings, empty", &embeddings, WHOLE, "f", NOTHING, 0, 0,
      "-empty_answer", -1, -1 },
    { "speech, empty", &speech, WHOLE, "", NOTHING, 0, 0,
      "-empty_answer", -1, -1 },
    { "an error", &chat, WHOLE, "fke", NOTHING, 0, 0,
      "-upstream_error", -1, -1 },
    { "an error, not whole", &chat, CUT, "e", NOTHING, 0, 0,
      "-upstream_error", -1, -1 },
    { "an error, the client has left", &chat, LEFT, "e", NOTHING, 0, 0,
      "-upstream_error", -1, -1 },
    { "an error behind the prompt's count", &chat, WHOLE, "ke",
      { 900, 3, -1 }, 0, 0, "-upstream_error", -1, -1 },
    { "an error that is a page", &chat, WHOLE, "ep", NOTHING, 0, 0,
      "-upstream_error", -1, -1 },
    { "an error of embeddings", &embeddings, WHOLE, "fke", NOTHING, 0, 0,
      "-upstream_error", -1, -1 },
    { "an error instead of pictures", &images, WHOLE, "fke", NOTHING, 0, 0,
      "-upstream_error", -1, -1 },
    { "an error behind text", &chat, WHOLE, "fke", { 900, 3, -1 }, 16000, 0,
      "upstream_error", 900, 4000 },
    { "an error behind text without usage", &chat, WHOLE, "ke", NOTHING,
      16000, 0, "upstream_error", PROMPT, 4000 },
    { "an error behind more usage than text", &chat, WHOLE, "fke",
      { 900, 5000, 5900 }, 16000, 0, "upstream_error", 900, 5000 },
    { "an error behind what cannot be read", &chat, WHOLE, "e", NOTHING, 0,
      400, "upstream_error", PROMPT, 100 },
    { "an unknown shape", &chat, WHOLE, "f", NOTHING, 0, 38001,
      "+unreadable", PROMPT, 9501 },
    { "an unknown shape, cut", &chat, CUT, "", NOTHING, 0, 38001,
      "+unreadable", PROMPT, 9501 },
    { "an unknown shape, the client left", &chat, LEFT, "", NOTHING, 0,
      38001, "+unreadable", PROMPT, 9501 },
    { "text, and what cannot be read", &chat, WHOLE, "fk", NOTHING, 400, 399,
      "+unreadable", PROMPT, 200 },
    { "an unknown shape and the prompt", &chat, WHOLE, "f", { 900, 0, 900 },
      0, 400, "+unreadable", 900, 100 },
    { "a count that was refused", &chat, WHOLE, "fk!", { 900, -1, -1 }, 400,
      0, "+unreadable", 900, 100 },
    { "counts that were refused, and nothing", &chat, WHOLE, "fk!", NOTHING,
      0, 0, "+unreadable", PROMPT, 0 },
    { "a document that was cut", &chat, CUT, "k!", NOTHING, 400, 0,
      "truncated", PROMPT, 100 },
    { "vectors of an unknown shape", &embeddings, WHOLE, "f", NOTHING, 0,
      400, "+unreadable", PROMPT, 100 },
    { "a page", &chat, WHOLE, "p", NOTHING, 0, 0, "-upstream_error", -1, -1 },
    { "a page, the client left", &chat, LEFT, "p", NOTHING, 0, 0,
      "-upstream_error", -1, -1 }
};


static void
init(const case_t *c, credits_verdict_input_t *in, credits_answer_facts_t *f)
{
    memset(f, 0, sizeof(credits_answer_facts_t));
    credits_usage_init(&f->usage);

    f->usage.prompt = c->said[0];
    f->usage.completion = c->said[1];
    f->usage.total = c->said[2];
    f->finished = strchr(c->facts, 'f') != NULL;
    f->known = strchr(c->facts, 'k') != NULL;
    f->error = strchr(c->facts, 'e') != NULL;
    f->page = strchr(c->facts, 'p') != NULL;
    f->product = strchr(c->facts, 'P') != NULL;
    f->faults = strchr(c->facts, '!') != NULL;
    f->text_bytes = f->product ? 0 : c->text;
    f->unreadable_bytes = c->unreadable;
    f->bytes = f->product ? c->text : (c->facts[0] != '\0') * 3500U;

    memset(in, 0, sizeof(credits_verdict_input_t));
    in->operation = c->operation;
    in->answer = f;
    in->end = c->end;
    in->sent = 1;
    in->prompt_tokens = PROMPT;
    in->images = ASKED;
    in->image_tokens = PICTURE;
}


static void
is_verdict(const credits_verdict_t *v, const char *reason, int64_t prompt,
    int64_t completion, const char *name)
{
    int64_t           sum;
    credits_status_t  status;

    status = (*reason == '-') ? CREDITS_RELEASED
             : *reason ? CREDITS_ESTIMATED : CREDITS_SETTLED;
    reason += (*reason == '-' || *reason == '+');

    is(v->status, status, "%s: status", name);

    if (!ok(strcmp(credits_reason_name(v->reason), reason) == 0, "%s: \"%s\"",
            name, reason))
    {
        printf("#  got %s\n", credits_reason_name(v->reason));
    }

    is(v->usage.prompt, prompt, "%s: prompt", name);
    is(v->usage.completion, completion, "%s: completion", name);

    sum = prompt + completion;
    ok(v->usage.total >= ((prompt < 0) ? -1 : sum), "%s: total", name);
}


static void
check(const case_t *cases, size_t n)
{
    size_t                    i;
    credits_verdict_t         v;
    credits_answer_facts_t    f;
    credits_verdict_input_t   in;

    for (i = 0; i < n; i++) {
        init(&cases[i], &in, &f);

        memset(&v, 0xa5, sizeof(v));
        credits_verdict(&in, &v);
        is_verdict(&v, cases[i].reason, cases[i].prompt, cases[i].completion,
                   cases[i].name);
        is(v.at_least_hold, 0, "%s: the hold is no bound", cases[i].name);

        if (f.page && !f.error) {
            continue;
        }

        in.capture = 1;
        credits_verdict(&in, &v);
        is_verdict(&v, cases[i].reason, cases[i].prompt, cases[i].completion,
                   cases[i].name);
        is(v.at_least_hold, cases[i].reason[0] == '+', "%s: captured",
           cases[i].name);
    }
}

#define check(cases)  check(cases, sizeof(cases) / sizeof(cases[0]))


static void
test_unanswered(void)
{
    size_t                   i;
    unsigned                 capture;
    credits_verdict_t        v;
    credits_verdict_input_t  in;

    static const struct {
        const char     *name;
        credits_end_t   end;
        unsigned        sent, refused;
        const char     *reason;
    } cases[] = {
        { "never sent", CUT, 0, 0, "-not_sent" },
        { "never sent, nginx's error", WHOLE, 0, 1, "-not_sent" },
        { "never sent, the client left", LEFT, 0, 0, "-not_sent" },
        { "of the cache", WHOLE, 0, 0, "-not_answered_by_provider" },
        { "a page of nginx's", WHOLE, 1, 0, "-not_answered_by_provider" },
        { "an error status", WHOLE, 1, 1, "-upstream_error" },
        { "an error status, the client left", LEFT, 1, 1, "-upstream_error" },
        { "no answer", CUT, 1, 0, "-upstream_error" },
        { "the worker exits", STOPPED, 1, 0, "-worker_stopped" },
        { "the worker exits before", STOPPED, 0, 0, "-worker_stopped" },
        { "the client left a silent provider", LEFT, 1, 0, "+client_gone" }
    };

    memset(&in, 0, sizeof(in));
    in.operation = &chat;
    in.prompt_tokens = PROMPT;
    in.hidden_tokens = HIDDEN;

    for (i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
        capture = i % 2;
        in.end = cases[i / 2].end;
        in.sent = cases[i / 2].sent;
        in.refused = cases[i / 2].refused;
        in.capture = capture;

        memset(&v, 0xa5, sizeof(v));
        credits_verdict(&in, &v);

        is_verdict(&v, cases[i / 2].reason,
                   v.status == CREDITS_RELEASED ? -1 : PROMPT,
                   v.status == CREDITS_RELEASED ? -1 : HIDDEN,
                   cases[i / 2].name);
        is(v.at_least_hold, capture && cases[i / 2].reason[0] == '+',
           "%s: captured", cases[i / 2].name);
    }
}


static void
test_page_captured(void)
{
    credits_verdict_t        v;
    credits_answer_facts_t   f;
    credits_verdict_input_t  in;

    static const case_t  page = {
        "a page, captured", &chat, WHOLE, "p", NOTHING, 0, 0, NULL, 0, 0
    };

    init(&page, &in, &f);
    in.capture = 1;

    credits_verdict(&in, &v);
    is_verdict(&v, "unreadable", PROMPT, 3500 / 4, page.name);
    is(v.at_least_hold, 1, "at least the hold");

    f.bytes = 0;
    credits_verdict(&in, &v);
    is_verdict(&v, "-empty_answer", -1, -1, "an empty page, captured");
    is(v.at_least_hold, 0, "is nothing");
}


/* what is thought unseen counts where the usage was not seen, only there */

static void
test_hidden(void)
{
    size_t                   i;
    credits_verdict_t        v;
    credits_answer_facts_t   f;
    credits_verdict_input_t  in;

    static const case_t  cases[] = {
        { "no usage", &chat, WHOLE, "fk", NOTHING, 400, 0,
          "no_usage", PROMPT, 9100 },
        { "usage", &chat, WHOLE, "fk", { 10, 200, 210 }, 400, 0,
          "", 10, 200 },
        { "no prompt", &chat, WHOLE, "fk", { -1, 200, -1 }, 400, 0,
          "no_usage", PROMPT, 200 },
        { "a total", &chat, WHOLE, "fk", { -1, -1, 250 }, 400, 0,
          "no_usage", PROMPT, 200 },
        { "the client left", &chat, LEFT, "k", NOTHING, 400, 0,
          "client_gone", PROMPT, 9100 },
        { "a placeholder", &chat, LEFT, "k", { 10, 3, -1 }, 400, 0,
          "client_gone", 10, 9100 },
        { "said so far", &chat, LEFT, "k", { 10, 9200, -1 }, 400, 0,
          "client_gone", 10, 9200 },
        { "nothing, the client left", &chat, LEFT, "", NOTHING, 0, 0,
          "client_gone", PROMPT, 9000 },
        { "nothing, cut", &chat, CUT, "", NOTHING, 0, 0,
          "-truncated", -1, -1 },
        { "an error", &chat, WHOLE, "fke", NOTHING, 0, 0,
          "-upstream_error", -1, -1 },
        { "an error behind text", &chat, WHOLE, "ke", NOTHING, 400, 0,
          "upstream_error", PROMPT, 9100 }
    };

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        init(&cases[i], &in, &f);
        in.hidden_tokens = HIDDEN;

        credits_verdict(&in, &v);
        is_verdict(&v, cases[i].reason, cases[i].prompt, cases[i].completion,
                   cases[i].name);
    }
}


/* amounts: what a price by pieces is made of is there */

static void
test_pieces(void)
{
    credits_verdict_t        v;
    credits_answer_facts_t   f;
    credits_verdict_input_t  in;

    static const case_t  made = {
        "two pictures", &images, WHOLE, "fk", NOTHING, 0, 0, NULL, 0, 0
    };
    static const case_t  spoken = {
        "speech", &speech, WHOLE, "P", NOTHING, 8000, 0, NULL, 0, 0
    };
    static const case_t  searched = {
        "a search", &chat, WHOLE, "fk", NOTHING, 0, 0, NULL, 0, 0
    };

    init(&made, &in, &f);
    f.usage.images = 2;
    credits_verdict(&in, &v);
    is_verdict(&v, "no_usage", PROMPT, 2 * PICTURE, made.name);
    is(v.usage.images, 2, "pictures that were counted");

    in.image_tokens = 0;
    credits_verdict(&in, &v);
    is_verdict(&v, "no_usage", PROMPT, 0, "pictures that are no tokens");

    f.usage.images = 0;
    credits_verdict(&in, &v);
    is_verdict(&v, "-empty_answer", -1, -1, "no picture");

    in.image_tokens = PICTURE;
    f.usage.images = 4;
    f.usage.prompt = 40;
    f.usage.completion = 0;
    credits_verdict(&in, &v);
    is_verdict(&v, "zero_usage", 40, 4 * PICTURE, "pictures, and a zero");

    f.usage.images = -1;
    f.usage.completion = 900;
    credits_verdict(&in, &v);
    is(v.status, CREDITS_SETTLED, "usage of pictures");
    is(v.usage.images, ASKED, "pictures beside it: those asked for");

    f.usage.prompt = -1;
    f.usage.completion = -1;
    f.unreadable_bytes = 400;
    credits_verdict(&in, &v);
    is(v.usage.images, ASKED, "pictures that cannot be read: as well");

    init(&made, &in, &f);
    f.usage.images = 1;
    f.finished = 0;
    in.end = CUT;
    credits_verdict(&in, &v);
    is_verdict(&v, "truncated", PROMPT, PICTURE, "one picture, then cut");

    f.error = 1;
    credits_verdict(&in, &v);
    is_verdict(&v, "upstream_error", PROMPT, PICTURE,
               "one picture, then an error");

    f.usage.images = -1;
    f.usage.prompt = 40;
    f.usage.completion = 5;
    credits_verdict(&in, &v);
    is_verdict(&v, "-upstream_error", -1, -1, "an error instead of pictures");

    init(&spoken, &in, &f);
    credits_verdict(&in, &v);
    is(v.usage.audio_output, 10, "sound is audio output");

    init(&searched, &in, &f);
    f.usage.searches = 3;
    credits_verdict(&in, &v);
    is_verdict(&v, "no_usage", PROMPT, 0, "searches only");
    is(v.usage.searches, 3, "and they are there");

    f.usage.searches = -1;
    f.usage.cost = 5;
    credits_verdict(&in, &v);
    is_verdict(&v, "no_usage", PROMPT, 0, "a cost only");
}


/* the parts of a usage pass, totals are at least their sum, no overflow */

static void
test_numbers(void)
{
    credits_verdict_t        v;
    credits_answer_facts_t   f;
    credits_verdict_input_t  in;

    static const case_t  said = {
        "said", &chat, WHOLE, "fk", { 1300, 400, -1 }, 60, 0, NULL, 0, 0
    };

    init(&said, &in, &f);
    f.usage.cached = 7;
    f.usage.reasoning = 8;
    credits_verdict(&in, &v);
    is(v.usage.total, 1700, "a total is the sum");
    is(v.usage.cached, 7, "cached passes");
    is(v.usage.reasoning, 8, "reasoning passes");

    f.usage.total = 2000;
    credits_verdict(&in, &v);
    is(v.usage.total, 2000, "unless the total says more");

    f.finished = 0;
    in.end = CUT;
    f.text_bytes = 4000;
    credits_verdict(&in, &v);
    is(v.usage.total, 2300, "an estimate is not less than its parts");

    in.prompt_tokens = INT64_MAX;
    in.hidden_tokens = INT64_MAX;
    f.usage.prompt = -1;
    f.text_bytes = UINT64_MAX / 2;
    f.unreadable_bytes = UINT64_MAX / 2;
    credits_verdict(&in, &v);
    is(v.usage.prompt, CREDITS_TOKENS_MAX, "a prompt is not endless");
    is(v.usage.completion, CREDITS_TOKENS_MAX, "nor a completion");

    in.prompt_tokens = -5;
    in.hidden_tokens = -5;
    f.text_bytes = 0;
    f.unreadable_bytes = 4;
    f.usage.completion = -1;
    f.usage.total = -1;
    credits_verdict(&in, &v);
    is_verdict(&v, "unreadable", 0, 1, "no estimate of the prompt");

    init(&said, &in, &f);
    in.prompt_tokens = 0;
    f.usage.prompt = 0;
    credits_verdict(&in, &v);
    is_verdict(&v, "", 0, 400, "no prompt at all: its zero is a count");

    f.usage.completion = 0;
    f.text_bytes = 0;
    credits_verdict(&in, &v);
    is_verdict(&v, "-empty_answer", -1, -1, "but zeros alone are none");
}


static void
test_names(void)
{
    unsigned  i, k;

    for (i = 0; i < CREDITS_REASONS; i++) {
        for (k = 0; k < i; k++) {
            ok(strcmp(credits_reason_name(i), credits_reason_name(k)) != 0,
               "reasons %u and %u differ", i, k);
        }

        ok(strlen(credits_reason_name(i))
           < sizeof(((credits_record_t *) NULL)->reason),
           "%s fits into a record", credits_reason_name(i));
    }
}


int
main(void)
{
    check(settled);
    check(unsaid);
    check(cut);
    check(failed);

    test_unanswered();
    test_page_captured();
    test_hidden();
    test_pieces();
    test_numbers();
    test_names();

    return tap_done();
}
