package Test::Nginx::Util;

# What a test file can set, what $TEST_NGINX_... expands to, and the ways a
# run ends.

use v5.36;

use Exporter 'import';
use File::Basename qw(dirname);
use File::Spec;
use Test::More ();
use Time::HiRes qw(sleep time);

our @SETTINGS = qw(
    add_block_preprocessor add_cleanup_handler add_response_body_check
    add_test_cleanup_handler bail_out check_accum_error_log config_preamble
    env_to_nginx html_dir is_str log_level master_off master_on
    master_process_enabled no_long_string no_root_location no_shuffle
    repeat_each server_addr server_name server_port server_port_for_client
    server_root timeout use_hup worker_connections workers
);
our @EXPORT_OK = (@SETTINGS, qw(
    cleanup expand parse_time patterns_of settle_time verbose wait_for
));

my $FreePort = dirname(__FILE__) . '/../../../../tools/free-port';

our $ServerAddr = '127.0.0.1';
our $ServerName = 'localhost';
our $ServerPort = $ENV{TEST_NGINX_RANDOMIZE} ? free_port()
    : $ENV{TEST_NGINX_SERVER_PORT} || $ENV{TEST_NGINX_PORT} || 1984;
our $ServerPortForClient = $ENV{TEST_NGINX_RANDOMIZE} ? $ServerPort
    : $ENV{TEST_NGINX_CLIENT_PORT} || $ServerPort;

our $ServRoot = File::Spec->rel2abs($ENV{TEST_NGINX_RANDOMIZE}
    ? "t/servroot_$ServerPort" : $ENV{TEST_NGINX_SERVROOT} || 't/servroot');
our $HtmlDir = "$ServRoot/html";

our $Timeout = $ENV{TEST_NGINX_TIMEOUT} || 3;
our $Sleep = $ENV{TEST_NGINX_SLEEP} || 0.015;
our $NoShuffle = $ENV{TEST_NGINX_NO_SHUFFLE};
our $ForceRestart = $ENV{TEST_NGINX_FORCE_RESTART_ON_TEST} // 1;
our $AccumulateErrorLog = $ENV{TEST_NGINX_CHECK_ACCUM_ERR_LOG};
our $UseHup = $ENV{TEST_NGINX_USE_HUP};
our $RepeatEach = 1;

our $LogLevel = $ENV{TEST_NGINX_LOG_LEVEL} || 'debug';
our $MasterProcess = $ENV{TEST_NGINX_MASTER_PROCESS} || 'off';
our $Workers = 1;
our $WorkerConnections = 64;
our $NoRootLocation;
our $ConfigPreamble = '';
our @EnvToNginx;

our (@BlockPreprocessors, @TestCleanupHandlers, @ResponseBodyChecks);
our %RandPort;      # $TEST_NGINX_RAND_PORT_n of the block that runs

my @cleanup_handlers;

$ENV{TEST_NGINX_SERVER_ROOT} = $ServRoot;


# Called without an argument they read, with one they set.
my %accessor = (
    log_level => \$LogLevel,
    repeat_each => \$RepeatEach,
    server_addr => \$ServerAddr,
    server_name => \$ServerName,
    server_port => \$ServerPort,
    server_port_for_client => \$ServerPortForClient,
    timeout => \$Timeout,
    worker_connections => \$WorkerConnections,
    workers => \$Workers,
);

for my $name (keys %accessor) {
    my $variable = $accessor{$name};
    no strict 'refs';
    *$name = sub (@value) {
        $$variable = $value[0] if @value;
        return $$variable;
    };
}


sub html_dir () { return $HtmlDir }
sub server_root () { return $ServRoot }
sub verbose () { return $ENV{TEST_NGINX_VERBOSE} }

sub no_shuffle () { $NoShuffle = 1 }
sub no_root_location () { $NoRootLocation = 1 }
sub use_hup () { $UseHup = 1 }
sub master_on () { $MasterProcess = 'on' }
sub master_off () { $MasterProcess = 'off' }
sub check_accum_error_log () { $AccumulateErrorLog = 1 }
sub config_preamble ($text) { $ConfigPreamble = $text }
sub env_to_nginx (@names) { push @EnvToNginx, @names }

# Test::LongString is not used here, so there is nothing to switch off.
sub no_long_string () { return 1 }

sub add_test_cleanup_handler ($code) { unshift @TestCleanupHandlers, $code }
sub add_response_body_check ($code) { push @ResponseBodyChecks, $code }
sub add_cleanup_handler ($code) { unshift @cleanup_handlers, $code }

sub add_block_preprocessor :prototype(&) ($code) {
    unshift @BlockPreprocessors, $code;
}


sub master_process_enabled (@on) {
    $MasterProcess = $on[0] ? 'on' : 'off' if @on;
    return $MasterProcess;
}


# One assertion: equal to a string, or like a qr//.
sub is_str ($got, $expected, $name = '') {
    return Test::More::like($got, $expected, $name)
        if ref $expected eq 'Regexp';
    return Test::Base::is($got, $expected, $name);
}


# Ends the whole run, not only this file.
sub bail_out (@message) {
    cleanup();
    my ($first, @more) = split /\n/, join '', @message;
    Test::More::diag($_) for @more;
    Test::More::BAIL_OUT($first);
}


# Runs every cleanup handler once, the youngest first.
sub cleanup () {
    while (my $handler = shift @cleanup_handlers) {
        $handler->();
    }
}


# "0.3", "1s" and "300ms" in seconds.
sub parse_time ($text) {
    my ($number, $unit) = $text =~ /^\s*([\d.]+)\s*(ms|s)?\s*$/
        or bail_out("bad time \"$text\"");
    return ($unit // '') eq 'ms' ? $number / 1000 : $number;
}


# How long the log phase may lag behind what the client saw.
sub settle_time () {
    return 3 * $Sleep;
}


# Polls until $condition->() is true and returns that, or gives up after
# $seconds and returns false.
sub wait_for ($condition, $seconds) {
    my $deadline = time + $seconds;
    while (1) {
        my $result = $condition->();
        return $result if $result || time > $deadline;
        sleep $Sleep;
    }
}


# A section of patterns as a list: the lines of a text are literal, and so are
# strings in an array; qr// is a regular expression. Each comes as { regex,
# text }, text being what to show.
sub patterns_of ($block, $section) {
    my $value = $block->$section // return;

    my @patterns = ref $value eq 'ARRAY' ? grep { defined } @$value
        : ref $value ? $value
        : grep { length } split /\n+/, $value;

    return map {{ regex => ref $_ ? $_ : qr/\Q$_\E/, text => "$_" }}
        @patterns;
}


# Replaces $TEST_NGINX_NAME in a section by the environment's NAME; an unknown
# name ends the run, because nginx would take it for a variable of its own.
sub expand ($text, $block_name) {
    return if !defined $text;

    $text =~ s{\$(TEST_NGINX_[_A-Z0-9]+)}{
        my $name = $1;
        $name =~ /^TEST_NGINX_RAND_PORT_\d+$/
            ? ($RandPort{$name} //= free_port())
            : ($ENV{$name}
               // bail_out("$block_name - no environment $name defined"))
    }eg;

    return $text;
}


# A port that nobody listens on, and was not drawn before.
sub free_port () {
    state %taken;
    my $port;

    do {
        $port = `$FreePort`;
        bail_out('found no free port') if $?;
        chomp $port;
    } while ($taken{$port}++);

    return $port;
}

1;
