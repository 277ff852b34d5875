package Test::Nginx::Client;

# The HTTP client: sections become packets, packets are sent over a socket,
# bytes become a response.
#
# A packet is { value => bytes, delay_before => seconds }; a request is an
# array of packets; a response is { code, head, headers, body }.

use v5.36;

use Errno qw(EAGAIN EINTR EWOULDBLOCK);
use Exporter 'import';
use IO::Select;
use IO::Socket::INET;
use Test::More import => [qw(diag fail)];
use Time::HiRes qw(sleep);

use Test::Nginx::Util qw(
    bail_out expand parse_time server_addr server_name
    server_port_for_client timeout verbose wait_for
);

our @EXPORT_OK = qw(exchange header parse_response requests_of);


# All requests of a block. Pipelined requests are one request here, as they
# share one connection.
sub requests_of ($block) {
    my $name = $block->name;

    if (defined(my $raw = $block->raw_request)) {
        return [map { { value => $_ } } ref $raw ? @$raw : $raw];
    }

    if (my $pipelined = $block->pipelined_requests) {
        bail_out("$name - pipelined_requests must be an array")
            if ref $pipelined ne 'ARRAY';

        my $bytes = '';
        for my $i (0 .. $#$pipelined) {
            my $request = build_request($block, $i,
                [expand($pipelined->[$i], $name)],
                $i < $#$pipelined ? 'keep-alive' : 'close');
            $bytes .= join '', map { $_->{value} } @$request;
        }
        return [{ value => $bytes }];
    }

    my $request = $block->request
        // bail_out("$name - there is no request");
    if (!ref $request) {
        1 while $request =~ s/^\s*#[^\n]*\n|^\s+//;
        return build_request($block, 0, [$request], 'close');
    }

    my $i = 0;
    return map { build_request($block, $i++, ref ? $_ : [$_], 'close') }
        @$request;
}


# One request from its packets, joined "METHOD [url [version]]\nbody". Packets
# keep their borders: one inside the request line stays there, one inside the
# body moves with the body.
sub build_request ($block, $index, $packets, $connection) {
    my $name = $block->name;
    my @packets = map { ref ? { %$_ } : { value => $_ } } @$packets;
    my $text = join '', map { $_->{value} } @packets;

    my ($indent, $line, $rest, $body) =
        $text =~ /^([ \t]*)(\S[^\r\n]*?)([ \t\r]*(?:\n|\z))(.*)\z/s
        or bail_out("$name - bad request \"$text\"");
    my $body_at = length($indent) + length($line) + length($rest);
    my $line_length = length $line;

    my @words = split ' ', $line;
    $line .= ' /' if @words == 1;
    $line .= ' HTTP/1.1' if @words < 3;

    my ($headers, $own_length) = more_headers($block, $index);
    $headers = "Connection: $connection\r\n$headers"
        if $headers !~ /^Connection:/mi;
    $headers = 'Host: ' . server_name() . "\r\n$headers"
        if $headers !~ /^Host:/mi;

    my $stripped = 0;
    if (length $body && !$own_length) {
        $stripped = $body =~ s/^(\s+)// ? length $1 : 0;
        $body =~ s/\s+\z//;
        $headers .= 'Content-Length: ' . length($body) . "\r\n";
    }

    my $head = "$line\r\n$headers\r\n";
    my $bytes = $head . $body;

    my ($raw_end, $sent) = (0, 0);
    for my $packet (@packets) {
        $raw_end += length $packet->{value};
        my $end = $raw_end < $body_at
            ? clamp($raw_end - length $indent, 0, $line_length)
            : clamp(length($head) + $raw_end - $body_at - $stripped,
                    length $head, length $bytes);
        $packet->{value} = substr $bytes, $sent, $end - $sent;
        $sent = $end;
    }
    $packets[-1]{value} .= substr $bytes, $sent;

    return \@packets;
}


sub clamp ($value, $low, $high) {
    return $value < $low ? $low : $value > $high ? $high : $value;
}


# The extra headers of request number $index, and whether they frame the body.
sub more_headers ($block, $index) {
    my $text = $block->more_headers // '';
    $text = $text->[$index]
        // bail_out($block->name . " - more_headers lacks request $index")
        if ref $text;

    my $headers = '';
    for my $line (grep { /\S/ && !/^\s*#/ } split /\r?\n/, $text) {
        my ($key, $value) = split /:\s*/, $line, 2;
        $headers .= "$key: " . ($value // '') . "\r\n";
    }

    return ($headers, $headers
        =~ /^(?:Content-Length:|Transfer-Encoding: chunked\r)/mi);
}


# Failures of the exchange itself (no connection, a timeout, broken framing)
# are extra assertions, which no plan counts.


# Sends one request and reads until the server closes the connection or
# nothing happens for the block's timeout. Returns the bytes received.
sub exchange ($block, $request) {
    my $name = $block->name;
    my $idle = defined $block->timeout
        ? parse_time($block->timeout) : timeout();
    my @packets = @$request;
    my $out = (shift @packets)->{value};
    my $in = '';

    my $socket = connect_to_server($block, $idle) or return '';
    my $select = IO::Select->new($socket);
    my $sending = 1;
    local $SIG{PIPE} = 'IGNORE';

    while (1) {
        my ($readable, $writable) = IO::Select->select(
            $select, $sending ? $select : undef, undef, $idle);

        if (!$readable) {
            next if $! == EINTR;
            fail("$name - client socket timed out")
                if !defined $block->abort;
            last;
        }

        if (@$readable) {
            my $n = sysread $socket, $in, 65536, length $in;
            last if defined $n && $n == 0;
            if (!defined $n && !would_block()) {
                diag("$name - reading the response: $!");
                last;
            }
        }

        next if !$sending || !@$writable;

        my $n = syswrite $socket, $out;
        if (!defined $n) {
            # The server may have answered before it closed: read on.
            $sending = would_block();
            next;
        }
        substr($out, 0, $n) = '';
        next if length $out;

        if (my $packet = shift @packets) {
            sleep($packet->{delay_before}
                  // $block->raw_request_middle_delay // 0);
            $out = $packet->{value};

        } else {
            $sending = 0;
            my $how = $block->shutdown;
            shutdown $socket, length $how ? $how : 1 if defined $how;
        }
    }

    close $socket;
    diag("$name - response: [$in]") if verbose();
    return $in;
}


sub would_block () {
    return $! == EAGAIN || $! == EWOULDBLOCK || $! == EINTR;
}


sub connect_to_server ($block, $seconds) {
    my $address = $block->server_addr_for_client // server_addr();
    my $port = server_port_for_client();

    my $socket = wait_for(sub {
        IO::Socket::INET->new(PeerAddr => $address, PeerPort => $port,
                              Proto => 'tcp', Timeout => $seconds)
    }, $seconds);

    if (!$socket) {
        fail($block->name . " - connect to $address:$port: $@");
        return;
    }

    $socket->blocking(0);
    return $socket;
}


# Takes one response from the front of $$bytes, which keeps what follows it.
# Returns undef, after a failed assertion, when the framing is broken.
sub parse_response ($name, $bytes, $is_head_request) {
    my ($head, $rest) = $$bytes =~ /^(.*?\r\n)\r\n(.*)\z/s;
    my ($code) = ($head // '') =~ m{^HTTP/\d\.\d (\d{3})};
    my %response = (code => $code // '', head => $head // '', headers => [],
                    body => '');

    if (!defined $code) {
        # HTTP/0.9, an error page without a head, or nothing at all.
        ($response{body}, $$bytes) = ($$bytes, '');
        return \%response;
    }

    push $response{headers}->@*, [lc $1, $2]
        while $head =~ /^([^:\r\n]+):[ \t]*([^\r\n]*?)[ \t]*\r$/mg;

    my $length = header(\%response, 'Content-Length');
    my $coding = header(\%response, 'Transfer-Encoding') // '';
    $$bytes = '';

    if ($is_head_request || $code == 204 || $code == 304) {
        $$bytes = $rest;

    } elsif (lc $coding eq 'chunked' && $code != 101) {
        my $trailers = defined header(\%response, 'Trailer');
        ($response{body}, $$bytes) = decode_chunked($name, $rest, $trailers)
            or return;

    } elsif (defined $length && length $rest > $length) {
        $response{body} = substr $rest, 0, $length, '';
        $$bytes = $rest;

    } else {
        $response{body} = $rest;
        diag("$name - response body truncated: $length expected, "
                         . 'but got ' . length $rest)
            if defined $length && length $rest < $length;
    }

    return \%response;
}


# Decodes a chunked body (RFC 9112, 7.1). Returns the body and what follows it.
sub decode_chunked ($name, $raw, $trailers) {
    my $body = '';

    while ($raw =~ /\G([0-9a-f]+)[ \t]*(?:;[^\r\n]*)?\r\n/gci) {
        my $size = hex $1;

        if ($size == 0) {
            1 while $trailers && $raw =~ /\G[^:\r\n]+:[^\r\n]*\r\n/gc;
            return ($body, substr $raw, pos $raw) if $raw =~ /\G\r\n/gc;
            last;
        }

        my $at = pos $raw;
        if (substr($raw, $at + $size, 2) ne "\r\n") {
            fail("$name - chunk of $size bytes is cut");
            return;
        }
        $body .= substr $raw, $at, $size;
        pos($raw) = $at + $size + 2;
    }

    fail("$name - no last chunk found at \""
                  . substr($raw, pos $raw // 0, 80) . '"');
    return;
}


# The value of a response header, repeated ones joined by ", ", or undef.
sub header ($response, $name) {
    my @values = map { $_->[1] }
        grep { $_->[0] eq lc $name } $response->{headers}->@*;
    return @values ? join(', ', @values) : undef;
}

1;
