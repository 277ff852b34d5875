#!/usr/bin/perl

# tools/check-style sees each fault that it is for, and nothing else.

use v5.36;

use lib 't/tools';
use Test::More;
use Tree;

my $layer = 'ngx_http_credits_module/core';


sub function ($name, $lines = 1) {
    return "static int\n$name(int n)\n{\n" . "    n++;\n" x $lines . "}\n";
}


sub functions (@names) {
    return join "\n\n", map { function($_) } @names;
}


my $sound = <<'C' . "\n\n" . function('credits_sound_long', 80);
/*
 * A file without a fault, though it names http://example.com/ twice.
 */

#include <stdint.h>


#if (CREDITS)

static int  credits_sound_table[] = {
    /* a row */
    1, 2
};

#endif


/* what it does */

static int
credits_sound(int n, int (*f)(int n))
{
    /* why */

    switch (f(n)) {

    /* nothing to do */
    case '"':
        break;
    }

    return "http://example.com/"[n];
}
C

# name => [file, its text, the finding]
my @cases = (
    ['80 columns of C', "$layer/x.c", '/*' . '*' x 76 . "*/\n",
        '1: has 80 columns, 79 at most'],
    ['81 columns of SQL', 'sql/x.sql', '-' x 81 . "\n",
        '1: has 81 columns, 80 at most'],
    ['81 columns of shell', 'tools/x', "#!/bin/sh\n" . '#' x 81 . "\n",
        '2: has 81 columns, 80 at most'],
    ['81 characters of Perl', 't/x.t', "# \xc3\xa4" . 'a' x 78 . "\n",
        '1: has 81 columns, 80 at most'],
    ['a trailing blank', 't/x.mjs', "a; \n", '1: ends with a blank'],
    ['a tab', "$layer/x.h", "int\tn;\n", '1: has a tab'],
    ['no last line feed', 'sql/x.sql', "SELECT 1;\nSELECT 2;",
        '2: does not end with a line feed'],
    ['one blank line between functions', "$layer/x.c",
        function('x_a') . "\n" . function('x_b'),
        '7: two blank lines above a function, not 1'],
    ['three of them', "$layer/x.c",
        function('x_a') . "\n\n\n" . function('x_b'),
        '5: two blank lines below a function, not 3'],
    ['one between a type and a function', "$layer/x.c",
        "typedef int  x_t;\n\n" . function('x_a'),
        '3: two blank lines above a function, not 1'],
    ['a comment that sits on its function', "$layer/x.c",
        "\n\n/* why */\n" . function('x_a'),
        '4: one blank line between comment and function'],
    ['a comment that sits on a statement', "$layer/x.c",
        "static int\nx_a(int n)\n{\n    /* why */\n    return n;\n}\n",
        '4: one blank line below a comment'],
    ['a comment of C++', "$layer/x.c", "int  n; // why\n",
        '1: comments are /* */'],
    ['a type beside its function', "$layer/x.c", "int x_a(int n)\n{\n}\n",
        '1: return type on a line of its own'],
    ['81 lines of C', "$layer/x.c", function('x_a', 81),
        '2: x_a() has 81 lines, 80 at most'],
    ['81 lines of SQL', 'sql/x.sql',
        "CREATE FUNCTION x() RETURNS int LANGUAGE sql RETURN 1;\n\n"
        . 'CREATE OR REPLACE FUNCTION y(n int) RETURNS int AS $$'
        . "\n" x 81 . '$$ LANGUAGE sql;' . "\n",
        '3: y() has 81 lines, 80 at most'],
    ['a stem that one of eight lacks', "$layer/credits_x.c",
        functions((map { "credits_x_$_" } 'a' .. 'f'), qw(credits_x other)),
        '51: other() does not begin with credits_x_'],
    ['stems that one of seven lacks', "$layer/credits_x.c",
        functions((map { "credits_x_$_" } 'a' .. 'f'), 'other'),
        qr{^\Q$layer\E:0: 89 % of 9 functions bear their file's stem$}m],
);


sub check (%files) {
    return run_tool('check-style', tree(%files));
}


my %sound = (
    "$layer/credits_sound.c" => $sound,
    't/data.t' => "1;\n__DATA__\n" . 'x' x 200 . " \n",
    't/fuzz/corpus/x.sql' => "\t \n",
    't/sql/upgrade/0.8/x.sql' => "\t \n",
    'web/src/x.ts' => "\t" . 'x' x 90 . "\n",
    'web/node_modules/x.c' => "\t//\n",
    'README.md' => 'x' x 90 . "\n",
);

my ($output, $status) = check(%sound);
is $status, 0, 'a sound tree passes' or diag $output;
like $output, qr{^# core: 100 % of 2 functions}m, 'and has its figures';
like $output, qr{^# .*:37: credits_sound_long\(\) has 80 lines$}m,
    'long functions are named';

for my $case (@cases) {
    my ($name, $file, $text, $finding) = @$case;
    my ($output, $status) = check(%sound, $file => $text);

    my $expected = ref $finding ? $finding : qr{^\Q$file:$finding\E$}m;
    ok $status == 1 && $output =~ $expected, $name or diag $output;
}

done_testing;
