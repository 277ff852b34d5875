# The driver in t/lib keeps the promises of CPAN's Test::Nginx::Socket: this
# file passes, with the same number of assertions, under both.

use Test::Nginx::Socket;

repeat_each(2);
no_long_string();
no_shuffle();

$ENV{TEST_NGINX_HTML_DIR} ||= html_dir();
$ENV{TEST_NGINX_WORD} = 'expanded';
env_to_nginx('DRIVER_TEST=1');

my ($inits, $cleanups) = (0, 0);

sub count_init { $inits++ }

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value('request', 'GET /t') if defined $block->plain_get;
});

add_response_body_check(sub {
    my ($block, $body, $request, $repeat) = @_;
    is_str(length $body, $block->body_length, 'own check of the body')
        if defined $block->body_length;
});

add_test_cleanup_handler(sub { $cleanups++ });

plan tests => repeat_each() * 90 + 4;

run_tests();

is($inits, 1, 'init runs once per block');
is($cleanups, scalar(blocks()), 'a cleanup handler runs after every block');

__DATA__

=== status, headers, body, and the head as it came
--- config
    location = /t {
        add_header X-Given $http_x_given;
        add_header X-Host "$host:$server_port";
        return 200 "$request_method $request_uri $server_protocol\n";
    }
--- more_headers
# a comment
X-Given: a: b
--- request
# a comment
GET /t?a=1
--- response_headers
X-Given: a: b
X-Host: localhost:$ServerPort
Content-Type: text/plain
!Transfer-Encoding
--- response_body
GET /t?a=1 HTTP/1.1
--- raw_response_headers_like: ^HTTP/1\.1 200 OK\r\n
--- raw_response_headers_unlike: X-Other
--- no_error_log
[error]



=== the same nginx, because there is no config; HTTP/1.0
--- request
GET /t HTTP/1.0
--- response_headers_like
X-Host: local.*:\d+
--- response_body_like: ^GET .t HTTP/1\.0
--- body_length: 16



=== an error, which the log tells
--- config
    location = /other { return 200; }
--- request
GET /missing?a=[1]
--- error_code: 404
--- response_body_unlike: It works
--- error_log eval
["missing?a=[1]", qr/\[error\] .* open\(\) ".*missing" failed \(2:/]
--- no_error_log
[alert]
[crit]
--- grep_error_log eval
qr/No such \w+ or \w+/
--- grep_error_log_out
No such file or directory



=== two requests, each with its own expectations
--- config
    location = /a { add_header X-N $http_n; return 200 "first\n"; }
    location = /b { add_header X-N $http_n always; return 403 "second\n"; }
--- request eval
["GET /a", "GET /b"]
--- more_headers eval
["N: 1", "N: 2"]
--- error_code eval
[200, 403]
--- response_headers eval
["X-N: 1", "X-N: 2"]
--- response_body eval
["first\n", qr/^sec/]
--- no_error_log
[error]



=== a request body, stripped, through a second server
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
        location / {
            return 200 "[$http_x_body] $http_content_length";
        }
    }
--- config
    location = /echo {
        proxy_set_header X-Body $request_body;
        proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    }
--- request
POST /echo

 hello 

--- response_body chomp
[hello] 5
--- no_error_log
[error]



=== packets with a pause; an own Content-Length; chunks
--- http_config
    log_format seconds "$request_uri took $request_time";
    server {
        listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
        location / {
            return 200 "[$http_x_body]";
        }
    }
--- config
    location = /echo {
        access_log logs/access.log seconds;
        proxy_set_header X-Body $request_body;
        proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    }
--- request eval
[
    [ "POST /ec", "ho\nhel", { value => "lo", delay_before => 0.2 } ],
    "POST /echo\n hello",
    [ "POST /echo\n5\r\nhel", "lo\r\n6\r\n world\r\n", "0\r\n\r\n" ],
]
--- more_headers eval
["", "Content-Length: 6", "Transfer-Encoding: chunked"]
--- response_body eval
["[hello]", "[hello]", "[hello world]"]
--- access_log eval
qr{^/echo took (?:0\.[2-9]|[1-9])}



=== a chunked response
--- config
    location = /t {
        sub_filter two 2;
        sub_filter_types *;
        sub_filter_once off;
        return 200 "one two three two";
    }
--- plain_get
--- response_headers
Transfer-Encoding: chunked
!Content-Length
--- response_body: one 2 three 2



=== pipelined requests
--- config
    location /p/ { return 200 "$request_method $uri $http_n\n"; }
    location = /none { return 403; }
--- pipelined_requests eval
["GET /p/a", "GET /none", 'POST /p/$TEST_NGINX_WORD
body']
--- more_headers eval
["N: 1", "N: 2", "N: 3"]
--- error_code eval
[200, 403, 200]
--- response_body eval
["GET /p/a 1\n", qr/403 Forbidden/, "POST /p/expanded 3\n"]



=== raw requests
--- config
    location = /t { return 200 "$http_x\n"; }
--- raw_request eval
["GET /t HTTP/1.1\r\nHost: a\r\nConn", "ection: close\r\nX: y\r\n\r\n"]
--- response_body
y



=== a request that is none
--- config
    location = /t { return 200; }
--- raw_request eval
"GET /t HTTP/1.1\r\nNo Host\r\n\r\n"
--- error_code_like: ^4\d\d$
--- response_body_like: 400 Bad Request



=== HEAD
--- config
    location = /t { return 200 "hello\n"; }
--- request
HEAD /t
--- response_headers
Content-Length: 6
--- response_body chomp



=== files, and variables of the environment
--- main_config
    env TEST_DRIVER=$TEST_NGINX_WORD;
--- config
    location /files/ { alias $TEST_NGINX_HTML_DIR/; }
    location = /root { return 200 "$TEST_NGINX_SERVER_ROOT"; }
--- user_files
>>> one.txt 200001020304.05
content of one
>>> sub/two.txt
$TEST_NGINX_WORD
--- request eval
["GET /files/one.txt", "GET /files/sub/two.txt", "GET /root"]
--- response_headers eval
["Last-Modified: Sun, 02 Jan 2000 03:04:05 GMT", "", ""]
--- response_body eval
["content of one\n", "expanded\n", '$TEST_NGINX_SERVER_ROOT']



=== files as a structure; filters of the body
--- config
    location = /t { alias $TEST_NGINX_HTML_DIR/b.json; }
--- user_files eval
[["b.json" => '{"b":1,"a":[2]}']]
--- request eval
["GET /t", "GET /t"]
--- response_body_filters eval
[["uc"], ["md5_hex", sub { length $_[0] }]]
--- response_body eval
['{"B":1,"A":[2]}', "32"]



=== a JSON document in any order
--- config
    location = /t { return 200 '{"b":1,"a":[2]}'; }
--- plain_get
--- response_body_json_sort
--- response_body
{"a":[2],"b":1}



=== a client that gives up
--- config
    location = /t { limit_rate 1; return 200 "0123456789"; }
--- plain_get
--- timeout: 100ms
--- abort
--- ignore_response
--- wait: 0.1
--- no_error_log
[error]



=== a client that closes its half
--- config
    location = /t { return 200 "done\n"; }
--- plain_get
--- shutdown
--- response_body
done



=== the access log
--- config
    location = /t { return 200; }
--- request
GET /t?logged
--- access_log eval
["GET /t?logged HTTP/1.1", qr/ 200 0 /]
--- no_access_log
POST



=== nginx must die
--- config
    return a b c;
--- must_die: 1
--- error_log
invalid number of arguments in "return" directive
--- no_error_log
[alert]
--- suppress_stderr



=== blocks that are skipped
--- config
    location = /t { return 500; }
--- plain_get
--- skip_nginx: 3: >= 1.2.3: a reason
--- response_body
never



=== skipped by Perl
--- config
    location = /t { return 500; }
--- plain_get
--- skip_eval: 2: 1 + 1 == 2
--- response_body
never



=== to be done
--- config
    location = /t { return 500; }
--- plain_get
--- todo: 2: not written yet
--- response_body
never



=== init, a level of the log, and what nginx says when it exits
--- config
    location = /t { return 200 "$TEST_NGINX_SERVER_PORT\n"; }
--- log_level: notice
--- init
main::count_init();
--- plain_get
--- response_body
$ServerPort
--- no_error_log
[debug]
--- shutdown_error_log eval
[qr/\[notice\] .*: exit$/]
--- no_shutdown_error_log
[debug]
