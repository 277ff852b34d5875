/*
 * What is read in an answer: usage, text, errors, the end.
 */

#include "credits_answer_document.c"

#include "answers.h"


#define JSON    CREDITS_LABEL_JSON
#define SSE     CREDITS_LABEL_EVENTS

#define CHUNK   "data: {'id':'c','object':'chat.completion.chunk',"
#define DELTA(members)                                                        \
    CHUNK "'choices':[{'index':0,'delta':{" members "},"                      \
    "'finish_reason':null}]}\n\n"
#define STOP    CHUNK "'choices':[{'index':0,'delta':{},"                     \
    "'finish_reason':'stop'}],'usage':null}\n\n"
#define USAGE   CHUNK "'choices':[],'usage':{'prompt_tokens':5,"              \
    "'completion_tokens':7,'total_tokens':12}}\n\n"
#define DONE    "data: [DONE]\n\n"

#define FAKE    "\\n\\ndata: {\\'choices\\':[],\\'usage\\':"                  \
    "{\\'prompt_tokens\\':1,\\'completion_tokens\\':1}}\\n\\ndata: [DONE]"


static const struct {
    const char             *name;
    credits_label_t         label;
    const char             *body;
    int                     prompt, completion, total, cached;
    unsigned                text, error, finished, done, faults;
} cases[] = {

    /* chat streams */

    { "usage chunk", SSE,
      DELTA("'content':'Hi'") STOP USAGE DONE,
      5, 7, 12, -1, 2, 0, 1, 1, 0 },
    { "usage null on every chunk", SSE,
      CHUNK "'choices':[{'delta':{'content':'a'}}],'usage':null}\n\n"
      STOP USAGE DONE,
      5, 7, 12, -1, 1, 0, 1, 1, 0 },
    { "no usage", SSE,
      DELTA("'role':'assistant','content':''") DELTA("'content':'Hello'")
      STOP DONE,
      -1, -1, -1, -1, 5, 0, 1, 0, 0 },
    { "cut before the end", SSE,
      DELTA("'content':'Hello'"),
      -1, -1, -1, -1, 5, 0, 0, 0, 0 },
    { "cut within an event", SSE,
      DELTA("'content':'Hello'") CHUNK "'choices':[{'delta':{'content':'wor",
      -1, -1, -1, -1, 8, 0, 0, 0, 1 },
    { "all kinds of text", SSE,
      DELTA("'content':'ab'") DELTA("'reasoning_content':'cde'")
      DELTA("'refusal':'fghi'")
      DELTA("'tool_calls':[{'index':0,'id':'call','function':"
            "{'name':'f','arguments':'{}'}},{'function':{'arguments':'x'}}]")
      DELTA("'function_call':{'name':'f','arguments':'yz'}")
      DELTA("'content':[{'type':'text','text':'part'}]")
      DELTA("'role':'assistant','obfuscation':'zap','content':null") DONE,
      -1, -1, -1, -1, 20, 0, 1, 0, 0 },
    { "text is counted unescaped", SSE,
      DELTA("'content':'\\u4f60\\n\\ud83d\\ude00'") DONE,
      -1, -1, -1, -1, 8, 0, 1, 0, 0 },
    { "several choices", SSE,
      "data: {'choices':[{'delta':{'content':'ab'}},"
      "{'delta':{'content':'cd'},'finish_reason':'length'}]}\n\n",
      -1, -1, -1, -1, 4, 0, 1, 0, 0 },
    { "an empty finish_reason is none", SSE,
      "data: {'choices':[{'delta':{'content':'ab'},'finish_reason':''}]}\n\n",
      -1, -1, -1, -1, 2, 0, 0, 0, 0 },
    { "usage on every chunk, cumulative", SSE,
      CHUNK "'choices':[{'delta':{'content':'a'}}],'usage':{'prompt_tokens':3,"
      "'completion_tokens':1,'total_tokens':90}}\n\n"
      CHUNK "'choices':[{'delta':{'content':'b'}}],'usage':{'prompt_tokens':3,"
      "'completion_tokens':7,'total_tokens':298}}\n\n" DONE,
      3, 7, 298, -1, 2, 0, 1, 1, 0 },
    { "usage on the finish chunk, with the cache", SSE,
      CHUNK "'choices':[{'delta':{},'finish_reason':'stop'}],'usage':"
      "{'prompt_tokens':10,'completion_tokens':2,'total_tokens':12,"
      "'prompt_cache_hit_tokens':8,'prompt_cache_miss_tokens':2}}\n\n" DONE,
      10, 2, 12, 8, 0, 0, 1, 1, 0 },
    { "usage after [DONE]", SSE,
      DONE USAGE, 5, 7, 12, -1, 0, 0, 1, 1, 0 },
    { "last non-null of each member", SSE,
      USAGE "data: {'usage':{'prompt_tokens':null,'completion_tokens':9}}\n\n",
      5, 9, 12, -1, 0, 0, 0, 0, 0 },
    { "a zero replaces no count", SSE,
      USAGE "data: {'usage':{'prompt_tokens':0,'completion_tokens':0,"
      "'total_tokens':0}}\n\n",
      5, 7, 12, -1, 0, 0, 0, 0, 0 },
    { "legacy completions", SSE,
      "data: {'choices':[{'text':'ab','finish_reason':null}]}\n\n"
      "data: {'choices':[{'text':'cd','finish_reason':'stop'}]}\n\n"
      USAGE DONE,
      5, 7, 12, -1, 4, 0, 1, 1, 0 },

    /* framing */

    { "CRLF", SSE,
      "data: {'usage':{'prompt_tokens':1,\r\n"
      "data: 'completion_tokens':2}}\r\n\r\n",
      1, 2, -1, -1, 0, 0, 0, 0, 0 },
    { "CR", SSE,
      "data:{'usage':{'prompt_tokens':1,'completion_tokens':2}}\r\r",
      1, 2, -1, -1, 0, 0, 0, 0, 0 },
    { "comments and a byte order mark", SSE,
      "\xef\xbb\xbf: OPENROUTER PROCESSING\n\n: usage\n" USAGE ": ping\n\n",
      5, 7, 12, -1, 0, 0, 1, 0, 0 },
    { "no final newline", SSE,
      "data: {'usage':{'prompt_tokens':1,'completion_tokens':2}}",
      1, 2, -1, -1, 0, 0, 0, 0, 0 },
    { "[DONE] without newline and space", SSE,
      "data:[DONE]", -1, -1, -1, -1, 0, 0, 1, 0, 0 },
    { "[DONE] with a space behind", SSE,
      "data: [DONE] \n\n", -1, -1, -1, -1, 0, 0, 1, 0, 0 },
    { "not quite [DONE]", SSE,
      "data: [DONE]]\n\ndata: [DON\n\ndata: DONE\n\ndata: [\n\n",
      -1, -1, -1, -1, 0, 0, 0, 0, 4 },
    { "empty data is no fault", SSE,
      "data:\n\ndata: \n\n", -1, -1, -1, -1, 0, 0, 0, 0, 0 },
    { "data that is not JSON", SSE,
      "data: hello\n\n" USAGE "data: {'a':}\n\n",
      5, 7, 12, -1, 0, 0, 0, 0, 2 },
    { "text before a fault counts", SSE,
      "data: {'choices':[{'delta':{'content':'abc'}}],}\n\n",
      -1, -1, -1, -1, 3, 0, 0, 0, 1 },

    { "text before a control character counts", SSE,
      "data: {'choices':[{'delta':{'content':'abc\001'}}]}\n\n",
      -1, -1, -1, -1, 3, 0, 0, 0, 1 },

    /* words that only look like usage */

    { "a model that prints a usage chunk", SSE,
      DELTA("'content':'" FAKE "'") DELTA("'content':'usage'") STOP,
      -1, -1, -1, -1, 91, 0, 1, 0, 0 },
    { "a tool call that prints one", SSE,
      DELTA("'tool_calls':[{'function':{'arguments':'" FAKE "'}}]"),
      -1, -1, -1, -1, 86, 0, 0, 0, 0 },
    { "usage deeper in the tree", SSE,
      "data: {'choices':[{'logprobs':{'usage':{'prompt_tokens':1}}}],"
      "'x':{'usage':{'prompt_tokens':3}},"
      "'y':[{'usage':{'prompt_tokens':4}}]}\n\n",
      -1, -1, -1, -1, 0, 0, 0, 0, 0 },
    { "usage of another shape", SSE,
      "data: {'usage':[{'prompt_tokens':1}]}\n\n"
      "data: {'usage':'prompt_tokens'}\n\ndata: {'usage':5}\n\n"
      "data: {'usage':{'usage':{'prompt_tokens':1}}}\n\n"
      "data: [{'usage':{'prompt_tokens':1}}]\n\n"
      "data: {'Usage':{'prompt_tokens':1}}\n\n"
      "data: {'usage ':{'prompt_tokens':1}}\n\n"
      "data: {'usage\\u0000':{'prompt_tokens':1}}\n\n",
      -1, -1, -1, -1, 0, 0, 0, 0, 0 },
    { "an escaped key is that key", SSE,
      "data: {'\\u0075sage':{'prompt\\u005ftokens':1,"
      "'completion_tokens':2}}\n\n",
      1, 2, -1, -1, 0, 0, 0, 0, 0 },
    { "metadata echoed by the Responses API", SSE,
      "data: {'type':'response.completed','response':{'metadata':"
      "{'usage':{'input_tokens':1,'output_tokens':1}},'usage':"
      "{'input_tokens':8,'output_tokens':9}}}\n\n",
      8, 9, -1, -1, 0, 0, 1, 1, 0 },
    { "a document behind a byte order mark", JSON,
      "\xef\xbb\xbf{'usage':{'prompt_tokens':5,'completion_tokens':7}}",
      5, 7, -1, -1, 0, 0, 1, 1, 0 },
    { "usage twice in one object", JSON,
      "{'usage':{'prompt_tokens':1,'completion_tokens':2},"
      "'usage':{'prompt_tokens':3}}",
      3, 2, -1, -1, 0, 0, 1, 1, 0 },
    { "a member twice", JSON,
      "{'usage':{'prompt_tokens':1,'prompt_tokens':2,"
      "'completion_tokens':2}}",
      2, 2, -1, -1, 0, 0, 1, 1, 0 },
    { "a cut usage object is not believed", JSON,
      "{'usage':{'prompt_tokens':1,'completion_tokens':2",
      -1, -1, -1, -1, 0, 0, 0, 0, 1 },
    { "a whole one is, even if the rest is missing", JSON,
      "{'usage':{'prompt_tokens':1,'completion_tokens':2},'x",
      1, 2, -1, -1, 0, 0, 0, 0, 1 },

    /* hostile numbers */

    { "numbers that are refused", JSON,
      "{'usage':{'prompt_tokens':-1,'completion_tokens':3.9,"
      "'total_tokens':'12a'}}",
      -1, -1, -1, -1, 0, 0, 1, 0, 3 },
    { "larger numbers that are refused", JSON,
      "{'usage':{'prompt_tokens':9223372036854775808,"
      "'completion_tokens':1e400,'total_tokens':1000000001}}",
      -1, -1, -1, -1, 0, 0, 1, 0, 3 },
    { "types that are refused", JSON,
      "{'usage':{'prompt_tokens':true,'completion_tokens':{'x':1},"
      "'total_tokens':[5],'input_tokens':false,'output_tokens':-0}}",
      -1, -1, -1, -1, 0, 0, 1, 0, 5 },
    { "an exponent", JSON,
      "{'usage':{'prompt_tokens':1e3,'completion_tokens':5}}",
      1000, 5, -1, -1, 0, 0, 1, 1, 0 },
    { "the largest number", JSON,
      "{'usage':{'prompt_tokens':1000000000,'completion_tokens':0}}",
      1000000000, 0, -1, -1, 0, 0, 1, 1, 0 },
    { "a refused number does not replace", SSE,
      USAGE "data: {'usage':{'prompt_tokens':-5}}\n\n",
      5, 7, 12, -1, 0, 0, 0, 0, 1 },
    { "more cached than there is", JSON,
      "{'usage':{'prompt_tokens':5,'completion_tokens':1,"
      "'prompt_tokens_details':{'cached_tokens':50}}}",
      5, 1, -1, 5, 0, 0, 1, 1, 1 },
    { "a sum that is too large", JSON,
      "{'usage':{'input_tokens':1000000000,'cache_read_input_tokens':1,"
      "'output_tokens':1}}",
      -1, 1, -1, -1, 0, 0, 1, 1, 1 },
    { "a total below the prompt", JSON,
      "{'usage':{'prompt_tokens':50,'total_tokens':8}}",
      50, 0, 8, -1, 0, 0, 1, 1, 0 },
    { "members of other usage objects", JSON,
      "{'usage':{'type':'duration','seconds':27.5,'cost':0.95,"
      "'timings':{'prompt_tokens':4}}}",
      -1, -1, -1, -1, 0, 0, 1, 0, 0 },

    /* JSON */

    { "chat", JSON,
      "{'choices':[{'message':{'role':'assistant','content':'Hello',"
      "'refusal':null,'reasoning_content':'hm','tool_calls':[{'function':"
      "{'name':'f','arguments':'{}'}}]},'finish_reason':'stop'}],'usage':"
      "{'prompt_tokens':19,'completion_tokens':10,'total_tokens':29,"
      "'prompt_tokens_details':{'cached_tokens':3}}}",
      19, 10, 29, 3, 10, 0, 1, 1, 0 },
    { "chat, cut in the text", JSON,
      "{'choices':[{'message':{'role':'assistant','content':'Hello",
      -1, -1, -1, -1, 5, 0, 0, 0, 1 },
    { "chat, two choices", JSON,
      "{'choices':[{'message':{'content':'ab'}},"
      "{'message':{'content':[{'type':'text','text':'cde'}]}}]}",
      -1, -1, -1, -1, 5, 0, 1, 0, 0 },
    { "legacy completion", JSON,
      "{'choices':[{'text':'abc','finish_reason':'stop'}]}",
      -1, -1, -1, -1, 3, 0, 1, 0, 0 },
    { "response", JSON,
      "{'object':'response','error':null,'output':[{'type':'reasoning'},"
      "{'type':'message','content':[{'type':'output_text','text':'abcd'},"
      "{'type':'refusal','refusal':'ef'}]},{'type':'function_call',"
      "'arguments':'{}'}],'usage':{'input_tokens':36,'input_tokens_details':"
      "{'cached_tokens':30},'output_tokens':87,'total_tokens':123}}",
      36, 87, 123, 30, 8, 0, 1, 1, 0 },
    { "Anthropic message", JSON,
      "{'type':'message','content':[{'type':'thinking','thinking':'hm'},"
      "{'type':'text','text':'abc'}],'stop_reason':'end_turn','usage':"
      "{'input_tokens':10,'cache_creation_input_tokens':4,"
      "'cache_read_input_tokens':6,'output_tokens':2}}",
      20, 2, -1, 6, 5, 0, 1, 1, 0 },
    { "transcription", JSON,
      "{'text':'abc','usage':{'type':'duration','seconds':27}}",
      -1, -1, -1, -1, 3, 0, 1, 0, 0 },
    { "image", JSON,
      "{'data':[{'b64_json':'AAAA'}],'usage':{'total_tokens':100,"
      "'input_tokens':50,'output_tokens':50,'input_tokens_details':"
      "{'text_tokens':10,'image_tokens':40}}}",
      50, 50, 100, -1, 0, 0, 1, 1, 0 },
    { "nothing", JSON, "", -1, -1, -1, -1, 0, 0, 0, 0, 0 },
    { "a page", JSON, "<html>", -1, -1, -1, -1, 0, 0, 0, 0, 0 },
    { "two documents", JSON, "{} {'usage':{'prompt_tokens':1}}",
      1, -1, -1, -1, 0, 0, 1, 1, 0 },

    /* Responses */

    { "response stream", SSE,
      "event: response.output_text.delta\n"
      "data: {'type':'response.output_text.delta','delta':'Hel'}\n\n"
      "data: {'delta':'lo','type':'response.output_text.delta'}\n\n"
      "data: {'type':'response.output_text.done','text':'Hello'}\n\n"
      "data: {'type':'response.completed','response':{'status':'completed',"
      "'error':null,'output':[{'content':[{'type':'output_text',"
      "'text':'Hello'}]}],'usage':{'input_tokens':3,'output_tokens':2,"
      "'total_tokens':5}}}\n\n",
      3, 2, 5, -1, 5, 0, 1, 1, 0 },
    { "response stream, deltas lost", SSE,
      "data: {'type':'response.incomplete','response':{'output':"
      "[{'content':[{'text':'Hello'}]}],'usage':null}}\n\n",
      -1, -1, -1, -1, 5, 0, 1, 1, 0 },
    { "response stream, sound is not text", SSE,
      "data: {'delta':'AAAAAAAA','type':'response.audio.delta'}\n\n"
      "data: {'type':'response.output_audio.delta','delta':'AAAA'}\n\n"
      "data: {'type':'response.audio_transcript.delta','delta':'Hi'}\n\n",
      -1, -1, -1, -1, 2, 0, 0, 0, 0 },
    { "response in progress", SSE,
      "data: {'type':'response.created','response':{'error':null,"
      "'output':[],'usage':null}}\n\n",
      -1, -1, -1, -1, 0, 0, 0, 0, 0 },

    { "an image, perhaps one of several", SSE,
      "data: {'type':'image_generation.completed','b64_json':'AAAA','usage':"
      "{'input_tokens':50,'output_tokens':60,'total_tokens':110}}\n\n",
      50, 60, 110, -1, 0, 0, 1, 0, 0 },

    /* Anthropic */

    { "Anthropic stream, restated", SSE,
      "data: {'type':'message_start','message':{'content':[],'usage':"
      "{'input_tokens':1051,'cache_read_input_tokens':10,"
      "'output_tokens':1}}}\n\n"
      "data: {'type':'content_block_delta','delta':{'type':'text_delta',"
      "'text':'ab'}}\n\n"
      "data: {'type':'content_block_delta','delta':{'thinking':'cd'}}\n\n"
      "data: {'type':'content_block_delta','delta':{'partial_json':'{'}}\n\n"
      "data: {'type':'message_delta','delta':{'stop_reason':'end_turn'},"
      "'usage':{'input_tokens':4727,'output_tokens':227}}\n\n",
      4727, 227, -1, 10, 5, 0, 1, 0, 0 },
    { "Anthropic's end", SSE,
      "event: message_stop\ndata: {'type':'message_stop'}\n\n",
      -1, -1, -1, -1, 0, 0, 1, 1, 0 },

    /* errors */

    { "error in a chat stream", SSE,
      DELTA("'content':'Hi'") "data: {'error':{'message':'x'}}\n\n",
      -1, -1, -1, -1, 2, 1, 0, 0, 0 },
    { "error as a type", SSE,
      "data: {'type':'error','code':'x','message':'y'}\n\n",
      -1, -1, -1, -1, 0, 1, 0, 0, 0 },
    { "error of a response", SSE,
      "data: {'type':'response.failed','response':{'error':{'code':'x'},"
      "'usage':null}}\n\n",
      -1, -1, -1, -1, 0, 1, 1, 1, 0 },
    { "error with a numeric code", JSON,
      "{'error':{'code':402,'message':'x','metadata':{}}}",
      -1, -1, -1, -1, 0, 1, 1, 1, 0 },
    { "not errors", SSE,
      "data: {'error':null,'type':'errors'}\n\n"
      "data: {'x':{'error':{}},'y':{'type':'error'},'type':'erro'}\n\n"
      "data: {'type':['error']}\n\ndata: {'type':'x','type':'y'}\n\n",
      -1, -1, -1, -1, 0, 0, 0, 0, 0 }
};


static void
test_depth(void)
{
    char       *body;
    size_t      n, depth;
    outcome_t   o;

    static const char  tail[] =
        ",\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}";

    for (depth = 50; depth <= 2000; depth += 950) {
        body = malloc(2 * depth + 100);
        strcpy(body, "{\"x\":");
        n = strlen(body);
        memset(body + n, '[', depth);
        memset(body + n + depth, ']', depth);
        n += 2 * depth;
        strcpy(body + n, tail);
        n += strlen(tail);

        o = answer_run(JSON, 0, body, n, n, n, n);

        if (depth < CREDITS_JSON_DEPTH) {
            is(o.facts.usage.prompt, 1, "%zu levels: usage behind is found",
               depth);
            is(o.facts.faults, 0, "%zu levels: no fault", depth);

        } else {
            is(o.facts.usage.prompt, -1, "%zu levels: nothing is believed",
               depth);
            is(o.facts.faults, 1, "%zu levels: a fault", depth);
        }

        outcome_free(&o);
        free(body);
    }
}


static void
test_case(size_t i)
{
    int                           good;
    char                         *body;
    size_t                        n;
    outcome_t                     o;
    const credits_answer_facts_t *f;

    body = tap_quotes(cases[i].body);
    n = strlen(body);
    o = answer_run(cases[i].label, 0, body, n, n, n, n);
    f = &o.facts;

    good = ok(f->usage.prompt == cases[i].prompt
              && f->usage.completion == cases[i].completion
              && f->usage.total == cases[i].total
              && f->usage.cached == cases[i].cached
              && f->text_bytes == cases[i].text
              && f->error == cases[i].error
              && f->finished == cases[i].finished
              && f->done == cases[i].done
              && f->faults == cases[i].faults,
              "%s", cases[i].name);

    if (!good) {
        printf("# got %lld, %lld, %lld, %lld; text %llu, error %u,"
               " finished %u, done %u, faults %u\n",
               (long long) f->usage.prompt, (long long) f->usage.completion,
               (long long) f->usage.total, (long long) f->usage.cached,
               (unsigned long long) f->text_bytes, f->error, f->finished,
               f->done, f->faults);
    }

    outcome_free(&o);

    answer_property(cases[i].name, cases[i].label, body, n);
    free(body);
}


int
main(void)
{
    size_t  i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        test_case(i);
    }

    test_depth();

    return tap_done();
}
