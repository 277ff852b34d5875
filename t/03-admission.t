# How much, and may they: credits are held before the provider is asked, and
# the provider gets the client's body but for what metering needs.

use lib 't/support';
use Test::Nginx::Socket 'no_plan';
use Credits;

no_long_string();

# A user whose five credits are held by a request on another machine.
our $busy = user('busy', '5 1 day');
my $request = sql('SELECT gen_random_uuid()');
sql(q{SELECT FROM credit_hold_batch(ARRAY[:'user'], ARRAY[:'id']::uuid[],
                                    '{5}', '{5}', '1 hour', 'elsewhere')},
    user => $busy, id => $request);

# A user whom operators have frozen.
our $frozen = user('frozen', '5 1 day');
sql(q{UPDATE credit_account SET frozen = true WHERE userId = :'user'},
    user => $frozen);

# What somebody without credits is told.
our $broke = 'You are out of credits. Buy more to go on.';

our $messages = '"messages":[]';

# A body of 20,000 bytes and more, and what the provider shall see of it.
our $large = '{"model":"gpt-test","messages":[{"role":"user","content":"'
    . 'x' x 20_000 . '"}],"stream_options" : {"include_usage":false},'
    . '"stream":true}';
our $large_forced = $large =~ s/:false/:true/r;

# Bodies that are no request, or not one.
our @hostile = (
    # not JSON, or not one object
    '', '[]', '"x"', '1', 'null', 'true', '{', '}', '{}}', '{}{}', '{} x',
    "{'a':1}", '{"a"}', '{"a":}', '{"a":1,}', '{,}', '{"a":1 "b":2}',
    '{"a":01}', '{"a":1.}', '{"a":.5}', '{"a":+1}', '{"a":1e}', '{"a":0x1}',
    '{"a":NaN}', '{"a":Infinity}', '{"a":tru}', '{"a":nulll}',
    "{\"a\":\"\x01\"}", '{"a":"\x"}', '{"a":"\u12"}', "{\"a\":\"b",
    "\xef\xbb\xbf{}", "{\"a\":\"\xff\"}", "{\"a\":\"\xc0\xaf\"}",
    "{\"a\":\"\xed\xa0\x80\"}", "{\"a\":1}\0", "{\"\\u0000\":1}",
    '{"a":' . '[' x 64 . ']' x 64 . '}',
    # which of the two would the provider take?
    '{"model":"cheap","model":"dear"}', '{"model":"a","\u006dodel":"b"}',
    "{$messages,$messages}", '{"stream":true,"stream":false}', '{"n":1,"n":2}',
    '{"max_tokens":1,"max_tokens":9}',
    '{"stream_options":{},"stream_options":{}}',
    '{"stream_options":{"include_usage":true,"include_usage":false}}',
    '{"Model":"a"}', '{"STREAM":true}', '{"Max_Tokens":1}',
    # numbers that are none
    '{"n":0}', '{"n":-1}', '{"n":129}', '{"n":1.5}', '{"n":"2"}',
    '{"n":[1]}', '{"n":9223372036854775809}', '{"best_of":1e3}',
    '{"prompt":["a","b"],"n":128}',
    '{"max_tokens":-1}', '{"max_tokens":1.5}', '{"max_tokens":"5"}',
    '{"max_tokens":1e999}', '{"max_tokens":100000001}',
    '{"max_tokens":18446744073709551617}', '{"max_tokens":true}',
    '{"max_completion_tokens":{}}', '{"max_output_tokens":-5}',
    # members of another kind
    '{"model":1}', '{"model":null}', '{"model":["a"]}',
    '{"model":"' . 'm' x 256 . '"}', '{"model":"a\nb"}', '{"model":"\u007f"}',
    '{"stream_options":true}', '{"stream_options":[]}',
    '{"stream_options":"x"}',
    # a stream, for whom?
    '{"stream":"true"}', '{"stream":"false"}', '{"stream":1}', '{"stream":0}',
    '{"stream":[true]}', '{"stream":{}}', '{"stream":""}',
    # a chat, or something else?
    "{$messages,\"input\":\"hi\"}", "{\"input\":\"\",$messages}",
    "{$messages,\"prompt\":{}}",
    "{$messages,\"prompt\":[{}]}",
    # names that Go, and others, take for ours
    '{"max_to\u212aens":1}', '{"\u017ftream":true}', "{\"\xc5\xbftream\":true}",
    "{\"max_to\xe2\x84\xaaens\":1}", '{"Messages":[]}',
    '{"stream":true,"stream_options":{"Include_Usage":false}}',
    '{"stream":true,"\u017ftream_options":{}}',
    '{"stream":true,"stream_options":{"include_u\u017fage":false}}',
);

run_tests();
check_ledger();

__DATA__

=== no account: 402, and the provider is not called
--- packages: none
--- chat_config
credits_purchase_url "https://shop.example/buy?for=$credits_user";
--- error_code: 402
--- response_headers
Content-Type: application/json
Cache-Control: private, no-store
!X-Credits-Request-Id
--- response_body eval
::error_body('You are out of credits. Buy more to go on.',
    'insufficient_quota', 'insufficient_credits',
    ',"available":0,"required":1,"held":0,"purchase_url":"https://shop.example/buy?for=<user>"')
--- ledger: none
--- provider_calls: 0



=== credits that are spent: 402; there is no place to buy
--- packages: 2 1 day
--- orders eval
["usage=1999+1", ""]
--- error_code eval
[200, 402]
--- response_body_like eval
["", qr/"available":0,"required":1,"held":0,"purchase_url":null\},.*\}\n\z/]
--- ledger eval
["settled 2 1999+1=2000", "none"]
--- provider_calls eval
[1, 0]



=== what a purchase URL holds is escaped
--- packages: none
--- chat_config
credits_purchase_url $arg_to;
--- request eval
'POST /api/chat?to="\\' . "\n{}"
--- error_code: 402
--- response_body_like: "purchase_url":"\\"\\\\"\},"type":



=== credits that are held by requests in flight have words of their own
--- more_headers eval
"X-User: $::busy"
--- error_code: 402
--- response_body eval
::error_body('Your credits are held by your own requests in flight. Try again when one of them has ended.',
    'insufficient_quota', 'insufficient_credits',
    ',"available":0,"required":1,"held":5,"purchase_url":null')
--- provider_calls: 0



=== where Gemini is spoken, errors are as Google's
--- packages: none
--- chat_config: credits_api gemini generate;
--- error_code: 402
--- response_body eval
qq({"error":{"code":402,"message":"$::broke","status":"FAILED_PRECONDITION",)
. qq("available":0,"required":1,"held":0,"purchase_url":null},"type":"error",)
. qq("object":"error","message":"$::broke","param":null,)
. qq("code":"insufficient_credits"}\n)
--- provider_calls: 0



=== where Gemini is spoken, nginx's own error pages, too
--- chat_config
credits_api gemini generate;
limit_except GET { deny all; }
--- error_code: 403
--- response_body_like: ^\{"error":\{"code":403,"message":"This is not allowed\.","status":"PERMISSION_DENIED"\},"type":"error"
--- error_log
access forbidden



=== where Ollama is spoken, the error is a text
--- packages: none
--- chat_config: credits_api ollama chat;
--- error_code: 402
--- response_body eval
qq({"error":"$::broke","available":0,"required":1,"held":0,)
. qq("purchase_url":null,"type":"error","object":"error",)
. qq("message":"$::broke","param":null,"code":"insufficient_credits"}\n)
--- provider_calls: 0



=== a frozen account: 403, whatever it holds
--- http_config
    log_format admission "$credits_user $credits_status [$credits_held]";
--- chat_config
    access_log logs/access.log admission;
--- more_headers eval
"X-User: $::frozen"
--- error_code: 403
--- response_headers
Content-Type: application/json
Cache-Control: private, no-store
!X-Credits-Request-Id
--- response_body eval
::error_body('This account is frozen.',
    'permission_error', 'account_frozen')
--- access_log eval
"$::frozen denied [0]"
--- provider_calls: 0



=== a frozen account is counted, and can be read
--- request eval
["POST /api/chat\n{}", "GET /api/credits", "GET /metrics"]
--- more_headers eval
["X-User: $::frozen", "X-User: $::frozen", ""]
--- error_code eval
[403, 200, 200]
--- response_body_like eval
["account_frozen", '"balance":5,"held":0,',
 "_denied_total 0\n.*_frozen_total 1\n"]



=== but not if they would not do anyway
--- chat_config: credits_hold 6;
--- more_headers eval
"X-User: $::busy"
--- error_code: 402
--- response_body_like: "message":"You are out of credits\. Buy more to go on\.".*"available":0,"required":6,"held":5
--- provider_calls: 0



=== auto: the estimate, or what is available
--- packages: 6 1 day
--- orders eval
["usage=2000+1000", "usage=1+1"]
--- ledger eval
["settled 3 2000+1000=3000", "settled 1 1+1=2"]
--- hold eval
[5, 3]



=== strict: the estimate, or nothing
--- packages: 5 1 day
--- chat_config: credits_hold strict;
--- orders eval
["usage=1+1", ""]
--- error_code eval
[200, 402]
--- response_body_like eval
["", qr/"available":4,"required":5,"held":0/]
--- hold eval
[5, ""]
--- provider_calls eval
[1, 0]



=== a number of credits, whatever is asked
--- packages: 2 1 day
--- chat_config: credits_hold 2;
--- orders eval
["usage=1+1", ""]
--- error_code eval
[200, 402]
--- response_body_like eval
["", qr/"available":1,"required":2,"held":0/]
--- hold eval
[2, ""]



=== the output that is assumed
--- chat_config: credits_max_output 10000;
--- body eval
['{"messages":[]}',
 '{"messages":[],"max_tokens":null,"max_completion_tokens":null}']
--- orders eval
[("usage=1+1") x 2]
--- hold eval
[10, 10]



=== what the request says about its output
--- body eval
[map { qq({$_,"model":"gpt-test"}) }
    qq($::messages,"max_tokens":1000),
    qq($::messages,"max_tokens":1001),
    qq($::messages,"max_completion_tokens":5000),
    qq($::messages,"max_tokens":1000,"max_completion_tokens":3000),
    qq($::messages,"max_tokens":0),
    qq($::messages,"max_tokens":1000,"n":3),
    qq($::messages,"max_tokens":1000,"n":null),
    qq($::messages,"max_output_tokens":100000),
    qq($::messages,"prompt":"hi","max_tokens":2999,"best_of":1),
    qq($::messages,"prompt":["hi","ho"],"max_tokens":1999,"n":2),
]
--- orders eval
[("usage=1+1") x 10]
--- hold eval
[1, 2, 5, 3, 1, 3, 1, 5, 3, 8]



=== the size of the prompt
--- chat_config: credits_max_output 1;
--- body eval
[map { qq({"model":"gpt-test","messages":[{"role":"user","content":$_}]}) }
    # 4 of the message, 1 of the output, a token for 4 bytes
    '"' . 'x' x 3980 . '"',
    '"' . 'x' x 3981 . '"',
    # a letter of 3 bytes, written in 6
    '"' . '\u4e2d' x 1326 . '"',
    '"' . '\u4e2d' x 1327 . '"',
    '[{"type":"text","text":"' . 'x' x 3981 . '"}]',
    # an image is not text: it counts as 1600 tokens
    '[{"type":"image_url","image_url":{"url":"data:image/png;base64,'
        . 'x' x 9000 . '"}}]',
]
--- orders eval
[("usage=1+1") x 6]
--- hold eval
[1, 2, 1, 2, 2, 2]



=== an estimate that no balance could pay is not an overflow
--- chat_config: credits_unit 1;
--- body
{"messages":[],"max_tokens":100000000,"n":128}
--- orders: usage=0+0
--- hold: 1000



=== clamp: the output that the hold can pay
--- packages: 1 1 day
--- chat_config: credits_clamp on;
--- body eval
my $m = '"messages":[{"role":"user","content":"hi"}]';
[qq({"model":"a",$m}), qq({ $m}), qq({$m,"max_tokens":5000}),
 qq({$m,"max_completion_tokens" : 5000 }),
 qq({$m,"max_tokens":996,"max_completion_tokens":5000}),
 qq({$m,"max_completion_tokens":null}), qq({$m,"max_tokens":null}),
 qq({$m,"max_tokens":995}), qq({$m,"n":5}), qq({$m,"n":5,"max_tokens":199}),
 qq({"stream":true,$m})]
--- orders eval
[("status=500") x 11]
--- error_code eval
[(500) x 11]
--- hold eval
[(1) x 11]
--- provider_body eval
my $m = '"messages":[{"role":"user","content":"hi"}]';
[qq({"max_completion_tokens":995,"model":"a",$m}),
 qq({"max_completion_tokens":995, $m}),
 qq({$m,"max_tokens":995}),
 qq({$m,"max_completion_tokens" : 995 }),
 qq({$m,"max_tokens":995,"max_completion_tokens":995}),
 qq({$m,"max_completion_tokens":995}),
 qq({"max_completion_tokens":995,$m,"max_tokens":null}),
 qq({$m,"max_tokens":995}),
 qq({"max_completion_tokens":199,$m,"n":5}),
 qq({$m,"n":5,"max_tokens":199}),
 qq({"stream_options":{"include_usage":true},"max_completion_tokens":995,)
    . qq("stream":true,$m})]



=== without clamp the output stays as it was asked for
--- packages: 1 1 day
--- body: {"messages":[],"max_tokens":5000}
--- orders: usage=0+0
--- provider_body: {"messages":[],"max_tokens":5000}



=== a stream is asked for its usage, whatever the client says
--- body eval
[map { qq({"model":"gpt-test",$_,$::messages}) }
    '"stream":true',
    '"stream":true,"stream_options":null',
    '"stream":true,"stream_options":{}',
    '"stream":true,"stream_options":{ }',
    '"stream_options":{"include_usage":false},"stream":true',
    '"stream":true,"stream_options":{"include_usage":null}',
    '"stream":true,"stream_options":{"include_usage":"true"}',
    '"stream":true,"stream_options":{"include_usage":{"a":[1,{}]}}',
    '"stream":true,"stream_options":{"include_usage" : 0 }',
    '"stream":true,"stream_options":{"include_obfuscation":false}',
    '"stream":true,"stream_options":{"a":{"include_usage":false},"include_usage":false}',
    '"stream":true,"stream_options":{"include_usage":true}',
    ' "stream" : true ',
    '"\u0073tream":true',
    '"stream":true,"prompt":"hi"',
]
--- orders eval
[("usage=1+1 chunks=1") x 15]
--- ledger eval
[("settled 1 1+1=2") x 15]
--- provider_body eval
my $force = '"stream_options":{"include_usage":true}';
[(map { qq({$_,$::messages}) }
    qq($force,"model":"gpt-test","stream":true),
    qq("model":"gpt-test","stream":true,$force),
    qq("model":"gpt-test","stream":true,$force),
    qq("model":"gpt-test","stream":true,"stream_options":{"include_usage":true }),
    qq("model":"gpt-test",$force,"stream":true),
    qq("model":"gpt-test","stream":true,$force),
    qq("model":"gpt-test","stream":true,$force),
    qq("model":"gpt-test","stream":true,$force),
    qq("model":"gpt-test","stream":true,"stream_options":{"include_usage" : true }),
    qq("model":"gpt-test","stream":true,"stream_options":{"include_usage":true,"include_obfuscation":false}),
    qq("model":"gpt-test","stream":true,"stream_options":{"a":{"include_usage":false},"include_usage":true}),
    qq("model":"gpt-test","stream":true,$force),
    qq($force,"model":"gpt-test", "stream" : true ),
    qq($force,"model":"gpt-test","\\u0073tream":true),
    qq($force,"model":"gpt-test","stream":true,"prompt":"hi"))]



=== what is no stream of completions goes on as it came
--- body eval
[map { qq({"model":"gpt-test",$_,$::messages}) }
    '"stream":false', '"stream":null', '"a":{"stream":true}',
    '"stream":false,"stream_options":{"include_usage":false}',
    '"a" : [ 1.50 , -0e0 , "\u00e9\/" ]',
]
--- orders eval
[("usage=1+1") x 5]
--- provider_body eval
[map { qq({"model":"gpt-test",$_,$::messages}) }
    '"stream":false', '"stream":null', '"a":{"stream":true}',
    '"stream":false,"stream_options":{"include_usage":false}',
    '"a" : [ 1.50 , -0e0 , "\u00e9\/" ]',
]



=== Anthropic's API has no such option
--- chat_config: credits_api anthropic messages;
--- body: {"messages":[],"stream":true,"max_tokens":10}
--- more_headers: anthropic-version: 2023-06-01
--- orders: usage=1+1
--- provider_body: {"messages":[],"stream":true,"max_tokens":10}



=== no header or query of a client's makes it another API
--- request eval
my $body = '{"messages":[],"stream":true,"max_tokens":10}';
["POST /api/chat\n$body", "POST /api/chat\n$body",
 "POST /api/chat?anthropic-version=2023-06-01&api=responses\n$body"]
--- more_headers eval
["anthropic-version: 2023-06-01",
 "OpenAI-Beta: assistants=v2\nX-Credits-Api: anthropic\n"
 . "X-Original-URL: /v1/models\nX-HTTP-Method-Override: GET", ""]
--- orders eval
[("usage=1+1 chunks=1") x 3]
--- ledger eval
[("settled 1 1+1=2 model=") x 3]
--- provider_body eval
[('{"stream_options":{"include_usage":true},"messages":[],"stream":true,'
  . '"max_tokens":10}') x 3]



=== a body in memory, in a temporary file, in chunks
--- chat_config
client_body_buffer_size 1k;
--- request eval
my $chunked = CORE::join '', map { sprintf "%x\r\n%s\r\n", length, $_ }
    $::large =~ /(.{1,777})/gs;
["POST /api/chat\n$::large", "POST /api/chat\n$chunked" . "0\r\n\r\n",
 ["POST /api/chat\n" . substr($::large, 0, 100),
  { value => substr($::large, 100), delay_before => 0.05 }]]
--- more_headers eval
["", "Transfer-Encoding: chunked", ""]
--- orders eval
[("usage=1+1 chunks=1") x 3]
--- ledger eval
[("settled 1 1+1=2") x 3]
--- provider_body eval
[($::large_forced) x 3]
--- provider_headers eval
[("Content-Length: " . length($::large_forced) . "\n!Transfer-Encoding") x 3]
--- grep_error_log: a client request body is buffered to a temporary file
--- grep_error_log_out
a client request body is buffered to a temporary file
--- error_log
buffered to a temporary file



=== a body in a temporary file that stays as it is
--- chat_config
client_body_in_file_only on;
--- body eval
$::large_forced
--- orders: usage=1+1 chunks=1
--- ledger: settled 1 1+1=2
--- provider_body eval
$::large_forced



=== a small chunked body gets a length
--- request eval
my $body = '{"stream":true,"messages":[],"model":"gpt-test"}';
sprintf "POST /api/chat\n%x\r\n%s\r\n0\r\n\r\n", length $body, $body
--- more_headers
Transfer-Encoding: chunked
--- orders: usage=1+1 chunks=1
--- ledger: settled 1 1+1=2
--- provider_body: {"stream_options":{"include_usage":true},"stream":true,"messages":[],"model":"gpt-test"}
--- provider_headers
Content-Length: 88
!Transfer-Encoding



=== the provider is asked for an answer that can be read
--- more_headers eval
["", "Accept-Encoding: gzip, br", "accept-encoding: gzip\nAccept-Encoding: br"]
--- orders eval
[("usage=1+1") x 3]
--- provider_headers eval
["!Accept-Encoding", "Accept-Encoding: identity",
 "Accept-Encoding: identity, identity"]



=== nginx's own gzip still knows what the client takes
--- chat_config
gzip on;
gzip_types application/json;
gzip_min_length 1;
gzip_proxied any;
--- more_headers
Accept-Encoding: gzip
--- orders: usage=1+1
--- ledger: settled 1 1+1=2
--- response_headers
Content-Encoding: gzip
--- provider_headers
Accept-Encoding: identity



=== bodies that are refused: no call, no hold, no charge
--- body eval: \@::hostile
--- error_code eval
[(400) x @::hostile]
--- response_body_like eval
[(qr/\A\{"error":\{"message":"[A-Za-z][^"]+\.","type":"invalid_request_error","param":null,"code":"invalid_body"\},.*\}\n\z/) x @::hostile]
--- ledger eval
[("none") x @::hostile]
--- provider_calls eval
[(0) x @::hostile]



=== what is wrong is said
--- body eval
['', '{"model":"a","model":"b"}', '{"n":0}', '[]']
--- error_code eval
[(400) x 4]
--- response_headers eval
[("Content-Type: application/json\nCache-Control: private, no-store") x 4]
--- response_body eval
[map { ::error_body($_, 'invalid_request_error', 'invalid_body') }
    "The request body is empty.", "The request names a member twice.",
    "n and best_of must be integers from 1 to 128, or null.",
    "The request body must be a JSON object."]



=== a body whose length is 0
--- request
POST /api/chat
--- more_headers
Content-Length: 0
--- error_code: 400
--- response_body_like: The request body is empty\.
--- provider_calls: 0



=== only POST is charged
--- request eval
["GET /api/chat", "PUT /api/chat\n{}", "DELETE /api/chat", "HEAD /api/chat"]
--- error_code eval
[(405) x 4]
--- response_headers eval
[("Allow: POST\nContent-Type: application/json") x 4]
--- response_body eval
[(::error_body('Only POST is answered here.',
    'invalid_request_error', 'method_not_allowed')) x 3, ""]
--- ledger eval
[("none") x 4]
--- provider_calls eval
[(0) x 4]



=== a body that is too large
--- chat_config: client_max_body_size 1k;
--- request eval
["POST /api/chat\n" . $::large,
 "POST /api/chat\n7d0\r\n" . 'x' x 2000 . "\r\n0\r\n\r\n"]
--- more_headers eval
["", "Transfer-Encoding: chunked"]
--- error_code eval
[413, 413]
--- response_headers eval
[("Content-Type: application/json") x 2]
--- response_body eval
[(::error_body("The request's body is too large.",
    'invalid_request_error', 'request_too_large')) x 2]
--- provider_calls eval
[0, 0]



=== a body that is encoded
--- more_headers
Content-Encoding: gzip
--- error_code: 415
--- response_headers
Content-Type: application/json
--- response_body eval
::error_body("The request's body must not be content-encoded.",
    'invalid_request_error', 'unsupported_content_encoding')
--- ledger: none
--- provider_calls: 0



=== Postgres is away: 503, and the provider is not called
--- setup: none
--- http_config
    credits_database "host=127.0.0.1 port=1 user=x dbname=x" timeout=200ms;
    credits_zone credits:2m;
    credits_journal logs/journal;
--- error_code: 503
--- response_headers
Content-Type: application/json
Retry-After: 1
Cache-Control: private, no-store
--- response_body eval
::error_body('Credits cannot be checked at the moment. Nothing was charged; try again.',
    'server_error', 'service_unavailable')
--- provider_calls: 0
--- error_log
[error]



=== Postgres is away, and the request goes on all the same
--- setup: none
--- http_config
    credits_database "host=127.0.0.1 port=1 user=x dbname=x" timeout=200ms;
    credits_zone credits:2m;
    credits_journal logs/journal;
--- chat_config: credits_on_database_error allow;
--- orders: usage=1+1
--- provider_calls: 1
--- error_log
[warn]
Postgres did not answer; the request goes on without a hold (user: <user>)
consumed 1 credits for 2 tokens (user: <user>)
