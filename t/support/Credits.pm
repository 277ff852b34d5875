package Credits;

# What the suites share: the module's configuration, users with packages,
# signed sessions, and checks against the ledger and the provider.
#
# Unless a block says otherwise it asks POST /api/chat as a user of its own,
# who has 1000 credits, with a body of type application/json, and nothing may
# be held when the answer has ended.
# <user> in a section is that user's id. Sections beside Test::Nginx's own,
# each with one value, or an array with one per request:
#
# packages       "credits validity", one a line; "none": no account
# setup: none    http_config is all there is
# chat_config    more directives for location /api/chat
# body           of the request
# stream         the body asks for a stream
# orders         for the provider, see demo/provider/orders.mjs
# answer         the provider's body, byte for byte
# ledger         what was charged, see charges(); "none"; or a qr//
# hold           credits that were set aside for what was charged
# provider_calls requests that reached the provider
# provider_body  the last of them, byte for byte
# provider_headers  "Name: value", "!Name" is absent; one a line
# then           called with the user when all that was checked

use v5.36;

use Digest::SHA qw(hmac_sha256_base64);
use Exporter 'import';
use HTTP::Tiny;
use IPC::Open2 qw(open2);
use JSON::PP qw(decode_json);
use List::Util qw(max);
use MIME::Base64 qw(decode_base64 encode_base64);
use Test::More import => [qw(diag is ok)];
use Test::Nginx::Socket ();
use Test::Nginx::Util qw(is_str);
use Time::HiRes qw(sleep time);

our @EXPORT = qw(
    add_session await check_ledger error_body provider_calls provider_last
    sign sql user
);

my $SETUP = <<'EOT';
    credits_database env:TEST_NGINX_DATABASE_URL;
    credits_zone credits:2m;
    credits_journal logs/journal;
EOT

my $CONFIG = <<'EOT';
    credits_user $http_x_user;

    location = /api/chat {
        credits on;
        %s
        proxy_pass
            http://127.0.0.1:$TEST_NGINX_PROVIDER_PORT/v1/chat/completions;
        proxy_http_version 1.1;
        proxy_buffering off;
        proxy_ignore_client_abort on;
        proxy_set_header Connection "";
    }

    location = /api/credits { credits_balance; }
    location = /api/credits/transactions { credits_transactions; }
    location = /metrics { credits_metrics; }
EOT

my $MESSAGES = '"messages":[{"role":"user","content":"hi"}]';
my $run = sprintf '%x%04x', time, $$ & 0xffff;
my $http = HTTP::Tiny->new(http_proxy => undef);
my %state;      # of a block, by its number


Test::Nginx::Socket::add_block_preprocessor(sub { prepare(@_) });
Test::Nginx::Socket::add_response_body_check(sub { check_request(@_) });


# The rows of a query, columns separated by "|"; :'name' is a variable.
sub sql ($query, %variables) {
    state ($out, $in);
    my $end = '-- end of rows';

    open2($out, $in, 'psql', '-XqAt', '-v', 'ON_ERROR_STOP=1',
          $ENV{TEST_NGINX_ADMIN_URL})
        if !defined $in;

    for my $name (sort keys %variables) {
        my $value = $variables{$name} =~ s/(['\\])/\\$1/gr;
        print $in "\\set $name '$value'\n";
    }
    print $in "$query\n;\n\\echo $end\n";
    $in->flush;

    my $rows = '';
    while (1) {
        my $line = <$out> // die "psql: $query";
        last if $line eq "$end\n";
        $rows .= $line;
    }

    chomp $rows;
    return $rows;
}


# Until it is true: what it returns. Dies after 10 seconds.
sub await ($what, $condition) {
    my $deadline = time + 10;

    while (time < $deadline) {
        my $result = $condition->();
        return $result if $result;
        sleep 0.01;
    }

    die "waited in vain: $what";
}


# The id of a new user. Packages are "50 30 days" or "50 never"; the n-th has
# the id test:<user>-n. Without any there is no account.
sub user ($name, @packages) {
    state $count = 0;
    my $user = sprintf '%s-%s-%d', $name, $run, ++$count;
    my $n = 0;

    for my $package (@packages) {
        my ($credits, $validity) = $package =~ /^(\d+) (.+)$/
            or die "bad package $package";

        $n++;
        sql(q{SELECT credit_grant(:'user', :credits,
                                  nullif(:'validity', 'never')::interval,
                                  'test', :'user' || '-' || :n)},
            user => $user, credits => $credits, validity => $validity,
            n => $n);
    }

    return $user;
}


# The body of an error; $more: what `error` has beside what every one has.
sub error_body ($message, $type, $code, $more = '') {
    return qq({"error":{"message":"$message","type":"$type","param":null,)
        . qq("code":"$code"$more},"type":"error","object":"error",)
        . qq("message":"$message","param":null,"code":"$code"}\n);
}


# The cookie's value as Better Auth makes it, before it is percent-encoded.
sub sign ($token, $secret = $ENV{TEST_NGINX_AUTH_SECRET}) {
    return "$token." . hmac_sha256_base64($token, $secret) . '=';
}


# A login session of the user, valid for that long; returns its token.
sub add_session ($user, $validity) {
    state $count = 0;
    my $token = sprintf '%032s', $run . 'T' . ++$count;

    sql(q{INSERT INTO "user" ("id", "name", "email", "emailVerified",
                              "updatedAt")
          VALUES (:'user', 'Test', :'user', true, now())
              ON CONFLICT DO NOTHING;
          INSERT INTO "session" ("id", "expiresAt", "token", "updatedAt",
                                 "userId")
          VALUES (:'token', now() + :'validity'::interval, :'token', now(),
                  :'user')},
        user => $user, token => $token, validity => $validity);

    return $token;
}


sub provider ($path) {
    my $url = "http://127.0.0.1:$ENV{TEST_NGINX_PROVIDER_PORT}$path";
    my $response = $http->get($url);

    die "$url: $response->{status} $response->{content}"
        if !$response->{success};
    return JSON::PP->new->utf8->allow_nonref->decode($response->{content});
}


# Requests with this tag that reached the provider; a block's tag is its user.
sub provider_calls ($tag) {
    return provider("/_calls?tag=$tag")->{calls};
}


# The last of them: { headers => { lower case => value }, body => bytes }.
sub provider_last ($tag) {
    my $last = provider("/_last?tag=$tag") // return;

    return { headers => $last->{headers},
             body => decode_base64($last->{body}) };
}


# The user's charges after the first $seen, in order of time, each as { hold,
# text }. The text: status, credits, prompt+completion=total tokens, and what
# is not as usual: cached tokens, reason, model, type, debt, and which package
# paid how much if it was not the first one alone.
sub charges ($user, $seen) {
    my $rows = sql(<<'EOT', user => $user, seen => $seen);
        SELECT c.hold, concat_ws(' ', c.status, c.amount,
               CASE WHEN c.status <> 'released' THEN
                    concat(m ->> 'promptTokens', '+',
                           m ->> 'completionTokens', '=',
                           m ->> 'totalTokens') END,
               'cached=' || (m ->> 'cachedTokens'),
               'reason=' || (m ->> 'reason'),
               'model=' || nullif(m ->> 'model', 'gpt-test'),
               'type=' || nullif(c.type, 'chat'),
               'debt=' || nullif(c.debt, 0),
               'paid=' || nullif(p.parts, '1:' || c.amount))
          FROM credit_charge c
               CROSS JOIN LATERAL (SELECT c.metadata AS m) m
               CROSS JOIN LATERAL (
                   SELECT string_agg(
                              replace(x.packageId, 'test:' || c.userId || '-',
                                      '') || ':' || x.amount,
                              ',' ORDER BY x.line) AS parts
                     FROM credit_transaction x
                    WHERE x.userId = c.userId
                          AND x.requestId = c.requestId) p
         WHERE c.userId = :'user'
         ORDER BY c.createdAt, c.requestId
        OFFSET :seen;
EOT

    return map { my ($hold, $text) = split /\|/, $_, 2;
                 { hold => $hold, text => $text } } split /\n/, $rows;
}


# One assertion: no promise of the ledger is broken.
sub check_ledger () {
    is(sql('SELECT * FROM credit_invariants'), '',
       'the invariants of the ledger hold');
}


# The value of a section for request number $i.
sub value_at ($block, $section, $i) {
    my $value = $block->$section;
    return ref $value eq 'ARRAY' ? $value->[$i] : $value;
}


sub prepare ($block) {
    my $setup = ($block->setup // '') ne 'none';

    # as a text it has a last newline
    if (defined $block->ledger && !ref $block->ledger) {
        $block->set_value('ledger', $block->ledger =~ s/\n\z//r);
    }

    $block->set_value('config',
                      sprintf $CONFIG, $block->chat_config // '')
        if !defined $block->config;
    $block->set_value('http_config', $SETUP . ($block->http_config // ''))
        if $setup;

    return if defined $block->must_die;

    my @packages = split /\n/, $block->packages // '1000 1 year';
    @packages = () if "@packages" eq 'none';
    my $user = user('u', @packages);

    prepare_requests($block, $user);

    for my $section (qw(config http_config more_headers request body
                        response_body response_body_like response_headers
                        error_log no_error_log access_log provider_body))
    {
        my $value = $block->$section;
        $block->set_value($section, with_user($value, $user))
            if defined $value;
    }

    $state{$block->seq_num} = { user => $user, calls => 0, charges => 0 };
}


# In strings, and in arrays of whatever.
sub with_user ($value, $user) {
    return [map { with_user($_, $user) } @$value] if ref $value eq 'ARRAY';
    return { %$value, value => with_user($value->{value}, $user) }
        if ref $value eq 'HASH';
    return $value if !defined $value || ref $value eq 'CODE';

    my $text = "$value" =~ s/<user>/$user/gr;
    return ref $value eq 'Regexp' ? qr/$text/ : $text;
}


# One request for each element of the sections that say what is asked.
sub prepare_requests ($block, $user) {
    return if defined $block->raw_request;

    my @lists = grep { ref eq 'ARRAY' } map { scalar $block->$_ }
        qw(request pipelined_requests body orders answer more_headers);
    my $count = max(1, map { scalar @$_ } @lists);

    if (!defined $block->request && !defined $block->pipelined_requests) {
        my $stream = defined $block->stream ? '"stream":true,' : '';
        my @requests = map {
            "POST /api/chat\n" . (value_at($block, 'body', $_)
                // qq({"model":"gpt-test",$stream$MESSAGES}))
        } 0 .. $count - 1;

        $block->set_value('request', @lists ? \@requests : $requests[0]);
    }

    my @headers = map { headers_of($block, $user, $_) } 0 .. $count - 1;
    $block->set_value('more_headers', @lists ? \@headers : $headers[0]);
}


sub headers_of ($block, $user, $i) {
    my $headers = value_at($block, 'more_headers', $i) // '';
    my $orders = value_at($block, 'orders', $i) // '';
    my $answer = value_at($block, 'answer', $i);

    $headers =~ s/(?<=[^\n])\z/\n/;
    $orders .= ' raw=' . encode_base64($answer, '') if defined $answer;

    $headers .= "X-User: $user\n" if $headers !~ /^X-User:/mi;
    $headers .= "Content-Type: application/json\n"
        if $headers !~ /^Content-Type:/mi;
    $headers .= "X-Provider: $orders\n" if length $orders;
    return $headers . "X-Provider-Tag: $user\n";
}


# After each response: nothing is held, and what the block says.
sub check_request ($block, $body, $i, $repeat, $dry_run = undef) {
    my $state = $state{$block->seq_num} // return;
    my $user = $state->{user};
    my $name = $block->name . " (repeat $repeat, request $i)";

    if (($block->setup // '') ne 'none') {
        is(holds($user), 0, "$name - nothing is held");
        check_charges($block, $state, $i, $name);
    }

    check_provider($block, $state, $i, $name);

    my $then = value_at($block, 'then', $i);
    $then->($user) if defined $then;
}


# How many holds the user has, when there is none any more or in 10 seconds.
sub holds ($user) {
    my $deadline = time + 10;
    my $holds;

    do {
        $holds = sql(q{SELECT count(*) FROM credit_hold
                        WHERE userId = :'user'}, user => $user);
    } while ($holds && $deadline > time);

    return $holds;
}


sub check_charges ($block, $state, $i, $name) {
    my $ledger = value_at($block, 'ledger', $i);
    my $hold = value_at($block, 'hold', $i);
    return if !defined $ledger && !defined $hold;

    my @charges = charges($state->{user}, $state->{charges});
    $state->{charges} += @charges;

    is_str(join("\n", map { $_->{text} } @charges) || 'none', $ledger,
           "$name - ledger")
        if defined $ledger;
    is(join("\n", map { $_->{hold} } @charges), $hold, "$name - hold")
        if defined $hold;
}


sub check_provider ($block, $state, $i, $name) {
    my $calls = value_at($block, 'provider_calls', $i);
    my $body = value_at($block, 'provider_body', $i);
    my $headers = value_at($block, 'provider_headers', $i);

    if (defined $calls) {
        my $before = $state->{calls};
        $state->{calls} = provider_calls($state->{user});
        is($state->{calls} - $before, $calls, "$name - provider's calls");
    }

    return if !defined $body && !defined $headers;
    my $last = provider_last($state->{user});

    is($last->{body}, $body, "$name - provider's body") if defined $body;

    for my $line (split /\n/, $headers // '') {
        my ($absent, $key, $value) = $line =~ /^(!?)([\w-]+)(?::\s*(.*))?$/;
        is($last->{headers}{lc $key}, $absent ? undef : $value // '',
           "$name - provider's header $key");
    }
}

1;
