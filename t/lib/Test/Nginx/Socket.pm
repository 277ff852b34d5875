package Test::Nginx::Socket;

# Declarative tests of nginx over a socket: the interface of CPAN's
# Test::Nginx::Socket 0.33, as far as this repository needs it, on Debian's
# packages. CPAN's distribution is none of them: without this driver the tests
# could not be run offline. They are written for the original and run unchanged
# under it; t/run-nginx prefers it where Perl finds it. What differs here:
#
# - An [alert], [crit] or [emerg] that the block does not name, a report of a
#   sanitizer or of valgrind, and an nginx that dies or cannot be stopped end
#   the run.
# - An expected line of a log is awaited up to timeout().
# - A configuration that nginx refuses ends the run at once.
# - TEST_NGINX_PRELOAD is LD_PRELOAD for nginx alone. TEST_NGINX_USE_VALGRIND=1
#   runs it under valgrind, with TEST_NGINX_VALGRIND_OPTIONS.
# - HTTP/2 and 3, udp_*, tcp_*, stap, the leak and the benchmark mode are not
#   here.

use v5.36;

use List::Util qw(shuffle);
use Test::Base ();
use Test::More ();
use Time::HiRes qw(sleep);

use Test::Nginx::Check qw(
    check_access_log check_error_log check_must_die check_response
    check_shutdown_log
);
use Test::Nginx::Client qw(exchange parse_response requests_of);
use Test::Nginx::Log qw(expect_log_lines guard_log);
use Test::Nginx::Server qw(
    assert_server_alive nginx_version reload_server server_running
    start_server stop_server try_server
);
use Test::Nginx::Util (
    @Test::Nginx::Util::SETTINGS,
    qw(cleanup expand parse_time verbose),
);

our @ISA = ('Test::Base');
our @EXPORT = (@Test::Nginx::Util::SETTINGS, 'run_tests');
our $VERSION = '0.33';

my @NOT_HERE = qw(
    http2 http3 stap tcp_listen tcp_query tcp_reply udp_listen udp_query
    udp_reply
);

my $running_config;     # what the running nginx was started with
my $last_block;         # the last one that used it


sub run_tests () {
    $ENV{TEST_NGINX_SERVER_PORT} = server_port();

    my @blocks = Test::Base::blocks();
    @blocks = shuffle @blocks if !$Test::Nginx::Util::NoShuffle;

    for my $block (@blocks) {
        $_->($block) for @Test::Nginx::Util::BlockPreprocessors;
        run_block($block);
        $_->($block) for @Test::Nginx::Util::TestCleanupHandlers;
    }

    finish_server() if !$ENV{TEST_NGINX_NO_CLEAN};
    cleanup();
}


sub run_block ($block) {
    my $name = $block->name;
    Test::More::diag("=== $name") if verbose();

    for my $section (grep { defined $block->$_ } @NOT_HERE) {
        bail_out("$name - this driver has no section $section");
    }

    local %Test::Nginx::Util::RandPort;

    if (my ($count, $reason) = to_skip($block)) {
        SKIP: {
            Test::More::skip("$name - $reason", $count * repeat_each());
        }

    } elsif (my ($todo, $why) =
             ($block->todo // '') =~ /^\s*(\d+)\s*:\s*(.*?)\s*$/s) {
        TODO: {
            Test::More::todo_skip("$name - $why", $todo * repeat_each());
        }

    } elsif (defined $block->must_die) {
        run_dying_block($block);

    } else {
        run_living_block($block);
    }
}


# What skip_nginx and skip_eval say: (assertions per repetition, reason), or
# nothing to run the block.
sub to_skip ($block) {
    my $name = $block->name;

    if (defined(my $spec = $block->skip_nginx)) {
        my ($count, $operator, $version, $reason) = $spec =~
            /^\s*(\d+)\s*:\s*([<>]=?)\s*(\d+\.\d+\.\d+)\s*(?::\s*(.*?))?\s*$/
            or bail_out("$name - bad skip_nginx: $spec");

        my $order = nginx_version() <=> version->parse($version);
        return ($count, $reason || "nginx $operator $version")
            if $operator =~ /</ && $order < 0
               || $operator =~ />/ && $order > 0
               || $operator =~ /=/ && $order == 0;
    }

    if (defined(my $spec = $block->skip_eval)) {
        my ($count, $code) = $spec =~ /^\s*(\d+)\s*:\s*(.*)/s
            or bail_out("$name - bad skip_eval: $spec");

        my $skip = evaluate($block, 'skip_eval', $code);
        return ($count, 'skip_eval') if $skip;
    }

    return;
}


sub evaluate ($block, $section, $code) {
    no strict;
    no warnings;
    my $value = eval "package main; $code";
    bail_out($block->name . " - $section: $@") if $@;
    return $value;
}


sub run_dying_block ($block) {
    my $config = expand($block->config // '', $block->name);
    finish_server();

    for my $repeat (0 .. repeat_each() - 1) {
        my $status = try_server($block, $config);
        expect_log_lines($block);
        check_must_die($block, $status, $repeat);
        guard_log($block->name);
    }
}


sub run_living_block ($block) {
    my $name = $block->name;

    provide_server($block);
    expect_log_lines($block);
    $last_block = $block;
    evaluate($block, 'init', $block->init) if defined $block->init;

    for my $repeat (0 .. repeat_each() - 1) {
        run_requests($block, $repeat);
        guard_log($name);
        assert_server_alive($name);
    }
}


# Sees to it that an nginx with the block's configuration runs: the one that
# is there, a reloaded one, or a new one.
sub provide_server ($block) {
    my $name = $block->name;

    if (!defined $block->config) {
        bail_out("$name - there is no config, and no nginx to use again")
            if !server_running();
        return;
    }

    my $config = expand($block->config, $name);
    return if server_running() && !$Test::Nginx::Util::ForceRestart
        && $config eq $running_config;

    if (server_running() && $Test::Nginx::Util::UseHup) {
        check_shutdown_log($last_block, 'nginx is only reloaded');
        guard_log($last_block->name);
        reload_server($block, $config);

    } else {
        finish_server();
        start_server($block, $config);
    }

    $running_config = $config;
}


# Stops nginx and looks at what it had to say about it.
sub finish_server () {
    return if !server_running();

    stop_server();
    check_shutdown_log($last_block, undef);
    guard_log($last_block->name . ' (shutdown)');
}


sub run_requests ($block, $repeat) {
    my $name = $block->name;
    my $pipelined = $block->pipelined_requests;
    my @requests = requests_of($block);
    my $responses = $pipelined ? @$pipelined : 1;
    my $many = $pipelined || @requests > 1;
    my $index = 0;

    for my $request (@requests) {
        my $bytes = exchange($block, $request);

        for my $n (0 .. $responses - 1) {
            if (!defined $block->ignore_response) {
                my $text = $pipelined ? $pipelined->[$n]
                    : $request->[0]{value};
                my $is_head = $text =~ /^\s*HEAD\s/;
                my $response = parse_response($name, \$bytes, $is_head);
                check_response($block, $response,
                    { request => $index, repeat => $repeat, many => $many });
            }

            $index++;
            check_logs($block, $repeat);
        }

        Test::More::diag("$name - extra bytes after the response: $bytes")
            if length $bytes && !defined $block->ignore_response;
    }
}


sub check_logs ($block, $repeat) {
    sleep parse_time($block->wait) if defined $block->wait;
    check_error_log($block, $repeat);
    check_access_log($block) if !defined $block->ignore_response;
}

1;
