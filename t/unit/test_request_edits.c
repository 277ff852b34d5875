#include "tap.h"

#include "credits_request_edits.c"
#include "request.h"
#include "credits_splice.h"


static void
scan(credits_request_t *c, const char *api, const char *body)
{
    if (request_scan(c, api, NULL, body, strlen(body), 0) != 0) {
        printf("# %s: %s\n", body, credits_request_error(c));
    }
}


/* the edited body, spliced in pieces; NULL if lengths do not add up */

static char *
splice(const credits_edit_t *edits, unsigned n, const char *body, size_t cut)
{
    char             *out;
    size_t            len, room;
    unsigned          i;
    unsigned char    *p, *copy;
    credits_splice_t  s;

    len = strlen(body);
    room = len;

    for (i = 0; i < n; i++) {
        room += edits[i].len;
    }

    out = malloc(room + 1);
    credits_splice_init(&s, edits, n);

    copy = tap_piece(body, cut);
    p = credits_splice_feed(&s, (unsigned char *) out, copy, cut);
    free(copy);

    copy = tap_piece(body + cut, len - cut);
    p = credits_splice_feed(&s, p, copy, len - cut);
    free(copy);

    *p = '\0';

    if ((size_t) (p - (unsigned char *) out)
        != credits_splice_length(edits, n, len))
    {
        free(out);
        return NULL;
    }

    return out;
}


static const struct {
    const char  *api;
    const char  *body;
    int          force;
    int          limit;
    const char  *want;          /* NULL: as it is */
} cases[] = {

    /* usage is forced where the body streams a completion */

    { "openai chat",
      "{'messages':[],'stream':true}", 1, -1,
      "{'stream_options':{'include_usage':true},"
      "'messages':[],'stream':true}" },
    { "openai chat",
      " { 'stream' : true , 'prompt' : 'x' } ", 1, -1,
      " {'stream_options':{'include_usage':true},"
      " 'stream' : true , 'prompt' : 'x' } " },
    { "openai chat",
      "{'messages':[],'stream':true,'stream_options':null}", 1, -1,
      "{'messages':[],'stream':true,"
      "'stream_options':{'include_usage':true}}" },
    { "openai chat",
      "{'stream_options': null ,'messages':[],'stream':true}", 1, -1,
      "{'stream_options': {'include_usage':true} ,"
      "'messages':[],'stream':true}" },
    { "openai chat",
      "{'messages':[],'stream':true,'stream_options':{}}", 1, -1,
      "{'messages':[],'stream':true,"
      "'stream_options':{'include_usage':true}}" },
    { "openai chat",
      "{'messages':[],'stream':true,'stream_options':{ }}", 1, -1,
      "{'messages':[],'stream':true,"
      "'stream_options':{'include_usage':true }}" },
    { "openai chat",
      "{'messages':[],'stream':true,"
      "'stream_options':{ 'include_obfuscation':false }}", 1, -1,
      "{'messages':[],'stream':true,'stream_options':"
      "{'include_usage':true, 'include_obfuscation':false }}" },
    { "openai chat",
      "{'messages':[],'stream':true,"
      "'stream_options':{'x':1,'include_usage':false,'y':{}}}", 1, -1,
      "{'messages':[],'stream':true,"
      "'stream_options':{'x':1,'include_usage':true,'y':{}}}" },
    { "openai chat",
      "{'messages':[],'stream':true,"
      "'stream_options':{'include_usage':null}}", 1, -1,
      "{'messages':[],'stream':true,"
      "'stream_options':{'include_usage':true}}" },
    { "openai chat",
      "{'messages':[],'stream':true,"
      "'stream_options':{'include_usage': 0 }}", 1, -1,
      "{'messages':[],'stream':true,"
      "'stream_options':{'include_usage': true }}" },
    { "openai chat",
      "{'messages':[],'stream':true,"
      "'stream_options':{'include_usage':'true'}}", 1, -1,
      "{'messages':[],'stream':true,"
      "'stream_options':{'include_usage':true}}" },
    { "openai chat",
      "{'messages':[],'stream':true,'stream_options':"
      "{'include_usage':[true,{'include_usage':true}]}}", 1, -1,
      "{'messages':[],'stream':true,"
      "'stream_options':{'include_usage':true}}" },
    { "openai chat",
      "{'messages':[],'stream':true,"
      "'stream_options':{'\\u0069nclude_usage':{ }}}", 1, -1,
      "{'messages':[],'stream':true,"
      "'stream_options':{'\\u0069nclude_usage':true}}" },
    { "openai chat",
      "{'metadata':{'a':1},'messages':[],'stream':true,"
      "'stream_options':{},'x':{'b':2}}", 1, -1,
      "{'metadata':{'a':1},'messages':[],'stream':true,"
      "'stream_options':{'include_usage':true},'x':{'b':2}}" },

    /* and nowhere else */

    { "openai chat",
      "{'messages':[],'stream':true,"
      "'stream_options':{'include_usage':true}}", 1, -1, NULL },
    { "openai chat",
      "{'messages':[],'stream':true}", 0, -1, NULL },
    { "openai chat",
      "{'messages':[]}", 1, -1, NULL },
    { "openai chat",
      "{'messages':[],'stream_options':{'include_usage':false}}",
      1, -1, NULL },
    { "openai responses",
      "{'input':'x','stream':true}", 1, -1, NULL },
    { "openai chat",
      "{}", 1, -1, NULL },

    /* a limit is lowered, never raised, and added where there is none */

    { "openai chat",
      "{'messages':[],'max_tokens':100}", 0, 100, NULL },
    { "openai chat",
      "{'messages':[],'max_tokens':100}", 0, 101, NULL },
    { "openai chat",
      "{'messages':[],'max_tokens': 100 }", 0, 99,
      "{'messages':[],'max_tokens': 99 }" },
    { "openai chat",
      "{'messages':[],'max_completion_tokens':100}", 0, 7,
      "{'messages':[],'max_completion_tokens':7}" },
    { "openai chat",
      "{'max_tokens':50,'messages':[],'max_completion_tokens':100}", 0, 20,
      "{'max_tokens':20,'messages':[],'max_completion_tokens':20}" },
    { "openai chat",
      "{'max_tokens':10,'messages':[],'max_completion_tokens':100}", 0, 20,
      "{'max_tokens':10,'messages':[],'max_completion_tokens':20}" },
    { "openai chat",
      "{'max_tokens':100,'messages':[],'max_completion_tokens':null}", 0, 20,
      "{'max_tokens':20,'messages':[],'max_completion_tokens':null}" },
    { "openai chat",
      "{'messages':[]}", 0, 20,
      "{'max_completion_tokens':20,'messages':[]}" },
    { "openai chat",
      "{'messages':[],'max_completion_tokens':null}", 0, 20,
      "{'messages':[],'max_completion_tokens':20}" },
    { "openai chat",
      "{'messages':[],'max_tokens':null}", 0, 20,
      "{'max_completion_tokens':20,'messages':[],'max_tokens':null}" },
    { "openai chat",
      "{'messages':[],'max_output_tokens':5}", 0, 20,
      "{'max_completion_tokens':20,'messages':[],'max_output_tokens':5}" },
    { "openai chat",
      "{'prompt':'x'}", 0, 20, "{'max_tokens':20,'prompt':'x'}" },
    { "openai chat",
      "{'prompt':'x','max_tokens':null}", 0, 20,
      "{'prompt':'x','max_tokens':20}" },
    { "openai chat",
      "{'prompt':'x','max_completion_tokens':99}", 0, 20,
      "{'max_tokens':20,'prompt':'x','max_completion_tokens':20}" },
    { "openai responses",
      "{'input':'x'}", 0, 20, "{'max_output_tokens':20,'input':'x'}" },
    { "openai responses",
      "{'input':'x','max_output_tokens':99}", 0, 20,
      "{'input':'x','max_output_tokens':20}" },
    { "openai chat",
      "{}", 0, 0, "{'max_completion_tokens':0}" },
    { "openai chat",
      " { } ", 0, 100000001, " {'max_completion_tokens':100000000 } " },

    /* both */

    { "openai chat",
      "{'messages':[],'stream':true}", 1, 20,
      "{'stream_options':{'include_usage':true},"
      "'max_completion_tokens':20,'messages':[],'stream':true}" },
    { "openai chat",
      "{'max_tokens':99,'stream_options':{'include_usage':false},"
      "'messages':[],'stream':true,'max_completion_tokens':100}", 1, 20,
      "{'max_tokens':20,'stream_options':{'include_usage':true},"
      "'messages':[],'stream':true,'max_completion_tokens':20}" },
    { "openai chat",
      "{'max_completion_tokens':100000000,'max_tokens':100000000,"
      "'max_output_tokens':100000000,'stream':true,'messages':[]}", 1, 1,
      "{'stream_options':{'include_usage':true},"
      "'max_completion_tokens':1,'max_tokens':1,"
      "'max_output_tokens':1,'stream':true,'messages':[]}" },
    { "openai chat",
      "{'max_completion_tokens':99,'max_output_tokens':98,"
      "'stream':true,'prompt':''}", 1, 1,
      "{'stream_options':{'include_usage':true},'max_tokens':1,"
      "'max_completion_tokens':1,'max_output_tokens':1,"
      "'stream':true,'prompt':''}" },

    /* of each operation what is its own */

    { "openai completions", "{'prompt':'x','stream':true}", 1, 20,
      "{'stream_options':{'include_usage':true},'max_tokens':20,"
      "'prompt':'x','stream':true}" },
    { "openai responses", "{'input':'x','stream':true,'max_output_tokens':9}",
      1, 20, NULL },
    { "openai /v1/responses/compact", "{'input':'x'}", 1, 20, NULL },
    { "openai embeddings", "{'input':'x'}", 1, 20, NULL },
    { "openai images", "{'prompt':'x','stream':true}", 1, 20, NULL },
    { "openai speech", "{'input':'x'}", 1, 20, NULL },
    { "mistral chat", "{'messages':[],'stream':true}", 1, 20,
      "{'max_tokens':20,'messages':[],'stream':true}" },
    { "mistral fim", "{'prompt':'x','max_tokens':99,'stream':true}", 1, 20,
      "{'prompt':'x','max_tokens':20,'stream':true}" },
    { "mistral ocr", "{'document':{}}", 1, 20, NULL },
    { "cohere chat", "{'messages':[],'stream':true}", 1, 20,
      "{'max_tokens':20,'messages':[],'stream':true}" },
    { "cohere rerank", "{'query':'x'}", 1, 20, NULL },
    { "anthropic messages", "{'messages':[],'stream':true,'max_tokens':99}",
      1, 20, "{'messages':[],'stream':true,'max_tokens':20}" },

    /* and a limit inside an object that may not be there */

    { "gemini generate", "{'contents':[],"
      "'generationConfig':{'temperature':0.5}}", 1, 20,
      "{'contents':[],"
      "'generationConfig':{'maxOutputTokens':20,'temperature':0.5}}" },
    { "gemini generate", "{'contents':[],'generation_config':"
      "{'max_output_tokens':99,'x':{}}}", 1, 20,
      "{'contents':[],'generation_config':{'max_output_tokens':20,'x':{}}}" },
    { "gemini generate", "{'generationConfig':{'maxOutputTokens':null}}",
      1, 20, "{'generationConfig':{'maxOutputTokens':20}}" },
    { "gemini generate", "{'generationConfig': { } }", 1, 20,
      "{'generationConfig': {'maxOutputTokens':20 } }" },
    { "gemini generate", "{'generationConfig':null}", 1, 20,
      "{'generationConfig':{'maxOutputTokens':20}}" },
    { "gemini /models/m:streamGenerateContent", "{}", 1, 100000000,
      "{'generationConfig':{'maxOutputTokens':100000000}}" },
    { "gemini generate", "{'x':{},'generationConfig':{},'contents':[{}]}",
      1, 20, "{'x':{},'generationConfig':{'maxOutputTokens':20},"
      "'contents':[{}]}" },
    { "gemini embed", "{'content':{}}", 1, 20, NULL },
    { "ollama chat", "{'messages':[]}", 1, 20,
      "{'options':{'num_predict':20},'messages':[]}" },
    { "ollama chat", "{'options':{'num_predict':-1}}", 1, 20,
      "{'options':{'num_predict':20}}" },
    { "bedrock converse", "{'inferenceConfig':{'maxTokens':2000}}", 1, 20,
      "{'inferenceConfig':{'maxTokens':20}}" },
    { "bedrock /model/m/converse-stream", "{'messages':[]}", 1, 20,
      "{'inferenceConfig':{'maxTokens':20},'messages':[]}" },

    /* Claude's body is known, another maker's is not */

    { "bedrock invoke", "{'anthropic_version':'x','max_tokens':99}", 1, 20,
      "{'anthropic_version':'x','max_tokens':20}" },
    { "bedrock invoke", "{'inputText':'x'}", 1, 20, NULL }
};


/* the spliced body says the same, but for what was asked for */

static int
holds(const credits_request_t *before, const char *api, const char *spliced,
    int force, int limit)
{
    int                added;
    unsigned           n;
    credits_request_t  after;
    credits_edit_t     edits[CREDITS_REQUEST_EDITS_MAX];

    scan(&after, api, spliced);

    n = credits_request_edits(&after, force, limit, edits, &added);

    return after.error == NULL
           && n == 0
           && after.stream == before->stream
           && after.choices == before->choices
           && after.prompt.text_bytes == before->prompt.text_bytes
           && after.prompt.messages == before->prompt.messages
           && !added
           && (limit < 0 || after.max_output <= limit
               || credits_request_edits_own_limit(&after) < 0);
}


int
main(void)
{
    int                good, added;
    char              *body, *want, *got;
    size_t             i, cut, n;
    unsigned           k, count;
    credits_request_t  c;
    credits_edit_t     edits[CREDITS_REQUEST_EDITS_MAX];

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        body = tap_quotes(cases[i].body);
        want = tap_quotes(cases[i].want ? cases[i].want : cases[i].body);
        n = strlen(body);

        scan(&c, cases[i].api, body);
        count = credits_request_edits(&c, cases[i].force, cases[i].limit,
                                      edits, &added);

        ok(count <= CREDITS_REQUEST_EDITS_MAX
           && (count == 0) == !cases[i].want,
           "%u edits: %s", count, cases[i].body);

        good = 1;

        for (k = 1; k < count; k++) {
            good &= (edits[k].at >= edits[k - 1].at + edits[k - 1].remove);
        }

        ok(good, "in order, not overlapping");

        good = 1;

        for (cut = 0; cut <= n; cut++) {
            got = splice(edits, count, body, cut);

            if (got == NULL || strcmp(got, want) != 0) {
                good = 0;
                printf("#  got %s\n# want %s\n", got ? got : "", want);
            }

            free(got);
        }

        ok(good, "spliced, cut anywhere");
        ok(holds(&c, cases[i].api, want, cases[i].force, cases[i].limit),
           "and says the same otherwise");

        free(body);
        free(want);
    }

    return tap_done();
}
