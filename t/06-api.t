# What the user reads: the account, and the history of charges.

use lib 't/support';
use Test::Nginx::Socket 'no_plan';
use Credits;

no_long_string();

our $invalid = error_body('A parameter is not valid.',
    'invalid_request_error', 'invalid_parameter');
our $time = '"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"';
our $path = '/api/credits/transactions';

# A user with a history: five chats and two images of 1 to 7 credits, a
# request each, from two packages.
our $reader = user('reader', '10 1 day', '100 never');

for my $n (1 .. 7) {
    sql(q{SELECT credit_settle_batch(ARRAY[:'user'],
              ARRAY[gen_random_uuid()], '{settled}', ARRAY[:n]::bigint[],
              ARRAY[:'type'],
              ARRAY[jsonb_build_object('model', 'gpt-test', 'promptTokens',
                    :n, 'completionTokens', 0, 'totalTokens', :n)])},
        user => $reader, n => $n, type => $n % 3 ? 'chat' : 'image');
}

our $reasons = join '',
    map { qq(nginx_credits_reasons_total\\{reason="$_"\\} \\d+\n) }
    qw(no_usage zero_usage unreadable truncated client_gone worker_stopped
       upstream_error empty_answer not_sent not_answered_by_provider);

our $version = quotemeta `tools/version` =~ s/\n//r;

our @ids = split /\n/, sql(
    q{SELECT requestId FROM credit_charge WHERE userId = :'user'
       ORDER BY createdAt}, user => $reader);

# Where a page of two charges ends, and the amounts on a page.
our $cursor = sql(q{SELECT credit_cursor(createdAt, requestId)
                      FROM credit_charge
                     WHERE userId = :'user' AND amount = 6}, user => $reader);
our $since = sql(q{SELECT to_char(createdAt AT TIME ZONE 'UTC',
                                  'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
                     FROM credit_charge
                    WHERE userId = :'user' AND amount = 5}, user => $reader);

sub amounts {
    return join ' ', $_[0] =~ /"amount":(\d+),"packages"/g;
}

run_tests();
check_ledger();

__DATA__

=== the account
--- packages
100 30 days
5 7 days
1 never
--- request
GET /api/credits
--- response_headers
Content-Type: application/json
Cache-Control: private, no-store
!X-Credits-Request-Id
--- response_body_like eval
my $t = $::time;
my $p = sub { my ($n, $c, $e) = @_;
    qr/\{"id":"test:<user>-$n","source":"test","credits":$c,"remainingCredits":$c,"status":"active","expiresAt":$e,"createdAt":$t\}/ };
qr/\A\{"balance":106,"held":0,"debt":0,"available":106,"packages":\[${\$p->(2, 5, $t)},${\$p->(1, 100, $t)},${\$p->(3, 1, 'null')}\]\}\s*\z/



=== nobody's account is empty
--- packages: none
--- request eval
["GET /api/credits", "GET $::path"]
--- response_body_like eval
[qr/\A\{"balance":0,"held":0,"debt":0,"available":0,"packages":\[\]\}\s*\z/,
 qr/\A\{"transactions":\[\],"nextCursor":null\}\s*\z/]



=== spent packages come last
--- packages
5 7 days
100 30 days
--- request eval
["POST /api/chat\n{\"model\":\"gpt-test\",\"messages\":[]}", "GET /api/credits"]
--- orders eval
["usage=1234+14000", ""]
--- response_body_like eval
["", qr/\A\{"balance":89,"held":0,"debt":0,"available":89,"packages":\[\{"id":"test:<user>-2","source":"test","credits":100,"remainingCredits":89,"status":"active",[^}]*\},\{"id":"test:<user>-1","source":"test","credits":5,"remainingCredits":0,"status":"depleted",/]



=== debt makes what is available negative
--- packages: 1 1 day
--- request eval
["POST /api/chat\n{\"messages\":[]}", "GET /api/credits"]
--- orders eval
["usage=2999+1", ""]
--- response_body_like eval
["", qr/\A\{"balance":0,"held":0,"debt":2,"available":-2,/]



=== a charge, as the history shows it
--- packages
5 7 days
100 30 days
--- request eval
["POST /api/chat\n{\"model\":\"gpt-test\",\"messages\":[]}", "GET $::path"]
--- orders eval
["usage=1234+14000", ""]
--- response_body_like eval
["", qr/\A\{"transactions":\[\{"id":"[0-9a-f-]{36}","type":"chat","description":"AI Chat - 15234 tokens","amount":16,"packages":\[\{"packageId":"test:<user>-1","amount":5\},\{"packageId":"test:<user>-2","amount":11\}\],"metadata":\{"tier": ?"default", ?"model": ?"gpt-test", ?"price": ?"\* input=1 output=1 unit=1000", ?"operation": ?"openai chat", ?"totalTokens": ?15234, ?"promptTokens": ?1234, ?"completionTokens": ?14000\},"createdAt":$::time\}\],"nextCursor":null\}\s*\z/]



=== what costs nothing is not in the history
--- config
    credits_user $http_x_user;
    location = /api/free {
        credits on;
        credits_price * input=0 output=0;
        proxy_pass http://127.0.0.1:$TEST_NGINX_PROVIDER_PORT/v1/chat/completions;
    }
    location = /api/credits/transactions { credits_transactions; }
--- request eval
["POST /api/free\n{\"messages\":[]}", "POST /api/free\n{\"messages\":[]}",
 "GET $::path"]
--- orders eval
["usage=1+1", "status=500", ""]
--- error_code eval
[200, 500, 200]
--- response_body_like eval
["", "", qr/\A\{"transactions":\[\],"nextCursor":null\}/]



=== read your writes: a pair on one connection, many times in a row
--- pipelined_requests eval
[map { ("POST /api/chat\n{\"messages\":[],\"stream\":"
        . ($_ % 2 ? "true}" : "false}"), "GET /api/credits",
        "POST /api/chat\n{\"messages\":[]}", "GET $::path?limit=1") } 1 .. 15]
--- orders eval
[map { ("usage=1+1 chunks=1", "", "usage=1000+1", "") } 1 .. 15]
--- response_body_like eval
[map { ("", '^\{"balance":' . (1000 - 3 * $_ + 2) . ',"held":0,"debt":0,',
        "", qr/\A\{"transactions":\[\{[^}]*"amount":2,/) } 1 .. 15]



=== a balance that just does is enough for one chat after the other
--- packages: 5 1 day
--- chat_config: credits_hold 5; credits_price * input=0 output=0;
--- pipelined_requests eval
[("POST /api/chat\n{\"messages\":[]}") x 20]
--- orders eval
[("usage=1+1") x 20]



=== newest first, in pages
--- request eval
[map { "GET $::path$_" } "", "?limit=2", "?limit=2&cursor=$::cursor",
 "?cursor=$::cursor&limit=200", "?limit=7", "?type=image", "?type=chat&limit=1",
 "?type=other", "?since=$::since", "?since=" . $::since =~ s/:/%3A/gr,
 "?since=2999-01-01", "?since=1999-01-01T00:00:00%2B08:00&limit=1",
 "?limit=", "?unknown=1&limit=1"]
--- more_headers eval
"X-User: $::reader"
--- response_body_filters eval
\&::amounts
--- error_code eval
[(200) x 12, 400, 200]
--- response_body eval
["7 6 5 4 3 2 1", "7 6", "5 4", "5 4 3 2 1", "7 6 5 4 3 2 1", "6 3", "7", "",
 "7 6 5", "7 6 5", "", "7", "", "7"]



=== a cursor leads to the next page, and there is an end
--- request eval
["GET $::path?limit=2", "GET $::path?limit=7", "GET $::path?limit=6"]
--- more_headers eval
"X-User: $::reader"
--- response_body_like eval
[qr/"nextCursor":"\Q$::cursor\E"\}\s*\z/, qr/"nextCursor":null\}\s*\z/,
 qr/"nextCursor":"\d+\.$::ids[1]"\}\s*\z/]



=== a history is the user's own, whatever the cursor
--- request eval
["GET $::path", "GET $::path?cursor=$::cursor",
 "GET $::path?user=$::reader&userId=$::reader&p_user=$::reader"]
--- response_body_like eval
[(qr/\A\{"transactions":\[\],"nextCursor":null\}/) x 3]



=== parameters that are none
--- request eval
[map { "GET $::path?$_" } qw(
    limit=0 limit=-1 limit=201 limit=1.5 limit=x limit=1e3 limit=1%00
    limit=99999999999999999999 limit=%27 limit=1;DROP limit=NaN
    cursor=x cursor= cursor=1 cursor=1.2 cursor=-1.0 cursor=%00
    cursor=1.00000000-0000-0000-0000-00000000000g
    cursor=99999999999999999999.00000000-0000-0000-0000-000000000000
    type=x type= type=CHAT type=chat%27-- type=%E7%A7%AF type=chat%0A
    since=x since= since=2026-13-01 since=9999999-99-99 since=%FF
    since=2026-01-01T00:00:00+nowhere
), 'limit=' . '1' x 300, 'type=' . 'a' x 300]
--- error_code eval
[(400) x 33]
--- response_headers eval
[("Content-Type: application/json") x 33]
--- response_body eval
[($::invalid) x 33]



=== HEAD
--- request eval
["HEAD /api/credits", "HEAD $::path"]
--- response_headers_like eval
["Content-Type: application/json\nContent-Length: \\d+",
 "Content-Type: application/json\nContent-Length: \\d+"]
--- response_body eval
["", ""]



=== reading only
--- request eval
[map { ("$_ /api/credits\n{}", "$_ $::path\n{}") } qw(POST PUT PATCH DELETE)]
--- error_code eval
[(405) x 8]
--- response_headers eval
[("Allow: GET, HEAD\nContent-Type: application/json") x 8]
--- response_body eval
[(::error_body('Only GET is answered here.',
    'invalid_request_error', 'method_not_allowed')) x 8]



=== no user, no document
--- request eval
["GET /api/credits", "GET $::path"]
--- more_headers
X-User:
--- error_code eval
[401, 401]
--- response_body eval
[(::error_body('You are not signed in.',
    'authentication_error', 'unauthorized')) x 2]



=== a body with GET is of no interest
--- request eval
["GET /api/credits\n" . 'x' x 100_000, "GET /api/credits"]
--- response_body_like eval
[(qr/^\{"balance":1000,/) x 2]



=== documents on one connection
--- pipelined_requests eval
["GET /api/credits", "GET $::path", "GET /api/credits"]
--- response_body_like eval
[qr/^\{"balance"/, qr/^\{"transactions"/, qr/^\{"balance"/]



=== Postgres is away
--- setup: none
--- http_config
    credits_database "host=127.0.0.1 port=1 user=x dbname=x" timeout=200ms;
--- config
    credits_user $http_x_user;
    location = /api/credits { credits_balance; }
    location = /api/credits/transactions { credits_transactions; }
--- request eval
["GET /api/credits", "GET $::path", "GET $::path?limit=x"]
--- error_code_like eval
["^503\$", "^503\$", "^(400|503)\$"]
--- response_headers eval
["Retry-After: 1\nContent-Type: application/json", "Retry-After: 1", ""]
--- response_body_like eval
[qr/\A\Q@{[::error_body('Credits cannot be checked at the moment. Nothing was charged; try again.',
    'server_error', 'service_unavailable')]}\E\z/,
 "service_unavailable", ""]



=== the documents of others' locations
--- config
    location = /mine { credits_user $http_x_user; credits off; credits_balance; }
--- request
GET /mine
--- response_body_like: ^\{"balance":1000,



=== metrics
--- request eval
["POST /api/chat\n{\"messages\":[]}", "GET /metrics", "POST /metrics\nx"]
--- orders eval
["usage=1234+14000", "", ""]
--- error_code eval
[200, 200, 405]
--- response_headers eval
["", "Content-Type: text/plain; version=0.0.4", ""]
--- response_body_like eval
["", qr/\A# HELP nginx_credits_build_info [^\n]+\n# TYPE nginx_credits_build_info gauge\nnginx_credits_build_info\{version="$::version"\} 1\n(?:# HELP nginx_credits_(\w+) [^\n]+\n# TYPE nginx_credits_\g{-1} (?:gauge|counter)\nnginx_credits_\g{-1} \d+\n)+# HELP nginx_credits_reasons_total [^\n]+\n# TYPE nginx_credits_reasons_total counter\n$::reasons\z/, ""]



=== metrics count what happened
--- packages: 20 1 day
--- request eval
[("POST /api/chat\n{\"messages\":[]}") x 4, "GET /metrics"]
--- orders eval
["usage=1234+14000", "usage=none text=1234", "status=500", "", ""]
--- more_headers eval
["", "", "", "X-User:", ""]
--- error_code eval
[200, 200, 500, 401, 200]
--- response_body_like eval
["", "", "", "", CORE::join '.*', map { "\nnginx_credits_$_\n" }
 "in_flight 0", "unauthorized_total 1", "admitted_total 3", "denied_total 0",
 "settled_total 1", "estimated_total 1", "released_total 1",
 "credits_total 17", "hold_rows_total 3", "settle_rows_total 3",
 "journal_errors_total 0"]
