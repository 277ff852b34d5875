# The directives: every form that is accepted, and what must not be missing.

use lib 't/support';
use Test::Nginx::Socket 'no_plan';
use Credits;

no_long_string();

$ENV{TEST_NGINX_HTML_DIR} ||= html_dir();
$ENV{TEST_NGINX_STANDARD_SECRET} = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

our $version = quotemeta `tools/version` =~ s/\n//r;

run_tests();

__DATA__

=== every directive, at every level, in every form
--- setup: none
--- http_config
    credits_database env:TEST_NGINX_DATABASE_URL connections=1 timeout=60s;
    credits_zone credits:1m;
    credits_journal logs/journal/ sync=100ms;
    credits_lost_hold capture;
    credits_hold_life 1d;
    credits off;
    credits_session better_auth secret=env:TEST_NGINX_AUTH_SECRET;
    credits_unit 1;
    credits_price a* input=1 cached=0 output=0.000001 request=0;
    credits_purchase_url https://shop.example/$host;
    credits_drain 5s 4m end=30s;
--- config
    credits user;
    credits_drain 1s end=1s 1k;
    credits_session better_auth cookie=a secret=env:TEST_NGINX_AUTH_SECRET
                    cache=0;
    credits_unit 1000000000;
    credits_price b;
    credits_price * output=1000;
    credits_purchase_url "";

    location = /a {
        credits on;
        credits_type chat;
        credits_hold auto;
        credits_max_output 1;
        credits_clamp on;
        credits_drain 0;
        credits_on_database_error deny;
        proxy_pass http://127.0.0.1:$TEST_NGINX_PROVIDER_PORT/v1/chat/completions;
    }

    location = /b {
        credits on;
        credits_user a:$remote_addr;
        credits_type image;
        credits_hold strict;
        credits_max_output 100000000;
        credits_clamp off;
        credits_drain 1h 10m end=2h;
        credits_on_database_error allow;
        proxy_pass http://127.0.0.1:$TEST_NGINX_PROVIDER_PORT/v1/chat/completions;
        proxy_ignore_client_abort on;
    }

    location = /d {
        credits_webhook polar secret=env:TEST_NGINX_AUTH_SECRET
                        standard_secret=env:TEST_NGINX_STANDARD_SECRET
                        refund_debt=off;
    }

    location = /c {
        credits_type other;
        credits_hold 1000000000;
        credits_unit 1;
        credits_price c request=1000000000;
        credits_drain 100ms end=0;
        credits_session better_auth secret=env:TEST_NGINX_AUTH_SECRET
                        cache=5m;
        proxy_pass http://127.0.0.1:$TEST_NGINX_PROVIDER_PORT/v1/chat/completions;
    }

    location = /api/credits { credits_balance; }
    location = /api/credits/transactions { credits_transactions; }
    location = /metrics { credits off; credits_metrics; }
--- request
GET /metrics
--- response_body_like: nginx_credits_in_flight 0



=== what a location asks and takes is inherited, from http and from the server
--- http_config
    credits_api openai responses;
    credits_type image;
    credits_unit 100;
    credits_hold strict;
    credits_max_output 50;
    credits_clamp on;
    credits_include_usage off;
    credits_on_missing_usage capture;
    credits_allow models;
    credits_part_tokens image=1 audio=2 file=3;
    credits_price_list $TEST_NGINX_HTML_DIR/prices.json credit=1 unlisted=1;
    credits_drain 1s;
    credits_on_database_error allow;
--- config
    credits_user $http_x_user;
    credits_hold 9;
    location /in/ { credits on; credits_api openai chat;
        proxy_pass http://127.0.0.1:$TEST_NGINX_PROVIDER_PORT/v1/chat/completions?; }
    location = /own { credits on; credits_api openai chat; credits_hold auto;
        credits_clamp off; credits_type other; credits_include_usage on;
        credits_unit 1000; credits_max_output 5000; credits_price * input=2;
        proxy_pass http://127.0.0.1:$TEST_NGINX_PROVIDER_PORT/v1/chat/completions; }
    location = /api { credits on; proxy_pass http://127.0.0.1:1; }
--- user_files
>>> prices.json
{"m":{"input_cost_per_token":1}}
--- request eval
[(map { "POST $_\n{\"model\":\"gpt-test\",\"stream\":true,\"messages\":[]}" } "/in/", "/own"),
 "POST /api\n{\"model\":\"x\",\"input\":\"hi\"}",
 "POST /in/\n{\"model\":\"gpt-test\",\"models\":[],\"messages\":[]}",
 "POST /in/\n{\"model\":\"gpt-test\",\"route\":1,\"messages\":[]}"]
--- orders eval
["usage=1+1 chunks=1", "usage=500+1 chunks=1", "", "usage=1+1", ""]
--- error_code eval
[200, 200, 502, 200, 400]
--- response_body_like eval
["", "", "bad_gateway", "", '\\"route']
--- provider_body eval
['{"max_completion_tokens":50,"model":"gpt-test","stream":true,"messages":[]}',
 '{"stream_options":{"include_usage":true},"model":"gpt-test","stream":true,"messages":[]}',
 undef, undef, undef]
--- hold eval
[9, 5, undef, undef, undef]
--- ledger eval
["estimated 1 0+50=50 reason=no_usage type=image",
 "settled 2 500+1=501 type=other",
 undef, undef, undef]



=== the log says at start which version was loaded
--- setup: none
--- config
    location = /t { empty_gif; }
--- log_level: notice
--- request
GET /t
--- error_log eval
[qr/\[notice\] .*: nginx-credits\/$::version$/]



=== nothing of it is needed where nothing is charged
--- setup: none
--- config
    credits off;
    location = /t { return 200 "[$credits_user$credits_status]\n"; }
--- request
GET /t
--- response_body
[]



=== a location without credits needs no user
--- config
    location = /on { credits on; credits_user $http_x_user;
                     proxy_pass http://127.0.0.1:1; }
    location = /t { empty_gif; }
--- request
GET /t
--- more_headers
X-User:



=== credits are inherited, and switched off
--- config
    credits user;
    credits_user $http_x_user;
    location = /in { empty_gif; }
    location = /off { credits off; empty_gif; }
--- request eval
["GET /in", "GET /off"]
--- more_headers
X-User:
--- error_code eval
[401, 200]



=== no journal is needed where nobody pays
--- setup: none
--- http_config
    credits_database env:TEST_NGINX_DATABASE_URL;
--- config
    location = /t { credits user; credits_user $http_x_user; empty_gif; }
--- request
GET /t



=== the database as a URI, and as keywords
--- setup: none
--- http_config
    credits_database postgresql://user@127.0.0.1:1/name?sslmode=disable;
--- config
    location = /t { credits user; credits_user $http_x_user; empty_gif; }
--- request
GET /t



=== the database as keywords, several hosts
--- setup: none
--- http_config
    credits_database "host=127.0.0.1,127.0.0.2 port=1,2 user=x dbname=x target_session_attrs=read-write";
--- config
    location = /t { credits user; credits_user $http_x_user; empty_gif; }
--- request
GET /t



=== a location that cannot read on when the client leaves is named
--- config
    credits_user $http_x_user;
    location = /t {
        credits on;
        proxy_pass http://127.0.0.1:1;
    }
    location = /quiet {
        credits on;
        credits_drain 0;
        proxy_pass http://127.0.0.1:1;
    }
--- request
GET /index.html
--- error_log
"credits_drain" has no effect in location "/t" without "proxy_ignore_client_abort on"
"credits_drain" is not reliable in location "/t" without "proxy_buffering off"
--- no_error_log
location "/quiet"



=== a provider that may be asked twice for one answer is named
--- config
    credits_user $http_x_user;
    location = /t {
        credits on;
        proxy_pass http://127.0.0.1:1;
        proxy_ignore_client_abort on;
        proxy_buffering off;
        proxy_next_upstream error non_idempotent;
    }
--- request
GET /index.html
--- error_log
"proxy_next_upstream non_idempotent" in location "/t"
--- no_error_log
credits_drain



=== what defeats the metering is said elsewhere, and not where credits are on
--- http_config
    proxy_force_ranges on;
    proxy_cache_background_update on;
    fastcgi_force_ranges on;
    slice 1m;
--- config
    credits_user $http_x_user;
    satisfy any;
    location /files/ { proxy_pass http://127.0.0.1:1; }
    location = /t {
        credits on;
        slice 0;
        proxy_pass http://127.0.0.1:1;
        proxy_force_ranges off;
        proxy_cache_background_update off;
    }
    location = /metrics { credits_metrics; }
--- request
GET /metrics
--- response_body_like: nginx_credits_in_flight 0



=== secrets are not in what nginx -T prints
--- config
    credits_session better_auth secret=env:TEST_NGINX_AUTH_SECRET;
    location = /t { credits user; empty_gif; }
--- request
GET /index.html
--- then eval
sub {
    my $root = ::server_root();
    my $nginx = $::ENV{TEST_NGINX_BINARY} || 'nginx';
    my $preload = $::ENV{TEST_NGINX_PRELOAD} // '';
    my $text = `LD_PRELOAD="$preload" $nginx -T -p $root -c $root/conf/nginx.conf 2>&1`;

    ::like($text, qr/credits_session better_auth/, 'nginx -T prints');
    ::unlike($text, qr/\Q$::ENV{TEST_NGINX_AUTH_SECRET}\E/, 'no secret');
    ::unlike($text, qr/\Q$::ENV{TEST_NGINX_DATABASE_URL}\E/,
             'no database');
}



=== a secret that everybody can read
--- config
    credits_session better_auth secret=file:$TEST_NGINX_HTML_DIR/secret;
    location = /t { credits user; empty_gif; }
--- user_files
>>> secret
0123456789abcdef0123456789abcdef
--- must_die
--- error_log
/secret" can be read by everybody



=== no database
--- setup: none
--- http_config
    credits_journal logs/journal;
--- must_die
--- error_log
"credits" is on, but there is no "credits_database"



=== no journal
--- setup: none
--- http_config
    credits_database env:TEST_NGINX_DATABASE_URL;
--- must_die
--- error_log
"credits on" is used, but there is no "credits_journal"



=== nobody who could be asked
--- config
    location = /t { credits on; proxy_pass http://127.0.0.1:1; }
--- must_die
--- error_log
does not say who asks: "credits_session" or "credits_user" is missing



=== nobody who could be shown a balance
--- config
    location = /t { credits_balance; }
--- must_die
--- error_log
does not say who asks: "credits_session" or "credits_user" is missing
