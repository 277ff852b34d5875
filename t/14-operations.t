# Which operation a request is: it follows from the configuration and the path,
# never from anything else that a client writes.

use lib 't/support';
use Test::Nginx::Socket 'no_plan';
use Credits;

no_long_string();
$ENV{TEST_NGINX_HTML_DIR} ||= html_dir();

our $messages = '"messages":[{"role":"user","content":"hi"}]';
our $chat = qq({"model":"gpt-test",$messages});

# A provider that answers everything with a chat completion, and says in a
# header what it was asked.
our $echo = <<'EOT' =~ s/SOCKET/unix:$ENV{TEST_NGINX_HTML_DIR}\/echo.sock/r;
    server {
        listen SOCKET;
        default_type application/json;
        add_header X-Asked "$request_method $request_uri";
        location / {
            return 200 '{"choices":[{"message":{"content":"x"},
                                     "finish_reason":"stop"}],
                         "usage":{"prompt_tokens":2000,"completion_tokens":1,
                                  "input_tokens":2000,"output_tokens":1}}';
        }
    }
EOT

# A location that has all of an API.
sub api {
    my ($api, $more) = (@_, '');
    return qq(credits_user \$http_x_user;
        merge_slashes off;
        location ~ ^/ {
            credits on;
            credits_api $api;
            $more
            proxy_pass http://unix:$ENV{TEST_NGINX_HTML_DIR}/echo.sock;
            proxy_buffering off;
            proxy_ignore_client_abort on;
        });
}

sub refused {
    my ($name) = @_;
    return error_body("\\\"$name\\\" cannot be metered here.",
                      'invalid_request_error', 'operation_not_metered');
}

our @get = map { "GET $_" } qw(
    /v1/models /v1/models/gpt-4o /v1/models/maker/model /v1/responses/resp_1
    /v1/responses/resp_1/input_items /v1/chat/completions/id
    /v1/chat/completions/id/messages);
our @free = (@get, (map { s/GET/HEAD/r } @get[0, 3]),
    'DELETE /v1/responses/resp_1', 'POST /v1/responses/resp_1/cancel',
    "POST /v1/moderations\n{\"input\":\"hi\"}",
    "POST /v1/responses/input_tokens\n{\"input\":\"hi\"}");

# What costs the team money, or may, and is not metered: path, and its name.
our @refused = (
    batches => 'batches', 'batches/b/cancel' => 'batches',
    files => 'files', 'files/f/content' => 'files', uploads => 'uploads',
    'fine_tuning/jobs' => 'fine_tuning', realtime => 'realtime',
    'realtime/client_secrets' => 'realtime', 'realtime/sessions' => 'realtime',
    assistants => 'assistants', 'threads/t/runs' => 'threads',
    videos => 'videos', 'vector_stores' => 'vector_stores',
    Batches => 'batches', 'FILES' => 'files');
our @paths = map { $refused[2 * $_] } 0 .. @refused / 2 - 1;
our @names = map { $refused[2 * $_ + 1] } 0 .. @refused / 2 - 1;

# Ways to write a path so that somebody reads another one in it.
our @strange = map { "/v1/$_" } qw(
    %2e%2e/v1/models x/%2e%2e/models ..;/models models/..%2f..%2fbatches
    models%2f..%2fbatches models/%2e%2e/batches models;/../batches
    models//x/../batches models%3b models%23 models%5c..%5cbatches
    models/..%5cbatches %2e/models models%253f models%00x
);

run_tests();
check_ledger();

__DATA__

=== charged, by the end of the path
--- http_config eval: $::echo
--- config eval: ::api('openai')
--- request eval
[(map { "POST $_\n$::chat" } qw(/v1/chat/completions /chat/completions
    /openai/deployments/gpt-test/chat/completions?api-version=2024-10-21
    /V1/Chat/Completions /v1/chat/completions/)),
 "POST /v1/responses\n{\"model\":\"gpt-test\",\"input\":\"hi\"}"]
--- ledger eval
[("settled 3 2000+1=2001") x 6]
--- response_headers eval
[(map { "X-Asked: POST $_" } qw(/v1/chat/completions /chat/completions
    /openai/deployments/gpt-test/chat/completions?api-version=2024-10-21
    /V1/Chat/Completions /v1/chat/completions/)),
 "X-Asked: POST /v1/responses"]



=== the operation is named in the metadata
--- http_config eval: $::echo
--- config eval: ::api('openai')
--- request eval
"POST /v1/responses\n{\"model\":\"gpt-test\",\"input\":\"hi\"}"
--- then eval
sub {
    ::is(::sql(q{SELECT metadata ->> 'operation' FROM credit_charge
                  WHERE userId = :'user'}, user => $_[0]),
         'openai responses', 'the operation');
}



=== free: a user is needed, credits are not
--- http_config eval: $::echo
--- config eval: ::api('openai')
--- packages: none
--- request eval: \@::free
--- error_code eval
[(200) x @::free]
--- response_headers eval
[map { 'X-Asked: ' . (/(.*)/)[0] . "\n!X-Credits-Request-Id" } @::free]
--- ledger eval
[("none") x @::free]



=== free: but a user is needed
--- http_config eval: $::echo
--- config eval: ::api('openai')
--- request eval: \@::free
--- more_headers
X-User:
--- error_code eval
[(401) x @::free]
--- response_headers eval
[("!X-Asked") x @::free]



=== refused, and what it is is named
--- http_config eval: $::echo
--- config eval: ::api('openai')
--- request eval
[map { "POST /v1/$_\n$::chat" } @::paths]
--- error_code eval
[(403) x @::paths]
--- response_body eval
[map { ::refused($_) } @::names]
--- response_headers eval
[("!X-Asked") x @::paths]
--- ledger eval
[("none") x @::paths]



=== refused with every method, also where a user may pass unlisted
--- http_config eval: $::echo
--- config eval: ::api('openai unlisted=user')
--- request eval
[map { "$_ /v1/files" } qw(GET HEAD DELETE PUT PATCH OPTIONS POST)]
--- error_code eval
[(403) x 7]
--- response_headers eval
[("!X-Asked") x 7]



=== refused: a member with which nothing can be metered
--- http_config eval: $::echo
--- config eval: ::api('openai')
--- request eval
["POST /v1/responses\n{\"model\":\"m\",\"input\":\"hi\",\"background\":true}",
 "POST /v1/responses\n{\"model\":\"m\",\"input\":\"hi\",\"background\":false}"]
--- error_code eval
[403, 200]
--- response_body_like eval
[quotemeta(::refused('background')), "choices"]
--- ledger eval
["none", "settled 3 2000+1=2001 model=m"]



=== what the table does not have is refused
--- http_config eval: $::echo
--- config eval: ::api('openai')
--- request eval
["GET /v1/unknown", "POST /v1/unknown\n$::chat", "GET /", "POST /v1/models/x/y/z/a\n{}",
 "GET /v1/responses"]
--- error_code eval
[403, 403, 403, 403, 405]
--- response_body_like eval
[(map { quotemeta ::refused($_) } "/v1/unknown", "/v1/unknown", "/",
  "/v1/models/x/y/z/a"), "method_not_allowed"]
--- response_headers eval
[("!X-Asked") x 4, "Allow: POST"]
--- ledger eval
[("none") x 5]



=== unlisted=user lets it pass, for users, and costs nothing
--- http_config eval: $::echo
--- config eval: ::api('openai unlisted=user')
--- packages: none
--- request eval
["GET /v1/unknown?x=1", "POST /v1/unknown\n$::chat", "GET /v1/unknown"]
--- more_headers eval
["", "", "X-User:"]
--- error_code eval
[200, 200, 401]
--- response_headers eval
["X-Asked: GET /v1/unknown?x=1", "X-Asked: POST /v1/unknown", "!X-Asked"]
--- ledger eval
[("none") x 3]



=== unlisted=refuse is the default, said
--- http_config eval: $::echo
--- config eval: ::api('openai unlisted=refuse')
--- request
GET /v1/unknown
--- error_code: 403



=== a path that is read in two ways is none
--- http_config eval: $::echo
--- config eval: ::api('openai unlisted=user')
--- request eval
[map { "GET $_" } @::strange]
--- error_code_like eval
[("^40[03]\$") x @::strange]
--- response_headers eval
[("!X-Asked") x @::strange]



=== nor is one that ends like something charged
--- http_config eval: $::echo
--- config eval: ::api('openai')
--- request eval
[map { "POST $_\n$::chat" } "/v1/batches%2f..%2fchat/completions",
 "/v1/batches/%2e%2e/chat/completions", "/v1/files;/chat/completions",
 "/v1//chat/completions", "/v1/chat%2fcompletions"]
--- error_code_like eval
[("^40[03]\$") x 5]
--- response_headers eval
[("!X-Asked") x 5]
--- ledger eval
[("none") x 5]



=== methods: only those of the row, and they are named
--- http_config eval: $::echo
--- config eval: ::api('openai')
--- request eval
["GET /v1/chat/completions", "HEAD /v1/chat/completions",
 "DELETE /v1/chat/completions", "PUT /v1/embeddings\n{}",
 "POST /v1/models\n{}", "DELETE /v1/models/x", "OPTIONS /v1/models"]
--- error_code eval
[(405) x 7]
--- response_headers eval
[("Allow: POST\n!X-Asked") x 4, ("Allow: GET, HEAD\n!X-Asked") x 3]
--- ledger eval
[("none") x 7]



=== an upgrade leads past the meter: it is refused
--- http_config eval: $::echo
--- config eval: ::api('openai unlisted=user')
--- request eval
["POST /v1/chat/completions\n$::chat", "GET /v1/models", "GET /v1/unknown",
 "POST /v1/chat/completions\n$::chat", "GET /v1/models"]
--- more_headers eval
["Upgrade: websocket", "Upgrade: WebSocket",
 "Upgrade: h2c, websocket", "Upgrade: h2c", "Upgrade: H2C\nUpgrade: x"]
--- error_code eval
[403, 403, 403, 200, 403]
--- response_body_like eval
[(quotemeta ::refused('Upgrade')) x 3, "choices", quotemeta ::refused('Upgrade')]
--- ledger eval
["none", "none", "none", "settled 3 2000+1=2001", "none"]



=== nothing that a client sends makes another operation of it
--- http_config eval: $::echo
--- config eval: ::api('openai')
--- request eval
[("POST /v1/chat/completions\n$::chat") x 4,
 "POST /v1/chat/completions?path=/v1/models&/v1/models\n$::chat",
 "POST /v1/chat/completions?x=/models#/v1/models\n$::chat"]
--- more_headers eval
["anthropic-version: 2023-06-01", "X-HTTP-Method-Override: GET",
 "X-Original-URL: /v1/models\nX-Rewrite-URL: /v1/models",
 "X-Forwarded-Path: /v1/models\nX-Forwarded-Method: GET", "", ""]
--- ledger eval
[("settled 3 2000+1=2001") x 6]



=== an operation that is named is that one, whatever the path
--- http_config eval: $::echo
--- config eval: ::api('openai chat')
--- request eval
[map { "POST $_\n$::chat" } "/v1/models", "/v1/batches", "/x", "/v1/%2e%2e/x"]
--- ledger eval
[("settled 3 2000+1=2001") x 4]



=== a free operation that is named asks for a user only
--- http_config eval: $::echo
--- config eval: ::api('openai moderations')
--- packages: none
--- request eval
["POST /x\n{\"input\":\"hi\"}", "GET /x", "POST /x\n{}"]
--- more_headers eval
["", "", "X-User:"]
--- error_code eval
[200, 405, 401]
--- ledger eval
[("none") x 3]



=== each dialect: charged, free, refused
--- http_config eval: $::echo
--- config eval
qq(credits_user \$http_x_user; credits on;) . CORE::join '', map {
    my $dialect = $_;
    qq(location /$dialect/ { credits_api $dialect;
        proxy_pass http://unix:$ENV{TEST_NGINX_HTML_DIR}/echo.sock:/; })
} qw(anthropic gemini mistral cohere ollama bedrock)
--- request eval
["GET /anthropic/v1/models", "POST /anthropic/v1/messages/count_tokens\n{}",
 "POST /anthropic/v1/messages/batches\n{}",
 "GET /gemini/v1beta/models", "POST /gemini/v1beta/models/g:countTokens\n{}",
 "POST /gemini/v1beta/models/g:batchGenerateContent\n{}",
 "POST /gemini/v1beta/models/veo:predictLongRunning\n{}",
 "GET /mistral/v1/models", "POST /mistral/v1/batch/jobs\n{}",
 "GET /cohere/v1/models", "POST /cohere/v1/embed-jobs\n{}",
 "GET /ollama/api/tags", "POST /ollama/api/pull\n{}", "DELETE /ollama/api/delete\n{}",
 "GET /bedrock/foundation-models", "POST /bedrock/async-invoke\n{}",
 "POST /anthropic/v1/chat/completions\n{}", "POST /gemini/v1/messages\n{}"]
--- error_code eval
[200, 200, 403, 200, 200, 403, 403, 200, 403, 200, 403, 200, 403, 403, 200,
 403, 403, 403]
--- ledger eval
[("none") x 18]



=== each dialect has its own limit
--- config eval
qq(credits_user \$http_x_user; credits on; credits_hold strict;
   credits_max_output 100;) . CORE::join '', map {
    my ($path, $api) = @$_;
    qq(location = $path { credits_api $api;
        proxy_pass http://127.0.0.1:\$TEST_NGINX_PROVIDER_PORT/v1/chat/completions; })
} ['/a', 'openai chat'], ['/b', 'openai completions'],
  ['/c', 'openai responses'], ['/d', 'anthropic messages'],
  ['/e', 'gemini generate'], ['/f', 'mistral chat'], ['/g', 'cohere chat'],
  ['/h', 'ollama chat'], ['/i', 'bedrock converse'],
  ['/j', 'openai embeddings']
--- request eval
[map { "POST /$_\n{\"x\":1}" } 'a' .. 'j']
--- answer eval
[('{"error":"no"}') x 10]
--- ledger eval
[("released 0 reason=upstream_error model=") x 10]
--- provider_body eval
['{"max_completion_tokens":100,"x":1}', '{"max_tokens":100,"x":1}',
 '{"max_output_tokens":100,"x":1}', '{"max_tokens":100,"x":1}',
 '{"generationConfig":{"maxOutputTokens":100},"x":1}',
 '{"max_tokens":100,"x":1}', '{"max_tokens":100,"x":1}',
 '{"options":{"num_predict":100},"x":1}',
 '{"inferenceConfig":{"maxTokens":100},"x":1}', '{"x":1}']



=== usage is asked for where the operation has such an option
--- config eval
qq(credits_user \$http_x_user; credits on;) . CORE::join '', map {
    my ($path, $api) = @$_;
    qq(location = $path { credits_api $api;
        proxy_pass http://127.0.0.1:\$TEST_NGINX_PROVIDER_PORT/v1/chat/completions; })
} ['/a', 'openai chat'], ['/b', 'openai completions'],
  ['/c', 'openai responses'], ['/d', 'anthropic messages'],
  ['/e', 'mistral chat'], ['/f', 'cohere chat'], ['/g', 'ollama chat'],
  ['/h', 'openai images']
--- request eval
[map { "POST /$_\n{\"stream\":true}" } 'a' .. 'h']
--- answer eval
[('{"error":"no"}') x 8]
--- provider_body eval
my $asks = '{"stream_options":{"include_usage":true},"stream":true}';
[$asks, $asks, ('{"stream":true}') x 6]



=== credits_include_usage off: nothing is asked for, the stream is estimated
--- chat_config: credits_include_usage off;
--- body eval
[map { qq({"model":"gpt-test","stream":true,$_$::messages}) }
    '', '"stream_options":{"include_obfuscation":false},']
--- orders eval
[("usage=none text=12345678 chunks=1") x 2]
--- ledger eval
[("estimated 1 5+2=7 reason=no_usage") x 2]
--- provider_body eval
[map { qq({"model":"gpt-test","stream":true,$_$::messages}) }
    '', '"stream_options":{"include_obfuscation":false},']



=== the content type of what is charged
--- more_headers eval
[map { "Content-Type: $_" } 'application/json', 'APPLICATION/JSON',
    'application/json;charset=utf-8', 'application/json; charset="UTF-8"',
    'application/json ; charset=utf-8', 'application/json;',
    # and what is none
    'application/json; charset=utf-7', 'application/json; charset=latin1',
    'application/json; charset=utf-8; charset=utf-7', 'application/json, x/y',
    'application/jsonx', 'text/plain', 'text/json', 'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x', 'application/json+x', 'application/',
    'application/json charset=utf-8', 'application/json; charset', '',
    "application/json\nContent-Type: application/json"]
--- orders eval
[("usage=1+1") x 21]
--- error_code eval
[(200) x 6, (415) x 15]
--- response_body_like eval
[("choices") x 6,
 (quotemeta ::error_body("The request's body must be application/json, in UTF-8.",
                         'invalid_request_error', 'unsupported_content_type')) x 15]
--- ledger eval
[("settled 1 1+1=2") x 6, ("none") x 15]
--- provider_calls eval
[(1) x 6, (0) x 15]



=== no content type at all
--- raw_request eval
"POST /api/chat HTTP/1.1\r\nHost: localhost\r\nX-User: nobody\r\n"
. "Connection: close\r\nContent-Length: 2\r\n\r\n{}"
--- error_code: 415



=== a form where the operation takes one, and only there
--- chat_config: credits_api openai transcriptions;
--- more_headers eval
["Content-Type: multipart/form-data; boundary=x", "",
 "Content-Type: multipart/form-data", "Content-Type: multipart/form-data; boundary="]
--- body eval
["--x\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n"
 . "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.mp3\"\r\n\r\n"
 . 'ID3' x 1000 . "\r\n--x--\r\n", ("{}") x 3]
--- error_code eval
[400, 415, 415, 415]
--- response_body_like eval
["parse the JSON body", ("must be multipart/form-data\\.") x 3]
--- ledger eval
["released 0 reason=upstream_error model=whisper-1", ("none") x 3]
--- provider_calls eval
[1, 0, 0, 0]



=== strict and clamp: what has no bound is refused by its name
--- config eval
qq(credits_user \$http_x_user; credits on; credits_api openai;
   location /strict/ { credits_hold strict; proxy_pass http://127.0.0.1:1; }
   location /clamp/ { credits_clamp on; proxy_pass http://127.0.0.1:1; }
   location /auto/ { proxy_pass http://127.0.0.1:1; }
   location /allow/ { credits_hold strict;
       credits_allow previous_response_id web_search models file_id prompt;
       proxy_pass http://127.0.0.1:1; })
--- request eval
[map { my ($where, $body) = @$_;
       "POST /$where/" . ($body =~ /messages/ ? 'chat/completions' : 'responses')
           . "\n{\"model\":\"m\",$body}" }
    ['strict', '"input":"hi","previous_response_id":"r"'],
    ['clamp', '"input":"hi","previous_response_id":"r"'],
    ['auto', '"input":"hi","previous_response_id":"r"'],
    ['allow', '"input":"hi","previous_response_id":"r"'],
    ['strict', '"input":"hi","previous_response_id":null'],
    ['strict', '"input":"hi","conversation":"c"'],
    ['allow', '"input":"hi","conversation":"c"'],
    ['strict', '"prompt":{"id":"p"}'],
    ['strict', '"input":"hi","tools":[{"type":"web_search_preview"}]'],
    ['allow', '"input":"hi","tools":[{"type":"web_search_preview"}]'],
    ['strict', '"input":"hi","tools":[{"type":"function","name":"f"}]'],
    ['strict', '"input":"hi","tools":[{"type":"brand_new"}]'],
    ['strict', '"input":[{"role":"user","content":[{"type":"input_file","file_id":"f"}]}]'],
    ['strict', '"messages":[],"models":["a","b"]'],
    ['allow', '"messages":[],"models":["a","b"]'],
    ['strict', '"messages":[],"route":"fallback"']]
--- error_code eval
[400, 400, 502, 502, 502, 400, 400, 400, 400, 502, 502, 400, 400, 400, 502, 400]
--- response_body_like eval
[map { $_ eq '' ? 'bad_gateway'
     : quotemeta ::error_body("What \\\"$_\\\" costs is not known before; it is not taken here.",
                              'invalid_request_error', 'price_not_bounded') }
 'previous_response_id', 'previous_response_id', '', '', '', 'conversation',
 'conversation', 'prompt', 'web_search', '', '', 'tools', 'file_id', 'models',
 '', 'route']



=== parts that are no text count as credits_part_tokens says
--- chat_config
credits_max_output 1;
credits_part_tokens image=5000 audio=6000 file=7000;
--- body eval
[map { qq({"model":"gpt-test","messages":[{"role":"user","content":[$_]}]}) }
    '{"type":"image_url","image_url":{"url":"https://a.example/1.png"}}',
    '{"type":"image_url","image_url":{"url":"data:image/png;base64,' . 'A' x 4000 . '"}}',
    '{"type":"input_audio","input_audio":{"data":"' . 'A' x 4000 . '","format":"mp3"}}',
    '{"type":"file","file":{"file_data":"data:application/pdf;base64,' . 'A' x 4000 . '"}}',
    CORE::join(',', ('{"type":"image_url","image_url":{"url":"x"}}') x 3)]
--- orders eval
[("usage=1+1") x 5]
--- hold eval
[6, 6, 7, 8, 16]



=== credits_part_tokens: what is not said is as by default
--- chat_config
credits_max_output 1;
credits_part_tokens image=0;
--- body eval
[map { qq({"model":"gpt-test","messages":[{"role":"user","content":[$_]}]}) }
    '{"type":"image_url","image_url":{"url":"https://a.example/1.png"}}',
    '{"type":"input_audio","input_audio":{"data":"AAAA","format":"mp3"}}',
    '{"type":"file","file":{"file_data":"data:application/pdf;base64,AAAA"}}']
--- orders eval
[("usage=1+1") x 3]
--- hold eval
[1, 4, 21]



=== auto's minimum is the price of the prompt
--- packages: 3 1 day
--- chat_config: credits_max_output 1;
--- body eval
[map { '{"model":"gpt-test","messages":[{"role":"user","content":"' . 'x' x $_ . '"}]}' }
    16_000, 11_980]
--- orders eval
["", "usage=2999+1"]
--- error_code eval
[402, 200]
--- response_body_like eval
['"available":3,"required":5,"held":0', ""]
--- provider_calls eval
[0, 1]
--- ledger eval
["none", "settled 3 2999+1=3000"]



=== credits_on_missing_usage capture: what cannot be read costs its hold
--- chat_config
credits_on_missing_usage capture;
credits_hold 7;
--- answer eval
['{"answer":"what is this?"}', '{"choices":[{"message":{"content":"Hi"}}],"x":nope}',
 '<html>sorry</html>', '{"error":"no"}', '', '{"choices":[]}',
 '{"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]}']
--- ledger eval
[(qr/^estimated 7 5\+\d+=\d+ reason=unreadable$/) x 3,
 "released 0 reason=upstream_error", ("released 0 reason=empty_answer") x 2,
 "estimated 1 5+1=6 reason=no_usage"]



=== credits_on_missing_usage estimate is the default, said
--- chat_config
credits_on_missing_usage estimate;
credits_hold 7;
--- answer: {"answer":"what is this?"}
--- ledger eval
qr/^estimated 1 5\+\d+=\d+ reason=unreadable$/



=== what was learnt is counted by its reason
--- request eval
[("POST /api/chat\n$::chat") x 6, "GET /metrics"]
--- answer eval
['{"answer":"what is this?"}', '<html>sorry</html>', '', '{"error":"no"}',
 '{"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]}',
 '{"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}],'
 . '"usage":{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}}', undef]
--- response_body_like eval
[("") x 6, CORE::join '.*', map { qq(nginx_credits_reasons_total\\{reason="$$_[0]"\\} $$_[1]\n) }
 [no_usage => 1], [zero_usage => 1], [unreadable => 1], [truncated => 0],
 [client_gone => 0], [upstream_error => 2], [empty_answer => 1]]
