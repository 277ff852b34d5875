# The directives: what is accepted, and what is refused with which words.

use lib 't/support';
use Test::Nginx::Socket 'no_plan';
use Credits;

no_long_string();

$ENV{TEST_NGINX_HTML_DIR} ||= html_dir();

# Secrets that are none.
$ENV{SHORT_SECRET} = '15 characters..';
$ENV{PUBLISHED_SECRET} = 'better-auth-secret-12345678901234567890';
$ENV{EMPTY_SECRET} = '';
delete $ENV{NO_SUCH_SECRET};

# A database whose password must not be quoted.
$ENV{BAD_DATABASE} = "host=127.0.0.1 password='hunter2";

run_tests();

__DATA__

=== every directive, at every level, in every form
--- setup: none
--- http_config
    credits_database env:TEST_NGINX_DATABASE_URL connections=1 timeout=60s;
    credits_zone credits:1m;
    credits_journal logs/journal/ sync=100ms;
    credits_lost_hold capture;
    credits off;
    credits_session better_auth secret=env:TEST_NGINX_AUTH_SECRET;
    credits_unit 1;
    credits_price a* input=1 cached=0 output=0.000001 request=0;
    credits_purchase_url https://shop.example/$host;
--- config
    credits user;
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
        credits_drain 1h 10m;
        credits_on_database_error allow;
        proxy_pass http://127.0.0.1:$TEST_NGINX_PROVIDER_PORT/v1/chat/completions;
        proxy_ignore_client_abort on;
    }

    location = /c {
        credits_type other;
        credits_hold 1000000000;
        credits_unit 1;
        credits_price c request=1000000000;
        credits_drain 100ms;
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



=== credits_database: twice
--- setup: none
--- http_config eval
q(credits_database env:TEST_NGINX_DATABASE_URL; credits_database env:TEST_NGINX_DATABASE_URL;)
--- must_die
--- error_log
"credits_database" directive is duplicate



=== credits_database: no connections
--- setup: none
--- http_config eval
q(credits_database env:TEST_NGINX_DATABASE_URL connections=0;)
--- must_die
--- error_log
invalid parameter "connections=0"



=== credits_database: too many connections
--- setup: none
--- http_config eval
q(credits_database env:TEST_NGINX_DATABASE_URL connections=33;)
--- must_die
--- error_log
invalid parameter "connections=33"



=== credits_database: too short a time
--- setup: none
--- http_config eval
q(credits_database env:TEST_NGINX_DATABASE_URL timeout=99ms;)
--- must_die
--- error_log
invalid parameter "timeout=99ms"



=== credits_database: no time
--- setup: none
--- http_config eval
q(credits_database env:TEST_NGINX_DATABASE_URL timeout=soon;)
--- must_die
--- error_log
invalid parameter "timeout=soon"



=== credits_database: no such parameter
--- setup: none
--- http_config eval
q(credits_database env:TEST_NGINX_DATABASE_URL retries=3;)
--- must_die
--- error_log
invalid parameter "retries=3"



=== credits_database: no such variable
--- setup: none
--- http_config eval
q(credits_database env:NO_SUCH_SECRET;)
--- must_die
--- error_log
the environment variable "NO_SUCH_SECRET" is not set



=== credits_database: an empty variable
--- setup: none
--- http_config eval
q(credits_database env:EMPTY_SECRET;)
--- must_die
--- error_log
the environment variable "EMPTY_SECRET" is not set



=== credits_database: no such file
--- setup: none
--- http_config eval
q(credits_database file:/no/such/file;)
--- must_die
--- error_log
open() "/no/such/file" failed



=== credits_database: different numbers of ports
--- setup: none
--- http_config eval
q(credits_database "host=127.0.0.1,127.0.0.2,127.0.0.3 port=1,2";)
--- must_die
--- error_log
the numbers must match



=== credits_zone: no size
--- setup: none
--- http_config eval
q(credits_zone credits;)
--- must_die
--- error_log
invalid parameter "credits"



=== credits_zone: no name
--- setup: none
--- http_config eval
q(credits_zone :1m;)
--- must_die
--- error_log
invalid parameter ":1m"



=== credits_zone: a size that is none
--- setup: none
--- http_config eval
q(credits_zone credits:big;)
--- must_die
--- error_log
invalid parameter "credits:big"



=== credits_zone: too small
--- setup: none
--- http_config eval
q(credits_zone credits:64k;)
--- must_die
--- error_log
zone "credits:64k" is too small



=== credits_zone: twice
--- setup: none
--- http_config eval
q(credits_zone a:1m; credits_zone b:1m;)
--- must_die
--- error_log
"credits_zone" directive is duplicate



=== credits_journal: twice
--- setup: none
--- http_config eval
q(credits_journal logs/a; credits_journal logs/b;)
--- must_die
--- error_log
"credits_journal" directive is duplicate



=== credits_journal: too short a time
--- setup: none
--- http_config eval
q(credits_journal logs/j sync=0;)
--- must_die
--- error_log
invalid parameter "sync=0"



=== credits_journal: too long a time
--- setup: none
--- http_config eval
q(credits_journal logs/j sync=61s;)
--- must_die
--- error_log
invalid parameter "sync=61s"



=== credits_journal: no such parameter
--- setup: none
--- http_config eval
q(credits_journal logs/j fsync=on;)
--- must_die
--- error_log
invalid parameter "fsync=on"



=== credits_lost_hold: neither
--- setup: none
--- http_config eval
q(credits_lost_hold keep;)
--- must_die
--- error_log
invalid value "keep"



=== credits_type: not at the http level
--- setup: none
--- http_config eval
q(credits_type chat;)
--- must_die
--- error_log
"credits_type" directive is not allowed here



=== credits_hold: not at the http level
--- setup: none
--- http_config eval
q(credits_hold auto;)
--- must_die
--- error_log
"credits_hold" directive is not allowed here



=== credits_balance: not at the http level
--- setup: none
--- http_config eval
q(credits_balance;)
--- must_die
--- error_log
"credits_balance" directive is not allowed here



=== credits_database: what libpq does not understand, and no password in the log
--- setup: none
--- http_config eval
q(credits_database env:BAD_DATABASE;)
--- must_die
--- error_log
invalid Postgres connection string
--- no_error_log
hunter2



=== credits_session: another kind
--- config eval
q(credits_session jwt secret=env:TEST_NGINX_AUTH_SECRET;)
--- must_die
--- error_log
invalid parameter "jwt"



=== credits_session: no secret
--- config eval
q(credits_session better_auth cookie=a;)
--- must_die
--- error_log
the secret of "credits_session" is missing, shorter than 16 bytes, or a published one



=== credits_session: a short secret
--- config eval
q(credits_session better_auth secret=env:SHORT_SECRET;)
--- must_die
--- error_log
shorter than 16 bytes



=== credits_session: a published secret
--- config eval
q(credits_session better_auth secret=env:PUBLISHED_SECRET;)
--- must_die
--- error_log
or a published one



=== credits_session: the secret does not belong into the configuration
--- config eval
q(credits_session better_auth secret=0123456789abcdef0123;)
--- must_die
--- error_log
a secret is given as "env:NAME" or "file:PATH"



=== credits_session: no such variable
--- config eval
q(credits_session better_auth secret=env:NO_SUCH_SECRET;)
--- must_die
--- error_log
the environment variable "NO_SUCH_SECRET" is not set



=== credits_session: no such file
--- config eval
q(credits_session better_auth secret=file:/no/such/file;)
--- must_die
--- error_log
open() "/no/such/file" failed



=== credits_session: a cookie without a name
--- config eval
q(credits_session better_auth cookie= secret=env:TEST_NGINX_AUTH_SECRET;)
--- must_die
--- error_log
invalid parameter "cookie="



=== credits_session: too long a cache
--- config eval
q(credits_session better_auth cache=301s secret=env:TEST_NGINX_AUTH_SECRET;)
--- must_die
--- error_log
invalid parameter "cache=301s"



=== credits_session: a time that is none
--- config eval
q(credits_session better_auth cache=long secret=env:TEST_NGINX_AUTH_SECRET;)
--- must_die
--- error_log
invalid parameter "cache=long"



=== credits_session: no such parameter
--- config eval
q(credits_session better_auth domain=x secret=env:TEST_NGINX_AUTH_SECRET;)
--- must_die
--- error_log
invalid parameter "domain=x"



=== credits_session: twice
--- config eval
q(credits_session better_auth secret=env:TEST_NGINX_AUTH_SECRET; credits_session better_auth secret=env:TEST_NGINX_AUTH_SECRET;)
--- must_die
--- error_log
"credits_session" directive is duplicate



=== credits_user: everybody would be one user
--- config eval
q(credits_user alice;)
--- must_die
--- error_log
"credits_user" needs a variable, "alice" is none



=== credits_user: no such variable
--- config eval
q(credits_user $no_such_variable;)
--- must_die
--- error_log
unknown "no_such_variable" variable



=== credits_user: twice
--- config eval
q(credits_user $arg_a; credits_user $arg_b;)
--- must_die
--- error_log
"credits_user" directive is duplicate



=== credits: not a mode
--- config eval
q(credits maybe;)
--- must_die
--- error_log
invalid value "maybe"



=== credits: twice
--- config eval
q(credits off; credits on;)
--- must_die
--- error_log
"credits" directive is duplicate



=== credits_unit: none
--- config eval
q(credits_unit 0;)
--- must_die
--- error_log
value must be between 1 and 1000000000



=== credits_unit: too large
--- config eval
q(credits_unit 1000000001;)
--- must_die
--- error_log
value must be between 1 and 1000000000



=== credits_unit: a fraction
--- config eval
q(credits_unit 1.5;)
--- must_die
--- error_log
invalid number



=== credits_purchase_url: no such variable
--- config eval
q(credits_purchase_url $no_such_variable;)
--- must_die
--- error_log
unknown "no_such_variable" variable



=== credits_type: not a type
--- chat_config: credits_type video;
--- must_die
--- error_log
invalid parameter "video"



=== credits_type: twice
--- chat_config: credits_type chat; credits_type image;
--- must_die
--- error_log
"credits_type" directive is duplicate



=== credits_hold: nothing
--- chat_config: credits_hold 0;
--- must_die
--- error_log
invalid parameter "0"



=== credits_hold: a negative number
--- chat_config: credits_hold -1;
--- must_die
--- error_log
invalid parameter "-1"



=== credits_hold: too much
--- chat_config: credits_hold 1000000001;
--- must_die
--- error_log
invalid parameter "1000000001"



=== credits_hold: twice
--- chat_config: credits_hold strict; credits_hold 1;
--- must_die
--- error_log
"credits_hold" directive is duplicate



=== credits_max_output: none
--- chat_config: credits_max_output 0;
--- must_die
--- error_log
value must be between 1 and 100000000



=== credits_max_output: too much
--- chat_config: credits_max_output 100000001;
--- must_die
--- error_log
value must be between 1 and 100000000



=== credits_clamp: neither
--- chat_config: credits_clamp maybe;
--- must_die
--- error_log
invalid value "maybe"



=== credits_drain: no time
--- chat_config: credits_drain soon;
--- must_die
--- error_log
invalid parameter "soon"



=== credits_drain: no size
--- chat_config: credits_drain 1s big;
--- must_die
--- error_log
invalid parameter "big"



=== credits_drain: twice
--- chat_config: credits_drain 1s; credits_drain 2s;
--- must_die
--- error_log
"credits_drain" directive is duplicate



=== credits_on_database_error: not an answer
--- chat_config: credits_on_database_error hope;
--- must_die
--- error_log
invalid value "hope"



=== credits_price: not a number
--- chat_config: credits_price a input=x;
--- must_die
--- error_log
invalid parameter "input=x"



=== credits_price: a negative number
--- chat_config: credits_price a output=-1;
--- must_die
--- error_log
invalid parameter "output=-1"



=== credits_price: nothing
--- chat_config: credits_price a cached=;
--- must_die
--- error_log
invalid parameter "cached="



=== credits_price: finer than a millionth
--- chat_config: credits_price a input=0.0000001;
--- must_die
--- error_log
invalid parameter "input=0.0000001"



=== credits_price: not in powers
--- chat_config: credits_price a input=1e3;
--- must_die
--- error_log
invalid parameter "input=1e3"



=== credits_price: too dear
--- chat_config: credits_price a input=1000.000001;
--- must_die
--- error_log
invalid parameter "input=1000.000001"



=== credits_price: a fraction of a credit
--- chat_config: credits_price a request=0.5;
--- must_die
--- error_log
invalid parameter "request=0.5"



=== credits_price: too dear a request
--- chat_config: credits_price a request=1000000001;
--- must_die
--- error_log
invalid parameter "request=1000000001"



=== credits_price: no such parameter
--- chat_config: credits_price a per_image=1;
--- must_die
--- error_log
invalid parameter "per_image=1"



=== credits_balance: no parameters
--- chat_config: credits_balance on;
--- must_die
--- error_log
invalid number of arguments in "credits_balance" directive



=== credits_transactions: no parameters
--- chat_config: credits_transactions on;
--- must_die
--- error_log
invalid number of arguments in "credits_transactions" directive
