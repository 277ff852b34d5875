#include "tap.h"

#include "credits_request.c"
#include "request.h"


static const struct {
    const char  *api;
    const char  *body;
    const char  *model;
    unsigned     stream, include_usage;
    int          choices, max_output;
    unsigned     text, messages;
} cases[] = {
    { "openai chat",
      "{}",
      "", 0, 0, 1, -1, 0, 0 },
    { "openai chat",
      " {\t} ",
      "", 0, 0, 1, -1, 0, 0 },
    { "openai chat",
      "{'model':'gpt-4o','messages':[{'role':'user','content':'Hello'}]}",
      "gpt-4o", 0, 0, 1, -1, 5, 1 },
    { "openai chat",
      "{'messages':[],'stream':true,'model':'m'}",
      "m", 1, 0, 1, -1, 0, 0 },
    { "openai chat",
      "{'messages':[],'stream':null}",
      "", 0, 0, 1, -1, 0, 0 },
    { "openai chat",
      "{'messages':[],'x':{'stream':true}}",
      "", 0, 0, 1, -1, 10, 0 },
    { "openai chat",
      "{'messages':[],'stream':true,'stream_options':{'include_usage':true}}",
      "", 1, 1, 1, -1, 0, 0 },
    { "openai chat",
      "{'stream_options':{'include_usage':false}}",
      "", 0, 0, 1, -1, 0, 0 },
    { "openai chat",
      "{'stream_options':{'include_usage':'true'}}",
      "", 0, 0, 1, -1, 0, 0 },
    { "openai chat",
      "{'stream_options':{'x':{'include_usage':true}}}",
      "", 0, 0, 1, -1, 0, 0 },
    { "openai chat",
      "{'x':{'stream_options':{'include_usage':true}},'stream_options':null}",
      "", 0, 0, 1, -1, 35, 0 },

    /* escaped names are those names */
    { "openai chat",
      "{'\\u006dodel':'a\\u00e9\\u4f60','\\u0073tream':true,'messages':[]}",
      "a\303\251\344\275\240", 1, 0, 1, -1, 0, 0 },
    { "openai chat",
      "{'model':'','messages':[]}",
      "", 0, 0, 1, -1, 0, 0 },

    /* choices */
    { "openai chat",
      "{'messages':[],'n':128}",
      "", 0, 0, 128, -1, 0, 0 },
    { "openai chat",
      "{'messages':[],'n':null,'best_of':null}",
      "", 0, 0, 1, -1, 0, 0 },
    { "openai chat",
      "{'prompt':'x','n':2,'best_of':5}",
      "", 0, 0, 5, -1, 1, 0 },
    { "openai chat",
      "{'prompt':['ab','c',[1,2]],'n':2}",
      "", 0, 0, 6, -1, 11, 0 },
    { "openai chat",
      "{'prompt':[1,2,3],'n':2}",
      "", 0, 0, 2, -1, 12, 0 },
    { "openai chat",
      "{'prompt':[]}",
      "", 0, 0, 1, -1, 0, 0 },
    { "openai chat",
      "{'prompt':null}",
      "", 0, 0, 1, -1, 0, 0 },

    /* limits, as far as the kind of request obeys them */
    { "openai chat",
      "{'messages':[],'max_tokens':100}",
      "", 0, 0, 1, 100, 0, 0 },
    { "openai chat",
      "{'messages':[],'max_completion_tokens':100}",
      "", 0, 0, 1, 100, 0, 0 },
    { "openai chat",
      "{'messages':[],'max_completion_tokens':100,'max_tokens':300}",
      "", 0, 0, 1, 300, 0, 0 },
    { "openai chat",
      "{'messages':[],'max_completion_tokens':null,'max_tokens':300}",
      "", 0, 0, 1, 300, 0, 0 },
    { "openai chat",
      "{'messages':[],'max_tokens':null}",
      "", 0, 0, 1, -1, 0, 0 },
    { "openai chat",
      "{'messages':[],'max_tokens':0}",
      "", 0, 0, 1, 0, 0, 0 },
    { "openai chat",
      "{'messages':[],'max_tokens':100000000}",
      "", 0, 0, 1, 100000000, 0, 0 },
    { "openai chat",
      "{'messages':[],'max_output_tokens':1}",
      "", 0, 0, 1, -1, 0, 0 },
    { "openai chat",
      "{'max_completion_tokens':1,'prompt':'x'}",
      "", 0, 0, 1, -1, 1, 0 },
    { "openai chat",
      "{'prompt':'x','max_tokens':16}",
      "", 0, 0, 1, 16, 1, 0 },
    { "openai responses",
      "{'input':'x','max_output_tokens':16,'max_tokens':1}",
      "", 0, 0, 1, 16, 1, 0 },
    { "openai chat",
      "{'x':{'max_tokens':1,'n':9,'model':'y'}}",
      "", 0, 0, 1, -1, 25, 0 },

    /* text */
    { "openai chat",
      "{'messages':[{'content':'a\\n\\u4f60\\ud83d\\ude00'}]}",
      "", 0, 0, 1, -1, 9, 1 },
    { "openai chat",
      "{'messages':[{'content':[{'type':'text','text':'abc'},{'type':"
      "'image_url','image_url':{'url':'data:image/png;base64,AAAA'}}]},"
      "{'content':null,'tool_calls':[{'id':'c','function':{'name':'f',"
      "'arguments':'{}'}}]},{'role':'tool','content':'ok'}]}",
      "", 0, 0, 1, -1, 8, 3 },
    { "openai chat",
      "{'messages':[{'content':[{'type':'tool_result','content':"
      "[{'type':'text','text':'abc'}]}]}],'system':[{'text':'hi'}]}",
      "", 0, 0, 1, -1, 5, 1 },
    { "openai chat",
      "{'messages':[{'content':'ab'}],'tools':[ {'a':1} ],"
      "'functions':[],'system':'xyz'}",
      "", 0, 0, 1, -1, 18, 1 },
    { "openai responses",
      "{'input':'Hello','instructions':'Be nice','stream':true}",
      "", 1, 0, 1, -1, 12, 0 },
    { "openai responses",
      "{'input':[{'role':'user','content':[{'type':'input_text','text':"
      "'abcd'}]},{'type':'function_call_output','output':'xy'},"
      "{'type':'function_call','arguments':'z'}]}",
      "", 0, 0, 1, -1, 7, 3 },
    { "openai responses",
      "{'input':['ab','cd']}",
      "", 0, 0, 1, -1, 4, 0 },
    { "openai responses",
      "{'input':[[1,2],[3]]}",
      "", 0, 0, 1, -1, 12, 0 },
    { "openai responses",
      "{'prompt':{'id':'p','variables':{}}}",
      "", 0, 0, 1, -1, 16, 0 },
        { "openai chat",
      "{'messages':[{'content':'\\ud83d'}]}",
      "", 0, 0, 1, -1, 3, 1 }
};


static const struct {
    const char  *api;
    const char  *body;
    int          text, messages, parts;
    const char  *unbounded;         /* the first, if any */
} prompts[] = {

    /* text, wherever it is */

    { "openai chat", "{'messages':[{'role':'user','name':'abcd',"
      "'content':'ab'}]}", 6, 1, 0, NULL },
    { "openai chat", "{'messages':[{'content':'ab','unknown':'xyz'}]}",
      12, 1, 0, NULL },
    { "openai chat", "{'messages':[{'content':'ab','u':{'v':[1,true,'w']}}]}",
      21, 1, 0, NULL },
    { "openai chat", "{'messages':[],'response_format':{ 'type' : 'x' }}",
      16, 0, 0, NULL },
    { "openai responses", "{'text':{'format':{}}}", 13, 0, 0, NULL },
    { "openai chat", "{'prediction':{'content':'abcd'}}", 11, 0, 0, NULL },
    { "openai responses", "{'input':[{'type':'custom_tool_call','input':"
      "'abc','call_id':'call_1'}]}", 3, 1, 0, NULL },
    { "openai speech", "{'input':'abcd','instructions':'ef','voice':'coral'}",
      6, 0, 0, NULL },
    { "openai embeddings", "{'input':[[1,2,3],[100257]]}", 16, 0, 0, NULL },
    { "openai embeddings", "{'input':['ab','cd']}", 4, 0, 0, NULL },
    { "anthropic messages", "{'system':[{'type':'text','text':'ab',"
      "'cache_control':{'type':'ephemeral'}}],'messages':[{'content':["
      "{'type':'tool_use','id':'t','name':'abc','input':{'de':'fgh'}}]}]}",
      10, 1, 0, NULL },
    { "gemini generate", "{'system_instruction':{'parts':[{'text':'ab'}]},"
      "'contents':[{'role':'user','parts':[{'text':'cd'},"
      "{'functionResponse':{'name':'e','response':{'f':'gh'}}}]}]}",
      8, 1, 0, NULL },
    { "mistral fim", "{'prompt':'ab','suffix':'cde'}", 5, 0, 0, NULL },
    { "cohere rerank", "{'query':'ab','documents':['cd',{'text':'e'}]}",
      13, 0, 0, NULL },
    { "cohere chat", "{'message':'ab','chat_history':[{'role':'USER',"
      "'message':'cd'}],'preamble':'e'}", 12, 1, 0, NULL },
    { "cohere embed", "{'texts':['ab','cd'],'images':['data:image/png;base64,"
      "AAAA']}", 4, 0, 1600, NULL },
    { "ollama generate", "{'prompt':'ab','system':'cd','suffix':'e',"
      "'context':[1,2],'images':['AAAA','BBBB']}", 13, 0, 3200, NULL },
    { "bedrock converse", "{'system':[{'text':'ab'}],'messages':[{'content':"
      "[{'toolResult':{'toolUseId':'t','content':[{'json':{'a':'b'}}]}}]}],"
      "'toolConfig':{'tools':[{'toolSpec':{}}]}}", 31, 1, 0, NULL },
    { "bedrock invoke", "{'inputText':'abcd'}", 4, 0, 0, "invoke" },
    { "bedrock invoke", "{'anthropic_version':'x','messages':["
      "{'content':'abcd'}]}", 4, 1, 0, NULL },

    /* pictures, sound, files: whatever the order of their members */

    { "openai chat", "{'messages':[{'content':[{'type':'image_url',"
      "'image_url':'https://pier.example/a.png'},{'image_url':"
      "{'detail':'low','url':'https://pier.example/a.png'}}]}]}",
      0, 1, 3200, NULL },
    { "openai chat", "{'messages':[{'content':'data:image/png;base64,QUJD'},"
      "{'content':'DATA:audio/wav;BASE64,QUJD'},"
      "{'content':'data:application/pdf;base64,QUJD'}]}",
      0, 3, 24600, NULL },
    { "openai responses", "{'input':[{'type':'function_call_output',"
      "'output':'data:image/png;base64,QUJD'}]}", 0, 1, 1600, NULL },
    { "gemini generate", "{'contents':[{'parts':[{'functionResponse':"
      "{'response':{'a':'data:image/png;base64,QUJD'}}}]}]}",
      1, 1, 1600, NULL },
    { "openai chat", "{'messages':[{'content':[{'type':'input_audio',"
      "'input_audio':{'data':'QUJD','format':'wav'}},{'type':'file','file':"
      "{'filename':'abc','file_data':'data:application/pdf;base64,QUJD'}}]}]}",
      3, 1, 23000, NULL },
    { "openai responses", "{'input':[{'content':[{'type':'input_image',"
      "'image_url':'data:image/png;base64,QUJD'},{'type':'input_file',"
      "'filename':'abc','file_data':'data:application/pdf;base64,QUJD'}]}]}",
      3, 1, 21600, NULL },
    { "anthropic messages", "{'messages':[{'content':[{'type':'image',"
      "'source':{'type':'base64','media_type':'image/png','data':'QUJD'}},"
      "{'source':{'data':'QUJD','media_type':'application/pdf',"
      "'type':'base64'},'type':'document'}]}]}", 0, 1, 21600, NULL },
    { "anthropic messages", "{'messages':[{'content':[{'type':'image',"
      "'source':{'type':'url','url':'https://a'}},{'source':{'url':"
      "'https://a','type':'url'},'type':'image'},{'source':{'type':'url',"
      "'url':'https://a'},'type':'document'}]}]}", 0, 1, 23200, NULL },
    { "anthropic messages", "{'messages':[{'content':[{'type':'document',"
      "'source':{'data':'abcd','type':'text','media_type':'text/plain'}},"
      "{'type':'document','source':{'type':'content','content':["
      "{'type':'text','text':'efg'}]}}]}]}", 7, 1, 20000, NULL },
    { "gemini generate", "{'contents':[{'parts':[{'inlineData':{'mimeType':"
      "'image/png','data':'QUJD'}},{'inline_data':{'data':'QUJD','mime_type':"
      "'audio/wav'}},{'fileData':{'mimeType':'image/png','fileUri':'a'}},"
      "{'inlineData':{'mimeType':'text/plain','data':'QUJD'}}]}]}",
      4, 1, 6200, NULL },
    { "mistral ocr", "{'document':{'type':'document_url','document_url':"
      "'https://a'}}", 0, 0, 20000, NULL },
    { "mistral chat", "{'messages':[{'content':[{'type':'image_url',"
      "'image_url':'https://a'},{'type':'input_audio','input_audio':'QUJD'}]}"
      "]}", 0, 1, 4600, NULL },
    { "ollama chat", "{'messages':[{'content':'ab','images':['QUJD','QUJD']}"
      "]}", 2, 1, 3200, NULL },
    { "bedrock converse", "{'messages':[{'content':[{'image':{'format':'png',"
      "'source':{'bytes':'QUJD'}}},{'document':{'name':'ab','format':'pdf',"
      "'source':{'bytes':'QUJD'}}},{'video':{'format':'mp4','source':"
      "{'bytes':'QUJD'}}}]}]}", 2, 1, 41600, NULL },
    { "openai /v1/images/edits", "{'prompt':'ab','images':[{'image_url':"
      "'https://a'},{'file_id':'f'}]}", 2, 0, 3200, "file_id" },

    /* what only looks like it, is text */

    { "openai chat", "{'messages':[{'content':'data:image/png;base64,a b'}]}",
      25, 1, 0, NULL },
    { "openai chat", "{'messages':[{'content':'data: a b'},{'content':'d'},"
      "{'content':'data'},{'content':'data:,abc'},{'content':'dear'}]}",
      27, 5, 0, NULL },
    { "openai chat", "{'messages':[{'content':'data:text/plain;base64,QUJD'}]"
      "}", 4, 1, 0, NULL },

    /* what has no bound */

    { "openai responses", "{'previous_response_id':'r'}", 0, 0, 0,
      "previous_response_id" },
    { "openai responses", "{'previous_response_id':null,'conversation':null}",
      0, 0, 0, NULL },
    { "openai responses", "{'conversation':{'id':'c'}}", 0, 0, 0,
      "conversation" },
    { "openai responses", "{'prompt':{'id':'p'}}", 3, 0, 0, "prompt" },
    { "openai responses", "{'input':[{'type':'item_reference','id':'i'}]}",
      0, 1, 0, "item_reference" },
    { "openai responses", "{'input':[{'content':[{'type':'input_file',"
      "'file_id':'f'}]}]}", 0, 1, 20000, "file_id" },
    { "openai responses", "{'input':[{'content':[{'type':'input_file',"
      "'file_url':'https://a'}]}]}", 0, 1, 20000, "file_url" },
    { "openai chat", "{'messages':[{'content':[{'type':'file','file':"
      "{'file_id':'f'}}]}]}", 0, 1, 20000, "file_id" },
    { "gemini generate", "{'contents':[{'parts':[{'fileData':{'mimeType':"
      "'video/mp4','fileUri':'a'}}]}]}", 0, 1, 20000, "fileData" },
    { "openai responses", "{'tools':[{'type':'web_search_preview'}]}",
      31, 0, 0, "web_search" },
    { "openai responses", "{'tools':[{'type':'namespace','tools':["
      "{'type':'mcp'}]}]}", 47, 0, 0, "mcp" },
    { "openai responses", "{'input':[{'type':'additional_tools','tools':["
      "{'type':'file_search'}]}]}", 24, 1, 0, "file_search" },
    { "openai responses", "{'tools':[{'type':'teleport'}]}", 21, 0, 0,
      "tools" },
    { "openai chat", "{'tools':[{'type':'function','function':{'parameters':"
      "{'type':'object'}}}]}", 65, 0, 0, NULL },
    { "anthropic messages", "{'tools':[{'type':'web_search_20250305'}]}",
      32, 0, 0, "web_search" },
    { "anthropic messages", "{'tools':[{'type':'bash_20250124'},{'name':'a'}"
      "]}", 39, 0, 0, NULL },
    { "anthropic messages", "{'container':'c'}", 0, 0, 0, "container" },
    { "gemini generate", "{'tools':[{'functionDeclarations':[]},"
      "{'googleSearch':{}}]}", 49, 0, 0, "google_search" },
    { "gemini generate", "{'tools':[{'teleport':{}}]}", 17, 0, 0, "tools" },
    { "openai chat", "{'tools':[{'type':'function_of_theirs'}]}", 31, 0, 0,
      "tools" },
    { "gemini generate", "{'cachedContent':'c'}", 0, 0, 0, "cachedContent" },
    { "cohere chat", "{'connectors':[{'id':'web-search'}]}", 0, 0, 0,
      "connectors" },
    { "mistral chat", "{'agent_id':'a'}", 0, 0, 0, "agent_id" },
    { "openai chat", "{'models':['a'],'route':'fallback'}", 0, 0, 0,
      "models" },
    { "openai chat", "{'plugins':[{'id':'web'}]}", 0, 0, 0, "plugins" },
    { "openai chat", "{'n_predict':5}", 0, 0, 0, "n_predict" },
    { "openai chat", "{'ignore_eos':true}", 0, 0, 0, "ignore_eos" },
    { "openai chat", "{'ignore_eos':false}", 0, 0, 0, NULL },
    { "openai chat", "{'min_tokens':9}", 0, 0, 0, "min_tokens" }
};


static void
test_prompts(void)
{
    int                good;
    char              *body;
    size_t             i, n, cut;
    const char        *found, *want;
    credits_request_t  c, again;

    for (i = 0; i < sizeof(prompts) / sizeof(prompts[0]); i++) {
        body = tap_quotes(prompts[i].body);
        want = prompts[i].unbounded;
        n = strlen(body);

        good = (request_scan(&c, prompts[i].api, NULL, body, n, n) == 0);
        found = credits_request_unbounded(&c, 0);

        good &= (c.prompt.text_bytes == (uint64_t) prompts[i].text
                 && c.prompt.messages == (uint64_t) prompts[i].messages
                 && c.prompt.part_tokens == prompts[i].parts
                 && (found == NULL) == (want == NULL)
                 && (found == NULL || strcmp(found, want) == 0));

        if (!ok(good, "%s: %s", prompts[i].api, prompts[i].body)) {
            printf("# text %d, messages %d, parts %d, unbounded %s; %s\n",
                   (int) c.prompt.text_bytes, (int) c.prompt.messages,
                   (int) c.prompt.part_tokens, found ? found : "",
                   c.error ? c.error : "");
        }

        good = 1;

        for (cut = 0; cut <= n; cut++) {
            good &= (request_scan(&again, prompts[i].api, NULL, body, n, cut)
                     == 0
                     && request_same(&c, &again));
        }

        ok(good, "the same, cut anywhere");

        if (want) {
            ok(credits_request_unbounded(&c,
                   credits_request_allow((const unsigned char *) want,
                                         strlen(want)))
               != want, "%s can be allowed", want);
        }

        free(body);
    }

    is(credits_request_allow((const unsigned char *) "messages", 8), 0,
       "what is bounded needs no leave");
}


/* 100,000 bytes count, wherever they are put */

static void
test_hidden(void)
{
    char              *body;
    size_t             i, n;
    credits_request_t  c;

    static const struct {
        const char  *api, *head, *tail;
    } places[] = {
        { "openai chat", "{'messages':[{'role':'", "'}]}" },
        { "openai chat", "{'messages':[{'name':'", "'}]}" },
        { "openai chat", "{'messages':[{'", "':1}]}" },
        { "openai chat", "{'messages':[{'tool_call_id':'", "'}]}" },
        { "openai chat", "{'messages':[{'content':[{'type':'", "'}]}]}" },
        { "openai chat", "{'messages':[{'content':[{'image_url':{'url':'",
          "'}}]}]}" },
        { "openai chat", "{'messages':[{'content':[{'image_url':{'detail':'",
          "'}}]}]}" },
        { "openai chat", "{'messages':[{'content':[{'image_url':{'x':'",
          "'}}]}]}" },
        { "openai chat", "{'messages':[{'content':{'a':[[{'b':'", "'}]]}}]}" },
        { "openai chat", "{'messages':[{'cache_control':{'type':'", "'}}]}" },
        { "openai chat", "{'unknown':'", "'}" },
        { "openai chat", "{'unknown':[{'a':'", "'}]}" },
        { "openai chat", "{'", "':1}" },
        { "openai chat", "{'tools':[{'x':'", "'}]}" },
        { "openai chat", "{'messages':[{'tool_calls':[{'function':{"
          "'arguments':{'", "':1}}}]}]}" },
        { "anthropic messages", "{'messages':[{'content':[{'type':'document',"
          "'source':{'type':'text','media_type':'image/png','data':'",
          "'}}]}]}" },
        { "gemini generate", "{'generationConfig':{'responseSchema':{'x':'",
          "'}}}" },
        { "gemini generate", "{'contents':[{'parts':[{'inlineData':{"
          "'mimeType':'", "'}}]}]}" },
        { "cohere chat", "{'documents':[{'id':'", "'}]}" },
        { "ollama chat", "{'format':{'x':'", "'}}" },
        { "bedrock converse", "{'toolConfig':{'tools':[{'x':'", "'}]}}" }
    };

    for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        body = malloc(100000 + strlen(places[i].head)
                      + strlen(places[i].tail) + 1);
        n = (size_t) sprintf(body, "%s%0100000d%s", places[i].head, 7,
                             places[i].tail);

        for (char *p = body; *p; p++) {
            *p = (*p == '\'') ? '"' : *p;
        }

        is(request_scan(&c, places[i].api, NULL, body, n, n / 2), 0,
           "%s ... %s", places[i].head, places[i].tail);
        ok(credits_request_prompt_tokens(&c) >= 24400, "it counts");
        free(body);
    }
}


static const struct {
    const char  *api, *body;
    int          stream, choices, max_output, thinking;
    const char  *tier;
} said[] = {
    { "openai chat", "{'max_tokens':100.0}", 0, 1, 100, 0, "" },
    { "openai chat", "{'max_completion_tokens':1e2}", 0, 1, 100, 0, "" },
    { "openai chat", "{'best_of':1e1,'service_tier':'flex'}",
      0, 10, -1, 0, "flex" },
    { "openai chat", "{'reasoning':{'max_tokens':70}}", 0, 1, -1, 70, "" },
    { "openai responses", "{'max_output_tokens':5,'max_tokens':9}",
      0, 1, 5, 0, "" },
    { "openai /v1/responses/compact", "{'max_output_tokens':5,'stream':true}",
      0, 1, -1, 0, "" },
    { "openai completions", "{'prompt':['a','b'],'max_completion_tokens':1}",
      0, 2, -1, 0, "" },
    { "openai embeddings", "{'input':['a','b'],'stream':true}",
      0, 1, -1, 0, "" },
    { "openai images", "{'prompt':'a','n':4,'stream':true}",
      1, 4, -1, 0, "" },
    { "anthropic messages", "{'max_tokens':9,'stream':true,'thinking':{"
      "'type':'enabled','budget_tokens':7}}", 1, 1, 9, 7, "" },
    { "gemini generate", "{'generationConfig':{'maxOutputTokens':9,"
      "'candidateCount':2,'thinkingConfig':{'thinkingBudget':7}}}",
      0, 2, 9, 7, "" },
    { "gemini /v1beta/models/m:streamGenerateContent",
      "{'generation_config':{'max_output_tokens':9,'candidate_count':2,"
      "'thinking_config':{'thinking_budget':-1}}}", 1, 2, 9, 0, "" },
    { "gemini generate", "{'maxOutputTokens':9}", 0, 1, -1, 0, "" },
    { "mistral chat", "{'max_tokens':9,'max_completion_tokens':99}",
      0, 1, 9, 0, "" },
    { "cohere chat", "{'max_tokens':9,'thinking':{'token_budget':4}}",
      0, 1, 9, 4, "" },
    { "ollama chat", "{'options':{'num_predict':9}}", 1, 1, 9, 0, "" },
    { "ollama chat", "{'options':{'num_predict':-1},'stream':null}",
      1, 1, -1, 0, "" },
    { "ollama chat", "{'options':{'num_predict':-2},'stream':false}",
      0, 1, -1, 0, "" },
    { "bedrock converse", "{'inferenceConfig':{'maxTokens':9},'serviceTier':{"
      "'type':'priority'}}", 0, 1, 9, 0, "priority" },
    { "bedrock converse", "{'additionalModelRequestFields':{'thinking':{"
      "'budget_tokens':7}}}", 0, 1, -1, 7, "" },
    { "bedrock /model/a/converse-stream", "{'inferenceConfig':null}",
      1, 1, -1, 0, "" }
};


static void
test_said(void)
{
    int                good;
    char              *body;
    size_t             i, n, cut;
    credits_request_t  c;

    for (i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
        body = tap_quotes(said[i].body);
        n = strlen(body);
        good = 1;

        for (cut = 0; cut <= n; cut++) {
            good &= (request_scan(&c, said[i].api, NULL, body, n, cut) == 0
                     && c.stream == (unsigned) said[i].stream
                     && c.choices == said[i].choices
                     && c.max_output == said[i].max_output
                     && c.thinking == said[i].thinking
                     && c.tier_len == strlen(said[i].tier)
                     && memcmp(c.tier, said[i].tier, c.tier_len) == 0);
        }

        if (!ok(good, "%s: %s", said[i].api, said[i].body)) {
            printf("# stream %d, choices %d, max %d, thinking %d, tier %.*s;"
                   " %s\n", c.stream, (int) c.choices, (int) c.max_output,
                   (int) c.thinking, (int) c.tier_len, c.tier,
                   c.error ? c.error : "");
        }

        free(body);
    }

    c.thinking = 7;
    ok(!credits_request_limit_fits(&c, 7), "a limit within the thinking");
    ok(credits_request_limit_fits(&c, 8), "a limit above it");
    c.thinking = 0;
    ok(credits_request_limit_fits(&c, 0), "any limit without thinking");
}


static void
test_background(void)
{
    size_t             i;
    credits_request_t  c;

    static const char *const  bodies[] = {
        "{\"background\":false}", "{\"background\":null}", "{}",
        "{\"background\":true}", "{\"background\":1}",
        "{\"background\":\"true\"}"
    };

    for (i = 0; i < 6; i++) {
        is(request_scan(&c, "openai responses", NULL, bodies[i],
                        strlen(bodies[i]), 1), 0, "%s", bodies[i]);
        ok((c.unmetered != NULL) == (i >= 3), "as what it runs");
    }

    ok(strcmp(c.unmetered, "background") == 0, "it is named");
}


static void
test_cases(void)
{
    int                good;
    char              *body;
    size_t             i, n, cut;
    credits_request_t  c, again;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        body = tap_quotes(cases[i].body);
        n = strlen(body);

        is(request_scan(&c, cases[i].api, NULL, body, n, n), 0,
           "accepted: %s", cases[i].body);

        good = ok(c.model_len == strlen(cases[i].model)
                  && memcmp(c.model, cases[i].model, c.model_len) == 0
                  && c.stream == cases[i].stream
                  && c.include_usage == cases[i].include_usage
                  && c.choices == cases[i].choices
                  && c.max_output == cases[i].max_output
                  && c.prompt.text_bytes == cases[i].text
                  && c.prompt.messages == cases[i].messages, "what it says");

        if (!good) {
            printf("# model %.*s, stream %u, include_usage %u,"
                   " choices %d, max %d, text %u, messages %u; %s\n",
                   (int) c.model_len, c.model, c.stream, c.include_usage,
                   (int) c.choices, (int) c.max_output,
                   (unsigned) c.prompt.text_bytes,
                   (unsigned) c.prompt.messages,
                   c.error ? c.error : "");
        }

        good = 1;

        for (cut = 0; cut <= n; cut++) {
            good &= (request_scan(&again, cases[i].api, NULL, body, n, cut)
                     == 0
                     && request_same(&c, &again));
        }

        ok(good, "the same, cut anywhere");
        free(body);
    }
}


static const struct {
    const char  *api, *body, *error;
} refused[] = {
    { "openai chat", "", "The request body is empty." },
    { "openai chat", " \n", "The request body is empty." },
    { "openai chat", "[]", "The request body must be a JSON object." },
    { "openai chat", "'x'", "The request body must be a JSON object." },
    { "openai chat", "17", "The request body must be a JSON object." },
    { "openai chat", "null", "The request body must be a JSON object." },
    { "openai chat", "{", "The request body is not valid JSON." },
    { "openai chat", "{}}", "The request body is not valid JSON." },
    { "openai chat", "{}{}", "The request body is not valid JSON." },
    { "openai chat",
      "{'model':'a'} x", "The request body is not valid JSON." },
    { "openai chat", "{'model':'a',}", "The request body is not valid JSON." },
    { "openai chat", "\xef\xbb\xbf{}", "The request body is not valid JSON." },
    { "openai chat",
      "{'model':'a\nb'}", "The request body is not valid JSON." },
    { "openai chat", "{'n':01}", "The request body is not valid JSON." },
    { "openai chat", "{'x':'\xff'}", "The request body is not valid UTF-8." },
    { "openai chat",
      "{'\xc0\x80':1}", "The request body is not valid UTF-8." },
    { "openai chat",
      "{'x':'\xed\xa0\x80'}", "The request body is not valid UTF-8." },
    { "openai chat", "{'model\\u0000':'x'}", "A member name contains NUL." },

    { "openai chat",
      "{'model':'a','model':'b'}", "The request names a member twice." },
    { "openai chat", "{'model':'a','\\u006dodel':'b'}",
      "The request names a member twice." },
    { "openai chat",
      "{'stream':true,'stream':false}", "The request names a member twice." },
    { "openai chat", "{'stream_options':null,'stream_options':{}}",
      "The request names a member twice." },
    { "openai chat", "{'n':1,'n':2}", "The request names a member twice." },
    { "openai chat",
      "{'best_of':1,'best_of':2}", "The request names a member twice." },
    { "openai chat", "{'max_tokens':1,'max_tokens':2}",
      "The request names a member twice." },
    { "openai chat",
      "{'messages':[],'messages':[]}", "The request names a member twice." },
    { "openai chat",
      "{'prompt':'','prompt':''}", "The request names a member twice." },
    { "openai chat",
      "{'input':'','x':1,'input':''}", "The request names a member twice." },
    { "openai chat",
      "{'stream_options':{'include_usage':true,'include_usage':false}}",
      "stream_options names include_usage twice." },
    { "openai chat",
      "{'stream_options':{'include_usage':{},'include\\u005fusage':1}}",
      "stream_options names include_usage twice." },

    { "openai chat", "{'model':'a','Model':'b'}",
      "A member of the request differs from a known one in case only." },
    { "openai chat", "{'MAX_TOKENS':5}",
      "A member of the request differs from a known one in case only." },

    { "openai chat", "{'model':1}", "model must be a string." },
    { "openai chat", "{'model':null}", "model must be a string." },
    { "openai chat", "{'model':['a']}", "model must be a string." },
    { "openai chat",
      "{'model':'a\\u0000b'}", "model contains a control character." },
    { "openai chat",
      "{'model':'a\\nb'}", "model contains a control character." },
    { "openai chat",
      "{'model':'\\u007f'}", "model contains a control character." },
    { "openai chat",
      "{'model':'a\177b\xff'}", "model contains a control character." },
    { "openai chat", "{'model':'\xc3\xa9\177\xc3\001'}",
      "model contains a control character." },

    { "openai chat", "{'stream_options':true}",
      "stream_options must be an object or null." },
    { "openai chat",
      "{'stream_options':[]}", "stream_options must be an object or null." },
    { "openai chat", "{'stream_options':'{}'}",
      "stream_options must be an object or null." },

    { "openai chat",
      "{'n':0}", "n and best_of must be integers from 1 to 128, or null." },
    { "openai chat",
      "{'n':129}", "n and best_of must be integers from 1 to 128, or null." },
    { "openai chat",
      "{'n':-1}", "n and best_of must be integers from 1 to 128, or null." },
    { "openai chat", "{'n':1.5}",
      "n and best_of must be integers from 1 to 128, or null." },
    { "openai chat",
      "{'n':'2'}", "n and best_of must be integers from 1 to 128, or null." },
    { "openai chat",
      "{'n':[2]}", "n and best_of must be integers from 1 to 128, or null." },
    { "openai chat", "{'best_of':true}",
      "n and best_of must be integers from 1 to 128, or null." },
    { "openai chat", "{'prompt':['a','b','c'],'n':43}",
      "The request asks for more than 128 choices." },

    { "openai chat",
      "{'max_tokens':-1}", "max_tokens, max_completion_tokens and"
      " max_output_tokens must be integers from 0 to 100000000, or null." },
    { "openai chat",
      "{'max_tokens':1.5}", "max_tokens, max_completion_tokens and"
      " max_output_tokens must be integers from 0 to 100000000, or null." },
    { "openai chat",
      "{'max_tokens':'5'}", "max_tokens, max_completion_tokens and"
      " max_output_tokens must be integers from 0 to 100000000, or null." },
    { "openai chat", "{'max_completion_tokens':1e999}",
      "max_tokens, max_completion_tokens and"
      " max_output_tokens must be integers from 0 to 100000000, or null." },
    { "openai chat", "{'max_completion_tokens':100000001}",
      "max_tokens, max_completion_tokens and"
      " max_output_tokens must be integers from 0 to 100000000, or null." },
    { "openai chat", "{'max_output_tokens':9223372036854775808}",
      "max_tokens, max_completion_tokens and"
      " max_output_tokens must be integers from 0 to 100000000, or null." },
    { "openai chat",
      "{'max_output_tokens':{}}", "max_tokens, max_completion_tokens and"
      " max_output_tokens must be integers from 0 to 100000000, or null." },

    { "openai chat", "{'stream':1}", "stream must be true, false or null." },
    { "openai chat", "{'stream':'true'}",
      "stream must be true, false or null." },
    { "openai chat", "{'stream':[true]}",
      "stream must be true, false or null." },
    { "openai embeddings", "{'stream':{}}",
      "stream must be true, false or null." },
    { "ollama chat", "{'stream':0}", "stream must be true, false or null." },

    { "openai chat", "{'messages':[],'input':''}",
      "The request has both messages and input." },
    { "openai responses", "{'input':[],'messages':[]}",
      "The request has both messages and input." },
    { "openai chat", "{'prompt':{},'messages':[]}",
      "The request has both messages and a prompt object." },
    { "openai chat", "{'messages':[],'prompt':[{}]}",
      "The request has both messages and a prompt object." },
    { "openai completions", "{'prompt':'a','input':'b'}",
      "The request has both prompt and input." },

    { "openai chat", "{'\xc5\xbftream':true}",
      "A member of the request differs from a known one in case only." },
    { "openai chat", "{'max_to\xe2\x84\xaa" "ens':5}",
      "A member of the request differs from a known one in case only." },
    { "openai chat", "{'MAX_TO\\u212aEN\\u017f':5}",
      "A member of the request differs from a known one in case only." },
    { "openai chat", "{'stream_options':{'include_usage':true,"
      "'Include_U\\u017fage':false}}",
      "A member of the request differs from a known one in case only." },
    { "openai chat", "{'tools':[{'Type':'web_search'}]}",
      "A member of the request differs from a known one in case only." },
    { "openai chat", "{'messages':[{'content':[{'Image_URL':'a'}]}]}",
      "A member of the request differs from a known one in case only." },
    { "gemini generate", "{'generationConfig':{'maxoutputtokens':1}}",
      "A member of the request differs from a known one in case only." },
    { "ollama chat", "{'options':{'Num_Predict':1}}",
      "A member of the request differs from a known one in case only." },
    { "bedrock converse", "{'inferenceconfig':{}}",
      "A member of the request differs from a known one in case only." },

    { "gemini generate", "{'generationConfig':{},'generation_config':{}}",
      "The request names a member twice." },
    { "gemini generate", "{'generationConfig':{'maxOutputTokens':1,"
      "'max_output_tokens':2}}", "The request names a member twice." },
    { "anthropic messages", "{'thinking':{'budget_tokens':1,"
      "'budget_tokens':2}}", "The request names a member twice." },
    { "openai chat", "{'tools':[],'tools':[]}",
      "The request names a member twice." },

    { "gemini generate", "{'generationConfig':[]}", "generationConfig,"
      " inferenceConfig and options must be objects or null." },
    { "gemini generate", "{'generationConfig':{'maxOutputTokens':'9'}}",
      "maxOutputTokens, maxTokens and num_predict must be integers from 0 to"
      " 100000000, or null." },
    { "bedrock converse", "{'inferenceConfig':{'maxTokens':-1}}",
      "maxOutputTokens, maxTokens and num_predict must be integers from 0 to"
      " 100000000, or null." },
    { "anthropic messages", "{'thinking':{'budget_tokens':'9'}}",
      "A thinking budget must be an integer up to 100000000, or null." },
    { "openai chat", "{'service_tier':1}",
      "service_tier must be a string or null." },
    { "openai chat", "{'service_tier':'a b'}",
      "service_tier must be a word of at most 32 bytes." },
    { "openai chat", "{'service_tier':'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'}",
      "service_tier must be a word of at most 32 bytes." }
};


static void
test_refused(void)
{
    int                good;
    char              *body;
    size_t             i, n, cut;
    credits_request_t  c;

    for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        body = tap_quotes(refused[i].body);
        n = strlen(body);
        good = 1;

        for (cut = 0; cut <= n; cut++) {
            good &= (request_scan(&c, refused[i].api, NULL, body, n, cut) == -1
                     && strcmp(credits_request_error(&c), refused[i].error)
                        == 0);
        }

        if (!ok(good, "refused %zu: %s", i, refused[i].error)) {
            printf("# %s\n", c.error ? c.error : "accepted");
        }

        free(body);
    }
}


#define FIELD(name, value)                                                    \
    "--b\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n"        \
    value "\r\n"

#define UPLOAD(name, value)                                                   \
    "--b\r\nContent-Disposition: form-data; name=\"" name "\";"               \
    " filename=\"a\"\r\nContent-Type: a/b\r\n\r\n" value "\r\n"


static const struct {
    const char  *api, *body;
    const char  *model;
    int          stream, choices, text, parts;
    const char  *error;
} forms[] = {
    { "openai transcriptions", FIELD("model", "ears") UPLOAD("file", "RIFF")
      "--b--\r\n", "ears", 0, 1, 0, 3000, NULL },
    { "openai transcriptions", UPLOAD("file", "--a\r\n\r\n") FIELD("model",
      "ears") FIELD("prompt", "abcd") FIELD("stream", "true")
      FIELD("language", "en") FIELD("service_tier", "flex") "--b--",
      "ears", 1, 1, 6, 3000, NULL },
    { "openai /v1/images/edits", FIELD("model", "draw") FIELD("n", "4")
      UPLOAD("image[]", "a") UPLOAD("image[]", "b") FIELD("stream", "false")
      FIELD("prompt", "") "--b--", "draw", 0, 4, 0, 3200, NULL },
    { "openai transcriptions", FIELD("model", "a") FIELD("model", "b")
      "--b--", "", 0, 0, 0, 0, "The request names a member twice." },
    { "openai transcriptions", FIELD("Model", "a") "--b--", "", 0, 0, 0, 0,
      "A member of the request differs from a known one in case only." },
    { "openai transcriptions", FIELD("\xc5\xbftream", "true") "--b--",
      "", 0, 0, 0, 0,
      "A member of the request differs from a known one in case only." },
    { "openai transcriptions", FIELD("stream", "1") "--b--", "", 0, 0, 0, 0,
      "stream must be true, false or null." },
    { "openai transcriptions", FIELD("n", "") "--b--", "", 0, 0, 0, 0,
      "n and best_of must be integers from 1 to 128, or null." },
    { "openai transcriptions", FIELD("n", "129") "--b--", "", 0, 0, 0, 0,
      "n and best_of must be integers from 1 to 128, or null." },
    { "openai transcriptions", FIELD("n", "2x") "--b--", "", 0, 0, 0, 0,
      "n and best_of must be integers from 1 to 128, or null." },
    { "openai transcriptions", UPLOAD("model", "a") "--b--", "", 0, 0, 0, 0,
      "A field of the form must not be a file." },
    { "openai transcriptions", FIELD("model", "a"), "", 0, 0, 0, 0,
      "The request body is not valid multipart/form-data." },
    { "openai transcriptions", "{}", "", 0, 0, 0, 0,
      "The request body is not valid multipart/form-data." },
    { "openai transcriptions", "", "", 0, 0, 0, 0,
      "The request body is not valid multipart/form-data." }
};


static void
test_forms(void)
{
    int                rc, good;
    size_t             i, n, cut;
    const char        *body;
    credits_request_t  c;

    for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        body = forms[i].body;
        n = strlen(body);
        good = 1;

        for (cut = 0; cut <= n; cut++) {
            rc = request_scan(&c, forms[i].api, "b", body, n, cut);

            good &= forms[i].error
                    ? (rc == -1
                       && strcmp(credits_request_error(&c), forms[i].error)
                          == 0)
                    : (rc == 0
                       && c.model_len == strlen(forms[i].model)
                       && memcmp(c.model, forms[i].model, c.model_len) == 0
                       && c.stream == (unsigned) forms[i].stream
                       && c.choices == forms[i].choices
                       && c.prompt.text_bytes == (uint64_t) forms[i].text
                       && c.prompt.part_tokens == forms[i].parts);
        }

        if (!ok(good, "form %zu", i)) {
            printf("# stream %d, choices %d, text %d, parts %d; %s\n",
                   c.stream, (int) c.choices, (int) c.prompt.text_bytes,
                   (int) c.prompt.part_tokens, c.error ? c.error : "");
        }
    }
}


/* sound that is longer than what it counts as */

static void
test_sound(void)
{
    char              *body;
    size_t             n;
    credits_request_t  c;

    body = malloc(8000200);
    n = (size_t) sprintf(body, "%s%08000000d\r\n--b--", "--b\r\n"
                         "Content-Disposition: form-data; name=\"file\";"
                         " filename=\"a\"\r\n\r\n", 7);

    is(request_scan(&c, "openai transcriptions", "b", body, n, n / 2), 0,
       "8 MB of sound");
    is(credits_request_prompt_tokens(&c), 4000, "are 4000 tokens");
    free(body);
}


static void
test_limits(void)
{
    char               body[1024];
    size_t             n;
    credits_request_t  c;

    n = (size_t) sprintf(body, "{\"model\":\"%0255d\"}", 7);
    is(request_scan(&c, "openai chat", NULL, body, n, 20), 0,
       "a model of 255 bytes");
    is(c.model_len, 255, "all of it");

    n = (size_t) sprintf(body, "{\"model\":\"%0256d\"}", 7);
    is(request_scan(&c, "openai chat", NULL, body, n, 20), -1,
       "a model of 256 bytes");

    memset(body, '[', 64);
    memcpy(body, "{\"a\":", 5);
    memset(body + 68, ']', 63);
    memset(body + 5, '[', 63);
    body[131] = '}';
    is(request_scan(&c, "openai chat", NULL, body, 132, 20), 0, "64 levels");

    memset(body + 5, '[', 64);
    memset(body + 69, ']', 64);
    body[133] = '}';
    is(request_scan(&c, "openai chat", NULL, body, 134, 20), -1, "65 levels");
    ok(strcmp(credits_request_error(&c),
              "The request body is nested more than 64 levels deep.") == 0,
       "and it is said so");

    is(request_scan(&c, "openai chat", NULL, "{\"a\":\"\0\"}", 9, 4), -1,
       "a raw NUL");
    is(credits_request_feed(&c, (const unsigned char *) "{}", 2), -1,
       "an error stays");
    is(credits_request_end(&c), -1, "also at the end");

    c.prompt.text_bytes = 9;
    c.prompt.messages = 2;
    is(credits_request_prompt_tokens(&c), 11, "estimate of the prompt");

    ok(sizeof(credits_request_t) < 1700, "%zu bytes",
       sizeof(credits_request_t));
}


int
main(void)
{
    test_cases();
    test_prompts();
    test_hidden();
    test_said();
    test_background();
    test_forms();
    test_sound();
    test_refused();
    test_limits();

    return tap_done();
}
