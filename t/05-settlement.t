# The end: every hold becomes one charge or is given back, whatever else the
# location does.

use lib 't/support';
use Test::Nginx::Socket 'no_plan';
use Credits;

no_long_string();
$ENV{TEST_NGINX_HTML_DIR} ||= html_dir();

# A port where nobody listens, and a location that reaches the provider.
our $dead = '127.0.0.1:1';
our $provider = <<'EOT';
        rewrite ^ /v1/chat/completions break;
        proxy_pass http://127.0.0.1:$TEST_NGINX_PROVIDER_PORT;
        proxy_http_version 1.1;
        proxy_ignore_client_abort on;
EOT
our $usual = 'usage=1234+14000';
our $charged = 'settled 16 1234+14000=15234';

run_tests();
check_ledger();

__DATA__

=== the package that expires first pays first
--- packages
100 30 days
5 7 days
50 never
3 8 days
--- orders eval
[$::usual, "usage=1+1", "usage=99999+1"]
--- ledger eval
["$::charged paid=2:5,4:3,1:8", "settled 1 1+1=2",
 "settled 100 99999+1=100000 paid=1:91,3:9"]



=== 1 credit is 1000 tokens, rounded up
--- orders eval
[map { "usage=$_" } qw(998+1 999+1 1000+1 1+999 500+500 500+501)]
--- ledger eval
["settled 1 998+1=999", "settled 1 999+1=1000", "settled 2 1000+1=1001",
 "settled 1 1+999=1000", "settled 1 500+500=1000", "settled 2 500+501=1001"]



=== the rows, as the guide reads them
--- packages
5 7 days
100 30 days
--- orders: usage=1234+14000 cached=1000
--- then eval
sub {
    my ($user) = @_;

    ::is(::sql(q{SELECT packageId, amount, type, description, metadata
                   FROM credit_transaction WHERE userId = :'user'
                  ORDER BY createdAt DESC, line LIMIT 10}, user => $user),
         CORE::join("\n", map { "test:$user-$_|chat|AI Chat - 15234 tokens|"
            . '{"tier": "default", "model": "gpt-test",'
            . ' "price": "* input=1 output=1 unit=1000",'
            . ' "operation": "openai chat", "totalTokens": 15234,'
            . ' "cachedTokens": 1000, "promptTokens": 1234,'
            . ' "completionTokens": 14000}' } '1|5', '2|11'),
         'the transactions');
    ::is(::sql(q{SELECT count(DISTINCT requestId), bool_and(id = requestId
                        || '-' || line), bool_and(createdAt <= now())
                   FROM credit_transaction WHERE userId = :'user'},
             user => $user), '1|t|t', 'share a request id');
    ::is(::sql(q{SELECT remainingCredits, status
                   FROM credit_package WHERE userId = :'user' ORDER BY id},
             user => $user), "0|depleted\n89|active", 'the packages');
}



=== the log: one line per debit, at notice
--- log_level: notice
--- orders: usage=1234+14000
--- error_log eval
[qr/\[notice\] .*consumed 16 credits for 15234 tokens \(user: <user>\) /]
--- grep_error_log: consumed
--- grep_error_log_out
consumed
--- no_error_log
[error]
[warn]



=== estimates are marked, and the hold is no bound for what was delivered
--- chat_config: credits_hold 1;
--- orders: usage=none bytes=40000 chunks=1
--- ledger: estimated 11 5+10000=10005 reason=no_usage
--- error_log
[notice]
consumed 11 credits for 10005 tokens (user: <user>), estimated: no_usage
--- then eval
sub {
    ::is(::sql(q{SELECT description, metadata -> 'estimated'
                   FROM credit_transaction WHERE userId = :'user'},
             user => $_[0]),
         'AI Chat - 10005 tokens (estimated)|true', 'and marked');
}



=== what is used beyond the hold is charged; beyond the balance it is debt
--- packages: 3 1 day
--- chat_config: credits_hold 1;
--- orders eval
["usage=1999+1", "usage=4999+1", ""]
--- error_code eval
[200, 200, 402]
--- ledger eval
["settled 2 1999+1=2000", "settled 5 4999+1=5000 debt=4 paid=1:1", "none"]
--- response_body_like eval
["", "", qr/"available":0,"required":1,"held":0/]



=== nobody is there: 502, nothing was sent, nothing is charged
--- config eval
qq(credits_user \$http_x_user;
   location = /api/chat { credits on; proxy_pass http://$::dead; })
--- error_code: 502
--- response_headers
Content-Type: application/json
--- response_body eval
::error_body('The provider cannot be reached. Nothing was charged.',
    'server_error', 'bad_gateway')
--- ledger: released 0 reason=not_sent
--- error_log
released 5 credits: not_sent (user: <user>)



=== the provider does not answer in time
--- chat_config: proxy_read_timeout 100ms;
--- orders: hang
--- error_code: 504
--- response_body eval
::error_body('The provider did not answer in time. Nothing was charged.',
    'server_error', 'gateway_timeout')
--- ledger: released 0 reason=upstream_error
--- error_log
upstream timed out



=== the provider leaves before its header
--- orders: cut=0
--- error_code: 502
--- ledger: released 0 reason=upstream_error
--- error_log
upstream prematurely closed connection



=== buffered, HTTP/1.0, in a temporary file
--- config eval
qq(credits_user \$http_x_user;
   location = /api/chat {
       credits on;
       proxy_buffers 4 4k;
       proxy_buffer_size 4k;
       proxy_busy_buffers_size 4k;
       proxy_pass http://127.0.0.1:\$TEST_NGINX_PROVIDER_PORT/v1/chat/completions;
   })
--- body eval
[qq({"model":"gpt-test","messages":[]}),
 qq({"model":"gpt-test","stream":true,"messages":[]})]
--- orders eval
[("$::usual bytes=100000 chunks=3") x 2]
--- ledger eval
[($::charged) x 2]



=== the variables of a charged answer
--- http_config
    log_format credits "$status u=$credits_user s=$credits_status m=$credits_model b=$credits_balance h=$credits_held c=$credits_charged t=$credits_prompt_tokens+$credits_completion_tokens=$credits_total_tokens id=$credits_request_id.";
--- chat_config
access_log logs/access.log credits;
--- packages: 20 1 day
--- orders: usage=1234+14000
--- access_log eval
qr/^200 u=<user> s=settled m=gpt-test b=20 h=5 c=16 t=1234\+14000=15234 id=[0-9a-f-]{36}\.$/



=== the variables of an estimate
--- http_config
    log_format credits "s=$credits_status h=$credits_held c=$credits_charged t=$credits_prompt_tokens+$credits_completion_tokens=$credits_total_tokens.";
--- chat_config
access_log logs/access.log credits;
--- orders: usage=none text=12345678
--- access_log
s=estimated h=5 c=1 t=5+2=7.



=== the variables of a refusal by the provider
--- http_config
    log_format credits "$status u=$credits_user s=$credits_status m=$credits_model h=$credits_held c=$credits_charged t=$credits_total_tokens.";
--- chat_config
access_log logs/access.log credits;
--- orders: status=429
--- error_code: 429
--- access_log
429 u=<user> s=released m=gpt-test h=5 c=0 t=-.



=== the variables of a 402
--- http_config
    log_format credits "$status u=$credits_user s=$credits_status m=$credits_model b=$credits_balance h=$credits_held c=$credits_charged.";
--- chat_config
credits_hold 7;
access_log logs/access.log credits;
--- packages: 6 1 day
--- error_code: 402
--- access_log
402 u=<user> s=denied m=gpt-test b=6 h=0 c=-.



=== the variables where nobody pays
--- http_config
    log_format credits "$uri u=$credits_user s=$credits_status m=$credits_model b=$credits_balance h=$credits_held c=$credits_charged t=$credits_total_tokens id=$credits_request_id.";
--- config
    location = /free {
        access_log logs/access.log credits;
        empty_gif;
    }
    location = /api/credits { credits_user $http_x_user; credits_balance; }
--- request
GET /free
--- access_log
/free u=- s=- m=- b=- h=- c=- t=- id=-.



=== variables in what goes to the provider and to the client
--- chat_config
proxy_set_header X-Payer $credits_user;
proxy_set_header X-Held $credits_held;
proxy_set_header X-Id $credits_request_id;
add_header X-Credits-Held $credits_held;
add_header X-Credits-State $credits_status;
--- orders: usage=1+1
--- response_headers
X-Credits-Held: 5
X-Credits-State: held
--- provider_headers
X-Held: 5



=== the type of what is paid for
--- chat_config: credits_type image;
--- orders: usage=1000+1000
--- ledger: settled 2 1000+1000=2000 type=image
--- then eval
sub {
    ::is(::sql(q{SELECT description FROM credit_transaction
                  WHERE userId = :'user'}, user => $_[0]),
         'Image - 2000 tokens', 'the description');
}



=== error_page: another location is asked, it is one request all the same
--- config eval
qq(credits_user \$http_x_user;
   location = /api/chat {
       credits on;
       proxy_pass http://$::dead;
       error_page 502 = \@second;
   }
   location \@second { credits on; $::provider })
--- body: {"model":"gpt-test","stream":true,"messages":[]}
--- orders eval: $::usual
--- ledger eval: $::charged
--- provider_calls: 1
--- provider_body: {"stream_options":{"include_usage":true},"model":"gpt-test","stream":true,"messages":[]}
--- response_body_unlike: "choices":\[\]



=== error_page: also when the other location says nothing of credits
--- config eval
qq(location = /api/chat {
       credits_user \$http_x_user;
       credits on;
       proxy_intercept_errors on;
       proxy_set_header X-Provider "status=500";
       $::provider
       error_page 500 = \@second;
   }
   location \@second { $::provider })
--- orders eval: $::usual
--- ledger eval: $::charged
--- provider_calls: 2



=== error_page: a page of one's own
--- config eval
qq(location = /api/chat {
       credits_user \$http_x_user;
       credits on;
       proxy_pass http://$::dead;
       error_page 502 /sorry.html;
   })
--- user_files
>>> sorry.html
sorry
--- error_code: 502
--- ledger: released 0 reason=not_sent
--- response_body
sorry



=== error_page: a page of one's own under 200 is no answer
--- config eval
qq(credits_user \$http_x_user;
   location = /own.txt { internal; return 200 "We are back at nine."; }
   location = /api/chat {
       credits on;
       proxy_pass http://$::dead;
       error_page 502 =200 /own.txt;
   })
--- response_body chop
We are back at nine.
--- ledger: released 0 reason=not_answered_by_provider



=== error_page: nor is one in place of the provider's error
--- config eval
qq(credits_user \$http_x_user;
   location = /own.txt { internal; return 200 "We are back at nine."; }
   location = /api/chat {
       credits on;
       proxy_intercept_errors on;
       error_page 500 =200 /own.txt;
       $::provider
   })
--- orders: status=500
--- response_body chop
We are back at nine.
--- ledger: released 0 reason=upstream_error



=== X-Accel-Redirect of the provider to a page of one's own
--- config eval
qq(credits_user \$http_x_user;
   location = /own.txt { internal; return 200 "A page of ours."; }
   location = /api/chat { credits on; $::provider })
--- orders: usage=1234+14000 header=X-Accel-Redirect:/own.txt
--- response_body chop
A page of ours.
--- ledger: released 0 reason=not_answered_by_provider
--- provider_calls: 1



=== X-Accel-Redirect of the provider to what another server has
--- config eval
qq(credits_user \$http_x_user;
   location = /file { internal; proxy_method GET;
       proxy_pass http://127.0.0.1:\$TEST_NGINX_PROVIDER_PORT/_calls?tag=none; }
   location = /api/chat { credits on; $::provider })
--- orders: usage=1234+14000 header=X-Accel-Redirect:/file
--- ledger: released 0 reason=not_answered_by_provider



=== whatever is below 300 is an answer; an interim one is paid by its bytes
--- http_config eval
my $answer = qq({"choices":[{"message":{"content":"x"},"finish_reason":"stop"}],)
    . qq("usage":{"prompt_tokens":1234,"completion_tokens":14000}});
qq(server {
       listen unix:$ENV{TEST_NGINX_HTML_DIR}/status.sock;
       default_type application/json;
       location / { return 299 '$answer'; }
       location /101 { return 101 '$answer'; }
       location /199 { return 199 '$answer'; }
       location /300 { return 300 '$answer'; }
   })
--- config eval
qq(credits_user \$http_x_user;
   location /v1/ {
       credits on;
       proxy_pass http://unix:$ENV{TEST_NGINX_HTML_DIR}/status.sock:/;
       proxy_http_version 1.1;
       proxy_set_header Upgrade \$http_upgrade;
       proxy_set_header Connection "";
       proxy_ignore_client_abort on;
   })
--- request eval
[map { qq(POST /v1/$_\n{"model":"gpt-test","messages":[]}) } 299, 101, 199, 300]
--- error_code eval
[299, 101, 199, 300]
--- ledger eval
[$::charged, ("estimated 1 0+31=31 reason=unreadable") x 2, "released 0 reason=upstream_error"]



=== a range, or a condition, is for files: all of the answer comes, and is paid
--- http_config eval
my $answer = qq({"choices":[{"message":{"content":"x"},"finish_reason":"stop"}],)
    . qq("usage":{"prompt_tokens":1234,"completion_tokens":14000}});
qq(proxy_cache_path proxy_cache_temp keys_zone=ranges:1m;
   server {
       listen unix:$ENV{TEST_NGINX_HTML_DIR}/ranges.sock;
       default_type application/json;
       add_header ETag '"1"';
       add_header Accept-Ranges bytes;
       location / { return 200 '$answer'; }
   })
--- config eval
qq(credits_user \$http_x_user;
   location = /api/chat {
       credits on;
       proxy_pass http://unix:$ENV{TEST_NGINX_HTML_DIR}/ranges.sock:/;
       proxy_ignore_client_abort on;
       proxy_cache ranges;
       proxy_cache_methods POST;
       proxy_cache_key \$request_id;
       proxy_cache_valid 200 1m;
   })
--- more_headers eval
["Range: bytes=0-9", "Range: bytes=900-", "If-None-Match: *", qq(If-Match: "2")]
--- error_code eval
[(200) x 4]
--- response_headers eval
[("!Accept-Ranges") x 4]
--- response_body_like eval
[('"completion_tokens":14000') x 4]
--- ledger eval
[($::charged) x 4]



=== an internal redirect by a rewrite before it
--- config eval
qq(credits_user \$http_x_user;
   rewrite ^/api/chat\$ /v2/chat last;
   location = /v2/chat { credits on; $::provider })
--- orders eval: $::usual
--- ledger eval: $::charged
--- provider_calls: 1



=== auth_request beside it: both must let the request pass
--- config eval
qq(credits_user \$http_x_user;
   location = /api/chat { credits on; auth_request /auth; $::provider }
   location = /auth {
       internal;
       credits off;
       if (\$http_x_let = yes) { return 204; }
       return 403;
   })
--- more_headers eval
["X-Let: yes", ""]
--- orders eval
[($::usual) x 2]
--- error_code eval
[200, 403]
--- ledger eval
[$::charged, "none"]
--- provider_calls eval
[1, 0]



=== auth_request says who it is
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
        location / { add_header X-Who $http_x_user; return 204; }
    }
--- config eval
qq(credits_user \$who;
   location = /api/chat {
       credits on;
       auth_request /auth;
       auth_request_set \$who \$upstream_http_x_who;
       $::provider
   }
   location = /auth {
       internal;
       credits off;
       proxy_pass_request_body off;
       proxy_set_header Content-Length "";
       proxy_pass http://127.0.0.1:\$TEST_NGINX_RAND_PORT_1;
   })
--- orders eval: $::usual
--- ledger eval: $::charged
--- provider_calls: 1



=== auth_basic says who it is
--- config eval
qq(credits_user \$remote_user;
   location = /api/chat {
       credits on;
       auth_basic chat;
       auth_basic_user_file \$TEST_NGINX_HTML_DIR/users;
       $::provider
   })
--- user_files
>>> users
alice:{PLAIN}secret
--- more_headers eval
["", "Authorization: Basic YWxpY2U6d3Jvbmc="]
--- body eval
["{}", "{}"]
--- error_code eval
[401, 401]
--- response_headers eval
[("Content-Type: application/json\nWWW-Authenticate: Basic realm=\"chat\"") x 2]
--- ledger eval
["none", "none"]
--- provider_calls eval
[0, 0]



=== access rules come first
--- chat_config: deny all;
--- error_code: 403
--- response_headers
Content-Type: application/json
--- response_body eval
::error_body('This is not allowed.',
    'invalid_request_error', 'forbidden')
--- ledger: none
--- provider_calls: 0
--- error_log
access forbidden by rule



=== satisfy any: an address may do, but somebody must pay
--- chat_config
satisfy any;
allow all;
--- more_headers eval
["", "X-User:"]
--- orders eval
[($::usual) x 2]
--- error_code eval
[200, 401]
--- ledger eval
[$::charged, "none"]
--- provider_calls eval
[1, 0]



=== satisfy any: a user is enough
--- chat_config
satisfy any;
deny all;
--- more_headers eval
["", "X-User:"]
--- orders eval
[($::usual) x 2]
--- error_code eval
[200, 401]
--- ledger eval
[$::charged, "none"]
--- provider_calls eval
[1, 0]



=== try_files
--- config eval
qq(credits_user \$http_x_user;
   location = /api/chat { credits on; try_files /none \@chat; }
   location \@chat { $::provider })
--- orders eval: $::usual
--- ledger eval: $::charged
--- provider_calls: 1



=== a subrequest is not charged, it is refused
--- config eval
qq(credits_user \$http_x_user;
   location = /page { auth_request /api/chat; empty_gif; }
   location = /api/chat { credits on; $::provider })
--- request
GET /page
--- error_code: 403
--- ledger: none
--- provider_calls: 0
--- error_log
a subrequest cannot be charged, it is refused



=== a mirror of a charged request neither
--- config eval
qq(credits_user \$http_x_user;
   location = /api/chat { credits on; mirror /mirror; $::provider }
   location = /mirror { internal; credits on; $::provider })
--- orders eval: $::usual
--- ledger eval: $::charged
--- provider_calls: 1
--- error_log
a subrequest cannot be charged, it is refused



=== proxy_next_upstream: one hold and one end; the next gets the same body
--- http_config eval
qq(upstream providers {
       server $::dead;
       server 127.0.0.1:\$TEST_NGINX_RAND_PORT_1;
       server 127.0.0.1:\$TEST_NGINX_PROVIDER_PORT backup;
   }
   server {
       listen 127.0.0.1:\$TEST_NGINX_RAND_PORT_1;
       location / { client_max_body_size 1m; proxy_pass http://$::dead; }
   })
--- config
    credits_user $http_x_user;
    location = /api/chat {
        credits on;
        client_body_buffer_size 1k;
        proxy_next_upstream error http_502 non_idempotent;
        proxy_pass http://providers/v1/chat/completions;
    }
--- body eval
my $more = '"stream":true,"messages":[{"content":"' . 'x' x 5000 . '"}]}';
["{$more", '{"messages":[]}']
--- orders eval
[($::usual) x 2]
--- ledger eval
[("$::charged model=") x 2]
--- provider_calls eval
[1, 1]
--- provider_body eval
my $more = '"stream":true,"messages":[{"content":"' . 'x' x 5000 . '"}]}';
[qq({"stream_options":{"include_usage":true},$more), '{"messages":[]}']



=== an answer from nginx's cache costs nothing
--- http_config
    proxy_cache_path proxy_cache_temp keys_zone=answers:1m;
--- config eval
qq(credits_user \$http_x_user;
   location = /api/chat {
       credits on;
       proxy_cache answers;
       proxy_cache_methods POST;
       proxy_cache_key \$request_uri;
       proxy_cache_valid 200 1m;
       $::provider
   })
--- body eval
["{\"model\":\"gpt-test\",\"messages\":[]}",
 "{\"model\":\"gpt-test\",\"messages\":[]}"]
--- orders eval
[($::usual) x 2]
--- ledger eval
[$::charged, "released 0 reason=not_answered_by_provider"]
--- provider_calls eval
[1, 0]



=== two requests on one connection are two
--- pipelined_requests eval
[('POST /api/chat
{"model":"gpt-test","messages":[]}') x 2]
--- orders eval
["usage=1+1", "usage=2000+1"]
--- ledger eval
["settled 1 1+1=2\nsettled 3 2000+1=2001", "none"]
--- provider_calls eval
[2, 0]



=== connections to the provider are kept
--- http_config
    upstream providers {
        server 127.0.0.1:$TEST_NGINX_PROVIDER_PORT;
        keepalive 2;
    }
--- config
    credits_user $http_x_user;
    location = /api/chat {
        credits on;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_buffering off;
        proxy_pass http://providers/v1/chat/completions;
    }
--- body eval
[map { qq({"model":"gpt-test","stream":$_,"messages":[]}) }
    qw(true false true true)]
--- orders eval
["usage=1+1", "usage=1+2", "status=500", "usage=1+3"]
--- error_code eval
[200, 200, 500, 200]
--- ledger eval
["settled 1 1+1=2", "settled 1 1+2=3", "released 0 reason=upstream_error",
 "settled 1 1+3=4"]



=== credits user: known, but not charged
--- config eval
qq(credits_user \$http_x_user;
   location = /api/chat { credits user; $::provider })
--- packages: none
--- more_headers eval
["", "X-User:"]
--- orders eval
[("usage=1+1") x 2]
--- error_code eval
[200, 401]
--- response_headers eval
["!X-Credits-Request-Id", "!X-Credits-Request-Id"]
--- ledger eval
["none", "none"]
--- provider_calls eval
[1, 0]
