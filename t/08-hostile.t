# Input of every wrong kind: it is refused, or it is charged for what the
# provider will read in it; the provider is not called and nothing is held or
# charged for what is refused, and no worker minds.

use lib 't/support';
use Hostile;
use Test::Nginx::Socket 'no_plan';
use Credits;

use IO::Socket::INET;
use JSON::PP ();

no_long_string();
no_shuffle();
log_level('info');

# A request that is taken: JSON::PP, which takes the last of two equal names,
# reads in the provider's body what was charged for.
sub taken {
    my ($name, %sections) = @_;

    add_block("taken: $name",
        orders => 'usage=1+1',
        error_code => 200,
        no_error_log => at_most('notice'),
        provider_calls => 1,
        then => \&agreed,
        %sections);
}

sub agreed {
    my ($user) = @_;
    my $body = JSON::PP->new->utf8->decode(provider_last($user)->{body});
    my ($hold, $model) = split /\|/,
        sql(q{SELECT hold, metadata ->> 'model' FROM credit_charge
               WHERE userId = :'user'}, user => $user), 2;
    my $n = $body->{n} // 1;
    my $max = $body->{max_completion_tokens} // $body->{max_tokens} // 0;
    my $least = $n * $max / 1000;

    utf8::decode($model);
    is($model, $body->{model} // '', 'the model that the provider reads');
    cmp_ok($hold, '>=', $least < 1000 ? $least : 1000,
           'the output that the provider reads');
    ok(!JSON::PP::is_bool($body->{stream}) || !$body->{stream}
       || $body->{stream_options}{include_usage},
       'a stream that the provider reads has usage');
}

my $messages = '"messages":[{"role":"user","content":"hi"}]';
my $chat = qq({"model":"gpt-test",$messages});
my $mega = 1024 * 1024;


# -- parsers that differ -----------------------------------------------------

my @differential = (
    'a name twice' => '"model":"cheap","model":"dear"',
    'a name twice, once escaped' => '"model":"a","\u006dodel":"b"',
    'a name twice, both escaped' => '"\u006Dodel":"a","mod\u0065l":"b"',
    'a name twice, far apart' =>
        '"model":"a","x":{"model":"b"},"y":[{"model":"c"}],"model":"d"',
    'a name in another case' => '"model":"cheap","Model":"dear"',
    'a name in capitals alone' => '"MAX_TOKENS":100000',
    'an escaped name in another case' => '"\u004dodel":"a"',
    'NUL behind a name' => '"model":"a","model\u0000":"b"',
    'NUL before a name' => '"\u0000model":"b"',
    'NUL in the model' => '"model":"cheap\u0000dear"',
    'NUL as a byte' => "\"model\":\"cheap\0dear\"",
    'a line end in the model' => '"model":"cheap\ndear"',
    'stream twice' => '"stream":true,"stream":false',
    'stream twice, the other way' => '"stream":false,"stream":true',
    'stream_options twice' => '"stream":true,"stream_options":{},'
        . '"stream_options":{"include_usage":false}',
    'include_usage twice' => '"stream":true,"stream_options":'
        . '{"include_usage":true,"include_usage":false}',
    'include_usage twice, once escaped' => '"stream":true,"stream_options":'
        . '{"include_usage":true,"include\u005fusage":false}',
    'n twice' => '"n":1,"n":128',
    'a limit twice' => '"max_tokens":1,"max_tokens":100000',
    'overlong UTF-8' => "\"mode\xc1\xac\":\"a\"",
    'overlong UTF-8 of a quote' => "\"x\":\"\xc0\xa2,\\\"n\\\":128\"",
    'a cut character' => "\"x\":\"\xe7\xa7\"",
    'a surrogate as UTF-8' => "\"x\":\"\xed\xa0\xbd\"",
    'Latin-1' => "\"x\":\"\xe9\"",
    'a comment' => '"n":1/*,"x":*/',
    'a line comment' => "\"n\":1//,\n",
    'a comma at the end' => '"n":1,',
    'a single quote' => q('n':128),
    'a bare name' => 'n:128',
    'a control character in a string' => "\"x\":\"\t\"",
    'vertical tab as white space' => "\x0b\"n\":1",
    'no-break space as white space' => "\xc2\xa0\"n\":1",
    'NaN' => '"max_tokens":NaN',
    'hexadecimal' => '"max_tokens":0x10',
    'a leading zero' => '"max_tokens":010',
    'a plus sign' => '"max_tokens":+1',
    'a limit in words' => '"max_tokens":"5"',
    'a limit that is infinite' => '"max_tokens":1e999',
    'a limit beyond 64 bits' => '"max_tokens":18446744073709551617',
    'a limit below 0' => '"max_tokens":-1',
    'a limit with a fraction' => '"max_tokens":0.9',
    'a limit with an exponent that leaves a fraction' => '"max_tokens":1e-1',
    'stream as a string' => '"stream":"true"',
    'stream as a string, with options' =>
        '"stream":"true","stream_options":{"include_usage":false}',
    'stream as a number' => '"stream":1',
    'stream as a list' => '"stream":[true]',
    'a long s for an s' => '"\u017ftream":true',
    'a long s as UTF-8' => "\"\xc5\xbftream\":true",
    'the Kelvin sign for a k' => '"max_to\u212aens":1',
    'the Kelvin sign as UTF-8' => "\"max_to\xe2\x84\xaaens\":1",
    'usage in another case' => '"stream":true,"stream_options":'
        . '{"Include_Usage":false}',
    'usage with a long s' => '"stream":true,"stream_options":'
        . '{"include_u\u017fage":false}',
    'an input beside it' => '"input":"hi"',
    'an empty input beside it' => '"input":""',
    'a template beside it' => '"prompt":{"id":"x"}',
    'a list of templates beside it' => '"prompt":[{}]',
    'a limit of minus nothing' => '"max_tokens":-0',
    'n below 1' => '"n":0',
    'n above 128' => '"n":129',
    'n with a fraction' => '"n":1.5',
    'n in words' => '"n":"128"',
    'n as a list' => '"n":[128]',
    'n of every prompt' => '"prompt":["a","b"],"n":128',
    'a model that is a list' => '"model":["cheap"]',
    'stream_options as a string' => '"stream":true,"stream_options":"x"',
    'depth 65' => '"x":' . '[' x 64 . ']' x 64,
);
while (my ($name, $members) = splice @differential, 0, 2) {
    refused($name, 400, 'invalid_body', 'notice',
            body => "{$messages,$members}");
}

my @documents = (
    'nothing' => '',
    'two documents' => "$chat$chat",
    'a document behind a comma' => "$chat,{}",
    'a document in a list' => "[$chat]",
    'a byte order mark' => "\xef\xbb\xbf$chat",
    'UTF-16' => join('', map { "$_\0" } split //, $chat),
    'UTF-32' => join('', map { "$_\0\0\0" } split //, $chat),
    'NUL at the end' => "$chat\0",
    'a bracket too many' => "$chat}",
    'no end' => substr($chat, 0, -1),
    'an end of another kind' => substr($chat, 0, -1) . ']',
    'a form' => 'model=gpt-test&n=128',
    'XML' => '<?xml version="1.0"?><model>gpt-test</model>',
    'lines' => "{\"model\":\"a\"}\n{\"model\":\"b\"}",
    'a prefix against hijacking' => ")]}',\n$chat",
);
while (my ($name, $body) = splice @documents, 0, 2) {
    refused($name, 400, 'invalid_body', 'notice',
            request => "POST /api/chat\n$body", body => undef);
}

my @ambiguous = (
    'another name twice' => '"x":1,"x":2,"model":"m"',
    'names in other objects' => '"x":{"model":"a","n":9},"model":"m"',
    'escapes in the model' => '"model":"\u006d\u79ef\ud83d\ude00\/"',
    'a model like a path' => '"model":"../../v1/files?x=@evil.example"',
    'a model like SQL' => q{"model":"'); DROP TABLE credit_hold; --\"\\\\"},
    'a model like an array of SQL' => '"model":"{\"a\",NULL}"',
    'a model like a format' => '"model":"%s%n%V$credits_user"',
    'no model' => '"x":"model"',
    'n of 128' => '"model":"m","n":128,"max_tokens":100000000',
    'n null' => '"model":"m","n":null,"max_tokens":null',
    'both limits' => '"model":"m","max_tokens":9,"max_completion_tokens":9000',
    'both limits, the other way' =>
        '"model":"m","max_completion_tokens":9,"max_tokens":9000',
    'a limit with an exponent' => '"model":"m","max_tokens":1e2',
    'a limit with an exponent and a fraction' =>
        '"model":"m","max_tokens":1.25E+2',
    'a limit with a point' => '"model":"m","max_tokens":100.0',
    'n with a point' => '"model":"m","n":2.0,"max_tokens":1000',
    'stream null' => '"model":"m","stream":null',
    'a stream without usage' => '"model":"m","stream":true,'
        . '"stream_options":{"include_usage":false,"x":{"include_usage":1}}',
    'a stream without options' => '"model":"m","stream":true,'
        . '"stream_options":null',
    'an escaped stream' => '"model":"m","str\u0065am":tru' . 'e',
    'NUL in the prompt' => '"model":"m","x":"\u0000"',
    'half a surrogate pair' => '"model":"m","user":"\ud83d"',
    'depth 64' => '"model":"m","x":' . '[' x 63 . ']' x 63,
);
while (my ($name, $members) = splice @ambiguous, 0, 2) {
    my $then = $name =~ /surrogate/ ? sub { } : \&agreed;
    taken($name, body => "{$messages,$members}", then => $then);
}


# -- sizes and encodings -----------------------------------------------------

for my $encoding ('gzip', 'br', 'deflate, gzip', 'identity', 'x', '') {
    refused("Content-Encoding: $encoding", 415,
            'unsupported_content_encoding', 'notice',
            more_headers => "Content-Encoding: $encoding");
}

my $padded = '{"model":"m","messages":[],"x":"' . 'x' x (1024 - 34) . '"}';
my %limited = (chat_config => 'client_max_body_size 1k;');

sub in_chunks {
    my ($body) = @_;
    my @chunks = map { sprintf "%x\r\n%s\r\n", length, $_ }
        unpack '(a100)*', $body;
    return join '', "POST /api/chat\n", @chunks, "0\r\n\r\n";
}

taken('a body of just the limit', %limited, body => $padded);
taken('a body of just the limit, in chunks', %limited,
      request => in_chunks($padded), body => undef,
      more_headers => 'Transfer-Encoding: chunked');
refused('a body one byte too large', 413, 'request_too_large', 'error',
        %limited, body => $padded =~ s/x"/xx"/r);
refused('a body one byte too large, in chunks', 413, 'request_too_large',
        'error', %limited,
        request => in_chunks($padded =~ s/x"/xx"/r), body => undef,
        more_headers => 'Transfer-Encoding: chunked');

# 8 KB are the limit of one header line, with its name
for my $size (8300, 7000) {
    add_block("a header of $size bytes",
        more_headers => 'X-User: ' . 'u' x $size,
        error_code => $size < 8192 ? 401 : 400,
        # the client's long line: nginx says so at info; an id, at error
        no_error_log => at_most($size < 8192 ? 'error' : 'notice'),
        ledger => 'none',
        provider_calls => $size < 8192 ? 0 : undef,
        then => \&untouched);
}


# -- bombs -------------------------------------------------------------------

sub connected {
    return IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                 PeerPort => server_port())
        // die "connect: $!";
}

sub head_of {
    my ($user, $length) = @_;
    return "POST /api/chat HTTP/1.1\r\nHost: localhost\r\nX-User: $user\r\n"
        . "X-Provider: usage=1+1\r\nX-Provider-Tag: $user\r\n"
        . "Content-Type: application/json\r\n"
        . "Connection: close\r\nContent-Length: $length\r\n\r\n";
}

# Test::Nginx's own client would take minutes for these.
sub ask {
    my ($user, $body) = @_;
    my $socket = connected();
    print $socket head_of($user, length $body), $body;
    my $answer = do { local $/; <$socket> } // '';
    my ($status) = $answer =~ m{^HTTP/1.1 (\d+) };
    my ($code) = $answer =~ /"code":"(\w+)"/;
    return join ' ', grep { defined } $status, $code;
}

my $large = 'client_max_body_size 3m; client_body_buffer_size 3m;';
my $digits = '9' x $mega;

my @refused = (
    'brackets' => '[' x $mega,
    'objects' => '{"a":' x ($mega / 5),
    'brackets in the prompt' => '{"messages":' . '[' x $mega,
    'a quote that never ends' => '{"x":"' . '\\"' x ($mega / 2),
    'a limit of a million digits' => qq({"max_tokens":$digits}),
    'a million digits for n' => qq({"n":1$digits}),
    'a digit behind a million zeros' =>
        '{"max_tokens":1.' . '0' x $mega . '1}',
    'a model' => '{"model":"' . 'm' x $mega . '"}',
    'a model of escapes' => '{"model":"' . '\\u006d' x ($mega / 6) . '"}',
    'a batch of prompts' => '{"prompt":[' . '"a",' x ($mega / 4) . '"a"]}',
    'NUL and brackets' => "\0{" x ($mega / 2),
);

# and what is held for the prompt: a credit for 1000 tokens.  What is not known
# may be read as a part of it
my @taken = (
    'zeros behind the point' => '"max_tokens":1.' . '0' x $mega, 1,
    'a number' => qq("x":$digits), 263,
    'a fraction' => qq("x":0.$digits), 263,
    '50,000 names' => join(',', map { qq("key$_":$_) } 1 .. 50_000), 1,
    '50,000 times one name' => join(',', ('"x":[{}]') x 50_000), 51,
    'names that differ at their end' =>
        join(',', map { '"' . 'm' x 40 . qq($_":0) } 1 .. 20_000), 1,
    'a name' => '"' . 'x' x $mega . '":1', 263,
    'escapes in a name' => '"' . '\\u006d' x ($mega / 6) . '":1', 44,
    'escapes in a text' => '"user":"' . '\\u0061' x ($mega / 6) . '"', 44,
    'white space' => '"x":' . " \n\r\t" x ($mega / 4) . '1', 1,
    'surrogates' => '"user":"' . '\\ud83d\\ude00' x ($mega / 12) . '"', 88,
    'empty lists' => '"x":[' . '[],' x ($mega / 3) . '[]]', 350,
    'escapes in a prompt' =>
        '"system":"' . '\\u0061' x ($mega / 6) . '"', 44,
    # 4 tokens for each
    'messages' => '"messages":[' . '{},' x ($mega / 6) . '{}]', 700,
);

add_block('a megabyte of what is refused',
    chat_config => $large,
    orders => 'usage=1+1',
    no_error_log => at_most('notice'),
    then => sub {
        while (my ($name, $body) = splice @refused, 0, 2) {
            my $user = user('bomb', '1000 1 year');
            is(ask($user, $body), '400 invalid_body', "$name: refused");
            untouched($user);
            is(provider_calls($user), 0, "$name: the provider was not asked");
        }
    });

add_block('a megabyte of what is taken',
    chat_config => "$large credits_max_output 1;",
    orders => 'usage=1+1',
    no_error_log => at_most('notice'),
    then => sub {
        while (my ($name, $members, $hold) = splice @taken, 0, 3) {
            my $user = user('bomb', '1000 1 year');
            my $body = $members =~ /^"messages"/ ? $members
                : "$messages,$members";
            is(ask($user, qq({"model":"m",$body})), '200',
               "$name: taken");
            is(await('the charge', sub {
                sql(q{SELECT hold FROM credit_charge WHERE userId = :'user'},
                    user => $user) }), $hold, "$name: the hold");
        }
    });


# -- slow clients ------------------------------------------------------------

# The block's own request is answered while the bodies of 20 others are on
# their way: their bytes were there first.
my @slow = map { { user => user('slow', '1000 1 year') } } 1 .. 20;

add_block('bodies in drips: nothing is held before they are whole',
    chat_config => 'client_body_buffer_size 64k;',
    init => 'main::drip()',
    orders => 'usage=1+1',
    ledger => 'settled 1 1+1=2',
    then => sub {
        for (@slow) {
            untouched($_->{user});
            is(provider_calls($_->{user}), 0, 'the provider was not asked');
        }
        for (@slow) {
            my $in = $_->{socket};
            print $in substr $chat, $_->{sent};
            like(do { local $/; <$in> }, qr{^HTTP/1.1 200 },
                 'the rest came: it is answered');
        }
        for my $user (map { $_->{user} } @slow) {
            await('the charge', sub {
                sql(q{SELECT spent = 1 AND held = 0 FROM credit_account
                       WHERE userId = :'user'}, user => $user) eq 't' });
        }
    });

sub drip {
    while (my ($i, $client) = each @slow) {
        $client->{socket} = connected();
        $client->{socket}->autoflush;
        $client->{sent} = $i;
        $client->{socket}->print(head_of($client->{user}, length $chat));
        $client->{socket}->print($_) for split //, substr $chat, 0, $i;
    }
}

add_block('a body that does not come, a client that leaves',
    chat_config => 'client_body_timeout 50ms;',
    orders => 'usage=1+1',
    ledger => 'settled 1 1+1=2',
    no_error_log => at_most('notice'),
    then => sub {
        for my $leaves (0, 1) {
            my $user = user('gone', '1000 1 year');
            my $socket = connected();
            $socket->autoflush;
            print $socket head_of($user, 100), '{"model":';
            $socket->shutdown(1) if $leaves;
            my $answer = do { local $/; <$socket> } // '';
            unlike($answer, qr/ 200 /, 'no answer');
            untouched($user);
            is(provider_calls($user), 0, 'the provider was not asked');
        }
    });


# -- requests that are no HTTP -----------------------------------------------

my $host = "Host: localhost\r\nConnection: close\r\n";
my $length = 'Content-Length: ' . length($chat) . "\r\n";
my $post = "POST /api/chat HTTP/1.1\r\n";

my @raw = (
    'two lengths' => "$post$host$length$length",
    'two lengths that differ' => "$post$host${length}Content-Length: 5\r\n",
    'a length below 0' => "$post${host}Content-Length: -1\r\n",
    'a length with a sign' => "$post${host}Content-Length: +5\r\n",
    'a length beyond 64 bits' =>
        "$post${host}Content-Length: 99999999999999999999\r\n",
    'a length and chunks' =>
        "$post$host${length}Transfer-Encoding: chunked\r\n",
    'chunks within gzip' => "$post${host}Transfer-Encoding: gzip, chunked\r\n",
    'an encoding nobody knows' => "$post${host}Transfer-Encoding: x\r\n",
    'chunks in HTTP/1.0' =>
        "POST /api/chat HTTP/1.0\r\n${host}Transfer-Encoding: chunked\r\n",
    'NUL in a header' => "$post${host}X-A: a\0b\r\n$length",
    'a folded header' => "$post${host}X-A: a\r\n Content-Length: 5\r\n",
    'a blank before the colon' => "$post${host}Content-Length : 5\r\n",
    'a bare CR' => "$post${host}X-A: a\rContent-Length: 5\r\n",
    'no host' => "${post}Connection: close\r\n$length",
    'two hosts' => "$post${host}Host: other\r\n$length",
    'a host like a path' => "${post}Host: ../x\r\n$length",
    'HTTP/3.7' => "POST /api/chat HTTP/3.7\r\n$host$length",
    'a method in lower case' => "post /api/chat HTTP/1.1\r\n$host$length",
    'CONNECT' => "CONNECT /api/chat HTTP/1.1\r\n$host",
    'TRACE' => "TRACE /api/chat HTTP/1.1\r\n$host",
    'a method of one\'s own' => "PAY /api/chat HTTP/1.1\r\n$host$length",
    'a path with NUL' => "POST /api/chat%00 HTTP/1.1\r\n$host$length",
    'a path that climbs' => "POST /../api/chat HTTP/1.1\r\n$host$length",
);
my $nobody = user('raw', '1000 1 year');
my $tags = "X-User: $nobody\r\nX-Provider-Tag: $nobody\r\n";

my @chunks = ('zz', '-1', '10000000000000000', '5;a=b', '0x5', '');
while (my ($i, $size) = each @chunks) {
    push @raw, "a chunk of size \"$size\"" =>
        [$post . $host . "Transfer-Encoding: chunked\r\n",
         "$size\r\n{\"a\"\r\n0\r\n\r\n"];
}

while (my ($what, $head) = splice @raw, 0, 2) {
    my ($lines, $body) = ref $head ? @$head : ($head, $chat);
    my $level = ref $head ? 'error' : 'notice';
    add_block("no HTTP: $what",
        raw_request => "$lines$tags\r\n$body",
        error_code_like => '^(?:40\d|41\d|501|505)$',
        no_error_log => at_most($level),
        then => sub {
            untouched($nobody);
            is(provider_calls($nobody), 0, 'the provider was not asked');
        });
}


use_blocks();
run_tests();
check_ledger();
