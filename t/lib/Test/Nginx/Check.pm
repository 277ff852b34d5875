package Test::Nginx::Check;

# The assertions. Plans count them, so every sub says how many it makes.

use v5.36;

use Digest::MD5 qw(md5_hex);
use Digest::SHA qw(sha1_hex);
use Exporter 'import';
use JSON::PP ();
use List::Util qw(all any first);
use Test::More import => [qw(diag fail is isnt like ok skip unlike)];

use Test::Nginx::Client qw(header);
use Test::Nginx::Log qw(new_access_lines new_error_lines);
use Test::Nginx::Util qw(
    bail_out expand is_str patterns_of server_port server_port_for_client
);

our @EXPORT_OK = qw(
    check_access_log check_error_log check_must_die check_response
    check_shutdown_log
);

my %body_filter = (
    lc => sub { lc $_[0] },
    lcfirst => sub { lcfirst $_[0] },
    length => sub { length $_[0] },
    md5_hex => \&md5_hex,
    sha1_hex => \&sha1_hex,
    uc => sub { uc $_[0] },
    ucfirst => sub { ucfirst $_[0] },
);


# $at says which response this is: { request => index in the block, repeat =>
# index of the repetition, many => whether the block has several requests }.
# $response may be undef: its framing was broken.
sub check_response ($block, $response, $at) {
    $response //= { code => '', head => '', headers => [], body => '' };

    check_code($block, $response->{code}, $at);
    check_head($block, $response->{head}, $at);
    check_headers($block, $response, $at);
    check_body($block, filtered_body($block, $response->{body}, $at), $at);
}


# The value of a section for one request.
sub value_at ($block, $section, $at) {
    my $value = $block->$section;
    return $value->[$at->{request}] if ref $value eq 'ARRAY';

    bail_out($block->name . " - several requests need an array in $section")
        if $at->{many};
    return $value;
}


sub with_ports ($text) {
    my %port = (ServerPort => server_port(),
                ServerPortForClient => server_port_for_client());
    return $text =~ s/\$(ServerPort(?:ForClient)?)\b/$port{$1}/gr;
}


# One assertion.
sub check_code ($block, $code, $at) {
    my $name = $block->name . ' - status code';

    if (defined $block->error_code_like) {
        my $pattern = value_at($block, 'error_code_like', $at);
        like($code, qr/$pattern/ms, $name);

    } elsif (defined $block->error_code) {
        is($code, value_at($block, 'error_code', $at), $name);

    } else {
        is($code, 200, $name);
    }
}


# One assertion per section.
sub check_head ($block, $head, $at) {
    my %check = (raw_response_headers_like => \&like,
                 raw_response_headers_unlike => \&unlike);

    for my $section (grep { defined $block->$_ } sort keys %check) {
        my $pattern = value_at($block, $section, $at);
        $check{$section}->($head, qr/$pattern/s,
                           $block->name . " - $section");
    }
}


# One assertion per line of the first section that is there.
sub check_headers ($block, $response, $at) {
    my $section = first { defined $block->$_ }
        qw(response_headers response_headers_like);
    return if !defined $section;

    my %line = map { /^\s*(!?\s*[^:\s]+)/ ? ($1 => $_) : () }
        split /\n/, value_at($block, $section, $at) // '';

    for my $line (map { $line{$_} } sort keys %line) {
        my ($absent, $key, $value) =
            $line =~ /^\s*(!?)\s*([^:\s]+)\s*(?::\s*(.*?))?\s*$/;
        my $got = header($response, $key);
        my $name = $block->name . " - header $key";

        if ($absent) {
            is($got, undef, "$name is absent");

        } elsif ($section eq 'response_headers') {
            is($got // '', with_ports($value // ''), $name);

        } else {
            $value //= '';
            like($got // '', qr/^$value$/, $name);
        }
    }
}


# The body after the block's filters: names or code, one list for all requests
# or an array of lists.
sub filtered_body ($block, $body, $at) {
    my $filters = $block->response_body_filters // return $body;

    $filters = [ref $filters ? $filters : split ' ', $filters]
        if ref $filters ne 'ARRAY';
    $filters = $filters->[$at->{request}] if ref $filters->[0] eq 'ARRAY';

    for my $filter (@$filters) {
        my $code = ref $filter eq 'CODE' ? $filter : $body_filter{$filter}
            // bail_out($block->name . " - unknown body filter $filter");
        $body = $code->($body);
    }

    return $body;
}


# One assertion for the first section that is there, and whatever the test
# file's own checks make.
sub check_body ($block, $body, $at) {
    my $section = first { defined $block->$_ }
        qw(response_body response_body_like response_body_unlike);
    my $name = $block->name . ' - ' . ($section // '')
        . " (repeat $at->{repeat}, request $at->{request})";

    if (defined $section) {
        my $expected = value_at($block, $section, $at);

        if ($section eq 'response_body') {
            $body = sorted_json($body)
                if defined $block->response_body_json_sort;
            $expected = expand(with_ports($expected), $block->name)
                if defined $expected && !ref $expected;
            is_str($body, $expected, $name);

        } else {
            my $pattern = with_ports("$expected");
            my $check = $section eq 'response_body_like'
                ? \&like : \&unlike;
            $check->($body, qr/$pattern/s, $name);
        }
    }

    $_->($block, $body, $at->{request}, $at->{repeat}, 0)
        for @Test::Nginx::Util::ResponseBodyChecks;
}


sub sorted_json ($text) {
    my $json = JSON::PP->new->canonical;
    my $value = eval { $json->loose->decode($text) } // return $text;
    return $json->encode($value) . "\n";
}


# One assertion per pattern of error_log and no_error_log, and one for
# grep_error_log.
sub check_error_log ($block, $repeat) {
    my @wanted = patterns_of($block, 'error_log');
    my @unwanted = patterns_of($block, 'no_error_log');
    my $grep = $block->grep_error_log;
    my $expected = grep_output($block, $repeat);

    # Read even when nothing is asked: these lines are not the next check's.
    my $lines = new_error_lines(sub ($lines) {
        return all_found($lines, @wanted)
            && (!defined $grep
                || grep_matches(grepped($lines, $grep), $expected));
    });

    if (defined $grep) {
        is_str(grepped($lines, $grep), $expected,
               $block->name . " - grep_error_log_out (repeat $repeat)");
    }
    check_lines($block, 'error.log', $lines, \@wanted, \@unwanted);
}


sub grep_output ($block, $repeat) {
    my $expected = $block->grep_error_log_out;
    bail_out($block->name
             . ' - grep_error_log and grep_error_log_out go together')
        if defined $expected != defined $block->grep_error_log;

    $expected = $expected->[$repeat] if ref $expected eq 'ARRAY';
    return ref $expected ? $expected : expand($expected, $block->name);
}


# What the pattern matched, a line for each line of the log.
sub grepped ($lines, $grep) {
    my $regex = ref $grep ? $grep : qr/\Q$grep\E/;
    return join '', map { /($regex)/ ? "$1\n" : () } @$lines;
}


sub grep_matches ($text, $expected) {
    return ref $expected ? $text =~ $expected : $text eq ($expected // '');
}


# One assertion per pattern.
sub check_access_log ($block) {
    my @wanted = patterns_of($block, 'access_log');
    my @unwanted = patterns_of($block, 'no_access_log');
    return if !@wanted && !@unwanted;

    my $lines = new_access_lines(sub ($lines) {
        return all_found($lines, @wanted);
    });
    check_lines($block, 'access.log', $lines, \@wanted, \@unwanted);
}


# One assertion per pattern, for the lines that nginx wrote while it exited.
sub check_shutdown_log ($block, $skip_reason) {
    my @wanted = patterns_of($block, 'shutdown_error_log');
    my @unwanted = patterns_of($block, 'no_shutdown_error_log');
    return if !@wanted && !@unwanted;

    SKIP: {
        skip($skip_reason, @wanted + @unwanted) if defined $skip_reason;

        my $lines = new_error_lines(sub ($lines) {
            return all_found($lines, @wanted);
        });
        check_lines($block, 'shutdown log', $lines, \@wanted, \@unwanted);
    }
}


# One assertion, and those of the error log.
sub check_must_die ($block, $status, $repeat) {
    my $name = $block->name . ' - nginx dies';
    my ($code) = $block->must_die =~ /^\s*(\d+)\s*$/;

    if ($status & 127) {
        fail("$name, but of signal " . ($status & 127));

    } elsif (defined $code) {
        is($status >> 8, $code, "$name with the expected code");

    } else {
        isnt($status, 0, $name);
    }

    check_error_log($block, $repeat);
}


sub all_found ($lines, @patterns) {
    return all { my $regex = $_->{regex}; any { /$regex/ } @$lines }
        @patterns;
}


sub check_lines ($block, $log, $lines, $wanted, $unwanted) {
    my $name = $block->name;

    for my $pattern (@$wanted) {
        ok(all_found($lines, $pattern),
           "$name - \"$pattern->{text}\" matches a line in $log");
    }

    for my $pattern (@$unwanted) {
        my @found = grep { /$pattern->{regex}/ } @$lines;
        ok(!@found, "$name - \"$pattern->{text}\" matches no line in $log")
            or diag(@found);
    }
}

1;
