package Test::Nginx::Log;

# nginx's logs: what was written since the last look, and the guard against
# lines that no test may leave behind.

use v5.36;

use Exporter 'import';
use File::Basename qw(dirname);
use List::Util qw(any);
use Test::More ();
use Time::HiRes qw(sleep);

use Test::Nginx::Util qw(
    bail_out patterns_of server_root settle_time timeout wait_for
);

our @EXPORT_OK = qw(
    access_log error_log expect_log_lines guard_log log_dir
    new_access_lines new_error_lines rewind_logs tail_error_log
);

my $FATAL = fatal_lines();
my $NGINX_LINE = qr{^\d{4}/\d\d/\d\d };

my $checked_to = 0;     # end of what the sections of a block have seen
my $guarded_to = 0;     # end of what the guard has seen
my @expected;           # regexes of lines that this nginx's blocks ask for


# What all suites of this repository look for.
sub fatal_lines () {
    my $path = dirname(__FILE__) . '/../../../support/alarms';
    open my $in, '<', $path or die "$path: $!";
    chomp(my @patterns = <$in>);
    my $any = join '|', @patterns;
    return qr/$any/;
}


sub log_dir () { return server_root() . '/logs' }
sub error_log () { return log_dir() . '/error.log' }
sub access_log () { return log_dir() . '/access.log' }


# A new nginx, or emptied logs.
sub rewind_logs () {
    $checked_to = $guarded_to = 0;
    @expected = ();
}


# From now on the guard lets through what this block names, if only to forbid
# it: then it is a failed assertion already.
sub expect_log_lines ($block) {
    push @expected, map { $_->{regex} }
        map { patterns_of($block, $_) }
        qw(error_log no_error_log shutdown_error_log no_shutdown_error_log);

    my $grep = $block->grep_error_log;
    push @expected, ref $grep ? $grep : qr/\Q$grep\E/ if defined $grep;

    push @expected, qr/\[emerg\]/ if defined $block->must_die;
}


# The lines written since the last call. Waits until $complete->(\@lines) is
# true, at most timeout(): the log phase runs after the client saw the end.
sub new_error_lines ($complete) {
    my $from = $Test::Nginx::Util::AccumulateErrorLog ? 0 : $checked_to;
    my $lines;

    sleep settle_time();
    wait_for(sub {
        ($lines, $checked_to) = read_log(error_log(), $from);
        return $complete->($lines);
    }, timeout());

    return $lines;
}


# The whole access log, on the same terms.
sub new_access_lines ($complete) {
    my $lines;

    sleep settle_time();
    wait_for(sub {
        ($lines) = read_log(access_log(), 0);
        return $complete->($lines);
    }, timeout());

    return $lines;
}


# Ends the run when nginx, a sanitizer or valgrind complained since the last
# call, and no block asked for it.
sub guard_log ($when) {
    (my $lines, $guarded_to) = read_log(error_log(), $guarded_to);

    my @report = grep { my $line = $_; !any { $line =~ $_ } @expected }
        grep { /$FATAL/ } @$lines;

    # A sanitizer's report goes on in lines without a date.
    @report = grep { !/$NGINX_LINE/ || /$FATAL/ } @$lines
        if any { !/$NGINX_LINE/ } @report;

    push @report, map { (read_log($_, 0))[0]->@* }
        glob log_dir() . '/valgrind.*';

    bail_out("$when: unexpected lines in error.log\n", @report) if @report;
}


sub tail_error_log () {
    my ($lines) = read_log(error_log(), 0);
    return @$lines > 20 ? @$lines[-20 .. -1] : @$lines;
}


# The complete lines from $offset on, and the offset of what follows them.
sub read_log ($path, $offset) {
    open my $in, '<:raw', $path or return ([], 0);
    seek $in, $offset, 0;
    my @lines = <$in>;
    pop @lines if @lines && $lines[-1] !~ /\n\z/;
    $offset += length for @lines;
    return (\@lines, $offset);
}

1;
