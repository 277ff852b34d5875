# The directives: every parameter that is refused, and with which words.

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



=== credits_hold_life: too short
--- setup: none
--- http_config eval
q(credits_hold_life 999ms;)
--- must_die
--- error_log
"credits_hold_life" directive must be between 1s and 1d



=== credits_hold_life: longer than the ledger allows
--- setup: none
--- http_config eval
q(credits_hold_life 86401s;)
--- must_die
--- error_log
"credits_hold_life" directive must be between 1s and 1d



=== credits_lost_hold: neither
--- setup: none
--- http_config eval
q(credits_lost_hold keep;)
--- must_die
--- error_log
invalid value "keep"



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



=== credits_drain: no end
--- chat_config: credits_drain 1s end=never;
--- must_die
--- error_log
invalid parameter "end=never"



=== credits_drain: two ends
--- chat_config: credits_drain 1s end=1s end=2s;
--- must_die
--- error_log
invalid parameter "end=2s"



=== credits_drain: two sizes
--- chat_config: credits_drain 1s 1m 2m;
--- must_die
--- error_log
invalid parameter "2m"



=== what defeats the metering: ranges of the answer
--- chat_config: proxy_force_ranges on;
--- must_die
--- error_log
"proxy_force_ranges" cannot be used in location "/api/chat" with "credits on"



=== what defeats the metering: ranges, said above
--- http_config: proxy_force_ranges on;
--- must_die
--- error_log
"proxy_force_ranges" cannot be used in location "/api/chat" with "credits on"



=== what defeats the metering: ranges, and the address has variables
--- config
    credits_user $http_x_user;
    location = /t {
        credits on;
        proxy_pass http://127.0.0.1:$arg_port;
        proxy_force_ranges on;
    }
--- must_die
--- error_log
"proxy_force_ranges" cannot be used in location "/t" with "credits on"



=== what defeats the metering: ranges of another module
--- config
    credits_user $http_x_user;
    location = /t {
        credits on;
        fastcgi_pass 127.0.0.1:1;
        fastcgi_force_ranges on;
    }
--- must_die
--- error_log
"fastcgi_force_ranges" cannot be used in location "/t" with "credits on"



=== what defeats the metering: a cache that renews itself
--- http_config
    proxy_cache_path proxy_cache_temp keys_zone=answers:1m;
--- chat_config
    proxy_cache answers;
    proxy_cache_use_stale updating;
    proxy_cache_background_update on;
--- must_die
--- error_log
"proxy_cache_background_update" cannot be used in location "/api/chat" with "credits on"



=== what defeats the metering: slices
--- chat_config: slice 1m;
--- must_die
--- error_log
"slice" cannot be used in location "/api/chat" with "credits on"



=== what defeats the metering: slices, said above
--- http_config: slice 1m;
--- must_die
--- error_log
"slice" cannot be used in location "/api/chat" with "credits on"



=== what defeats the metering: a name that nobody has checked
--- config
    location = /t {
        credits on;
        credits_user $remote_user;
        satisfy any;
        proxy_pass http://127.0.0.1:1;
    }
--- must_die
--- error_log
"credits_user $remote_user" cannot be believed in location "/t" with "satisfy any"



=== what defeats the metering: such a name in another text, said above
--- config
    satisfy any;
    credits_user basic:${remote_user};
    location = /t { credits on; proxy_pass http://127.0.0.1:1; }
--- must_die
--- error_log
"credits_user basic:${remote_user}" cannot be believed in location "/t" with "satisfy any"



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



=== credits_price: a request finer than a millionth of a credit
--- chat_config: credits_price a request=0.0000001;
--- must_die
--- error_log
invalid parameter "request=0.0000001"



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



=== credits_api: no such dialect
--- chat_config: credits_api claude;
--- must_die
--- error_log
invalid parameter "claude"



=== credits_api: no such operation
--- chat_config: credits_api openai converse;
--- must_die
--- error_log
invalid parameter "converse"



=== credits_api: an operation that is refused
--- chat_config: credits_api openai batches;
--- must_die
--- error_log
invalid parameter "batches"



=== credits_api: two operations
--- chat_config: credits_api openai chat responses;
--- must_die
--- error_log
invalid parameter "responses"



=== credits_api: neither
--- chat_config: credits_api openai unlisted=charge;
--- must_die
--- error_log
invalid parameter "unlisted=charge"



=== credits_api: twice
--- chat_config: credits_api openai; credits_api mistral;
--- must_die
--- error_log
"credits_api" directive is duplicate



=== credits_api: nothing
--- chat_config: credits_api;
--- must_die
--- error_log
invalid number of arguments in "credits_api" directive



=== credits_include_usage: neither
--- chat_config: credits_include_usage maybe;
--- must_die
--- error_log
invalid value "maybe"



=== credits_on_missing_usage: neither
--- chat_config: credits_on_missing_usage release;
--- must_die
--- error_log
invalid value "release"



=== credits_allow: no such member
--- chat_config: credits_allow temperature;
--- must_die
--- error_log
invalid parameter "temperature"



=== credits_allow: not by another name
--- chat_config: credits_allow models Route;
--- must_die
--- error_log
invalid parameter "Route"



=== credits_allow: twice
--- chat_config: credits_allow models; credits_allow route;
--- must_die
--- error_log
"credits_allow" directive is duplicate



=== credits_part_tokens: no number
--- chat_config: credits_part_tokens image=many;
--- must_die
--- error_log
invalid parameter "image=many"



=== credits_part_tokens: a negative number
--- chat_config: credits_part_tokens audio=-1;
--- must_die
--- error_log
invalid parameter "audio=-1"



=== credits_part_tokens: too many
--- chat_config: credits_part_tokens file=100000001;
--- must_die
--- error_log
invalid parameter "file=100000001"



=== credits_part_tokens: no such part
--- chat_config: credits_part_tokens video=1;
--- must_die
--- error_log
invalid parameter "video=1"



=== credits_part_tokens: twice
--- chat_config: credits_part_tokens image=1; credits_part_tokens audio=1;
--- must_die
--- error_log
"credits_part_tokens" directive is duplicate



=== credits_price: refuse stands alone
--- chat_config: credits_price a refuse input=1;
--- must_die
--- error_log
"refuse" stands alone behind a pattern



=== credits_price: above nothing
--- chat_config: credits_price a above=0;
--- must_die
--- error_log
invalid parameter "above=0"



=== credits_price: above in thousands
--- chat_config: credits_price a above=200k;
--- must_die
--- error_log
invalid parameter "above=200k"



=== credits_price: a tier without a name
--- chat_config: credits_price a tier=;
--- must_die
--- error_log
invalid parameter "tier="



=== credits_price: a picture below nothing
--- chat_config: credits_price a image=-1;
--- must_die
--- error_log
invalid parameter "image=-1"



=== credits_price: too dear a search
--- chat_config: credits_price a search=1000000001;
--- must_die
--- error_log
invalid parameter "search=1000000001"



=== credits_price: a cost that is none
--- chat_config: credits_price a cost=x;
--- must_die
--- error_log
invalid parameter "cost=x"



=== credits_price: hidden in hours
--- chat_config: credits_price a hidden=5/h;
--- must_die
--- error_log
invalid parameter "hidden=5/h"



=== credits_price: hidden without a number
--- chat_config: credits_price a hidden=/s;
--- must_die
--- error_log
invalid parameter "hidden=/s"



=== credits_price: a weight of an unknown kind
--- chat_config: credits_price a video_input=1;
--- must_die
--- error_log
invalid parameter "video_input=1"



=== credits_price_list: no credit
--- chat_config: credits_price_list $TEST_NGINX_HTML_DIR/prices.json markup=2;
--- user_files
>>> prices.json
{"m":{"input_cost_per_token":0.001}}
--- must_die
--- error_log
"credit=", the dollars that a credit costs, is missing



=== credits_price_list: a credit for nothing
--- chat_config: credits_price_list $TEST_NGINX_HTML_DIR/prices.json credit=0;
--- user_files
>>> prices.json
{"m":{"input_cost_per_token":0.001}}
--- must_die
--- error_log
invalid parameter "credit=0"



=== credits_price_list: a markup that is none
--- chat_config: credits_price_list $TEST_NGINX_HTML_DIR/prices.json credit=1 markup=x;
--- user_files
>>> prices.json
{"m":{"input_cost_per_token":0.001}}
--- must_die
--- error_log
invalid parameter "markup=x"



=== credits_price_list: unlisted is neither
--- chat_config: credits_price_list $TEST_NGINX_HTML_DIR/prices.json credit=1 unlisted=free;
--- user_files
>>> prices.json
{"m":{"input_cost_per_token":0.001}}
--- must_die
--- error_log
invalid parameter "unlisted=free"



=== credits_price_list: no such parameter
--- chat_config: credits_price_list $TEST_NGINX_HTML_DIR/prices.json credit=1 unit=5;
--- user_files
>>> prices.json
{"m":{"input_cost_per_token":0.001}}
--- must_die
--- error_log
invalid parameter "unit=5"



=== credits_price_list: no such file
--- chat_config: credits_price_list /no/such/file credit=1;
--- must_die
--- error_log
open() "/no/such/file" failed



=== credits_price_list: twice
--- chat_config: credits_price_list $TEST_NGINX_HTML_DIR/prices.json credit=1; credits_price_list $TEST_NGINX_HTML_DIR/prices.json credit=1;
--- user_files
>>> prices.json
{"m":{"input_cost_per_token":0.001}}
--- must_die
--- error_log
"credits_price_list" directive is duplicate



=== credits_price_list: no JSON, and the entry is named
--- chat_config: credits_price_list $TEST_NGINX_HTML_DIR/prices.json credit=0.001;
--- user_files
>>> prices.json
{"m":
--- must_die
--- error_log
in "



=== credits_price_list: no object, and the entry is named
--- chat_config: credits_price_list $TEST_NGINX_HTML_DIR/prices.json credit=0.001;
--- user_files
>>> prices.json
[]
--- must_die
--- error_log
in "



=== credits_price_list: no entry, and the entry is named
--- chat_config: credits_price_list $TEST_NGINX_HTML_DIR/prices.json credit=0.001;
--- user_files
>>> prices.json
{}
--- must_die
--- error_log
the list has no entry with a price



=== credits_price_list: an entry that is none, and the entry is named
--- chat_config: credits_price_list $TEST_NGINX_HTML_DIR/prices.json credit=0.001;
--- user_files
>>> prices.json
{"m":{"input_cost_per_token":1e-6},"bad":5}
--- must_die
--- error_log
"bad": is no object



=== credits_price_list: a price below nothing, and the entry is named
--- chat_config: credits_price_list $TEST_NGINX_HTML_DIR/prices.json credit=0.001;
--- user_files
>>> prices.json
{"bad":{"input_cost_per_token":-1}}
--- must_die
--- error_log
"bad"



=== credits_price_list: a price in words, and the entry is named
--- chat_config: credits_price_list $TEST_NGINX_HTML_DIR/prices.json credit=0.001;
--- user_files
>>> prices.json
{"m":{"input_cost_per_token":1e-6},"bad":{"output_cost_per_token":"1"}}
--- must_die
--- error_log
"bad"



=== credits_price_list: an entry twice, and the entry is named
--- chat_config: credits_price_list $TEST_NGINX_HTML_DIR/prices.json credit=0.001;
--- user_files
>>> prices.json
{"bad":{"input_cost_per_token":1e-6},"bad":{"input_cost_per_token":1e-6}}
--- must_die
--- error_log
"bad": is there twice



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
