# Who is asking: a cookie that Better Auth signed, or a variable.

use lib 't/support';
use Test::Nginx::Socket 'no_plan';
use Credits;

no_long_string();

# Ids that SQL, arrays and JSON have to quote.
our @odd = map { user($_, '5 1 day') }
    q(o'hara), q(a"b\\c), q({x,y}), "\xe7\xa7\xaf", 'NULL', 'a  b';

our $name = 'better-auth.session_token';
our $user = user('member', '1000 1 year');
our $token = add_session($user, '1 hour');
our $signed = sign($token);                     # token.signature
our $cookie = encoded($signed);
our ($signature) = $signed =~ /\.(.*)/;

# As encodeURIComponent() writes it.
sub encoded {
    return $_[0] =~ s/([+\/=])/sprintf '%%%02X', ord $1/ger;
}

# The user named $credits_user in a location that is not proxied.
our $who = <<'EOT';
    location = /who {
        credits user;
        add_header X-Who $credits_user always;
        empty_gif;
    }
    location = /metrics { credits_metrics; }
EOT
our $config = "credits_session better_auth"
    . " secret=env:TEST_NGINX_AUTH_SECRET;\n$who";

# The metric of session look-ups that reached Postgres.
sub looked_up { qr/^nginx_credits_session_rows_total $_[0]$/m }

our $unauthorized = error_body('You are not signed in.',
    'authentication_error', 'unauthorized');

# Cookie headers that are nobody's, and need no database to say so.
our @forged = (
    "other=1", $name, "$name=", "$name=\"\"", "$name=.", "$name=\"",
    # not signed, or by somebody else
    "$name=$token", "$name=$token.", "$name=.$signature",
    "$name=" . encoded(sign($token, 'another-secret-0123456789')),
    "$name=" . encoded(sign($token, 'better-auth-secret-123456789')),
    "$name=" . encoded(sign($token, '')),
    "$name=" . encoded(sign($token . 'x') =~ s/x\././r),
    "$name=x" . $cookie, "$name=" . lc $cookie,
    # the signature altered, cut, longer, in another alphabet
    "$name=" . encoded($signed =~ s/=\z//r),
    "$name=" . encoded("$signed="),
    "$name=" . encoded($signed =~ s/.=\z/==/r),
    "$name=" . encoded($signed =~ s/(?<=\.)(.)/$1 eq 'A' ? 'B' : 'A'/er),
    "$name=" . encoded($signed =~ s/(.)(?==\z)/$1 ^ "\1"/er),
    "$name=" . encoded(sign($token . 'y') =~ s/.*\./$token./r),
    "$name=$cookie$cookie", "$name=$cookie%00", "$name=%00$cookie",
    "$name=$cookie%", "$name=$cookie%2", "$name=$cookie%zz",
    "$name=" . ('%41' x 2000),
    "$name=" . encoded(sign("a.b")), "$name=" . encoded(sign("a%20b")),
    # another name
    uc($name) . "=$cookie", "__Secure-$name=$cookie", "$name =$cookie",
    "x$name=$cookie", "better-auth.session_data=$cookie",
    "better-auth.session_token.0=$cookie",
    # two of the name: whose is it?
    "$name=$cookie; $name=$cookie", "$name=$cookie; $name=other",
    "$name=other; $name=$cookie", "$name=$cookie;$name=",
    "$name=$cookie\nCookie: $name=$cookie", "$name=x\nCookie: $name=$cookie",
);

# Sessions that are over.
our $expired = encoded(sign(add_session($user, '-1 second')));
our $short_token = add_session($user, '2 seconds');
our $short = encoded(sign($short_token));
our @deleted = map { add_session($user, '1 hour') } 1 .. 2;

sub sign_out { sql(q{DELETE FROM "session" WHERE "token" = :'t'},
                   t => $_[0]) }

run_tests();
check_ledger();

__DATA__

=== cookies that Better Auth accepts
--- config eval: $::config
--- request eval
[("GET /who") x 11]
--- more_headers eval
my $n = $::name;
[map { "Cookie: $_" }
    "$n=$::cookie", "$n=$::signed", "$n=\"$::cookie\"",
    "$n=" . $::cookie =~ s/(%..)/lc $1/egr,
    "a=b; $n=$::cookie; c=d", "a=b;$n=$::cookie;c", " ; ;$n=$::cookie;",
    "a=b\nCookie: $n=$::cookie", "__Secure-$n=other; $n=$::cookie",
    "a=\"$n=x\"; $n=$::cookie", "$n=$::cookie\nX-User: somebody-else"]
--- response_headers eval
[("X-Who: $::user") x 11]



=== cookies that it does not, and no query for any of them
--- config eval: $::config
--- request eval
[("GET /who") x @::forged, "GET /metrics"]
--- more_headers eval
[(map { "Cookie: $_" } @::forged), ""]
--- error_code eval
[(401) x @::forged, 200]
--- response_headers eval
[("!X-Who") x (@::forged + 1)]
--- response_body eval
[($::unauthorized) x @::forged, ::looked_up(0)]



=== the answer to a stranger
--- config eval: $::config
--- request
GET /who
--- error_code: 401
--- response_headers
Content-Type: application/json
Cache-Control: private, no-store
!Set-Cookie
--- response_body eval: $::unauthorized



=== a stranger does not reach the provider, and his body is not waited for
--- config eval
qq(credits_session better_auth secret=env:TEST_NGINX_AUTH_SECRET;
   location = /api/chat {
       credits on;
       lingering_timeout 50ms;
       proxy_pass http://127.0.0.1:\$TEST_NGINX_PROVIDER_PORT/v1/chat/completions;
   })
--- request
POST /api/chat
{
--- more_headers
Content-Length: 100
--- error_code: 401
--- response_body eval: $::unauthorized
--- provider_calls: 0



=== a member pays
--- config eval
qq(credits_session better_auth secret=env:TEST_NGINX_AUTH_SECRET;
   location = /api/chat {
       credits on;
       proxy_ignore_client_abort on;
       proxy_pass http://127.0.0.1:\$TEST_NGINX_PROVIDER_PORT/v1/chat/completions;
   })
--- more_headers eval
"Cookie: $::name=$::cookie\nX-User: <user>"
--- orders: usage=1+1
--- provider_calls: 1
--- then eval
sub {
    Credits::await('the charge', sub {
        ::sql(q{SELECT count(*) FROM credit_charge WHERE userId = :'user'},
              user => $::user) });
    ::pass('the member was charged');
}



=== a token that is signed, but unknown: one query
--- config eval: $::config
--- request eval
["GET /who", "GET /metrics"]
--- more_headers eval
["Cookie: $::name=" . ::encoded(::sign('A' x 32)), ""]
--- error_code eval
[401, 200]
--- response_body eval
[$::unauthorized, ::looked_up(1)]



=== what a token says is no SQL
--- config eval: $::config
--- request eval
["GET /who", "GET /who", "GET /who", "GET /metrics"]
--- more_headers eval
[(map { "Cookie: $::name=" . ::encoded(::sign($_)) }
    "'OR''='", '{"a","b"}', '\\\\"},{'), ""]
--- error_code eval
[401, 401, 401, 200]
--- response_body eval
[($::unauthorized) x 3, ::looked_up(3)]



=== a session that has expired
--- config eval: $::config
--- request
GET /who
--- more_headers eval: "Cookie: $::name=$::expired"
--- error_code: 401
--- response_body eval: $::unauthorized



=== a session that expires while it is cached
--- config eval: $::config =~ s/;/ cache=1m;/r
--- request eval
["GET /who", "GET /who"]
--- more_headers eval
[("Cookie: $::name=$::short") x 2]
--- init
main::sql(q{UPDATE "session" SET "expiresAt" = now() + interval '1 second' WHERE "token" = :'t'}, t => $main::short_token);
--- then eval
[sub {
    Credits::await('the end of the session', sub {
        ::sql(q{SELECT "expiresAt" < now() FROM "session"
                 WHERE "token" = :'t'}, t => $::short_token) eq 't' });
}]
--- error_code eval
[200, 401]



=== a session is looked up once while it is cached; signing out takes that long
--- config eval: $::config =~ s/;/ cache=1m;/r
--- request eval
["GET /who", "GET /who", "GET /metrics"]
--- more_headers eval
[("Cookie: $::name=" . ::encoded(::sign($::deleted[0]))) x 2, ""]
--- then eval
[sub { ::sign_out($::deleted[0]) }]
--- response_headers eval
["X-Who: $::user", "X-Who: $::user", ""]
--- response_body_like eval
["", "", ::looked_up(1)]



=== without a cache signing out is at once
--- config eval: $::config =~ s/;/ cache=0;/r
--- request eval
["GET /who", "GET /who", "GET /metrics"]
--- more_headers eval
[("Cookie: $::name=" . ::encoded(::sign($::deleted[1]))) x 2, ""]
--- then eval
[sub { ::sign_out($::deleted[1]) }]
--- error_code eval
[200, 401, 200]
--- response_body_like eval
["", "", ::looked_up(2)]



=== a cookie of another name
--- config eval
$::config =~ s/;/ cookie=__Secure-$::name;/r
--- request eval
["GET /who", "GET /who", "GET /who"]
--- more_headers eval
["Cookie: __Secure-$::name=$::cookie", "Cookie: $::name=$::cookie",
 "Cookie: $::name=x; __Secure-$::name=$::cookie"]
--- error_code eval
[200, 401, 200]



=== sessions cannot be asked for: 503, not 401
--- setup: none
--- http_config
    credits_database "host=127.0.0.1 port=1 user=x dbname=x" timeout=200ms;
--- config eval: $::config
--- request eval
["GET /who", "GET /who"]
--- more_headers eval
["Cookie: $::name=$::cookie", "Cookie: $::name=$::token"]
--- error_code eval
[503, 401]
--- response_headers eval
["Retry-After: 1", "!Retry-After"]
--- response_body_like eval
["service_unavailable", "unauthorized"]



=== a variable: whoever it says
--- config eval
"credits_user \$http_x_user;\n$::who"
--- request eval
[("GET /who") x 7]
--- more_headers eval
["X-User: u1", "X-User: a b", "X-User: \xe7\xa7\xaf\xe5\x88\x86",
 "X-User: " . 'u' x 255, "X-User: o'hara\"; --", "X-User: {a,b}",
 "X-User: \\"]
--- response_headers eval
["X-Who: u1", "X-Who: a b", "X-Who: \xe7\xa7\xaf\xe5\x88\x86",
 "X-Who: " . 'u' x 255, "X-Who: o'hara\"; --", "X-Who: {a,b}", "X-Who: \\"]



=== a variable: nobody, and what is no id
--- config eval
"credits_user \$http_x_user;\n$::who"
--- request eval
[("GET /who") x 8]
--- more_headers eval
["X-User:", "X-User: " . 'u' x 256, "X-User: a\tb", "X-User: a\x01b",
 "X-User: a\x7fb", "X-User: \xc0\xafx", "X-User: \xff",
 "X-User: \xed\xa0\x80"]
--- error_code eval
[(401) x 8]
--- response_body eval
[($::unauthorized) x 8]
--- response_headers eval
[("!X-Who") x 8]
--- grep_error_log: the user's id is not usable
--- grep_error_log_out eval
qr/\A(?:the user's id is not usable\n)?\z/



=== a variable of several parts
--- config eval
"credits_user team:\$http_x_user;\n$::who"
--- request
GET /who
--- more_headers
X-User: u1
--- response_headers
X-Who: team:u1



=== ids that SQL and JSON have to quote pay like others
--- chat_config: credits_hold 1;
--- more_headers eval
[map { "X-User: $_" } @::odd]
--- orders eval
[("usage=1+1") x 6]
--- provider_calls eval
[(1) x 6]
--- then eval
[map { my $user = $_; sub {
    Credits::await("the charge of $user", sub {
        ::sql(q{SELECT spent = 1 FROM credit_account WHERE userId = :'user'},
              user => $user) eq 't' });
    ::pass("$user paid");
} } @::odd]



=== one identity: the nearest level says all of it
--- config eval
qq($::config
   location = /by-name {
       credits user;
       credits_user \$http_x_user;
       add_header X-Who \$credits_user;
       empty_gif;
   })
--- request eval
["GET /by-name", "GET /who"]
--- more_headers eval
["X-User: u1", "X-User: u1\nCookie: $::name=$::cookie"]
--- response_headers eval
["X-Who: u1", "X-Who: $::user"]
