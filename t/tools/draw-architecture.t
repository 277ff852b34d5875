#!/usr/bin/perl

# tools/draw-architecture --check knows an old picture from a new one.

use v5.36;

use lib 't/tools';
use Test::More;
use Tree;

my $root = tree();
my $core = 'ngx_http_credits_module/core';


sub check () {
    my ($output, $status) = run_tool('draw-architecture', '--check', $root);
    return $status == 0 ? 'new' : $output;
}


my $old = qr/^docs\/architecture\.svg is older than the sources/;

put($root, "$core/credits_a.c", qq(/*\n * A & so on.  More.\n */\n)
    . qq(#include "credits_b.h"\n));
put($root, "$core/credits_b.h", "/* B */\n");
like check(), $old, 'no picture';

my $graph = "core/credits_a: A &amp; so on\n"
    . "core/credits_a -&gt; core/credits_b\ncore/credits_b: B\n";
put($root, 'docs/architecture.svg', "<svg>\n<desc>\n$graph</desc>\n</svg>\n");
is check(), 'new', 'the picture of these sources';

put($root, "$core/credits_b.h", "/* C */\n");
like check(), $old, 'another head comment';

put($root, "$core/credits_b.h", "/* B */\n");
put($root, "$core/credits_c.h", "/* C */\n");
like check(), $old, 'a file more';

unlink "$root/$core/credits_c.h";
is check(), 'new', 'and not any more';

put($root, "$core/credits_a.c", "/* A & so on */\n");
like check(), $old, 'an arrow less';

unlink "$root/$core/credits_a.c";
like check(), $old, 'a file less';

done_testing;
