# What the driver must refuse: each case is a small test file of its own, and
# here it is checked how that file ends.

use v5.36;

use Cwd qw(getcwd);
use File::Path qw(make_path);
use File::Spec;
use File::Temp qw(tempdir);
use FindBin;
use Test::More;

my $lib = File::Spec->rel2abs("$FindBin::Bin/..");
my $dir = tempdir(CLEANUP => 1);
chomp(my $port = `$lib/../../tools/free-port`);

my $config = "--- config\nlocation = /t { return 200 ok; }\n";
my $ok = "$config--- request\nGET /t\n";

my $crit = <<'EOF_BLOCK';
--- config
    location = /t { proxy_pass http://unix:/nowhere.sock; }
--- request
GET /t
--- error_code: 502
EOF_BLOCK

my $read_pid =
    "my \$pid = `cat \$ENV{TEST_NGINX_SERVER_ROOT}/logs/nginx.pid`;";
my $kill_worker =
    "$read_pid my \@workers; select undef, undef, undef, 0.01"
    . ' until @workers = Test::Nginx::Server::workers_of($pid + 0);'
    . ' kill KILL => @workers;';


# Runs the blocks as a test file; returns its exit code and its output.
sub run_file ($perl, $blocks) {
    my $file = "$dir/case.t";
    open my $out, '>', $file or die "$file: $!";
    print $out "use Test::Nginx::Socket;\nplan 'no_plan';\n",
        "no_shuffle();\n$perl\nrun_tests();\n__DATA__\n\n$blocks\n";
    close $out;

    local $ENV{TEST_NGINX_SERVROOT} = "$dir/servroot";
    local $ENV{TEST_NGINX_SERVER_PORT} = $port;
    local $ENV{TEST_NGINX_CLIENT_PORT} = $port;
    local $ENV{TEST_NGINX_TIMEOUT} = 0.5;
    my $output = `$^X -I$lib $file 2>&1`;
    return ($? >> 8, $output);
}


sub passes ($name, $blocks, $perl = '') {
    my ($code, $output) = run_file($perl, $blocks);
    ok($code == 0 && $output !~ /^not ok|^Bail out/m, "passes: $name")
        or diag($output);
}


sub fails ($name, $pattern, $blocks, $perl = '') {
    my ($code, $output) = run_file($perl, $blocks);
    ok($code > 0 && $code < 255 && $output =~ /^not ok .*$pattern/m
       && $output !~ /^Bail out/m, "fails: $name") or diag($output);
}


sub bails_out ($name, $pattern, $blocks, $perl = '') {
    my ($code, $output) = run_file($perl, $blocks);
    ok($code == 255 && $output =~ /^Bail out!.*$pattern/m,
       "bails out: $name") or diag($output);
}


passes('an ordinary block', "=== a\n$ok--- response_body chomp\nok");

# An assertion that does not hold.
my %wrong = (
    'error_code: 201' => qr/status code/,
    'error_code_like: ^3' => qr/status code/,
    'response_body: no' => qr/response_body/,
    'response_body_like: ^k' => qr/response_body_like/,
    'response_body_unlike: o' => qr/response_body_unlike/,
    'response_headers: Content-Length: 3' => qr/header Content-Length/,
    'response_headers: !Content-Length' => qr/header Content-Length/,
    'response_headers_like: Content-Type: text.plai' => qr/Content-Type/,
    'raw_response_headers_like: HTTP.2' => qr/raw_response_headers_like/,
    'raw_response_headers_unlike: HTTP' => qr/raw_response_headers_unlike/,
    'error_log: never written' => qr/matches a line in error/,
    'no_error_log: /t' => qr/matches no line in error/,
    'access_log: GET /other' => qr/matches a line in access/,
    'no_access_log: GET /t' => qr/matches no line in access/,
    'shutdown_error_log: never written' => qr/matches a line in shutdown/,
    'no_shutdown_error_log: exit' => qr/matches no line in shutdown/,
    "grep_error_log: GET\n--- grep_error_log_out: POST" => qr/grep_error_log/,
    'must_die' => qr/nginx dies/,
);
for my $section (sort keys %wrong) {
    fails($section, $wrong{$section}, "=== a\n$ok--- $section");
}

fails('an answer that is too slow', qr/timed out/, <<'EOF_BLOCK');
=== a
--- config
    location = /t { limit_rate 1; return 200 0123456789; }
--- request
GET /t
--- timeout: 0.1
--- ignore_response
EOF_BLOCK

fails('a line that an earlier request wrote', qr/missing/, <<'EOF_BLOCK');
=== a
--- config
    location = /t { return 200 ok; }
--- request eval
["GET /missing", "GET /t"]
--- error_code eval
[404, 200]
--- error_log: missing
EOF_BLOCK

passes('packets keep their borders', <<'EOF_BLOCK', <<'EOF_PERL');
=== a
--- config
    location = /t { return 200 ok; }
--- request eval
[["PO", "ST /t\n ", " hel", { value => "lo ", delay_before => 0.01 }]]
EOF_BLOCK
    my ($request) = Test::Nginx::Client::requests_of((blocks())[0]);
    is(join('|', map { $_->{value} } @$request),
       "PO|ST /t HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
       . "Content-Length: 5\r\n\r\n|hel|lo");
    is($request->[3]{delay_before}, 0.01);
EOF_PERL

# Framing, as no nginx would send it.
my %broken = (
    'a chunk that is cut' => [qr/is cut/, '5\r\nhell'],
    'a chunk that is too long' => [qr/is cut/, '5\r\nhello!\r\n0\r\n\r\n'],
    'no last chunk' => [qr/no last chunk/, '5\r\nhello\r\n'],
    'trailers that were not announced' =>
        [qr/no last chunk/, '0\r\nA: b\r\n\r\n'],
);
my $parse = 'sub parse { my $bytes = "HTTP/1.1 $_[0]"; my $response = '
    . 'Test::Nginx::Client::parse_response("framing", \$bytes, $_[1]); '
    . 'is($response->{body}, $_[2]); is($bytes, $_[3]) } ';
for my $name (sort keys %broken) {
    my ($pattern, $bytes) = $broken{$name}->@*;
    fails($name, $pattern, "=== a\n$ok", "$parse parse(\"200 OK\\r\\n"
          . "Transfer-Encoding: chunked\\r\\n\\r\\n$bytes\", 0, '', '');");
}
passes('trailers, 204 and HEAD', "=== a\n$ok", $parse . <<'EOF_PERL');
    my $chunked = "200 OK\r\nTransfer-Encoding: chunked\r\n";
    parse("$chunked\r\n2;x=y\r\nhi\r\n0\r\n\r\nmore", 0, 'hi', 'more');
    parse("${chunked}Trailer: A\r\n\r\n0\r\nA: b\r\n\r\n", 0, '', '');
    parse("204 No Content\r\n\r\nmore", 0, '', 'more');
    parse("200 OK\r\nContent-Length: 4\r\n\r\nmore", 1, '', 'more');
    parse("200 OK\r\nContent-Length: 4\r\n\r\nbodymore", 0, 'body', 'more');
EOF_PERL

# A file that cannot be right.
bails_out('a configuration that nginx refuses', qr/nginx does not start/,
          "=== a\n--- config\nno_such_directive;\n--- request\nGET /t");
bails_out('several requests, one expectation', qr/need an array/,
          "=== a\n$config--- request eval\n['GET /t', 'GET /t']\n"
          . '--- response_body: ok');
bails_out('an unknown variable', qr/no environment TEST_NGINX_NONE/,
          "=== a\n$ok--- http_config\n\$TEST_NGINX_NONE");
bails_out('a section that is not here', qr/no section tcp_listen/,
          "=== a\n$ok--- tcp_listen: 1");
bails_out('no config to use again', qr/there is no config/,
          "=== a\n--- request\nGET /t");
bails_out('Perl that dies', qr/init: because/,
          "=== a\n$ok--- init\ndie 'because'");

make_path("$dir/servroot");
open my $precious, '>', "$dir/servroot/precious";
bails_out('a servroot with something else in it', qr/not mine/,
          "=== a\n$ok");
ok(-e "$dir/servroot/precious", 'and leaves it there');
unlink "$dir/servroot/precious";

# A line in the log that nobody asked for.
bails_out('[crit]', qr/a: unexpected/, "=== a\n$crit");
passes('[crit] that the block names', "=== a\n$crit--- error_log: [crit]");
bails_out('[crit] after a block that named it', qr/b: unexpected/,
          "=== a\n$crit--- error_log: [crit]\n\n=== b\n$crit");

for my $words ('AddressSanitizer', 'x.c:1: runtime error: y') {
    my $url = $words =~ s/ /%20/gr;
    bails_out($words, qr/a: unexpected/,
              "=== a\n$config--- request\nGET /$url\n--- error_code: 404");
}

bails_out('[alert] of a worker that is killed', qr/unexpected/,
          "=== a\n$ok--- wait: 0.1\n--- init\n$kill_worker",
          'master_on();');
bails_out('[alert] after the last check', qr/a \(shutdown\): unexpected/,
          "=== a\n$ok",
          "master_on(); add_test_cleanup_handler(sub { $kill_worker });");

# An nginx that is gone, or does not go.
bails_out('an nginx that dies', qr/nginx died/, "=== a\n$ok",
          "add_response_body_check(sub { $read_pid kill KILL => \$pid });");
bails_out('an nginx that hangs', qr/had to be killed/, "=== a\n$ok",
          'add_test_cleanup_handler(sub { '
          . "$read_pid kill STOP => \$pid });");
passes('the next run after it', "=== a\n$ok");

# Other ways to provide nginx.
{
    my $reloads = join "\n", map { "=== $_\n" . $ok =~ s/ok;/$_;/r
        . "--- response_body chomp\n$_\n" } qw(one two three);
    my $same_pid = 'my %seen; add_test_cleanup_handler(sub { '
        . "$read_pid \$seen{\$pid} = 1 });"
        . 'add_cleanup_handler(sub { print "nginxes ", '
        . 'scalar(keys %seen), "\n" });';

    my ($code, $output) = run_file("use_hup(); $same_pid", $reloads);
    ok($code == 0 && $output =~ /^nginxes 1$/m, 'use_hup() reloads')
        or diag($output);

    bails_out('a configuration that nginx refuses to reload',
              qr/b - nginx did not reload/,
              "=== a\n$ok\n=== b\n--- config\nno_such_directive;\n"
              . "--- request\nGET /t\n", 'use_hup();');

    local $ENV{TEST_NGINX_FORCE_RESTART_ON_TEST} = 0;
    ($code, $output) = run_file($same_pid, "$reloads\n" . $reloads =~
                                s/.*=== three/=== again/sr);
    ok($code == 0 && $output =~ /^nginxes 3$/m,
       'an unchanged config keeps nginx') or diag($output);
}

done_testing();
