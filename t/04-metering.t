# The answer: its usage is found however the bytes come, and it flows through
# byte for byte.

use lib 't/support';
use Test::Nginx::Socket 'no_plan';
use Credits;

no_long_string();
repeat_each(2);

# Events of a stream, as a provider frames them.
sub events { join '', map { "data: $_\n\n" } @_ }

sub chunk {
    my ($content, $more) = @_;
    return qq({"id":"chatcmpl-1","object":"chat.completion.chunk",)
        . qq("created":1770933892,"model":"gpt-test-2025",)
        . qq("choices":[{"index":0,"delta":{"content":"$content"},)
        . qq("logprobs":null,"finish_reason":null}]) . ($more // '') . '}';
}

our $usage = '{"prompt_tokens":1234,"completion_tokens":14000,'
    . '"total_tokens":15234}';
our $usage_chunk = '{"id":"chatcmpl-1","object":"chat.completion.chunk",'
    . '"created":1770933892,"model":"gpt-test-2025","choices":[],'
    . qq("usage":$usage});
our @text = (chunk('Hel', ',"usage":null'),
             chunk('l\u00f6 \"usage\":{\"total_tokens\":9}',
                   ',"usage":null'));

our $shown = events(@text);
our $usual = $shown . events($usage_chunk, '[DONE]');
our $usual_shown = $shown . events('[DONE]');

our $json = qq({"id":"chatcmpl-1","object":"chat.completion","choices":[)
    . qq({"index":0,"message":{"role":"assistant","content":"Hi"},)
    . qq("finish_reason":"stop"}],"usage":$usage}\n);

# The client asked for the usage itself.
our $asking = '{"model":"gpt-test","stream":true,'
    . '"stream_options":{"include_usage":true},"messages":[]}';

our $charged = 'settled 16 1234+14000=15234';

run_tests();
check_ledger();

__DATA__

=== a JSON document, byte for byte
--- answer eval: $::json
--- ledger eval: $::charged
--- response_body eval: $::json
--- response_headers_like
Content-Type: application/json
Content-Length: \d+
X-Credits-Request-Id: [0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}



=== JSON cut anywhere, and as it comes in practice
--- answer eval
[$::json, $::json, $::json, "\xef\xbb\xbf$::json", $::json =~ s/([,:{}])/$1\r\n\t /gr]
--- orders eval
["split=1", "split=2", "split=7", "split=3", "split=1"]
--- ledger eval
[($::charged) x 5]
--- response_body eval
[($::json) x 3, "\xef\xbb\xbf$::json", $::json =~ s/([,:{}])/$1\r\n\t /gr]



=== a stream, less the chunk that the client did not ask for
--- stream
--- answer eval: $::usual
--- ledger eval: $::charged
--- response_body eval: $::usual_shown
--- response_headers
Content-Type: text/event-stream; charset=utf-8
!Content-Length



=== a stream with the chunk that the client did ask for
--- body eval: $::asking
--- answer eval: $::usual
--- ledger eval: $::charged
--- response_body eval: $::usual



=== a stream cut anywhere, with and without the chunk
--- body eval
my $plain = '{"model":"gpt-test","stream":true,"messages":[]}';
[($plain) x 6, ($::asking) x 4]
--- answer eval
[($::usual) x 10]
--- orders eval
[qw(split=1 split=2 split=3 split=7 split=64 split=1000),
 qw(split=1 split=2 split=3 split=7)]
--- ledger eval
[($::charged) x 10]
--- response_body eval
[($::usual_shown) x 6, ($::usual) x 4]



=== every way to frame a stream
--- stream
--- answer eval
my $all = $::usual;
my @framed = (
    $all =~ s/\n/\r\n/gr,                       # CRLF
    $all =~ s/\n/\r/gr,                         # CR
    $all =~ s/data: /data:/gr,                  # no space
    $all =~ s/^data: /: PROCESSING\n\ndata: /gmr,
    $all =~ s/^(?=data: )/event: message\nid: 1\n/gmr,
    $all =~ s/\n+\z//r,                         # no newline at the end
    "\xef\xbb\xbf$all",
    $all =~ s/,"choices":\[\]/,\ndata: "choices":[]/r,  # two data lines
);
[@framed, @framed]
--- orders eval
[("split=3") x 8, ("") x 8]
--- ledger eval
[($::charged) x 16]
--- response_body eval
my $all = $::usual_shown;
my $named = $all =~ s/^(?=data: )/event: message\nid: 1\n/gmr;
my @framed = (
    $all =~ s/\n/\r\n/gr,
    $all =~ s/\n/\r/gr,
    $all =~ s/data: /data:/gr,
    $::usual =~ s/^data: /: PROCESSING\n\ndata: /gmr
        =~ s/data: [^\n]*"choices":\[\][^\n]*\n\n//r,
    $named,
    $all =~ s/\n+\z//r,
    "\xef\xbb\xbf$all",
    $all,
);
[@framed, @framed]



=== the stand-in's own framings
--- stream
--- orders eval
[map { "usage=1234+14000 chunks=20 $_" } "crlf split=1", "nospace split=3",
 "comments split=7", "finalnewline=no", "obfuscation", "delay=1"]
--- ledger eval
[($::charged) x 6]
--- response_body_like eval
[(qr/\A(?!.*"choices":\[\]).*data: ?\[DONE\]\s*\z/s) x 6]



=== no usage chunk is the last event and no [DONE] follows
--- stream
--- answer eval: $::shown . ::events($::usage_chunk)
--- ledger eval: $::charged
--- response_body eval: $::shown



=== what is not the usage chunk stays: Azure's first chunk, usage with choices
--- stream
--- answer eval
@::kept = (
    # Azure: no choices, but no usage either
    ::events('{"choices":[],"created":0,"id":"","model":"","object":"",'
           . '"prompt_filter_results":[{"prompt_index":0}]}', @::text),
    # DeepSeek, Gemini: usage beside choices
    ::events(::chunk('Hi', qq(,"usage":$::usage)), '[DONE]'),
    # llama.cpp: null usage and no choices
    ::events('{"choices":[],"usage":null}',
             ::chunk('Hi', qq(,"usage":$::usage)), '[DONE]'),
);
$::kept[0] .= ::events($::usage_chunk, '[DONE]');
\@::kept
--- ledger eval
[($::charged) x 3]
--- response_body eval
[::events('{"choices":[],"created":0,"id":"","model":"","object":"",'
        . '"prompt_filter_results":[{"prompt_index":0}]}', @::text, '[DONE]'),
 @::kept[1, 2]]



=== usage on every chunk: the last one counts
--- stream
--- answer eval
::events(map { ::chunk('x', qq(,"usage":{"prompt_tokens":3,"completion_tokens":$_,)
                        . qq("total_tokens":@{[3 + $_]}})) } 1, 100, 997)
. ::events('[DONE]')
--- ledger
settled 1 3+997=1000



=== usage on every chunk, and no end: the last one is the least that it cost
--- stream
--- answer eval
[map { my $text = $_; ::events(map { ::chunk($text,
    qq(,"usage":{"prompt_tokens":3,"completion_tokens":$_,"total_tokens":@{[3 + $_]}})) }
    1, 100, 997) } 'x', 'x' x 1400]
--- ledger eval
["estimated 1 3+997=1000 reason=truncated",
 "estimated 2 3+1050=1053 reason=truncated"]



=== providers that count otherwise
--- answer eval
[map { qq({"choices":[{"message":{"content":"Hi"}}],"usage":$_}) }
    # reasoning outside completion: the total is what is billed
    '{"prompt_tokens":12,"completion_tokens":2,"total_tokens":3540,'
        . '"completion_tokens_details":{"reasoning_tokens":340}}',
    # cached and reasoning tokens are parts, never added
    '{"prompt_tokens":1500,"completion_tokens":500,"total_tokens":2000,'
        . '"prompt_tokens_details":{"cached_tokens":1400},'
        . '"completion_tokens_details":{"reasoning_tokens":400}}',
    # nothing was produced, they say: the text was
    '{"prompt_tokens":8,"total_tokens":8}',
    # the Responses API
    '{"input_tokens":1000,"output_tokens":1,"total_tokens":1001}',
    # Anthropic: the cached prompt is beside input_tokens
    '{"input_tokens":10,"cache_creation_input_tokens":1000,'
        . '"cache_read_input_tokens":2000,"output_tokens":30}',
    # total only what it is not
    '{"prompt_tokens":900,"completion_tokens":200,"total_tokens":1}',
    # floats of money beside it
    '{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3,"cost":0.95}',
]
--- ledger eval
["settled 4 12+2=3540",
 "settled 2 1500+500=2000 cached=1400",
 "estimated 1 8+1=9 reason=zero_usage",
 "settled 2 1000+1=1001",
 "settled 4 3010+30=3040 cached=2000",
 "settled 2 900+200=1100",
 "settled 1 1+2=3"]



=== embeddings
--- chat_config: credits_api openai embeddings;
--- body: {"model":"gpt-test","input":"hi"}
--- answer: {"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.1,-2]}],"model":"gpt-test","usage":{"prompt_tokens":8,"total_tokens":8}}
--- ledger: settled 1 8+0=8



=== the Responses API, streamed
--- chat_config: credits_api openai responses;
--- body: {"model":"gpt-test","stream":true,"input":"hi"}
--- answer eval
$::stream = "event: response.in_progress\n"
    . ::events('{"type":"response.in_progress","response":{"usage":null}}')
    . "event: response.completed\n"
    . ::events('{"type":"response.completed","response":{"usage":'
             . '{"input_tokens":36,"output_tokens":8700,'
             . '"total_tokens":8736}}}')
--- ledger: settled 9 36+8700=8736
--- response_body eval: $::stream



=== Anthropic's messages, streamed, to their end and not
--- chat_config: credits_api anthropic messages;
--- body: {"model":"gpt-test","stream":true,"messages":[],"max_tokens":100}
--- answer eval
@::streams = (
    ::events('{"type":"message_start","message":{"usage":{"input_tokens":1051,'
           . '"output_tokens":1}}}',
           '{"type":"content_block_delta","delta":{"type":"text_delta",'
           . '"text":"Hi"}}',
           '{"type":"message_delta","delta":{"stop_reason":"end_turn"},'
           . '"usage":{"output_tokens":4727}}',
           '{"type":"message_stop"}'),
    # the first count is a placeholder
    ::events('{"type":"message_start","message":{"usage":{"input_tokens":1051,'
           . '"output_tokens":1}}}',
           '{"type":"content_block_delta","delta":{"type":"text_delta",'
           . '"text":"' . 'x' x 4000 . '"}}'),
);
\@::streams
--- ledger eval
["settled 6 1051+4727=5778", "estimated 3 1051+1000=2051 reason=truncated"]
--- response_body eval: \@::streams



=== hostile numbers are no usage: an estimate is charged
--- answer eval
[map { qq({"choices":[{"message":{"content":"12345678"}}],"usage":$_}) }
    '{"prompt_tokens":-1,"completion_tokens":-1}',
    '{"prompt_tokens":"12","completion_tokens":"34"}',
    '{"prompt_tokens":1.5,"completion_tokens":1e400}',
    '{"prompt_tokens":9223372036854775808,"completion_tokens":1}',
    '{"prompt_tokens":18446744073709551617,"completion_tokens":1}',
    '{"prompt_tokens":null,"completion_tokens":null,"total_tokens":null}',
    'null', '[]', '"none"', '1']
--- ledger eval
["estimated 1 5+2=7 reason=unreadable", "settled 1 12+34=46",
 (map { "estimated 1 5+$_ reason=unreadable" } "2=7", "1=6", "1=6"),
 ("estimated 1 5+2=7 reason=no_usage") x 5]



=== usage in the model's words is no usage
--- stream
--- answer eval
::events(::chunk('{\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1}}'),
       ::chunk('x', ',"delta":{"usage":{"prompt_tokens":1}}'),
       ::chunk('\n\ndata: {\"usage\":{\"total_tokens\":1}}'),
       $::usage_chunk, '[DONE]')
--- ledger eval: $::charged



=== zero beside a text is no usage
--- orders eval
["usage=0+0", "usage=none text=12345678", "usage=null text=12345678"]
--- ledger eval
["estimated 1 5+83=88 reason=zero_usage",
 ("estimated 1 5+2=7 reason=no_usage") x 2]



=== a stream that never says its usage
--- stream
--- orders: usage=none text=12345678
--- ledger: estimated 1 5+2=7 reason=no_usage
--- response_body_like: \[DONE\]



=== an error in the middle of a stream: what was produced is estimated
--- stream
--- orders: usage=1+1 error=midstream text=1234567890123456 chunks=4
--- ledger: estimated 1 5+2=7 reason=upstream_error
--- response_body_like: "error":\{"message"



=== an error before anything was produced costs nothing
--- stream
--- answer eval
::events('{"error":{"message":"You exceeded your current quota","type":'
       . '"insufficient_quota","param":null,"code":"insufficient_quota"}}')
--- ledger: released 0 reason=upstream_error
--- response_body_like: insufficient_quota



=== the provider refuses: nothing is charged, its answer goes through
--- orders eval
["status=429 header=Retry-After:7", "status=500", "status=404", "status=401"]
--- error_code eval
[429, 500, 404, 401]
--- response_headers eval
["Retry-After: 7", "Retry-After:", "", ""]
--- response_body_like eval
[qr/^\{"error":\{"message":"Rate limit reached\."/, (qr/^\{"error":/) x 3]
--- ledger eval
[("released 0 reason=upstream_error") x 4]



=== gzip although it was not asked for
--- stream
--- orders: gzip usage=1234+14000
--- more_headers
Accept-Encoding: gzip
--- ledger eval: qr/^estimated 1 5\+[1-9]\d+=\d+ reason=unreadable$/
--- provider_headers
Accept-Encoding: identity
--- response_headers
Content-Encoding: gzip
--- error_log
[warn]
the provider encoded its answer although it was asked not to; it is charged by an estimate



=== a text or a page where a document is expected is a failure
--- orders eval
["type=text/plain", "type=text/html", "type=text/html", ""]
--- answer eval
["12345678", "<html>not json</html>", "\n <!DOCTYPE html>" . 'x' x 4000,
 "<html>not json</html>"]
--- ledger eval
[("released 0 reason=upstream_error") x 4]
--- response_body eval
["12345678", "<html>not json</html>", "\n <!DOCTYPE html>" . 'x' x 4000,
 "<html>not json</html>"]
--- response_headers eval
["Content-Type: text/plain", "Content-Type: text/html",
 "Content-Type: text/html", "Content-Type: application/json"]



=== a document of an unknown shape: its bytes are charged, and it is said
--- orders eval
["", "type=application/octet-stream"]
--- answer eval
[('{"answer":"' . 'x' x 400 . '"}') x 2]
--- ledger eval
[("estimated 1 5+104=109 reason=unreadable") x 2]
--- error_log
estimated: unreadable



=== a document without an answer
--- answer eval
['', '{"choices":[]}', '{}', '{"choices":[],"usage":null}']
--- ledger eval
[("released 0 reason=empty_answer") x 4]



=== a content type in other letters
--- stream
--- orders: type=TEXT/Event-Stream;charset=UTF-8
--- answer eval: $::usual
--- ledger eval: $::charged
--- response_body eval: $::usual_shown



=== a delta of 1 MiB, and a document of 4 MiB
--- body eval
['{"model":"gpt-test","stream":true,"messages":[]}',
 '{"model":"gpt-test","messages":[]}']
--- orders eval
["usage=1234+14000 chunks=2 bytes=1048576",
 "usage=1234+14000 chunks=1 bytes=4194304"]
--- response_body_filters eval
sub { $_[0] =~ tr/x// }
--- response_body eval
[2 * 1048576 + 4, 4194304 + 1]
--- ledger eval
[($::charged) x 2]



=== an event too long to be held back is shown, and counts
--- http_config
    large_client_header_buffers 4 16k;
--- stream
--- answer eval
@::padded = map { $::usage_chunk =~ s/chatcmpl-1/'x' x $_/er } 1862, 1863;
[map { ::events($_, '[DONE]') } @::padded]
--- orders eval
["split=100", "split=100"]
--- response_body eval
[::events('[DONE]'), ::events($::padded[1], '[DONE]')]
--- ledger eval
[($::charged) x 2]



=== the provider cuts the answer: what was produced is estimated
--- request eval
['POST /api/chat HTTP/1.0
{"model":"gpt-test","stream":true,"messages":[{"content":"hi"}]}',
 'POST /api/chat HTTP/1.0
{"model":"gpt-test","stream":true,"messages":[{"content":"hi"}]}']
--- orders eval
["cut=3 usage=1+1 text=1234567890123456 chunks=4",
 "truncate usage=1+1 text=1234567890123456 chunks=4"]
--- response_body_like eval
[qr/"content":"5678"\},[^\n]*\n\n\z/, qr/"content":"3456"\},[^\n]*\n\n\z/]
--- ledger eval
["estimated 1 5+2=7 reason=truncated", "estimated 1 5+4=9 reason=truncated"]



=== the header's request id is the row's
--- chat_config
add_header X-User-Id $credits_user;
--- orders: usage=1+1
--- http_config
    log_format ids "$credits_request_id=$sent_http_x_credits_request_id";
    access_log logs/access.log ids;
--- access_log eval
qr/^([0-9a-f-]{36})=\g1$/
--- then eval
sub {
    my $log = ::server_root() . '/logs/access.log';
    my ($id) = Credits::await('the access log', sub {
        open my $in, '<', $log or return;
        my ($line) = CORE::reverse(<$in>);
        return $line;
    }) =~ /(.*)=/;
    ::is(::sql(q{SELECT requestId FROM credit_charge WHERE userId = :'user'
                  ORDER BY createdAt DESC LIMIT 1}, user => $_[0]), $id,
         "the row's id");
}
