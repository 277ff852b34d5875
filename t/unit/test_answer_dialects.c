/*
 * What each dialect says of its usage, its model, its tier, and of what it
 * produced, in the words of the provider.
 */

#include "answers.h"


#define JSON    CREDITS_LABEL_JSON
#define SSE     CREDITS_LABEL_EVENTS


static const struct {
    const char       *name;
    credits_label_t   label;
    const char       *body;
    const char       *want;     /* members of the facts that say something */
} cases[] = {

    /* OpenAI */

    { "chat, all details", JSON,
      "{'model':'m-1','service_tier':'Priority','choices':[{'message':{"
      "'content':'ab'},'finish_reason':'stop'}],'usage':{'prompt_tokens':100,"
      "'completion_tokens':50,'total_tokens':150,'prompt_tokens_details':{"
      "'cached_tokens':10,'audio_tokens':20,'image_tokens':30,"
      "'cache_write_tokens':40,'cache_write_tokens_details':{"
      "'ttl_30m_tokens':15,'ttl_12h_tokens':25}},'completion_tokens_details':{"
      "'reasoning_tokens':5,'audio_tokens':6}}}",
      "prompt=100 completion=50 total=150 cached=10 write=15 write_1h=25 "
      "audio_in=20 image_in=30 reasoning=5 audio_out=6 text=2 model=m-1 "
      "tier=priority finished done known" },
    { "x_groq", SSE,
      "data: {'choices':[],'x_groq':{'usage':{'prompt_tokens':3,"
      "'completion_tokens':4}}}\n\n",
      "prompt=3 completion=4 known" },
    { "cost, and what the cost is made of", JSON,
      "{'usage':{'prompt_tokens':1,'completion_tokens':2,'cost':0.00125},"
      "'choices':[]}",
      "prompt=1 completion=2 cost=1250000 finished done known" },
    { "cost as an object and as a string", SSE,
      "data: {'usage':{'cost':{'input_tokens_cost':1,'total_cost':0.5}}}\n\n"
      "data: {'usage':{'cost':'1.5'}}\n\ndata: {'usage':{'cost':0}}\n\n",
      "cost=1500000000 known" },
    { "ticks", JSON,
      "{'usage':{'prompt_tokens':1,'cost_in_usd_ticks':25000001}}",
      "prompt=1 cost=2500001 finished done known" },
    { "costs that are none", JSON,
      "{'usage':{'cost':-1,'cost_in_usd_ticks':1.5}}",
      "finished known faults=2" },
    { "numbers in quotation marks that are none", JSON,
      "{'usage':{'prompt_tokens':' 1','completion_tokens':'1.5',"
      "'total_tokens':'','input_tokens':'-3','output_tokens':'1e'}}",
      "finished known faults=5" },
    { "a search each, in one piece", JSON,
      "{'output':[{'type':'web_search_call'},{'type':'web_search_call'},"
      "{'type':'image_generation_call','result':'AAAA'}],"
      "'usage':{'input_tokens':1,'output_tokens':2}}",
      "prompt=1 completion=2 images=1 searches=2 finished done known" },
    { "a search each, in a stream", SSE,
      "data: {'type':'response.output_item.added','item':{"
      "'type':'web_search_call'}}\n\n"
      "data: {'type':'response.output_item.done','item':{"
      "'type':'web_search_call'}}\n\n"
      "data: {'item':{'type':'web_search_call'},"
      "'type':'response.output_item.done'}\n\n"
      "data: {'type':'response.completed','response':{'model':'m','output':["
      "{'type':'web_search_call'},{'type':'web_search_call'}]}}\n\n",
      "searches=2 model=m finished done known" },
    { "searches of tools", JSON,
      "{'output':[{'type':'web_search_call'}],'usage':{'input_tokens':1,"
      "'output_tokens':2,'total_tokens':3},'tool_usage':{'web_search':{"
      "'num_requests':4},'image_gen':{'input_tokens':10,"
      "'output_tokens':20}}}",
      "prompt=11 completion=22 total=33 searches=4 finished done known" },
    { "pictures", JSON,
      "{'data':[{'b64_json':'AAAA','url':null},{'url':'http://x'},"
      "{'url':'http://y','b64_json':'BBBB'}]}",
      "images=3 finished known" },
    { "pictures of a stream", SSE,
      "data: {'type':'image_generation.partial_image','b64_json':'AA'}\n\n"
      "data: {'type':'image_generation.completed','b64_json':'AA'}\n\n"
      "data: {'type':'image_generation.completed','b64_json':'AA'}\n\n",
      "images=2 finished known" },
    { "reasoning by its names", SSE,
      "data: {'choices':[{'delta':{'reasoning':'a','reasoning_text':'bc',"
      "'thinking':'def','reasoning_details':[{'type':'reasoning.summary',"
      "'summary':'g','signature':'zz'},{'text':'hi','data':'zz'}],"
      "'thinking_blocks':[{'thinking':'j','signature':'z'}],"
      "'thought':'k','reasoning_signature':'zz','id':'z','role':'zz'}}]}\n\n",
      "text=11 known" },
    { "a type that is no error", SSE,
      "data: {'type':'errors','object':'xerror','status':'fail'}\n\n",
      "known" },

    /* Anthropic */

    { "both kinds of cache writes", JSON,
      "{'type':'message','model':'c','content':[{'type':'tool_use','name':"
      "'fn','input':{'a':1}}],'usage':{'input_tokens':10,"
      "'cache_creation_input_tokens':30,'cache_read_input_tokens':40,"
      "'cache_creation':{'ephemeral_5m_input_tokens':20,"
      "'ephemeral_1h_input_tokens':10},'output_tokens':7,'server_tool_use':{"
      "'web_search_requests':2},'output_tokens_details':{"
      "'thinking_tokens':3},'service_tier':'standard'},'stop_reason':'x'}",
      "prompt=80 completion=7 cached=40 write=20 write_1h=10 reasoning=3 "
      "searches=2 text=9 model=c tier=standard finished done known" },
    { "nulls and zeros of the last event", SSE,
      "data: {'type':'message_start','message':{'model':'c','usage':{"
      "'input_tokens':400,'cache_creation_input_tokens':300,"
      "'cache_read_input_tokens':1500,'output_tokens':1}}}\n\n"
      "data: {'type':'message_delta','delta':{},'usage':{'input_tokens':null,"
      "'cache_creation_input_tokens':0,'cache_read_input_tokens':0,"
      "'output_tokens':9}}\n\n",
      "prompt=2200 completion=9 cached=1500 write=300 model=c known" },
    { "the input again, without the cache", SSE,
      "data: {'type':'message_start','message':{'usage':{'input_tokens':400,"
      "'cache_read_input_tokens':1500,'output_tokens':1}}}\n\n"
      "data: {'type':'message_delta','usage':{'input_tokens':400,"
      "'output_tokens':9}}\n\n",
      "prompt=1900 completion=9 cached=1500 known" },
    { "the input is what was cached", SSE,
      "data: {'type':'message_start','message':{'usage':{"
      "'input_tokens':3602,'output_tokens':1}}}\n\n"
      "data: {'type':'message_delta','usage':{'cache_read_input_tokens':3604,"
      "'output_tokens':9}}\n\n",
      "prompt=3604 completion=9 cached=3604 known" },
    { "all again, and less", SSE,
      "data: {'type':'message_start','message':{'usage':{"
      "'input_tokens':3605,'output_tokens':1}}}\n\n"
      "data: {'type':'message_delta','usage':{'input_tokens':5,"
      "'cache_read_input_tokens':3500,'output_tokens':9}}\n\n",
      "prompt=3505 completion=9 cached=3500 known" },

    { "a beginning is no count", SSE,
      "data: {'type':'message_start','message':{'usage':{"
      "'input_tokens':400,'output_tokens':1}}}\n\n"
      "data: {'type':'content_block_delta','delta':{'type':'text_delta',"
      "'text':'abcd'}}\n\n"
      "data: {'type':'message_stop'}\n\n",
      "prompt=400 text=4 finished done known" },

    /* Gemini */

    { "generateContent", JSON,
      "{'candidates':[{'content':{'parts':[{'text':'abc','thought':true},"
      "{'text':'d'},{'functionCall':{'name':'fn','args':{'x': [1]}}},"
      "{'inlineData':{'mimeType':'image/png','data':'AAAA'}},"
      "{'inlineData':{'mimeType':'audio/wav','data':'AAAA'}}]},"
      "'finishReason':'STOP'}],'usageMetadata':{'promptTokenCount':100,"
      "'candidatesTokenCount':20,'thoughtsTokenCount':30,"
      "'toolUsePromptTokenCount':7,'cachedContentTokenCount':50,"
      "'totalTokenCount':157,'promptTokensDetails':[{'modality':'TEXT',"
      "'tokenCount':60},{'tokenCount':25,'modality':'AUDIO'},{"
      "'modality':'IMAGE','tokenCount':15}],'candidatesTokensDetails':[{"
      "'modality':'AUDIO','tokenCount':4}],"
      "'trafficType':'ON_DEMAND_PRIORITY'},'modelVersion':'g-2'}",
      "prompt=107 completion=50 total=157 cached=50 audio_in=25 image_in=15 "
      "reasoning=30 audio_out=4 images=1 text=16 model=g-2 tier=priority "
      "finished done known" },
    { "an array of chunks", JSON,
      "[{'candidates':[{'content':{'parts':[{'text':'ab'}]}}],"
      "'usageMetadata':{'promptTokenCount':5}}\n,\r\n"
      "{'candidates':[{'content':{'parts':[{'text':'cd'}]},"
      "'finishReason':'STOP'}],'usageMetadata':{'promptTokenCount':5,"
      "'candidatesTokenCount':6,'totalTokenCount':11}}]\n",
      "prompt=5 completion=6 total=11 text=4 finished done known" },
    { "an array that is cut", JSON,
      "[{'candidates':[{'content':{'parts':[{'text':'ab'}]}}],"
      "'usageMetadata':{'promptTokenCount':5}},",
      "prompt=5 text=2 known" },
    { "an array with an error", JSON,
      "[{'error':{'code':503}}]", "error finished done known" },
    { "a blocked prompt", JSON,
      "{'promptFeedback':{'blockReason':'SAFETY'},'usageMetadata':{"
      "'promptTokenCount':5,'totalTokenCount':5}}",
      "prompt=5 completion=0 total=5 finished done known" },

    /* Cohere */

    { "chat in one piece", JSON,
      "{'id':'x','finish_reason':'COMPLETE','message':{'role':'assistant',"
      "'content':[{'type':'text','text':'abc'}]},'usage':{'tokens':{"
      "'input_tokens':50,'output_tokens':60},'billed_units':{"
      "'input_tokens':5,'output_tokens':6,'search_units':2},"
      "'cached_tokens':4}}",
      "prompt=5 completion=6 cached=4 searches=2 text=3 finished done known" },
    { "deltas", SSE,
      "data: {'type':'content-delta','delta':{'message':{'content':{"
      "'thinking':'ab'}}}}\n\n"
      "data: {'type':'tool-call-delta','delta':{'message':{'tool_calls':{"
      "'function':{'arguments':'{}'}}}}}\n\n"
      "data: {'type':'tool-plan-delta','delta':{'message':{"
      "'tool_plan':'cde'}}}\n\n"
      "data: {'type':'message-end','delta':{'finish_reason':'ERROR',"
      "'usage':{'tokens':{'input_tokens':5,'output_tokens':6}}}}\n\n",
      "prompt=5 completion=6 text=7 error finished done known" },
    { "embed, rerank and pages", JSON,
      "{'embeddings':{'float':[[0.1]]},'meta':{'billed_units':{"
      "'input_tokens':9,'image_tokens':100,'search_units':1,'pages':3}}}",
      "prompt=109 image_in=100 images=3 searches=1 finished done known" },

    /* Ollama */

    { "generate", JSON,
      "{'model':'q','response':'ab','thinking':'c','done':false}\n"
      "{'model':'q','response':'de','done':false}\n"
      "{'model':'q','response':'','done':true,'done_reason':'stop',"
      "'prompt_eval_count':7,'eval_count':8}\n",
      "prompt=7 completion=8 text=5 model=q finished done known" },
    { "lines that are cut", JSON,
      "{'model':'q','response':'ab','done':false}\n{'model':'q','respon",
      "text=2 unreadable=20 model=q known faults=1" },
    { "a line with a fault, then another", JSON,
      "{'response':'ab','x':}\n{'response':'cd','done':true,'eval_count':3}",
      "completion=3 text=4 unreadable=2 finished done known faults=1" },
    { "counts of a line with a fault, then another line", JSON,
      "{'response':'ab','eval_count':3,'x':}\n{'done':true}",
      "text=2 unreadable=2 finished done known faults=1" },
    { "a fault within a text: the byte is not read", SSE,
      "data: {'choices':[{'text':'ab\\x'}]}\n\n",
      "text=2 unreadable=5 known faults=1" },
    { "a fault within arguments that are an object", JSON,
      "{'message':{'tool_calls':[{'function':{'arguments':{'a':]}}}]}}",
      "text=5 unreadable=7 known faults=1" },
    { "a tool call whose arguments are an object", JSON,
      "{'message':{'role':'assistant','content':'','tool_calls':[{"
      "'function':{'name':'fn','arguments':{'a':1}}}]},'done':false}",
      "text=9 known" },
    { "an error line", JSON,
      "{'message':{'content':'ab'},'done':false}\n{'error':'full'}\n",
      "text=2 error finished done known" },

    /* Bedrock */

    { "converse", JSON,
      "{'output':{'message':{'content':[{'text':'ab'},{'reasoningContent':{"
      "'reasoningText':{'text':'cd','signature':'z'}}},{'toolUse':{"
      "'name':'fn','input':{}}}]}},'stopReason':'tool_use','usage':{"
      "'inputTokens':5,'outputTokens':6,'totalTokens':41,"
      "'cacheReadInputTokens':10,'cacheWriteInputTokens':20,"
      "'cacheDetails':[{'inputTokens':12,'ttl':'5m'},{'ttl':'1h',"
      "'inputTokens':8}]},'serviceTier':{'type':'flex'}}",
      "prompt=35 completion=6 total=41 cached=10 write=12 write_1h=8 text=8 "
      "tier=flex finished done known" },

    { "a tool's name, and its arguments in pieces", JSON,
      "{'contentBlockIndex':1,'start':{'toolUse':{'toolUseId':'t','name':"
      "'fn'}}}\n{'contentBlockIndex':1,'delta':{'toolUse':{"
      "'input':'{}'}}}",
      "text=4 known" },
    { "the beginning of a segment, in seconds", JSON,
      "{'text':'ab','start':0.5}", "text=2 finished known" },

    /* Mistral */

    { "pages", JSON,
      "{'pages':[{'markdown':'abc'},{'markdown':'d'}],'model':'ocr',"
      "'usage_info':{'pages_processed':2,'doc_size_bytes':99}}",
      "images=2 text=4 model=ocr finished known" },
    { "thinking in parts", SSE,
      "data: {'choices':[{'delta':{'content':[{'type':'thinking',"
      "'thinking':[{'type':'text','text':'abc'}]}]}}]}\n\n",
      "text=3 known" },

    /* errors, and documents that nobody knows */

    { "errors in other clothes", SSE,
      "data: {'errors':[{'code':1}],'result':null}\n\n",
      "error known" },
    { "an event that calls itself one", SSE,
      "event: error\ndata: {'foo':'bar'}\n\n", "error" },
    { "no errors", SSE,
      "data: {'error':null,'errors':[],'choices':[]}\n\n"
      "data: {'error':false,'choices':[]}\n\n"
      "data: {'error':'','choices':[]}\n\ndata: {'error':0,'choices':[]}\n\n"
      "data: {'base_resp':{'status_code':0}}\n\n"
      "data: {'base_resp':{'status_code':'0'}}\n\n",
      "known" },
    { "a complaint", JSON, "{'detail':'Not found'}",
      "error finished done known" },
    { "no success", JSON, "{'success':false,'result':[]}",
      "error finished done known" },
    { "a message that is none of ours", JSON,
      "{'message':'No such route','code':404}", "error finished done known" },
    { "an unknown shape", JSON, "{'v':1,'result':{'generated':'abc'}}",
      "unreadable=36 finished" },
    { "nothing", SSE, "data: {}\n\ndata: []\n\ndata: null\n\n", "" },
    { "known events without members", SSE,
      "data: {'type':'ping'}\n\ndata: {'type':'content-end','index':0}\n\n",
      "known" },
    { "documents in one line", SSE,
      "data: {'choices':[{'text':'a'}]} {'choices':[{'text':'bc'}]}\n\n",
      "text=3 known" },
    { "junk behind a document", SSE,
      "data: {'choices':[{'text':'a'}]} xyz\n\n",
      "text=1 unreadable=3 known faults=1" },
    { "a fault within arguments", JSON,
      "{'message':{'tool_calls':[{'function':{'arguments':{'a':x}}}]}}",
      "text=5 unreadable=7 known faults=1" },
    { "arguments that are cut", JSON,
      "{'message':{'tool_calls':[{'function':{'arguments':{'a':1,",
      "text=7 known faults=1" },
    { "a document among events", SSE,
      "data: {'choices':[{'text':'a'}]}\n\n{'error':{'code':1}}\n",
      "text=1 error known" }
};


static size_t
put(char *dst, const char *name, int64_t value)
{
    return (value < 0) ? 0 : (size_t) sprintf(dst, "%s=%lld ", name,
                                              (long long) value);
}


static void
facts_text(const credits_answer_facts_t *f, char *dst)
{
    const credits_usage_t  *u;

    u = &f->usage;

    dst += put(dst, "prompt", u->prompt);
    dst += put(dst, "completion", u->completion);
    dst += put(dst, "total", u->total);
    dst += put(dst, "cached", (u->cached > 0) ? u->cached : -1);
    dst += put(dst, "write", (u->cache_write > 0) ? u->cache_write : -1);
    dst += put(dst, "write_1h", u->cache_write_1h);
    dst += put(dst, "audio_in", u->audio_input);
    dst += put(dst, "image_in", u->image_input);
    dst += put(dst, "reasoning", u->reasoning);
    dst += put(dst, "audio_out", u->audio_output);
    dst += put(dst, "images", u->images);
    dst += put(dst, "searches", u->searches);
    dst += put(dst, "cost", u->cost);
    dst += put(dst, "text", f->text_bytes ? (int64_t) f->text_bytes : -1);
    dst += put(dst, "unreadable",
               f->unreadable_bytes ? (int64_t) f->unreadable_bytes : -1);

    if (f->model_len) {
        dst += sprintf(dst, "model=%.*s ", (int) f->model_len, f->model);
    }

    if (f->tier_len) {
        dst += sprintf(dst, "tier=%.*s ", (int) f->tier_len, f->tier);
    }

    dst += sprintf(dst, "%s%s%s%s", f->error ? "error " : "",
                   f->finished ? "finished " : "", f->done ? "done " : "",
                   f->known ? "known " : "");
    dst += put(dst, "faults", f->faults ? (int64_t) f->faults : -1);
    *dst = '\0';
}


int
main(void)
{
    char        text[1024], want[1024], *body;
    size_t      i, n;
    outcome_t   o;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        body = tap_quotes(cases[i].body);
        n = strlen(body);
        o = answer_run(cases[i].label, 1, body, n, n, n, n);

        facts_text(&o.facts, text);
        sprintf(want, "%s%s", cases[i].want, *cases[i].want ? " " : "");

        if (!ok(strcmp(text, want) == 0, "%s", cases[i].name)) {
            printf("#  got %s\n# want %s\n", text, want);
        }

        outcome_free(&o);
        answer_property(cases[i].name, cases[i].label, body, n);
        free(body);
    }

    return tap_done();
}
