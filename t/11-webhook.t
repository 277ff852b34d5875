# Polar's webhooks: what is signed reaches the ledger once, as it came; what
# is not reaches nothing.

use lib 't/support';
use Hostile;
use Test::Nginx::Socket 'no_plan';
use Credits;

use Digest::SHA qw(hmac_sha256_base64);
use File::Temp ();
use List::Util qw(uniq);
use MIME::Base64 qw(decode_base64 encode_base64 encode_base64url);

no_long_string();
no_shuffle();

my $path = '/api/webhooks/polar';
my $secret = 'whsec_ovyN6cPrTv56AApvzCaJno08SSmGJmgbWilb33N2JuK';
my $next = 'polar_whs_ovyN6cPrTv56AApvzCaJno08SSmGJmgbWilb33N2JuK';
my $now = time;

$ENV{TEST_NGINX_WEBHOOK_SECRET} = $secret;
$ENV{SHORT_SECRET} = '15 characters..';
$ENV{EMPTY_SECRET} = '';
$ENV{SHORT_STANDARD} = 'whsec_c2hvcnQgc2VjcmV0';

# As an editor on another system leaves it.
my $file = File::Temp->new;
print $file "$next\r\n";
close $file;

my $hook = 'credits_webhook polar secret=env:TEST_NGINX_WEBHOOK_SECRET';
my $unsigned = error_body('The signature is not valid.',
    'authentication_error', 'invalid_signature');
my $malformed = error_body('The event cannot be read.',
    'invalid_request_error', 'malformed_event');

# Nobody is asked who they are, though the server asks everybody.
sub config {
    my ($directive, $more) = (@_, '');

    return <<~EOT;
        credits on;
        credits_user \$http_x_user;
        location = $path { $directive; $more }
        location = /metrics { credits off; credits_metrics; }
    EOT
}

sub uuid { return sql('SELECT gen_random_uuid()') }

sub signature {
    my ($id, $time, $body, $key) = @_;
    return hmac_sha256_base64("$id.$time.$body", $key // $secret) . '=';
}

# The headers of a delivery that Polar makes now. $change->{...} replaces
# what is sent, not what is signed; undef leaves it out.
sub headers {
    my ($body, %change) = @_;
    my $key = delete $change{key} // $secret;
    my $id = delete $change{signed_id} // uuid();
    # stays new for as long as this file may take
    my $time = delete $change{signed_time} // $now + 100;

    my %header = ('webhook-id' => $id, 'webhook-timestamp' => $time,
                  'webhook-signature' =>
                      'v1,' . signature($id, $time, $body, $key),
                  'Content-Length' => length $body, 'X-User' => '',
                  %change);
    return join '', map { "$_: $header{$_}\n" }
        grep { defined $header{$_} } sort keys %header;
}

sub order {
    my ($user, %change) = @_;
    my $id = uuid();

    my %data = (
        id => qq("$id"), status => '"paid"', paid => 'true',
        net_amount => 1000, refunded_amount => 0, customer_id => '"c"',
        customer => qq({"external_id":"$user"}), product_id => '"p"',
        subscription_id => 'null', metadata => '{}',
        product =>
            '{"id":"p","metadata":{"credits":10,"validity_period":"30"}}',
        %change);
    my $type = delete $data{type} // 'order.paid';

    return qq({"type":"$type","timestamp":"2026-02-03T12:34:56Z","data":{)
        . join(',', map { qq("$_":$data{$_}) } sort keys %data) . '}}';
}

sub packages {
    return sql(q{SELECT string_agg(credits || '/' || remainingCredits, ' '
                                   ORDER BY createdAt)
                   FROM credit_package WHERE userId = :'user'},
               user => $_[0]);
}

# In the order of the page.
sub counters {
    my $lines = '';

    while (my ($name, $value) = splice @_, 0, 2) {
        $lines .= ".*^nginx_credits_${name}_total $value\n";
    }

    return qr/$lines/ms;
}

# Is there a line of this level about the webhook?
sub logged {
    my ($level, $id) = @_;
    open my $in, '<:raw', server_root() . '/logs/error.log' or die $!;
    return grep { /\[$level\] .* webhook $id: / } <$in>;
}

# A block of deliveries to the same location: [body, headers], or
# [body, headers, status, response].
sub deliver {
    my ($name, $deliveries, %sections) = @_;
    my @all = @$deliveries;

    add_block($name,
        config => config($hook),
        request => [map { "POST $path\n$_->[0]" } @all],
        more_headers => [map { $_->[1] } @all],
        error_code => [map { $_->[2] // 200 } @all],
        response_body => [map { $_->[3] // outcome('applied') } @all],
        %sections);
}

sub outcome { return qq({"outcome":"$_[0]"}\n) }


# -- what is signed ----------------------------------------------------------

my $polar = do {
    open my $in, '<:raw', 't/unit/fixtures/polar_order_paid.json' or die $!;
    local $/;
    <$in>;
};
my ($fixture_user) = $polar =~ /"external_id":"([^"]+)"/ or die 'nobody';

deliver('an order of Polar is a package, and a line in the log',
    [[$polar, headers($polar, signed_id => 'fixture')]],
    response_headers => "Content-Type: application/json\n"
        . 'Cache-Control: private, no-store',
    error_log => [qr/\[notice\] .* webhook fixture: .*\Q$fixture_user\E/],
    then => sub {
        is(packages($fixture_user), '10000/10000', 'the package');
        is(sql(q{SELECT payload = :'body' FROM credit_event
                  WHERE id = 'fixture'}, body => $polar), 't',
           'the payload, byte by byte');
    });

my $buyer = user('buyer');
my $order = order($buyer);
my $once = headers($order);

deliver('an event that is sent again changes nothing',
    [([$order, $once]) x 5],
    then => [(sub { is(packages($buyer), '10/10', 'one package') }) x 5]);

# What the SDK accepts: a list, of which one is good; any case of the names.
my $reader = user('reader');
my @accepted = map { [order($reader), $_] } (
    'v1,AAAA v1,%s', 'v1a,x v1,%s', 'v1,%s x', 'x v1,%s',
    'v1,' . 'A' x 43 . '= v1,%s', 'x ' x 15 . 'v1,%s');

deliver('one good signature of several is enough',
    [map {
        my ($body, $list) = @$_;
        my ($id, $time) = (uuid(), $now + 100);
        [$body, headers($body, signed_id => $id, 'webhook-signature' =>
            sprintf $list, signature($id, $time, $body))];
    } @accepted],
    then => [map { my $n = $_;
        sub { is(packages($reader), join(' ', ('10/10') x $n),
                 "$n packages") } } 1 .. @accepted]);

my $upper = order(user('upper'));
deliver('the headers\' names in capitals',
    [[$upper, headers($upper) =~ s/^(webhook-\w+)/\U$1/gmr]]);

# Times that stay within 300 seconds for as long as this file may take.
my @times = map { [order(user('time')), $_] } -60, 0, 60, 299;
deliver('within five minutes of now',
    [map { [$_->[0], headers($_->[0], signed_time => $now + $_->[1])] }
        @times]);

my $rotating = user('rotating');
my @rotated = map { [order($rotating), $_] } $secret, $next;
deliver('two secrets, either will do',
    [map { [$_->[0], headers($_->[0], key => $_->[1])] } @rotated],
    config => config("$hook secret=file:$file"));

deliver('a secret from a file, and its line break is not part of it',
    [map { my $body = order($rotating);
           [$body, headers($body, key => $_->[0]), @$_[1, 2]] }
        [$next], ["$next\r\n", 401, $unsigned], [$secret, 401, $unsigned]],
    config => config("credits_webhook polar secret=file:$file"));

# Endpoints since September 2026: the key is what the secret is the base64 of.
my $standard = user('standard');
my $base64 = 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
my $decoded = decode_base64($base64);
$ENV{STANDARD_SECRET} = "whsec_$base64";

deliver('a secret of Standard Webhooks, while the old one is good, too',
    [map { my $body = order($standard);
           [$body, headers($body, key => $_->[0]), @$_[1, 2]] }
        [$decoded], [$secret],
        [$ENV{STANDARD_SECRET}, 401, $unsigned]],
    config => config("$hook standard_secret=env:STANDARD_SECRET"));

deliver('all of a secret is the key, unless it is said to be a standard one',
    [map { my $body = order($standard);
           [$body, headers($body, key => $_->[0]), @$_[1, 2]] }
        [$ENV{STANDARD_SECRET}], [$decoded, 401, $unsigned]],
    config =>
        config('credits_webhook polar secret=env:STANDARD_SECRET'));

my $large = order(user('large'), padding => '"' . 'x' x 200_000 . '"');
deliver('a body that does not fit into its buffer',
    [[$large, headers($large)],
     [$large, headers($large, key => $next), 401, $unsigned]],
    config => config($hook, 'client_body_buffer_size 1k;'),
    error_log => [qr/a client request body is buffered to a temporary file/],
    then => [(sub { is(sql(q{SELECT count(*) FROM credit_event
                              WHERE payload = :'body'}, body => $large), 1,
                       'all of it') }) x 2]);

my $chunked = order(user('chunked'));
add_block('a body in chunks',
    config => config($hook),
    raw_request => "POST $path HTTP/1.1\r\nHost: localhost\r\n"
        . "Connection: close\r\nTransfer-Encoding: chunked\r\n"
        . headers($chunked, 'Content-Length' => undef) =~ s/\n/\r\n/gr
        . "\r\n" . join('', map { sprintf "%x\r\n%s\r\n", length, $_ }
                        $chunked =~ /(.{1,77})/g, '') . "\r\n",
    response_body => outcome('applied'));


# -- what is not -------------------------------------------------------------

my $victim = user('victim');
my $forged = order($victim);
my ($id, $time) = (uuid(), $now + 100);
my $good = signature($id, $time, $forged);
my $mac = decode_base64($good);
my %own = (signed_id => $id);

# each with how the log calls it
my @why = (
    (map { ['made with our secret', $forged, headers($forged, key => $_)] }
        $next, $secret =~ s/^whsec_//r, "$secret\n", "$secret\r\n",
        decode_base64($secret =~ s/^whsec_//r), uc $secret, ' ', "\0"),
    (map { ['made with our secret', $_->[0], headers($forged, %own,
            'Content-Length' => length $_->[0])] }
        ["$forged\n"], ["$forged\r\n"], [" $forged"], [$forged =~ s/10/99/r],
        [$forged =~ s/:/: /r], [''], [substr $forged, 0, -1]),
    ['made with our secret', $forged, headers($forged, 'webhook-id' => 'x')],
    (map { ['made with our secret', $forged, headers($forged, %own,
            'webhook-timestamp' => $time + $_)] } -1, 1),
    ['made with our secret', $forged, headers($forged, %own,
        'webhook-signature' => 'v1,' . signature($id, $time, ''))],
    ['too old', $forged, headers($forged, signed_time => $now - 301)],
    ['too new', $forged, headers($forged, signed_time => $now + 3600)],
    (map { ['is not a time', $forged, headers($forged, %own,
            signed_time => $_)] }
        "${time}abc", "0$time", "$time.0", "${time}000", 'now', "-$time"),
    (map { ['is not an id', $forged, headers($forged, signed_id => $_)] }
        'x' x 256, 'a b', 'a.b', "a\xc3\xa9"),
    (map { ['no signature of version v1', $forged, headers($forged, %own,
            'webhook-signature' => $_)] }
        $good, "v1=$good", "v2,$good", "V1,$good", "v1a,$good", "v1, $good",
        "v1,$good,v1,$good", "v1," . $good =~ s/=$//r, "v1,$good=",
        'v1,' . encode_base64url($mac), 'v1,' . unpack('H*', $mac), 'v1,',
        "$time,v1=$good", 'x ' x 16 . "v1,$good"),
    ['too long', $forged, headers($forged, %own,
        'webhook-signature' => "v1,$good " . 'x' x 4096)],
    (map { ["$_ is missing", $forged, headers($forged, %own, $_ => undef)] }
        qw(webhook-id webhook-timestamp webhook-signature)),
    (map { ["$_ is missing, or there are several", $forged,
            headers($forged, %own) =~ s/^($_: .*\n)/$1$1/mr] }
        qw(webhook-id webhook-timestamp webhook-signature)),
    ['webhook-id is missing', $forged,
     headers($forged, %own) =~ s/^webhook-/svix-/gmr],
    ['webhook-id is missing', $forged, "Content-Length: ${\ length $forged}\n"],
);

my $counted = config($hook) . '# counters of its own';

for my $why (uniq(map { $_->[0] } @why)) {
    deliver("refused: $why",
        [map { [@$_[1, 2], 401, $unsigned] } grep { $_->[0] eq $why } @why],
        config => $counted,
        response_headers => [("Content-Type: application/json\n"
            . 'Cache-Control: private, no-store') x @why],
        error_log => [qr/\[warn\] .* a webhook is refused: [^"]*\Q$why\E/]);
}

add_block('of what is refused Postgres has heard nothing',
    config => $counted,
    request => 'GET /metrics',
    response_body_like => counters(webhooks => 0,
        webhooks_refused => scalar @why, webhooks_failed => 0, reads => 0),
    then => sub {
        is(packages($victim), '', 'there is no package');
        is(sql(q{SELECT count(*) FROM credit_event
                  WHERE payload = :'body'}, body => $forged), 0,
           'there is no event');
    });

# Each bit of the signature.
my @flipped = map {
    my $altered = $mac;
    vec($altered, $_, 1) ^= 1;
    [$forged, headers($forged, %own, 'webhook-signature' => 'v1,'
        . encode_base64($altered, '')), 401, $unsigned];
} 0 .. 255;
deliver('a signature with one bit changed', \@flipped);

add_block('the method',
    config => config($hook),
    request => [map { "$_ $path\n$forged" } qw(GET PUT PATCH DELETE)],
    more_headers => [(headers($forged, %own)) x 4],
    error_code => [(405) x 4],
    response_headers => [("Allow: POST\nContent-Type: application/json") x 4],
    response_body => [(error_body('Only POST is answered here.',
        'invalid_request_error', 'method_not_allowed')) x 4]);

add_block('a body that is too large, with and without a length',
    config => config($hook, 'client_max_body_size 1k;'),
    request => [("POST $path\n" . 'x' x 1025) x 2],
    more_headers => [headers('x' x 1025),
        headers('x' x 1025, 'Content-Length' => undef)],
    error_code => [413, 413],
    response_headers => [("Content-Type: application/json") x 2],
    response_body => [(error_body("The request's body is too large.",
        'invalid_request_error', 'request_too_large')) x 2]);

add_block('a body that is too large, where error_page has a page for others',
    config => config($hook, 'client_max_body_size 1k; error_page 404 /404;'),
    request => "POST $path\n" . 'x' x 1025,
    more_headers => headers('x' x 1025),
    error_code => 413,
    response_body => error_body("The request's body is too large.",
        'invalid_request_error', 'request_too_large'));

add_block('no subrequest is a webhook',
    config => config($hook) . "location = /t { credits off;"
        . " auth_request $path; empty_gif; }",
    request => "POST /t\n$forged",
    more_headers => headers($forged, %own),
    error_code => 403,
    error_log => [qr/a subrequest is no webhook/],
    then => sub { is(packages($victim), '', 'there is no package') });

add_block('what is nested in it is charged as ever',
    config => 'credits on; credits_user $http_x_user;'
        . " location $path { $hook; location $path/chat {"
        . ' proxy_pass http://127.0.0.1:1; } }',
    request => "POST $path/chat\n{}",
    more_headers => 'X-User:',
    error_code => 401);


# -- what is made of it ------------------------------------------------------

sub event { return qq({"type":"$_[0]","timestamp":"2026-02-03T12:34:56Z",)
                . '"data":{"id":"x"}}' }

my @unknown = map { event($_) }
    qw(discount.created checkout.updated order.created member.x);
deliver('events that say nothing to us are taken',
    [map { [$_, headers($_, signed_id => uuid()), 200, outcome('ignored')] }
        @unknown],
    error_log => [qr/\[info\] .* webhook [\w-]+: ignored,/]);

# No text at all, no JSON, no event.
my @bad = ('', "\0", "$forged\0", "\0$forged", "{\"a\":\"\0\"}", "\xff",
           "{\"type\":\"\xc0\xaf\"}", '{', '[]', 'null', '{}', 'x',
           '{"type":1}', '{"type":"order.paid"', '{"type":""}',
           '[' x 100_000);
deliver('what is signed, but no event: 400',
    [map { [$_, headers($_), 400, $malformed] } @bad],
    config => config($hook) . '# and other counters',
    error_log => [qr/\[error\] .* webhook [\w-]+: [^,]/]);

add_block('and what is no text has not been sent to Postgres',
    config => config($hook) . '# and other counters',
    request => 'GET /metrics',
    response_body_like => counters(webhooks_failed => scalar @bad,
        reads => scalar grep { length && !/\0/ } @bad),
    then => sub { is(packages($victim), '', 'there is no package') });

my $pending = order('', customer => '{"external_id":null}');
deliver('an order of nobody waits, and wakes somebody up',
    [[$pending, headers($pending, signed_id => 'whose'), 200,
      outcome('pending')]],
    error_log => [qr/\[alert\] .* webhook whose: /]);

# A line of its own for whoever writes into the log.
my $evil = order($victim, product => '{"id":"p","metadata":{}}', product_id =>
    '"p\u000a2026/01/01 [alert] \u001b[31m\u007f\u0085\\\\ '
    . qq(\xe7\xa7\xaf"));
my $one_line = '\x0A2026/01/01 [alert] \x1B[31m\x7F\xC2\x85\x5C '
    . "\xe7\xa7\xaf";
deliver('an order that cannot be granted wakes somebody up, in one line',
    [[$evil, headers($evil, signed_id => 'evil'), 200, outcome('rejected')]],
    error_log => [qr/\[alert\] .* webhook evil: .*p\Q$one_line\E/],
    then => sub { is(packages($victim), '', 'there is no package') });

# Whose refund leaves a debt.
sub refunded {
    my ($name, $parameter, $debt) = @_;
    my $user = user('refunded');
    my $body = order($user);
    my $refund = $body =~ s/order\.paid/order.refunded/r
        =~ s/"status":"paid"/"status":"refunded"/r
        =~ s/"refunded_amount":0/"refunded_amount":1000/r;

    deliver("refund_debt $name",
        [[$body, headers($body)], [$refund, headers($refund)]],
        config => config("$hook$parameter"),
        then => [
            sub {
                sql(q{SELECT credit_settle_batch(ARRAY[:'user'],
                          ARRAY[gen_random_uuid()], '{settled}', '{7}',
                          '{chat}', ARRAY['{}'::jsonb])}, user => $user);
            },
            sub {
                is(sql(q{SELECT debt FROM credit_account
                          WHERE userId = :'user'}, user => $user), $debt,
                   'the debt');
            }]);
}

refunded('is off', '', 0);
refunded('off', ' refund_debt=off', 0);
refunded('on', ' refund_debt=on', 7);


# -- Postgres ----------------------------------------------------------------

my $unavailable = error_body('Credits cannot be checked at the moment. '
    . 'Nothing was charged; try again.', 'server_error', 'service_unavailable');

my $not_taken = 'Postgres did not take it; the sender is asked to try again';

my %away = (
    setup => 'none',
    http_config => 'credits_database "host=127.0.0.1 port=1 user=x dbname=x"'
        . ' timeout=200ms;',
    config => "location = $path { $hook; }"
        . 'location = /metrics { credits_metrics; }');

deliver('Postgres is away: 503',
    [[$forged, headers($forged, %own), 503, $unavailable]],
    response_headers => "Retry-After: 1\nContent-Type: application/json",
    error_log => [qr/\[error\] .* webhook $id: $not_taken/],
    %away);

deliver('Postgres is away: what is not signed is refused all the same',
    [[$forged, headers($forged, key => $next), 401, $unsigned]],
    response_headers => '!Retry-After',
    %away);

add_block('Postgres is away: it is counted',
    request => 'GET /metrics',
    response_body_like =>
        counters(webhooks_refused => 1, webhooks_failed => 1),
    %away);

# Nobody can write an event until it is unlocked.
sub lock_events {
    sql('BEGIN; LOCK TABLE credit_event IN SHARE MODE');
}

my $late = user('late');
my $delayed = order($late);
my $delivery = headers($delayed);
deliver('Postgres does not answer in time: 503, and later it does',
    [['{}', headers('{}'), 400, $malformed],
     [$delayed, $delivery, 503, $unavailable], [$delayed, $delivery]],
    then => [\&lock_events, sub { sql('ROLLBACK') },
             sub { is(packages($late), '10/10', 'one package') }]);

my $impatient = user('impatient');
my $left = order($impatient);
# Since when somebody waits for the lock.
sub waiting {
    return sql(q{SELECT max(waitstart) FROM pg_locks
                  WHERE relation = 'credit_event'::regclass
                        AND NOT granted});
}

add_block('a sender that leaves is no reason to stop',
    config => config($hook),
    request => ["POST $path\n{}", "POST $path\n$left", 'GET /metrics'],
    more_headers => [headers('{}'), headers($left, signed_id => 'left'), ''],
    abort => '',
    timeout => '300ms',
    error_code_like => ['^400$', '^$', '^200$'],
    then => [\&lock_events, sub {
        # Postgres gives up, and is asked again
        my $first = await('the first try', \&waiting);
        await('the next one', sub { (waiting() || $first) ne $first });
        sql('ROLLBACK');
        await('the line in the log', sub { logged('notice', 'left') });
        is(packages($impatient), '10/10', 'the package is there');
    }, undef]);


# -- the directive -----------------------------------------------------------

sub dies {
    my ($name, $directive, $why, %sections) = @_;

    add_block("directive: $name",
        config => config($directive),
        must_die => '',
        error_log => [qr/\[emerg\] .*\Q$why\E/],
        %sections);
}

my $of = 'credits_webhook polar';
my $key = 'secret=env:TEST_NGINX_WEBHOOK_SECRET';

dies('no secret', $of, 'invalid number of arguments');
dies('no secret, but something', "$of refund_debt=on",
     '"credits_webhook" needs a secret');
dies('an empty secret', "$of secret=", 'a secret is given as "env:NAME"');
dies('a secret in the configuration', "$of secret=$secret",
     'a secret is given as "env:NAME"');
dies('a variable that is not set', "$of secret=env:NO_SUCH_SECRET",
     'the environment variable "NO_SUCH_SECRET" is not set');
dies('an empty variable', "$of secret=env:EMPTY_SECRET",
     'the environment variable "EMPTY_SECRET" is not set');
dies('a short secret', "$of secret=env:SHORT_SECRET",
     'a secret of "credits_webhook" is shorter than 16 bytes');
dies('a second secret that is short', "$of $key secret=env:SHORT_SECRET",
     'a secret of "credits_webhook" is shorter than 16 bytes');
dies('a standard secret that is not base64',
     "$of standard_secret=env:SHORT_SECRET",
     'a standard_secret of "credits_webhook" is not base64');
dies('a standard secret with a short key',
     "$of standard_secret=env:SHORT_STANDARD",
     'a secret of "credits_webhook" is shorter than 16 bytes');
dies('no such file', "$of secret=file:/no/such/file",
     'open() "/no/such/file" failed');
dies('too many secrets', "$of $key $key $key $key $key",
     '"credits_webhook" takes 4 secrets at most');
dies('another shop', "credits_webhook stripe $key",
     'invalid parameter "stripe"');
dies('no such parameter', "$of $key tolerance=1h",
     'invalid parameter "tolerance=1h"');
dies('neither on nor off', "$of $key refund_debt=maybe",
     'invalid parameter "refund_debt=maybe"');
dies('twice', "$of $key; $of $key", 'directive is duplicate');
dies('in a server', '', '"credits_webhook" directive is not allowed here',
     config => "$of $key;");
dies('in http', '', '"credits_webhook" directive is not allowed here',
     http_config => "$of $key;");
dies('no database', '',
     '"credits_webhook" is on, but there is no "credits_database"',
     setup => 'none', config => "location = $path { $hook; }");

add_block('directive: errors are JSON where nothing is charged, too',
    %away,
    config => "location = $path { $hook; client_max_body_size 1k; }",
    request => "POST $path\n" . 'x' x 1025,
    error_code => 413,
    response_body_like => '"code":"request_too_large"');

# Nobody else is needed: neither a user nor a journal.
add_block('directive: alone',
    setup => 'none',
    http_config => 'credits_database env:TEST_NGINX_DATABASE_URL;',
    config => "location = $path { $of $key $key $key $key; }",
    request => "POST $path\n{}",
    error_code => 401,
    then => sub {
        open my $in, '<:raw', server_root() . '/logs/error.log' or die $!;
        unlike(do { local $/; <$in> }, qr/\Q$secret\E/,
               'the secret is not in the log');
    });

use_blocks();
run_tests();
check_ledger();
