#!/usr/bin/perl

# Prints a JSON file of usage cases as C initializers.

use strict;
use warnings;

use JSON::PP;

sub c_string {
    my ($bytes) = @_;

    # short literals, and octal escapes that no digit can continue
    return join "\n      ", map {
        my $part = $_;
        $part =~ s/([^ !#-\[\]-~])/sprintf '\\%03o', ord $1/ge;
        qq("$part")
    } unpack '(a50)*', $bytes;
}

local $/;

my $cases = JSON::PP->new->utf8->decode(<STDIN>);

for my $case (@$cases) {
    my $body = $case->{body};
    utf8::encode($body);

    printf "    { %s,\n      %s,\n      %s,\n      %d, { %s } },\n",
        c_string($case->{name}),
        $case->{content_type} =~ /event-stream/ ? 'CREDITS_LABEL_EVENTS'
                                                : 'CREDITS_LABEL_JSON',
        c_string($body), length $body,
        join ', ', map { $_ // -1 }
            @{ $case->{expect} }{qw(prompt completion billable credits)};
}
