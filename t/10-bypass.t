# However nginx is configured around it: in a location with credits no request
# reaches the provider that is not paid for.
#
# Each configuration is asked by a pauper, who has no credits, and by a payer.

use lib 't/support';
use Hostile;
use Test::Nginx::Socket 'no_plan';
use Credits;

no_long_string();
no_shuffle();

# The provider, also where proxy_pass may have no path.
my $path = 'rewrite ^ /v1/chat/completions break;';
my $pass = 'proxy_pass http://127.0.0.1:$TEST_NGINX_PROVIDER_PORT;';
my $provider = "$path $pass";

my $location = 'credits_user $http_x_user;'
    . ' proxy_buffering off; proxy_ignore_client_abort on;';
my $server = "credits on; $location";
my $chat = '{"model":"gpt-test","messages":[]}';
my $charged = 'settled 3 2000+1000=3000';
my $dead = '127.0.0.1:1';       # nobody listens there
my @errors = map { "error_page $_ =200 \@other;" }
    400, 401, 402, 403, 404, 405, 413, 415, 429, 500, 502, 503, 504;

# The requests of a pauper and of a payer. What the payer gets unless the
# sections say otherwise: one answer, paid for once.
sub asked {
    my ($name, $config, %sections) = @_;

    add_block($name,
        config => $config,
        request => [("POST /api/chat\n$chat") x 2],
        more_headers => ["X-User: pauper-<user>\n", ''],
        orders => [('usage=2000+1000') x 2],
        error_code => [402, 200],
        ledger => ['none', $charged],
        provider_calls => [0, 1],
        %sections);
}

# Requests of the payer that are refused, all with this status.
sub never {
    my ($name, $config, $status, @requests) = @_;

    add_block($name,
        config => $config,
        request => [map { ref ? $_->[0] : $_ } @requests],
        more_headers => [map { ref ? $_->[1] : '' } @requests],
        error_code_like => [("^(?:$status)\$") x @requests],
        ledger => [('none') x @requests],
        provider_calls => [(0) x @requests]);
}

# Whatever the module refuses by itself.
my @refused = (
    ["POST /api/chat\n$chat", "X-User: \n"],
    ["POST /api/chat\n$chat", "X-User: pauper-<user>\n"],
    ["POST /api/chat\n[]", ''],
    ["POST /api/chat\n$chat", "Content-Encoding: gzip\n"],
    ['GET /api/chat', ''], ['HEAD /api/chat', ''],
    ["PUT /api/chat\n$chat", ''], ['DELETE /api/chat', ''],
    ['OPTIONS /api/chat', ''], ["PATCH /api/chat\n$chat", ''],
);


# -- where it is switched on -------------------------------------------------

asked('in the location',
      "$location location = /api/chat { credits on; $provider }");
asked('in the server', "$server location /api { $provider }");
asked('in http', "location /api { $provider }", http_config => $server);
asked('in the location around it',
      "$location
       location /api { credits on; location /api/chat { $provider } }");
asked('in a location found by a pattern',
      "$location location ~ ^/api/(.*)\$ { credits on; $provider }");
asked('in a block of "if"',
      "$location location = /api/chat { credits on;
           if (\$http_x_user) { $provider } }");
asked('in two blocks of "if"',
      "$location location = /api/chat { credits on;
           if (\$http_x_user) { set \$a 1; } if (\$a) { $provider } }");
asked('in limit_except',
      "$location rewrite ^/api/chat\$ /v1/chat/completions;
       location = /v1/chat/completions { credits on;
           limit_except GET { $pass } }");
asked('without the body on its way',
      "$location location = /api/chat { credits on; $provider
           proxy_pass_request_body off; proxy_set_header Content-Length ''; }",
      provider_calls => [0, undef], ledger => ['none', undef],
      error_code_like => ['^402$', '^(?:200|400)$'], error_code => undef);
asked('without buffering the request',
      "$location location = /api/chat { credits on; $provider
           proxy_request_buffering off; proxy_http_version 1.1; }");


# -- who else decides --------------------------------------------------------

asked('satisfy any: an address lets everybody in',
      "$location location = /api/chat { credits on; $provider
           satisfy any; allow all; }");
asked('satisfy any: a user lets everybody in',
      "$location location = /api/chat { credits on; $provider
           satisfy any; deny all; }");
asked('satisfy any, in a block of "if"',
      "$location location = /api/chat { credits on; satisfy any; allow all;
           if (\$http_x_user) { $provider } }");
asked('auth_request beside it',
      "$location location = /auth { return 204; }
       location = /api/chat { credits on; auth_request /auth; $provider }");
asked('satisfy any and auth_request',
      "$location location = /auth { return 204; }
       location = /api/chat { credits on; satisfy any; auth_request /auth;
           $provider }");
never('satisfy any: nobody', "$location
       location = /api/chat { credits on; $provider satisfy any; allow all; }",
      401, ["POST /api/chat\n$chat", "X-User: \n"]);


# -- ways out of the location ------------------------------------------------

asked('try_files leads to a named location',
      "$location location = /api/chat { credits on; try_files /none \@other; }
       location \@other { $provider }");
asked('try_files leads to another location, in a server with credits',
      "$server location = /api/chat { try_files /none /other; }
       location = /other { $provider }");
asked('try_files leads from a location without to one with credits',
      "$location location = /api/chat { try_files /none \@other; }
       location \@other { credits on; $provider }");
asked('rewrite in the server',
      "$location rewrite ^/api/chat\$ /other last;
       location = /other { credits on; $provider }");
asked('rewrite in the location, in a server with credits',
      "$server location = /api/chat { rewrite ^ /other last; }
       location = /other { $provider }");
asked('rewrite and break', "$location location = /api/chat { credits on;
           rewrite ^ /v1/chat/completions break; $pass }");
asked('there is no such file, the page for that is the provider',
      "$server location = /api/chat { error_page 404 =200 \@other; }
       location \@other { $provider }");
asked('a provider that is dead, the page for that is another one',
      "$location location = /api/chat { credits on; error_page 502 = \@other;
           proxy_pass http://$dead; }
       location \@other { $provider }");
asked('a provider that is busy, the page for that is another one',
      "$location location = /api/chat { credits on; $provider
           proxy_intercept_errors on; error_page 429 = \@other; }
       location \@other { proxy_set_header X-Provider 'usage=2000+1000';
           $provider }",
      orders => ['', 'status=429'], provider_calls => [0, 2]);
asked('the provider sends elsewhere',
      "$server location = /api/chat { $provider }
       location = /other { internal; empty_gif; }",
      orders => ['', 'usage=1+1 header=X-Accel-Redirect:/other'],
      error_code_like => ['^402$', '^(?:200|405)$'], error_code => undef,
      ledger => ['none', undef]);
asked('a second provider in an upstream of two',
      "$location location = /api/chat { credits on; $path
           proxy_next_upstream error http_502 non_idempotent;
           proxy_pass http://bypass_two; }",
      http_config => "upstream bypass_two { server $dead;
           server 127.0.0.1:\$TEST_NGINX_PROVIDER_PORT; }");


# -- pages for what is refused -----------------------------------------------

never('the pages of a location with credits lead past them',
      "$location location = /api/chat { credits on; $provider @errors }
       location \@other { $provider }",
      '40[0125]|415', @refused);
never('the same with satisfy any',
      "$location location = /api/chat { credits on; $provider @errors
           satisfy any; allow all; }
       location \@other { $provider }",
      '40[0125]|415', @refused);
never('the pages of a server with credits lead to the provider',
      "$server location = /api/chat { $provider @errors
           satisfy any; deny all; client_max_body_size 1k; }
       location \@other { $provider }",
      '40[0125]|41[35]', @refused,
      "POST /api/chat\n{\"x\":\"" . 'x' x 2000 . '"}');
never('pages of pages',
      "$server recursive_error_pages on; @errors
       location = /api/chat { deny all; }
       location \@other { $provider error_page 400 402 = /api/chat; }",
      '40[0-5]|415', @refused);


# -- other ways in -----------------------------------------------------------

never('the path in another spelling',
      "$server location = /api/chat { $provider }
       location /other { internal; $provider }", '40[0245]',
      map { ["POST $_\n$chat", "X-User: pauper-<user>\n"] }
          '//api/chat', '/api//chat', '/api/./chat', '/x/../api/chat',
          '/%61pi/chat', '/api%2fchat', '/api/chat?x', '/api/chat;x',
          '/api/chat/', '/API/CHAT', '/api/chat%20', '/api/chat#x',
          '/other', '//other', '/%6fther', '/other/x', '/./other',
          'http://localhost/api/chat', 'http://evil.example/api/chat',
          'http://x@localhost/api/chat');
never('a subrequest of auth_request',
      "$server location = /page { credits off; auth_request /api/chat; }
       location = /api/chat { $provider }", 403, 'GET /page');
add_block('a subrequest of SSI',
    config => "$server location = /page.html { credits off; ssi on; }
               location = /api/chat { $provider }",
    user_files => ">>> page.html\n<!--#include virtual=\"/api/chat\" -->",
    request => 'GET /page.html',
    response_body_like => '403 Forbidden',
    ledger => 'none',
    provider_calls => 0);
asked('a mirror of what is paid for is not sent',
      "$server location = /api/chat { mirror /mirror; $provider }
       location = /mirror { internal; $provider }");
asked('post_action does not ask again',
      "$server location = /api/chat { post_action /after; $provider }
       location = /after { $provider }");
asked('two users on one connection',
      "$location location = /api/chat { credits on; $provider }",
      request => undef,
      pipelined_requests => [("POST /api/chat\n$chat") x 5],
      more_headers => ['', "X-User: pauper-<user>\n", '', "X-User: \n",
                       "X-User: pauper-<user>\n"],
      orders => [('usage=2000+1000') x 5],
      error_code => [200, 402, 200, 401, 402],
      ledger => ["$charged\n$charged", ('none') x 4],
      provider_calls => [2, 0, 0, 0, 0]);

use_blocks();
run_tests();
check_ledger();
