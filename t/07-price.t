# Usage into credits: units, weights by model, a price per request.

use lib 't/support';
use Test::Nginx::Socket 'no_plan';
use Credits;

no_long_string();
$ENV{TEST_NGINX_HTML_DIR} ||= html_dir();

# A request for each model.
sub bodies { [map { qq({"model":"$_","messages":[],"max_tokens":1}) } @_] }

run_tests();
check_ledger();

__DATA__

=== the unit
--- chat_config: credits_unit 100;
--- orders eval
["usage=99+1", "usage=100+1"]
--- ledger eval
["settled 1 99+1=100", "settled 2 100+1=101"]
--- hold eval
[42, 42]



=== a token is a credit, and a million of tokens one
--- config
    credits_user $http_x_user;
    credits_unit 1;
    location = /api/chat {
        credits on;
        credits_max_output 1;
        proxy_pass http://127.0.0.1:$TEST_NGINX_PROVIDER_PORT/v1/chat/completions;
    }
    location = /cheap {
        credits on;
        credits_unit 1000000;
        proxy_pass http://127.0.0.1:$TEST_NGINX_PROVIDER_PORT/v1/chat/completions;
    }
--- request eval
my $body = '{"model":"gpt-test","messages":[]}';
["POST /api/chat\n$body", "POST /cheap\n$body", "POST /cheap\n$body"]
--- orders eval
["usage=300+4", "usage=999999+1", "usage=999999+2"]
--- ledger eval
["settled 304 300+4=304", "settled 1 999999+1=1000000",
 "settled 2 999999+2=1000001"]



=== weights of input, cached input and output
--- chat_config
credits_price gpt-test input=2 cached=0.5 output=8;
--- body eval
[(::bodies("gpt-test")->[0]) x 9]
--- orders eval
["usage=1000+0 text=", "usage=0+1000", "usage=1000+1000",
 "usage=1000+0 cached=1000 text=", "usage=1000+1000 cached=400",
 "usage=1+0 text=", "usage=0+125", "usage=0+126", "usage=10+10 total=1020"]
--- ledger eval
["settled 2 1000+0=1000", "settled 8 0+1000=1000", "settled 10 1000+1000=2000",
 "settled 1 1000+0=1000 cached=1000", "settled 10 1000+1000=2000 cached=400",
 "settled 1 1+0=1", "settled 1 0+125=125", "settled 2 0+126=126",
 "settled 9 10+10=1020"]



=== cached input is input unless it has a price
--- chat_config
credits_price * input=3;
--- orders: usage=1000+1000 cached=1000
--- ledger: settled 4 1000+1000=2000 cached=1000



=== fractions: to the last millionth, never through floating point
--- chat_config
credits_price gpt-test input=0.1 output=0.000001;
--- body eval
[(::bodies("gpt-test")->[0]) x 6]
--- orders eval
["usage=10000+0 text=", "usage=10001+0 text=", "usage=0+1",
 "usage=9999+99999", "usage=9990+1000001", "usage=10000+0 cached=1 text="]
--- ledger eval
["settled 1 10000+0=10000", "settled 2 10001+0=10001", "settled 1 0+1=1",
 "settled 1 9999+99999=109998", "settled 2 9990+1000001=1009991",
 "settled 1 10000+0=10000 cached=1"]



=== a price per request
--- chat_config
credits_price gpt-test request=3;
credits_price flat input=0 output=0 request=7;
credits_price half request=0.5;
--- body eval
::bodies("gpt-test", "flat", "other", "half", "half")
--- orders eval
["usage=1000+1", "usage=90000+90000", "usage=1000+1", "usage=499+1",
 "usage=500+1"]
--- ledger eval
["settled 5 1000+1=1001", "settled 7 90000+90000=180000 model=flat",
 "settled 2 1000+1=1001 model=other", "settled 1 499+1=500 model=half",
 "settled 2 500+1=501 model=half"]
--- hold eval
[4, 7, 1, 1, 1]



=== the first pattern that matches, in any case; without one the weight is 1
--- chat_config
credits_price gpt-test output=2;
credits_price gpt-* output=3;
credits_price *-mini output=4;
credits_price a*b*c output=5;
--- body eval
::bodies("gpt-test", "gpt-", "gpt-x-mini", "o-mini", "gpt", "GPT-test", "abc",
         "a-b-b-c", "abcd", "my-gpt-test", "")
--- orders eval
[("usage=0+1000") x 11]
--- ledger eval
["settled 2 0+1000=1000", "settled 3 0+1000=1000 model=gpt-",
 "settled 3 0+1000=1000 model=gpt-x-mini", "settled 4 0+1000=1000 model=o-mini",
 "settled 1 0+1000=1000 model=gpt", "settled 2 0+1000=1000 model=GPT-test",
 "settled 5 0+1000=1000 model=abc", "settled 5 0+1000=1000 model=a-b-b-c",
 "settled 1 0+1000=1000 model=abcd", "settled 1 0+1000=1000 model=my-gpt-test",
 "settled 1 0+1000=1000 model="]



=== a star alone is for all, also for those that name no model
--- chat_config
credits_price * output=9;
--- body eval
[::bodies("gpt-test")->[0], '{"messages":[],"max_tokens":1}']
--- orders eval
[("usage=0+1000") x 2]
--- ledger eval
["settled 9 0+1000=1000", "settled 9 0+1000=1000 model="]



=== the model is the request's, as it is decoded
--- chat_config
credits_price gpt-test output=2;
--- body eval
[::bodies('\u0067pt-test')->[0], ::bodies('m\"\\\\\u79ef')->[0]]
--- orders eval
[("usage=0+1000") x 2]
--- ledger eval
["settled 2 0+1000=1000", "settled 1 0+1000=1000 model=m\"\\\xe7\xa7\xaf"]



=== prices are inherited as a whole
--- config
    credits_user $http_x_user;
    credits_price gpt-test output=2;
    location = /api/chat {
        credits on;
        proxy_pass http://127.0.0.1:$TEST_NGINX_PROVIDER_PORT/v1/chat/completions;
    }
    location = /own {
        credits on;
        credits_price other output=3;
        proxy_pass http://127.0.0.1:$TEST_NGINX_PROVIDER_PORT/v1/chat/completions;
    }
--- request eval
my $body = '{"model":"gpt-test","messages":[]}';
["POST /api/chat\n$body", "POST /own\n$body"]
--- orders eval
[("usage=0+1000") x 2]
--- ledger eval
["settled 2 0+1000=1000", "settled 1 0+1000=1000"]



=== the hold and the clamp know the price
--- packages: 10 1 day
--- chat_config
credits_clamp on;
credits_price gpt-test input=1000 output=2 request=1;
--- orders eval
["usage=0+1000", "usage=5+1", ""]
--- error_code eval
[200, 200, 402]
--- body eval
['{"model":"gpt-test","messages":[],"max_tokens":9000}',
 ('{"model":"gpt-test","messages":[{"content":"abcd"}],"max_tokens":2000}') x 2]
--- hold eval
[10, 7, ""]
--- ledger eval
["settled 3 0+1000=1000", "settled 7 5+1=6", "none"]
--- provider_body eval
['{"model":"gpt-test","messages":[],"max_tokens":4500}',
 ('{"model":"gpt-test","messages":[{"content":"abcd"}],"max_tokens":500}') x 2]



=== an estimate has the same price
--- chat_config
credits_price gpt-test output=1000;
credits_max_output 50;
--- orders: usage=none text=12345678
--- ledger: estimated 3 5+2=7 reason=no_usage



=== the dearest thinkable: charged to the last credit, the rest is debt
--- chat_config
credits_price gpt-test input=1000 output=1000 request=1;
credits_unit 1;
credits_max_output 1;
--- body: {"model":"gpt-test","messages":[]}
--- orders: usage=999999999+999999999
--- ledger eval
"settled 1000000000000 999999999+999999999=1999999998 debt=999999999000"
. " paid=1:1000"



=== a model that is not sold is not asked for
--- chat_config
credits_price gpt-secret* refuse;
credits_price * output=2;
--- body eval
::bodies("gpt-secret", "GPT-Secret-2", " gpt-secret ", "gpt-test")
--- orders eval
[("usage=0+1000") x 4]
--- error_code eval
[400, 400, 400, 200]
--- response_body_like eval
[(map { quotemeta ::error_body("The model \\\"$_\\\" is not offered here.",
    'invalid_request_error', 'model_not_found') }
  "gpt-secret", "GPT-Secret-2", " gpt-secret "), "choices"]
--- ledger eval
[("none") x 3, "settled 2 0+1000=1000"]
--- provider_calls eval
[0, 0, 0, 1]



=== above: the first line whose pattern, above and tier all match, for all of it
--- chat_config
credits_price gpt-test above=2000 tier=priority input=5;
credits_price gpt-test above=2000 input=4;
credits_price gpt-test tier=priority input=3;
credits_price gpt-test input=2;
--- answer eval
[map { my ($prompt, $tier) = @$_;
       qq({"model":"gpt-test","service_tier":"$tier","choices":[{"message":{"content":"x"},)
       . qq("finish_reason":"stop"}],"usage":{"prompt_tokens":$prompt,"completion_tokens":1}}) }
    [1999, 'default'], [2000, 'default'], [3000, 'default'], [1999, 'priority'],
    [3000, 'Priority']]
--- ledger eval
["settled 4 1999+1=2000", "settled 5 2000+1=2001", "settled 13 3000+1=3001",
 "settled 6 1999+1=2000", "settled 16 3000+1=3001"]



=== the dearer of the model that was asked for and the one that answered
--- chat_config
credits_price cheap output=1;
credits_price dear output=5;
credits_price * output=9;
--- body eval
::bodies("cheap", "dear", "cheap", "unlisted")
--- answer eval
[map { qq({"model":"$_","choices":[{"message":{"content":"x"},"finish_reason":"stop"}],)
       . qq("usage":{"prompt_tokens":0,"completion_tokens":1000}}) }
    "dear", "cheap", "cheap-2026", "cheap"]
--- ledger eval
["settled 5 0+1000=1000 model=cheap", "settled 5 0+1000=1000 model=dear",
 "settled 1 0+1000=1000 model=cheap", "settled 9 0+1000=1000 model=unlisted"]
--- then eval
[map { my $answered = $_; sub {
    ::is(::sql(q{SELECT metadata ->> 'answeredModel' FROM credit_charge
                  WHERE userId = :'user' ORDER BY createdAt DESC LIMIT 1},
               user => $_[0]), $answered, 'the model that answered');
} } "dear", "cheap", "cheap-2026", "cheap"]



=== pictures, searches, and what the provider says it cost
--- config eval
qq(credits_user \$http_x_user; credits on;
   credits_price pictures input=0 output=0 image=4;
   credits_price searches input=0 output=0 search=2.5;
   credits_price costs cost=1000 request=1;
   ) . CORE::join '', map { my ($path, $api) = @$_;
    qq(location = $path { credits_api $api;
        proxy_pass http://127.0.0.1:\$TEST_NGINX_PROVIDER_PORT/v1/chat/completions; }) }
   ['/images', 'openai images'], ['/messages', 'anthropic messages'],
   ['/chat', 'openai chat']
--- request eval
["POST /images\n{\"model\":\"pictures\",\"prompt\":\"a cat\",\"n\":3}",
 "POST /messages\n{\"model\":\"searches\",\"max_tokens\":9,\"messages\":[]}",
 "POST /chat\n{\"model\":\"costs\",\"messages\":[]}"]
--- answer eval
['{"created":1,"data":[{"url":"a"},{"url":"b"},{"url":"c"}]}',
 '{"type":"message","content":[{"type":"text","text":"x"}],"stop_reason":"end_turn","usage":'
 . '{"input_tokens":10,"output_tokens":5,"server_tool_use":{"web_search_requests":2}}}',
 '{"choices":[{"message":{"content":"x"},"finish_reason":"stop"}],"usage":'
 . '{"prompt_tokens":90000,"completion_tokens":1,"cost":0.0125}}']
--- ledger eval
[qr/^\w+ 12 .*model=pictures$/, "settled 5 10+5=15 model=searches",
 "settled 14 90000+1=90001 model=costs"]



=== hidden: what a model thinks unseen is added where its usage was not seen
--- chat_config
credits_price thinks hidden=9000;
credits_price seconds hidden=5000/s;
--- body eval
::bodies("thinks", "thinks", "seconds")
--- answer eval
my $text = '{"choices":[{"message":{"content":"1234"},"finish_reason":"stop"}]';
["$text}", qq($text,"usage":{"prompt_tokens":1,"completion_tokens":1}}), "$text}"]
--- ledger eval
["estimated 10 0+9001=9001 reason=no_usage model=thinks",
 "settled 1 1+1=2 model=thinks", "estimated 1 0+1=1 reason=no_usage model=seconds"]



=== a list in dollars; a line of credits_price goes before it
--- chat_config
credits_price_list $TEST_NGINX_HTML_DIR/prices.json credit=0.001 markup=2;
credits_price special output=3;
--- user_files
>>> prices.json
{"sample_spec":{"input_cost_per_token":0},
 "maker/gpt-listed":{"input_cost_per_token":1e-6,"output_cost_per_token":4e-6,"cache_read_input_token_cost":5e-7},
 "special":{"input_cost_per_token":1e-3,"output_cost_per_token":1e-3}}
--- body eval
::bodies("maker/gpt-listed", "gpt-listed", "special", "unlisted")
--- orders eval
["usage=1000+1000", "usage=1000+1000 cached=1000", "usage=0+1000", ""]
--- error_code eval
[200, 200, 200, 400]
--- response_body_like eval
[("") x 3, "model_not_found"]
--- ledger eval
["settled 10 1000+1000=2000 model=maker/gpt-listed",
 "settled 9 1000+1000=2000 cached=1000 model=gpt-listed",
 "settled 3 0+1000=1000 model=special", "none"]
--- provider_calls eval
[1, 1, 1, 0]



=== a list, and a weight for those it does not have
--- chat_config
credits_price_list $TEST_NGINX_HTML_DIR/prices.json credit=0.001 unlisted=7;
--- user_files
>>> prices.json
{"m":{"input_cost_per_token":1e-6,"output_cost_per_token":4e-6}}
--- body eval
::bodies("m", "x")
--- orders eval
[("usage=1000+1000") x 2]
--- ledger eval
["settled 5 1000+1000=2000 model=m", "settled 14 1000+1000=2000 model=x"]



=== what a charge was made of is kept, so that it can be worked out again
--- chat_config
credits_price gpt-test input=2 cached=0.5 output=8;
--- answer
{"model":"gpt-test-2026","service_tier":"flex","choices":[{"message":{"content":"x"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1000,"completion_tokens":200,"total_tokens":1200,"prompt_tokens_details":{"cached_tokens":400,"audio_tokens":30},"completion_tokens_details":{"reasoning_tokens":150,"audio_tokens":20}}}
--- then eval
sub {
    ::is(::sql(q{SELECT string_agg(k || '=' || v, ' ' ORDER BY k COLLATE "C")
                   FROM credit_charge, jsonb_each_text(metadata) e(k, v)
                  WHERE userId = :'user'}, user => $_[0]),
         'answeredModel=gpt-test-2026 audioOutputTokens=20'
         . ' audioTokens=50 cachedTokens=400'
         . ' completionTokens=200 model=gpt-test operation=openai chat'
         . ' price=gpt-test input=2 cached=0.5 output=8 unit=1000'
         . ' promptTokens=1000 reasoningTokens=150 tier=flex'
         . ' totalTokens=1200', 'the metadata');
}
