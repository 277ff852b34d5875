# Who is asking cannot be made up: nobody is let in, Postgres is not asked,
# and no secret is written down, whatever happens.

use lib 't/support';
use Hostile;
use Test::Nginx::Socket 'no_plan';
use Credits;

use Digest::SHA qw(hmac_sha1_base64 hmac_sha256 hmac_sha256_hex
                   hmac_sha512_base64 sha256_base64);
use MIME::Base64 qw(encode_base64 encode_base64url);

no_long_string();
no_shuffle();
log_level('info');

my $messages = '"messages":[{"role":"user","content":"hi"}]';
my $chat = qq({"model":"gpt-test",$messages});

my $name = 'better-auth.session_token';
my $member = user('member', '1000 1 year');

# A signature that base64url would write in another way.
my $token;
do { $token = add_session($member, '1 hour') } until sign($token) =~ m{[+/]};

my $mac = hmac_sha256($token, $ENV{TEST_NGINX_AUTH_SECRET});
my $signed = sign($token);
my $cookie = encoded($signed);
my $other = sign(add_session($member, '1 hour'));

# As encodeURIComponent() writes it.
sub encoded {
    return $_[0] =~ s/([^\w.~*'()-])/sprintf '%%%02X', ord $1/ger;
}

my $with_session = <<'EOT';
    credits_session better_auth secret=env:TEST_NGINX_AUTH_SECRET;

    location = /api/chat {
        credits on;
        proxy_pass
            http://127.0.0.1:$TEST_NGINX_PROVIDER_PORT/v1/chat/completions;
        proxy_buffering off;
        proxy_ignore_client_abort on;
    }

    location = /metrics { credits_metrics; }
EOT

# Better Auth's own shapes, with secrets and digests of others; and places
# where a cookie is not looked for.
my $secret = $ENV{TEST_NGINX_AUTH_SECRET};
my ($signature) = $signed =~ /\.(.*)/;
my $jwt = encode_base64url('{"alg":"none"}') . '.'
    . encode_base64url(qq({"sub":"$member"})) . '.';
my @forged = (
    # what is no signature of the token
    (map { "Cookie: $name=" . encoded($_) }
        "$token." . hmac_sha1_base64($token, $secret) . '=',
        "$token." . hmac_sha512_base64($token, $secret) . '==',
        "$token." . sha256_base64($token) . '=',
        "$token." . sha256_base64($secret . $token) . '=',
        "$token." . hmac_sha256_hex($token, $secret),
        "$token." . unpack('H*', $mac),
        "$token." . encode_base64url($mac),
        "$token." . encode_base64url($mac) . '=',
        "$token.$mac",
        "$token." . encode_base64(scalar reverse($mac), ''),
        "$token." . encode_base64(~$mac, ''),
        "$token." . encode_base64("\0" x 32, ''),
        "$token." . encode_base64('', ''),
        sign($token, $token), sign($token, "$secret\n"), sign($token, ' '),
        sign($token, "\0"), sign($token, uc $secret),
        sign($token, substr $secret, 0, -1), sign($token, "${secret}x"),
        sign($token, 'default-secret'), sign($token, 'secret'),
        "$signature.$token", $other =~ s/.*\./$token./r,
        lc($token) . ".$signature", "$token\n.$signature",
        " $signed", "$signed ", "$token..$signature", "$token.$signed",
        "$token\0.$signature", "\0$signed", "$signed\0", "$member.$signature",
        sign(''), sign("$token "), sign("$token\0"), sign("t\xc3\xa9"),
        sign('t' x 129), sign("$token.$token")),
    "Cookie: $name=" . encoded(encoded($signed)),
    "Cookie: $name=" . $signed =~ s/\./%E3%80%82/r,
    "Cookie: $name=$cookie, $name=$cookie",
    "Cookie: $name=\"$cookie", "Cookie: $name=$cookie\"",
    "Cookie: $name='$cookie'", "Cookie: $name=%22$cookie%22",
    "Cookie: \$Version=1; \$Path=$name=$cookie",
    "Cookie: better%2Dauth.session_token=$cookie",
    "Cookie: $name=$jwt", "Cookie: $name=$member",
    "Cookie: userId=$member; user=$member",
    "Cookie: better-auth.session_data="
        . encode_base64url(qq({"session":{"user":{"id":"$member"}}})),
    "Cookie2: $name=$cookie", "Set-Cookie: $name=$cookie",
    "X-Cookie: $name=$cookie", "X-Forwarded-Cookie: $name=$cookie",
    # who says so, says nothing
    "Authorization: Bearer $signed", "Authorization: Bearer $token",
    "Authorization: Bearer $jwt", "Authorization: Basic "
        . encode_base64("$member:x", ''),
    (map { "$_: $member" } qw(X-User X-User-Id X-Forwarded-User Remote-User
        X-Remote-User X-Auth-Request-User X-Credits-User OpenAI-User
        OpenAI-Organization OpenAI-Project From X-Api-Key)),
);

# Each bit of the signature.
my @flipped = map {
    my $altered = $mac;
    vec($altered, $_, 1) ^= 1;
    "Cookie: $name=" . encoded("$token." . encode_base64($altered, ''));
} 0 .. 255;

for (['cookies that are forged', @forged],
     ['signatures with one bit changed', @flipped])
{
    my ($what, @headers) = @$_;

    add_block("$what: 401, and Postgres is not asked",
        config => $with_session,
        request => [("POST /api/chat\n$chat") x @headers, 'GET /metrics'],
        more_headers => [(map { "$_\n" } @headers), ''],
        error_code => [(401) x @headers, 200],
        response_body_like => [
            (qr/"type":"authentication_error".*"code":"unauthorized"/)
                x @headers,
            qr/^nginx_credits_session_rows_total 0$/m],
        no_error_log => at_most('notice'),
        provider_calls => [(undef) x @headers, 0],
        then => [(undef) x @headers, sub { untouched($member) }]);
}

add_block('the body and the query say nothing either',
    config => $with_session,
    request => [
        "POST /api/chat?userId=$member&$name=$cookie\n"
            . qq({"user":"$member","userId":"$member","session":"$cookie"})],
    more_headers => [''],
    error_code => [401],
    provider_calls => [0]);

add_block('the true one is let in, and pays for itself alone',
    config => $with_session,
    more_headers => "Cookie: $name=$cookie\nX-User: <user>\n"
        . "X-Credits-Request-Id: 00000000-0000-7000-8000-000000000000",
    body => qq({"user":"<user>","model":"m",$messages}),
    orders => 'usage=1999+1',
    error_code => 200,
    response_headers_like =>
        'X-Credits-Request-Id: (?!00000000)[0-9a-f-]{36}',
    ledger => 'none',
    provider_calls => 1,
    then => sub {
        untouched($_[0]);
        await('the charge', sub {
            sql(q{SELECT spent = 2 FROM credit_account
                   WHERE userId = :'user'}, user => $member) eq 't' });
        pass('the member was charged');
    });


# -- what must not be written down -------------------------------------------

my $prompt = 'canary-prompt-4711';
my $forged = 'canary-forged-4711';
my ($password) = $ENV{TEST_NGINX_DATABASE_URL} =~ m{//[^:]+:([^@]+)@}
    or die 'the database has no password';
my $wrong = 'canary-password-4711';
my $leaky = qq({"model":"m","messages":[{"content":"$prompt"}]);

# Neither in the logs nor in the journal.
sub kept_secret {
    my $root = server_root();
    my %secrets = (secret => $secret, password => $password,
                   'wrong password' => $wrong, prompt => $prompt,
                   token => $token, 'forged token' => $forged,
                   signature => $signature,
                   'encoded signature' => encoded($signature));

    for my $file (grep { -f } glob("$root/logs/*"), glob("$root/logs/*/*")) {
        open my $in, '<:raw', $file or die "$file: $!";
        my $text = do { local $/; <$in> } // '';
        my @found = grep { index($text, $secrets{$_}) >= 0 }
            sort keys %secrets;
        is("@found", '', "no secret in $file");
    }
}

add_block('no secret is written down, whatever happens',
    config => "$with_session # and a log of its own",
    http_config => 'log_format x "$credits_user $credits_status $request";'
        . ' access_log logs/own.log x;',
    request => [("POST /api/chat\n$leaky}") x 4, "POST /api/chat\n$leaky",
                "POST /api/chat\n$leaky}"],
    more_headers => [
        "Cookie: $name=$cookie\n", "Cookie: $name=$token.$forged\n",
        "Cookie: $name=" . encoded(sign($forged)) . "\n",
        "Cookie: $name=$cookie; $name=$forged\n", "Cookie: $name=$cookie\n",
        "Cookie: $name=$cookie\nContent-Encoding: gzip\n"],
    orders => ['usage=1+1', '', '', '', '', ''],
    error_code => [200, 401, 401, 401, 400, 415],
    then => [(\&kept_secret) x 6]);

add_block('no secret is written down without Postgres: a journal is',
    setup => 'none',
    http_config =>
        "credits_database 'host=127.0.0.1 port=1 user=x dbname=x"
        . " password=$wrong' timeout=200ms;"
        . ' credits_zone credits:2m; credits_journal logs/journal;',
    chat_config => 'credits_on_database_error allow;',
    body => "$leaky}",
    orders => 'usage=1+1',
    provider_calls => 1,
    then => sub {
        my @journal = glob server_root() . '/logs/journal/*';
        ok((grep { -s } @journal), 'there is a journal');
        kept_secret();
    });

add_block('no secret is written down when Postgres refuses it',
    setup => 'none',
    http_config => 'credits_database "'
        . $ENV{TEST_NGINX_DATABASE_URL} =~ s/\Q:$password@/:$wrong@/r
        . '" timeout=500ms;'
        . ' credits_zone credits:2m; credits_journal logs/journal;',
    chat_config => 'credits_max_output 1;',
    body => "$leaky}",
    error_code => 503,
    provider_calls => 0,
    then => \&kept_secret);

use_blocks();
run_tests();
check_ledger();
