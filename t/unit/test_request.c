#include "tap.h"

#include "credits_request.c"


/* feeds a body cut in two; returns what credits_request_end() would */

static int
scan(credits_request_t *c, const char *body, size_t n, size_t cut)
{
    int             rc;
    unsigned char  *copy;

    credits_request_init(c);

    copy = tap_piece(body, cut);
    rc = credits_request_feed(c, copy, cut);
    free(copy);

    copy = tap_piece(body + cut, n - cut);
    rc |= credits_request_feed(c, copy, n - cut);
    free(copy);

    rc |= credits_request_end(c);

    return rc;
}


static int
same(const credits_request_t *a, const credits_request_t *b)
{
    return a->model_len == b->model_len
           && memcmp(a->model, b->model, a->model_len) == 0
           && a->stream == b->stream
           && a->include_usage == b->include_usage
           && a->completions == b->completions
           && a->choices == b->choices
           && a->max_output == b->max_output
           && a->text_bytes == b->text_bytes
           && a->messages == b->messages;
}


static const struct {
    const char  *body;
    const char  *model;
    unsigned     stream, include_usage, completions;
    int          choices, max_output;
    unsigned     text, messages;
} cases[] = {
    { "{}", "", 0, 0, 0, 1, -1, 0, 0 },
    { " {\t} ", "", 0, 0, 0, 1, -1, 0, 0 },
    { "{'model':'gpt-4o','messages':[{'role':'user','content':'Hello'}]}",
      "gpt-4o", 0, 0, 1, 1, -1, 5, 1 },
    { "{'messages':[],'stream':true,'model':'m'}",
      "m", 1, 0, 1, 1, -1, 0, 0 },
    { "{'messages':[],'stream':'true'}", "", 0, 0, 1, 1, -1, 0, 0 },
    { "{'messages':[],'stream':1}", "", 0, 0, 1, 1, -1, 0, 0 },
    { "{'messages':[],'stream':null}", "", 0, 0, 1, 1, -1, 0, 0 },
    { "{'messages':[],'stream':[true]}", "", 0, 0, 1, 1, -1, 0, 0 },
    { "{'messages':[],'x':{'stream':true}}", "", 0, 0, 1, 1, -1, 0, 0 },
    { "{'messages':[],'stream':true,'stream_options':{'include_usage':true}}",
      "", 1, 1, 1, 1, -1, 0, 0 },
    { "{'stream_options':{'include_usage':false}}",
      "", 0, 0, 0, 1, -1, 0, 0 },
    { "{'stream_options':{'include_usage':'true'}}",
      "", 0, 0, 0, 1, -1, 0, 0 },
    { "{'stream_options':{'x':{'include_usage':true}}}",
      "", 0, 0, 0, 1, -1, 0, 0 },
    { "{'x':{'stream_options':{'include_usage':true}},'stream_options':null}",
      "", 0, 0, 0, 1, -1, 0, 0 },

    /* escaped names are those names */
    { "{'\\u006dodel':'a\\u00e9\\u4f60','\\u0073tream':true,'messages':[]}",
      "a\303\251\344\275\240", 1, 0, 1, 1, -1, 0, 0 },
    { "{'model':'','messages':[]}", "", 0, 0, 1, 1, -1, 0, 0 },

    /* choices */
    { "{'messages':[],'n':128}", "", 0, 0, 1, 128, -1, 0, 0 },
    { "{'messages':[],'n':null,'best_of':null}", "", 0, 0, 1, 1, -1, 0, 0 },
    { "{'prompt':'x','n':2,'best_of':5}", "", 0, 0, 1, 5, -1, 1, 0 },
    { "{'prompt':['ab','c',[1,2]],'n':2}", "", 0, 0, 1, 6, -1, 11, 0 },
    { "{'prompt':[1,2,3],'n':2}", "", 0, 0, 1, 2, -1, 12, 0 },
    { "{'prompt':[]}", "", 0, 0, 1, 1, -1, 0, 0 },
    { "{'prompt':null}", "", 0, 0, 1, 1, -1, 0, 0 },

    /* limits, as far as the kind of request obeys them */
    { "{'messages':[],'max_tokens':100}", "", 0, 0, 1, 1, 100, 0, 0 },
    { "{'messages':[],'max_completion_tokens':100}",
      "", 0, 0, 1, 1, 100, 0, 0 },
    { "{'messages':[],'max_completion_tokens':100,'max_tokens':300}",
      "", 0, 0, 1, 1, 300, 0, 0 },
    { "{'messages':[],'max_completion_tokens':null,'max_tokens':300}",
      "", 0, 0, 1, 1, 300, 0, 0 },
    { "{'messages':[],'max_tokens':null}", "", 0, 0, 1, 1, -1, 0, 0 },
    { "{'messages':[],'max_tokens':0}", "", 0, 0, 1, 1, 0, 0, 0 },
    { "{'messages':[],'max_tokens':100000000}",
      "", 0, 0, 1, 1, 100000000, 0, 0 },
    { "{'messages':[],'max_output_tokens':1}", "", 0, 0, 1, 1, -1, 0, 0 },
    { "{'max_completion_tokens':1,'prompt':'x'}", "", 0, 0, 1, 1, -1, 1, 0 },
    { "{'prompt':'x','max_tokens':16}", "", 0, 0, 1, 1, 16, 1, 0 },
    { "{'input':'x','max_output_tokens':16,'max_tokens':1}",
      "", 0, 0, 0, 1, 16, 1, 0 },
    { "{'x':{'max_tokens':1,'n':9,'model':'y'}}", "", 0, 0, 0, 1, -1, 0, 0 },

    /* text */
    { "{'messages':[{'content':'a\\n\\u4f60\\ud83d\\ude00'}]}",
      "", 0, 0, 1, 1, -1, 9, 1 },
    { "{'messages':[{'content':[{'type':'text','text':'abc'},{'type':"
      "'image_url','image_url':{'url':'data:image/png;base64,AAAA'}}]},"
      "{'content':null,'tool_calls':[{'id':'c','function':{'name':'f',"
      "'arguments':'{}'}}]},{'role':'tool','content':'ok'}]}",
      "", 0, 0, 1, 1, -1, 7, 3 },
    { "{'messages':[{'content':[{'type':'tool_result','content':"
      "[{'type':'text','text':'abc'}]}]}],'system':[{'text':'hi'}]}",
      "", 0, 0, 1, 1, -1, 5, 1 },
    { "{'messages':[{'content':'ab'}],'tools':[ {'a':1} ],"
      "'functions':[],'system':'xyz'}", "", 0, 0, 1, 1, -1, 18, 1 },
    { "{'input':'Hello','instructions':'Be nice','stream':true}",
      "", 1, 0, 0, 1, -1, 12, 0 },
    { "{'input':[{'role':'user','content':[{'type':'input_text','text':"
      "'abcd'}]},{'type':'function_call_output','output':'xy'},"
      "{'type':'function_call','arguments':'z'}]}",
      "", 0, 0, 0, 1, -1, 7, 3 },
    { "{'input':['ab','cd']}", "", 0, 0, 0, 1, -1, 4, 0 },
    { "{'input':[[1,2],[3]]}", "", 0, 0, 0, 1, -1, 12, 0 },
    { "{'prompt':{'id':'p','variables':{}}}", "", 0, 0, 0, 1, -1, 0, 0 },
    { "{'messages':[],'input':'x','max_tokens':1,'max_output_tokens':1}",
      "", 0, 0, 0, 1, -1, 1, 0 },
    { "{'messages':[{'content':'\\ud83d'}]}", "", 0, 0, 1, 1, -1, 3, 1 }
};


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

        is(scan(&c, body, n, n), 0, "accepted: %s", cases[i].body);

        good = ok(c.model_len == strlen(cases[i].model)
                  && memcmp(c.model, cases[i].model, c.model_len) == 0
                  && c.stream == cases[i].stream
                  && c.include_usage == cases[i].include_usage
                  && c.completions == cases[i].completions
                  && c.choices == cases[i].choices
                  && c.max_output == cases[i].max_output
                  && c.text_bytes == cases[i].text
                  && c.messages == cases[i].messages, "what it says");

        if (!good) {
            printf("# model %.*s, stream %u, include_usage %u,"
                   " completions %u, choices %d, max %d, text %u,"
                   " messages %u; %s\n",
                   (int) c.model_len, c.model, c.stream, c.include_usage,
                   c.completions, (int) c.choices, (int) c.max_output,
                   (unsigned) c.text_bytes, (unsigned) c.messages,
                   c.error ? c.error : "");
        }

        good = 1;

        for (cut = 0; cut <= n; cut++) {
            good &= (scan(&again, body, n, cut) == 0 && same(&c, &again));
        }

        ok(good, "the same, cut anywhere");
        free(body);
    }
}


static const struct {
    const char  *body, *error;
} refused[] = {
    { "", "The request body is empty." },
    { " \n", "The request body is empty." },
    { "[]", "The request body must be a JSON object." },
    { "'x'", "The request body must be a JSON object." },
    { "17", "The request body must be a JSON object." },
    { "null", "The request body must be a JSON object." },
    { "{", "The request body is not valid JSON." },
    { "{}}", "The request body is not valid JSON." },
    { "{}{}", "The request body is not valid JSON." },
    { "{'model':'a'} x", "The request body is not valid JSON." },
    { "{'model':'a',}", "The request body is not valid JSON." },
    { "\xef\xbb\xbf{}", "The request body is not valid JSON." },
    { "{'model':'a\nb'}", "The request body is not valid JSON." },
    { "{'n':01}", "The request body is not valid JSON." },
    { "{'x':'\xff'}", "The request body is not valid UTF-8." },
    { "{'\xc0\x80':1}", "The request body is not valid UTF-8." },
    { "{'x':'\xed\xa0\x80'}", "The request body is not valid UTF-8." },
    { "{'model\\u0000':'x'}", "A member name contains NUL." },

    { "{'model':'a','model':'b'}", "The request names a member twice." },
    { "{'model':'a','\\u006dodel':'b'}",
      "The request names a member twice." },
    { "{'stream':true,'stream':false}", "The request names a member twice." },
    { "{'stream_options':null,'stream_options':{}}",
      "The request names a member twice." },
    { "{'n':1,'n':2}", "The request names a member twice." },
    { "{'best_of':1,'best_of':2}", "The request names a member twice." },
    { "{'max_tokens':1,'max_tokens':2}",
      "The request names a member twice." },
    { "{'messages':[],'messages':[]}", "The request names a member twice." },
    { "{'prompt':'','prompt':''}", "The request names a member twice." },
    { "{'input':'','x':1,'input':''}", "The request names a member twice." },
    { "{'stream_options':{'include_usage':true,'include_usage':false}}",
      "stream_options names include_usage twice." },
    { "{'stream_options':{'include_usage':{},'include\\u005fusage':1}}",
      "stream_options names include_usage twice." },

    { "{'model':'a','Model':'b'}",
      "A member of the request differs from a known one in case only." },
    { "{'MAX_TOKENS':5}",
      "A member of the request differs from a known one in case only." },

    { "{'model':1}", "model must be a string." },
    { "{'model':null}", "model must be a string." },
    { "{'model':['a']}", "model must be a string." },
    { "{'model':'a\\u0000b'}", "model contains a control character." },
    { "{'model':'a\\nb'}", "model contains a control character." },
    { "{'model':'\\u007f'}", "model contains a control character." },
    { "{'model':'a\177b\xff'}", "model contains a control character." },
    { "{'model':'\xc3\xa9\177\xc3\001'}",
      "model contains a control character." },

    { "{'stream_options':true}",
      "stream_options must be an object or null." },
    { "{'stream_options':[]}", "stream_options must be an object or null." },
    { "{'stream_options':'{}'}",
      "stream_options must be an object or null." },

    { "{'n':0}", "n and best_of must be integers from 1 to 128, or null." },
    { "{'n':129}", "n and best_of must be integers from 1 to 128, or null." },
    { "{'n':-1}", "n and best_of must be integers from 1 to 128, or null." },
    { "{'n':1.0}", "n and best_of must be integers from 1 to 128, or null." },
    { "{'n':'2'}", "n and best_of must be integers from 1 to 128, or null." },
    { "{'n':[2]}", "n and best_of must be integers from 1 to 128, or null." },
    { "{'best_of':1e1}",
      "n and best_of must be integers from 1 to 128, or null." },
    { "{'best_of':true}",
      "n and best_of must be integers from 1 to 128, or null." },
    { "{'prompt':['a','b','c'],'n':43}",
      "The request asks for more than 128 choices." },

    { "{'max_tokens':-1}", "max_tokens, max_completion_tokens and"
      " max_output_tokens must be integers from 0 to 100000000, or null." },
    { "{'max_tokens':1.5}", "max_tokens, max_completion_tokens and"
      " max_output_tokens must be integers from 0 to 100000000, or null." },
    { "{'max_tokens':'5'}", "max_tokens, max_completion_tokens and"
      " max_output_tokens must be integers from 0 to 100000000, or null." },
    { "{'max_completion_tokens':1e999}",
      "max_tokens, max_completion_tokens and"
      " max_output_tokens must be integers from 0 to 100000000, or null." },
    { "{'max_completion_tokens':100000001}",
      "max_tokens, max_completion_tokens and"
      " max_output_tokens must be integers from 0 to 100000000, or null." },
    { "{'max_output_tokens':9223372036854775808}",
      "max_tokens, max_completion_tokens and"
      " max_output_tokens must be integers from 0 to 100000000, or null." },
    { "{'max_output_tokens':{}}", "max_tokens, max_completion_tokens and"
      " max_output_tokens must be integers from 0 to 100000000, or null." }
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
            good &= (scan(&c, body, n, cut) == -1
                     && strcmp(credits_request_error(&c), refused[i].error)
                        == 0);
        }

        if (!ok(good, "refused %zu: %s", i, refused[i].error)) {
            printf("# %s\n", c.error ? c.error : "accepted");
        }

        free(body);
    }
}


static void
test_limits(void)
{
    char               body[1024];
    size_t             n;
    credits_request_t  c;

    n = (size_t) sprintf(body, "{\"model\":\"%0255d\"}", 7);
    is(scan(&c, body, n, 20), 0, "a model of 255 bytes");
    is(c.model_len, 255, "all of it");

    n = (size_t) sprintf(body, "{\"model\":\"%0256d\"}", 7);
    is(scan(&c, body, n, 20), -1, "a model of 256 bytes");

    memset(body, '[', 64);
    memcpy(body, "{\"a\":", 5);
    memset(body + 68, ']', 63);
    memset(body + 5, '[', 63);
    body[131] = '}';
    is(scan(&c, body, 132, 20), 0, "64 levels");

    memset(body + 5, '[', 64);
    memset(body + 69, ']', 64);
    body[133] = '}';
    is(scan(&c, body, 134, 20), -1, "65 levels");
    ok(strcmp(credits_request_error(&c),
              "The request body is nested more than 64 levels deep.") == 0,
       "and it is said so");

    is(scan(&c, "{\"a\":\"\0\"}", 9, 4), -1, "a raw NUL");
    is(credits_request_feed(&c, (const unsigned char *) "{}", 2), -1,
       "an error stays");
    is(credits_request_end(&c), -1, "also at the end");

    c.text_bytes = 9;
    c.messages = 2;
    is(credits_request_prompt_tokens(&c), 11, "estimate of the prompt");

    ok(sizeof(credits_request_t) < 1200, "%zu bytes",
       sizeof(credits_request_t));
}


int
main(void)
{
    test_cases();
    test_refused();
    test_limits();

    return tap_done();
}
