#!/usr/bin/perl

# Prints a JSON file of answers and what must be seen in them as C
# initializers.  A text is written as it is, a list of them one after the
# other, and { times, of } that many times.

use strict;
use warnings;

use JSON::PP;

my %LABEL = (
    'text/event-stream' => 'CREDITS_LABEL_EVENTS',
    'text/plain' => 'CREDITS_LABEL_TEXT',
    'text/html' => 'CREDITS_LABEL_TEXT',
    'application/json' => 'CREDITS_LABEL_JSON',
    'application/x-ndjson' => 'CREDITS_LABEL_JSON',
);

my @FIELDS = qw(prompt completion total cached text unreadable product page
    error finished done known faults);

sub bytes {
    my ($part) = @_;

    return join '', map { bytes($_) } @$part if ref $part eq 'ARRAY';
    return bytes($part->{of}) x $part->{times} if ref $part;

    utf8::encode($part);
    return $part;
}

sub c_string {
    my ($bytes) = @_;

    # short literals, and octal escapes that no digit can continue
    return join "\n      ", map {
        my $part = $_;
        $part =~ s/([^ !#-\[\]-~])/sprintf '\\%03o', ord $1/ge;
        qq("$part")
    } length $bytes ? unpack '(a60)*', $bytes : '';
}

local $/;

for my $case (@{ JSON::PP->new->utf8->decode(<STDIN>) }) {
    my $body = bytes($case->{pieces});
    my ($type) = $case->{content_type} =~ /^([\w\/-]*)/;

    printf "    { %s,\n      %s, %s,\n      %s,\n      %d, { %s } },\n",
        c_string($case->{name}), $LABEL{$type} // 'CREDITS_LABEL_NONE',
        $case->{operation} eq 'transcriptions' ? '&answer_transcript'
                                               : '&answer_chat',
        c_string($body), length $body,
        join ', ', map { $_ // -1 } @{ $case->{expect} }{@FIELDS};
}
