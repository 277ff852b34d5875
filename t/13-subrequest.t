# Subrequests: who asks is found out in them too, so that auth_request onto a
# location that needs a user protects other pages; nothing is read or charged
# in one.

use lib 't/support';
use Hostile;
use Test::Nginx::Socket 'no_plan';
use Credits;

no_long_string();
no_shuffle();

my $user = user('member', '1000 1 year');
my $signed = sign(add_session($user, '1 hour'));
my $cookie = 'better-auth.session_token='
    . ($signed =~ s/([+\/=])/sprintf '%%%02X', ord $1/ger);
my $forged = $cookie =~ s/=T?/=x/r;
my $variable = 'credits_user $http_x_user;';
my $session = 'credits_session better_auth secret=env:TEST_NGINX_AUTH_SECRET';


# -- the read API is no subrequest -------------------------------------------

# Requests that all lead to one.
sub read_in {
    my ($name, $config, %sections) = @_;

    for my $directive ('credits_balance', 'credits_transactions') {
        add_block("$name: $directive",
            config => "$variable location = /read { $directive; } $config",
            user_files => ">>> page.html\n"
                . "<!--#include virtual=\"/read\" -->\n" x 2,
            request => 'GET /page.html',
            ledger => 'none',
            %sections);
    }
}

read_in('two includes of SSI', 'location = /page.html { ssi on; }',
    response_body_like => '403 Forbidden(?s:.*)403 Forbidden');
read_in('a mirror', 'location = /page.html { mirror /read; }',
    response_body_like => 'include virtual');
read_in('before and after a page',
    'location = /page.html { add_before_body /read; add_after_body /read; }',
    response_body_like => '403 Forbidden(?s:.*)403 Forbidden');
read_in('auth_request', 'location = /page.html { auth_request /read; }',
    error_code => 403);
read_in('in a location that is read itself',
    'location = /page.html { mirror /read; credits_balance; }',
    response_body_like => '"balance":1000');


# -- who asks ----------------------------------------------------------------

for (['a variable', $variable, "X-User: $user", 'X-User: '],
     ['a session', "$session cache=0;", "Cookie: $cookie", "Cookie: $forged"],
     ['a session that is remembered', "$session;", "Cookie: $cookie",
      'Cookie: a=b'])
{
    my ($how, $directive, $known, $unknown) = @$_;
    my $config = "location = /who { credits user; $directive empty_gif; }";

    add_block("auth_request: $how",
        config => "$config location = /page {
            auth_request /who; auth_request_set \$who \$credits_user;
            add_header X-Who \$who; empty_gif; }",
        request => [('GET /page') x 4],
        more_headers => [map { "$_\n" } $known, $unknown, $known, $unknown],
        error_code => [200, 401, 200, 401],
        response_headers => ["X-Who: $user", '!X-Who', "X-Who: $user",
                             '!X-Who'],
        ledger => [('none') x 4]);

    add_block("includes of SSI: $how",
        config => "$directive location = /page.html { ssi on; }
                   location = /who.html { credits user; }",
        user_files => ">>> who.html\nyou\n>>> page.html\n"
            . '<!--#include virtual="/who.html" -->' x 3,
        request => [('GET /page.html') x 2],
        more_headers => [map { "$_\n" } $known, $unknown],
        response_body_like => ['\A(?:you\n){3}\n?\z',
                               '\A(?:\{"error":.*"unauthorized"\}\n){3}'],
        ledger => [('none') x 2]);

    add_block("a mirror: $how",
        config => "$config location = /page { mirror /who; empty_gif; }",
        request => [('GET /page') x 2],
        more_headers => [map { "$_\n" } $known, $unknown],
        error_code => [200, 200],
        ledger => [('none') x 2]);
}

add_block('auth_request, and credits in the page itself',
    config => "$variable location = /who { credits user; empty_gif; }
        location = /api/chat { auth_request /who; credits on;
            rewrite ^ /v1/chat/completions break;
            proxy_pass http://127.0.0.1:\$TEST_NGINX_PROVIDER_PORT; }",
    request => [(qq(POST /api/chat\n{"model":"gpt-test","messages":[]})) x 2],
    more_headers => ["X-User: \n", ''],
    orders => [('usage=2000+1000') x 2],
    error_code => [401, 200],
    ledger => ['none', 'settled 3 2000+1000=3000'],
    provider_calls => [0, 1]);

add_block('auth_request, and nobody may say who it is',
    config => "location = /who { credits user; $session; empty_gif; }
        location = /page { auth_request /who; empty_gif; }",
    request => [('GET /page') x 2],
    more_headers => ["X-User: $user\n", ''],
    error_code => [401, 401],
    ledger => [('none') x 2]);

use_blocks();
run_tests();
check_ledger();
