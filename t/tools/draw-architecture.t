#!/usr/bin/perl

# tools/draw-architecture --check knows an old picture from a new one.

use v5.36;

use File::Basename qw(dirname);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use Test::More;

my $tool = dirname(__FILE__) . '/../../tools/draw-architecture';
my $root = tempdir(CLEANUP => 1);
my $core = 'ngx_http_credits_module/core';


sub put ($name, $text) {
    make_path(dirname("$root/$name"));
    open my $file, '>', "$root/$name" or die "$name: $!";
    print $file $text;
    close $file or die "$name: $!";
}


sub check () {
    my $output = qx($^X $tool --check $root 2>&1);
    return $? == 0 ? 'new' : $output;
}


my $old = qr/^docs\/architecture\.svg is older than the sources/;

put("$core/credits_a.c", qq(/*\n * A & so on.  More.\n */\n)
    . qq(#include "credits_b.h"\n));
put("$core/credits_b.h", "/* B */\n");
like check(), $old, 'no picture';

my $graph = "core/credits_a: A &amp; so on\n"
    . "core/credits_a -&gt; core/credits_b\ncore/credits_b: B\n";
put('docs/architecture.svg', "<svg>\n<desc>\n$graph</desc>\n</svg>\n");
is check(), 'new', 'the picture of these sources';

put("$core/credits_b.h", "/* C */\n");
like check(), $old, 'another head comment';

put("$core/credits_b.h", "/* B */\n");
put("$core/credits_c.h", "/* C */\n");
like check(), $old, 'a file more';

unlink "$root/$core/credits_c.h";
is check(), 'new', 'and not any more';

put("$core/credits_a.c", "/* A & so on */\n");
like check(), $old, 'an arrow less';

unlink "$root/$core/credits_a.c";
like check(), $old, 'a file less';

done_testing;
