#include "tap.h"

#include "credits_price_list.c"


static credits_price_list_t  list;
static char                  message[200];


static int
read_list(const char *text, double credit, double markup)
{
    int             rc;
    char           *json;
    size_t          n;
    unsigned char  *copy;

    json = tap_quotes(text);
    n = strlen(json);
    copy = tap_piece(json, n);

    message[0] = '\0';
    rc = credits_price_list_read(&list, copy, n, credit, markup, message,
                                 sizeof(message));

    free(copy);
    free(json);

    return rc;
}


/* all lines of a list, as credits_price would say them */

static void
is_list(const char *text, double credit, double markup, const char *want)
{
    char    *got, *p;
    size_t   i;

    if (!ok(read_list(text, credit, markup) == 0, "a list is read")) {
        printf("#  %s: %s\n", text, message);
        return;
    }

    got = calloc(list.n + 1, CREDITS_PRICE_TEXT_MAX + 2);
    p = got;

    for (i = 0; i < list.n; i++) {
        p += credits_price_text(&list.lines[i], p);
        *p++ = ';';
        *p = '\0';
    }

    if (!ok(strcmp(got, want) == 0, "%s", want)) {
        printf("#  got %s\n", got);
    }

    free(got);
    credits_price_list_free(&list);
    ok(list.lines == NULL && list.text == NULL && list.n == 0, "freed");
}


/* prices in dollars per million: a credit is a dollar, so weights are they */

static void
is_lines(const char *entry, const char *want)
{
    char  text[2000], all[2000];

    (void) snprintf(text, sizeof(text), "{'m':{%s}}", entry);
    (void) snprintf(all, sizeof(all), "%s", want);

    is_list(text, 1, 1, all);
}


static void
is_error(const char *text, const char *name, const char *field)
{
    is(read_list(text, 0.001, 1), -1, "refused: %s", text);

    if (!ok(strstr(message, name) && strstr(message, field),
            "names %s and %s", name, field))
    {
        printf("#  got %s\n", message);
    }

    ok(list.lines == NULL && list.text == NULL, "nothing is left");
}


static void
test_money(void)
{
    credits_usage_t  usage;

    is_list("{'deep':{'input_cost_per_token':0.000003,"
            "'output_cost_per_token':0.000015,"
            "'cache_read_input_token_cost':3e-7,'mode':'chat',"
            "'max_tokens':8192},'lite':{'input_cost_per_token':1.25e-7,"
            "'output_cost_per_token':5e-7}}", 0.001, 1,
            "deep input=3000 cached=300 output=15000 unit=1000000;"
            "lite input=125 output=500 unit=1000000;");

    is_list("{'m':{'input_cost_per_token':3e-6,"
            "'output_cost_per_token':1.5e-5,'output_cost_per_image':0.04,"
            "'input_cost_per_request':0.005}}", 0.01, 1.5,
            "m input=450 output=2250 request=0.75 image=6 unit=1000000;");

    is_list("{'m':{'input_cost_per_token':1e-30,"
            "'output_cost_per_token':0}}", 1, 1,
            "m input=0.000001 output=0 unit=1000000;");

    ok(read_list("{'m':{'input_cost_per_token':3e-6,"
                 "'output_cost_per_token':1.5e-5}}", 0.001, 1) == 0, "read");

    credits_usage_init(&usage);
    usage.prompt = 1100;
    usage.completion = 2000;
    is(credits_price_charge(&list.lines[0].price, &usage), 34,
       "$0.0333 are 34 credits of a tenth of a cent");
    credits_price_list_free(&list);
}


static void
test_fields(void)
{
    is_lines("'input_cost_per_token':3e-6,'output_cost_per_token':15e-6,"
             "'cache_read_input_token_cost':3e-7,"
             "'cache_creation_input_token_cost':3.75e-6,"
             "'cache_creation_input_token_cost_above_1hr':6e-6,"
             "'input_cost_per_audio_token':4e-5,"
             "'output_cost_per_audio_token':8e-5,"
             "'input_cost_per_image_token':1e-5",
             "m input=3 cached=0.3 cache_write=3.75 cache_write_1h=6"
             " output=15 audio_input=40 audio_output=80 image_input=10"
             " unit=1000000;");

    is_lines("'input_cost_per_token':3e-6,'output_cost_per_token':15e-6,"
             "'input_cost_per_token_cache_hit':3e-7",
             "m input=3 cached=0.3 output=15 unit=1000000;");

    is_lines("'input_cost_per_token':3e-6,'output_cost_per_token':15e-6,"
             "'search_context_cost_per_query':{'low':0.03,'high':0.05,"
             "'medium':0.035}",
             "m input=3 output=15 search=0.05 unit=1000000;");

    is_lines("'input_cost_per_token':0,'input_cost_per_query':0.002",
             "m input=0 output=0 search=0.002 unit=1000000;");
    is_lines("'input_cost_per_query':0.002",
             "m input=0 output=0 search=0.002 unit=1000000;");
    is_lines("'input_cost_per_token':1e-7", "m input=0.1 output=0.1"
             " unit=1000000;");
    is_lines("'output_cost_per_token':1e-7", "m input=0.1 output=0.1"
             " unit=1000000;");
    is_lines("'input_cost_per_character':15e-6",
             "m input=60 output=60 unit=1000000;");
    is_lines("'output_cost_per_image':0.04",
             "m input=0 output=0 image=0.04 unit=1000000;");
    is_lines("'input_cost_per_image':0.04",
             "m input=0 output=0 image=0.04 unit=1000000;");
    is_lines("'ocr_cost_per_page':0.001",
             "m input=0 output=0 image=0.001 unit=1000000;");
    is_lines("'input_cost_per_request':0.005",
             "m input=0 output=0 request=0.005 unit=1000000;");
    is_lines("'input_cost_per_token':3e-7,'output_cost_per_token':2.5e-6,"
             "'output_cost_per_image_token':3e-5,"
             "'output_cost_per_image':0.039",
             "m input=0.3 output=30 unit=1000000;");
    is_lines("'input_cost_per_token':4e-7,'output_cost_per_token':12e-7,"
             "'output_cost_per_reasoning_token':4e-6",
             "m input=0.4 output=4 unit=1000000;");
    is_lines("'input_cost_per_audio_token':6e-6,"
             "'output_cost_per_token':1e-5",
             "m input=6 output=10 unit=1000000;");
    is_lines("'input_cost_per_token':6e-6,"
             "'output_cost_per_audio_token':1e-5",
             "m input=6 output=10 unit=1000000;");
}


static void
test_special(void)
{
    is_lines("'input_cost_per_token':3e-6,'output_cost_per_token':15e-6,"
             "'input_cost_per_token_above_200k_tokens':6e-6,"
             "'output_cost_per_token_above_200k_tokens':22.5e-6",
             "m above=200000 input=6 output=22.5 unit=1000000;"
             "m input=3 output=15 unit=1000000;");

    is_lines("'input_cost_per_token':1e-6,'output_cost_per_token':2e-6,"
             "'input_cost_per_token_above_128k_tokens':3e-6,"
             "'output_cost_per_token_above_272k_tokens':4e-6",
             "m above=272000 input=3 output=4 unit=1000000;"
             "m above=128000 input=3 output=2 unit=1000000;"
             "m input=1 output=2 unit=1000000;");

    is_lines("'input_cost_per_token':2e-6,'output_cost_per_token':8e-6,"
             "'cache_read_input_token_cost':5e-7,"
             "'input_cost_per_token_priority':4e-6,"
             "'output_cost_per_token_priority':16e-6,"
             "'input_cost_per_token_flex':1e-6",
             "m tier=priority input=4 cached=0.5 output=16 unit=1000000;"
             "m tier=flex input=1 cached=0.5 output=8 unit=1000000;"
             "m input=2 cached=0.5 output=8 unit=1000000;");

    /* both, said together for one field, apart for the other */

    is_lines("'input_cost_per_token':2e-6,'output_cost_per_token':8e-6,"
             "'input_cost_per_token_priority':4e-6,"
             "'output_cost_per_token_priority':16e-6,"
             "'input_cost_per_token_above_200k_tokens':3e-6,"
             "'output_cost_per_token_above_200k_tokens':17e-6,"
             "'input_cost_per_token_above_200k_tokens_priority':7e-6",
             "m above=200000 tier=priority input=7 output=17 unit=1000000;"
             "m tier=priority input=4 output=16 unit=1000000;"
             "m above=200000 input=3 output=17 unit=1000000;"
             "m input=2 output=8 unit=1000000;");

    is_lines("'input_cost_per_token':3e-6,'output_cost_per_token':15e-6,"
             "'cache_creation_input_token_cost_above_1hr':6e-6,"
             "'cache_creation_input_token_cost_above_1hr_above_200k_tokens'"
             ":12e-6",
             "m above=200000 input=3 cache_write_1h=12 output=15"
             " unit=1000000;"
             "m input=3 cache_write_1h=6 output=15 unit=1000000;");

    is_lines("'tiered_pricing':["
             "{'range':[32000,128000],'input_cost_per_token':2e-6,"
             "'output_cost_per_token':3e-6},"
             "{'range':[0,32000],'input_cost_per_token':1e-6,"
             "'output_cost_per_token':2e-6},"
             "{'range':[128000,1e6],'input_cost_per_token':4e-6,"
             "'output_cost_per_token':5e-6},"
             "{'max_results_range':[0,25],'input_cost_per_query':0.005}]",
             "m above=128000 input=4 output=5 unit=1000000;"
             "m above=32000 input=2 output=3 unit=1000000;"
             "m input=1 output=2 unit=1000000;");

    is_lines("'tiered_pricing':[{'range':[32768,1e6],"
             "'input_cost_per_token':2e-6,'output_cost_per_token':3e-6}]",
             "m above=32768 input=2 output=3 unit=1000000;"
             "m input=2 output=3 unit=1000000;");

    is_lines("'input_cost_per_token':1e-6,'output_cost_per_token':2e-6,"
             "'input_cost_per_token_batches':5e-7,"
             "'input_cost_per_second':'?','unknown_cost':'x',"
             "'unknown_cost_priority':1",
             "m input=1 output=2 unit=1000000;");
}


static void
test_names(void)
{
#define ONE    "{'input_cost_per_token':1e-6,'output_cost_per_token':1e-6}"
#define TWO    "{'input_cost_per_token':2e-6,'output_cost_per_token':2e-6}"
#define LINE1  " input=1 output=1 unit=1000000;"
#define LINE2  " input=2 output=2 unit=1000000;"

    is_list("{'sample_spec':{'input_cost_per_token':'text'},'a':" ONE "}",
            1, 1, "a" LINE1);

    is_list("{'x/*':" ONE ",'b':" TWO "}", 1, 1, "b" LINE2 "x/*" LINE1);

    is_list("{'openai/a':" ONE ",'b':" TWO "}", 1, 1,
            "openai/a" LINE1 "b" LINE2 "a" LINE1);

    is_list("{'or/openai/a':" ONE ",'a':" TWO "}", 1, 1,
            "or/openai/a" LINE1 "a" LINE2);

    is_list("{'openai/a':" ONE ",'azure/A':" TWO "}", 1, 1,
            "openai/a" LINE1 "azure/A" LINE2);

    is_list("{'x/0':" ONE ",'y/a':" TWO ",'z/a':" TWO "}", 1, 1,
            "x/0" LINE1 "y/a" LINE2 "z/a" LINE2 "0" LINE1);

    is_list("{'openai/a':" ONE ",'openai/b':" TWO ",'x/ ':" ONE "}", 1, 1,
            "openai/a" LINE1 "openai/b" LINE2 "x/ " LINE1
            "a" LINE1 "b" LINE2);

    /* nothing that can be metered: not sold by this list */

    is_list("{'a':" ONE ",'heard':{'input_cost_per_second':0.0001},"
            "'free':{},'gone':{'input_cost_per_pixel':1e-8}}", 1, 1,
            "a" LINE1);

    is_list(" \n{'a':" ONE "}\r\n\t ", 1, 1, "a" LINE1);
}


static void
test_errors(void)
{
    is_error("{'a':" ONE ",'odd':{'input_cost_per_token':'cheap'}}", "odd",
             "input_cost_per_token");
    is_error("{'odd':{'input_cost_per_token':null}}", "odd",
             "input_cost_per_token");
    is_error("{'odd':{'output_cost_per_token':true}}", "odd",
             "output_cost_per_token");
    is_error("{'odd':{'output_cost_per_token':-1e-9}}", "odd",
             "output_cost_per_token");
    is_error("{'odd':{'output_cost_per_token':1e999}}", "odd",
             "output_cost_per_token");
    is_error("{'odd':{'output_cost_per_token':[1]}}", "odd",
             "output_cost_per_token");
    is_error("{'odd':{'input_cost_per_token_above_200k_tokens_priority':''}}",
             "odd", "input_cost_per_token_above_200k_tokens_priority");
    is_error("{'odd':{'search_context_cost_per_query':{'low':'x'}}}", "odd",
             "low");
    is_error("{'odd':{'search_context_cost_per_query':'x'}}", "odd",
             "search_context_cost_per_query");
    is_error("{'odd':{'output_cost_per_image':{}}}", "odd",
             "output_cost_per_image");
    is_error("{'odd':{'tiered_pricing':[{'range':[0,1],"
             "'input_cost_per_token':'x'}]}}", "odd", "input_cost_per_token");
    is_error("{'odd':{'tiered_pricing':[{'range':['x',1]}]}}", "odd",
             "tiered_pricing");
    is_error("{'odd':{'tiered_pricing':[{'range':[-1,1]}]}}", "odd",
             "tiered_pricing");
    is_error("{'odd':{'tiered_pricing':[{'range':{}}]}}", "odd",
             "tiered_pricing");
    is_error("{'odd':7}", "odd", "object");
    is_error("{'':" ONE "}", "\"\"", "name");
    is_error("{' ':" ONE "}", "\" \"", "name");
    is_error("{'odd':" ONE ",'odd':" ONE "}", "odd", "twice");
    is_error("{'odd':" ONE ",'x':" ONE ",'ODD':" ONE "}", "is there",
             "twice");
    is_error("{'odd':{'input_cost_per_token':1e8,"
             "'output_cost_per_token':1}}", "odd", "too high");
    is_error("{'odd':{'output_cost_per_image':1.001e9}}", "odd",
             "output_cost_per_image");
    is_error("{}", "list", "no entry");
    is_error("{'a':{}}", "list", "no entry");
    is_error("", "list", "JSON");
    is_error("[]", "list", "JSON");
    is_error("{'a':" ONE "} x", "list", "JSON");
    is_error("{'a':" ONE, "list", "JSON");

    is(read_list("{'a':{'output_cost_per_image':1e9}}", 0.0001, 1), -1,
       "an amount that is too high");
    is(read_list("{'a':" ONE "}", 0, 1), -1, "a credit for nothing");
    is(read_list("{'a':" ONE "}", -1, 1), -1, "a credit below that");
    is(read_list("{'a':" ONE "}", 1, -1), -1, "a negative markup");
    is(read_list("{'a':" ONE "}", 1e-300, 1e300), -1, "beyond all numbers");
    is(read_list("{'a':" ONE "}", 0.0 / 0.0, 1), -1, "no number");
}


static void
test_thresholds(void)
{
    char      text[4000];
    size_t    n;
    unsigned  i;

    n = (size_t) snprintf(text, sizeof(text), "{'m':{"
                          "'input_cost_per_token':1,");

    for (i = 1; i < CREDITS_PRICE_LIST_ABOVES; i++) {
        n += (size_t) snprintf(text + n, sizeof(text) - n,
                               "%s'input_cost_per_token_above_%uk_tokens':2",
                               i > 1 ? "," : "", i);
    }

    (void) snprintf(text + n, sizeof(text) - n, "}}");
    ok(read_list(text, 1, 1) == 0, "as many thresholds as there may be");
    is(list.n, CREDITS_PRICE_LIST_ABOVES, "a line for each, and the plain");
    credits_price_list_free(&list);

    (void) snprintf(text + n, sizeof(text) - n,
                    ",'input_cost_per_token_above_99k_tokens':2}}");
    is_error(text, "\"m\"", "thresholds");
}


/* a list that ends anywhere is refused, and its memory is freed */

static void
test_cuts(void)
{
    char            *json;
    size_t           i, n, good;
    unsigned char   *copy;

    json = tap_quotes("{'x/a':" ONE ",'x/*':{'tiered_pricing':[{'range':"
                      "[0,1],'input_cost_per_token':1e-6}]}}");
    n = strlen(json);
    good = 0;

    for (i = 0; i < n; i++) {
        copy = tap_piece(json, i);
        good += credits_price_list_read(&list, copy, i, 1, 1, message,
                                        sizeof(message))
                == 0;
        free(copy);
    }

    is(good, 0, "a list that is cut is refused");

    free(json);
}


int
main(void)
{
    test_money();
    test_fields();
    test_special();
    test_names();
    test_errors();
    test_thresholds();
    test_cuts();

    return tap_done();
}
