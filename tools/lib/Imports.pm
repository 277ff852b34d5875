package Imports;

# Which file of the site imports which.

use v5.36;

use Source qw(code_of files_below slurp);

# What may be missing behind an imported name.
my @ENDINGS = ('', qw(.ts .js .svelte.ts .svelte.js /index.ts /index.js));


# { file => { imported file => line } } below src, names relative to it.
sub read_tree ($src) {
    my %known = map { substr($_, 1 + length $src) => 1 }
        files_below($src, qr/\.(?:ts|js|svelte)$/);
    my %imports;

    for my $file (sort keys %known) {
        my $code = code_of(slurp("$src/$file"), strings => 1);

        while ($code =~ m{
            \b (?: (?:import|export) \s [^'"`;()=]*? \b from \s*
                 | import \s* \(? \s* )
            (['"]) ([^'"\n]+) \1
        }gx) {
            my $line = 1 + (substr($code, 0, $-[2]) =~ tr/\n//);
            my $target = resolve($file, $2, \%known) // next;
            $imports{$file}{$target} //= $line;
        }
    }
    return \%imports;
}


# The file that is meant; undef for packages and what SvelteKit generates.
sub resolve ($file, $name, $known) {
    my $path = $name =~ s{^\$lib(?=/)}{lib}r;

    if ($path eq $name) {
        return if $name !~ m{^\.\.?/};
        $path = $file =~ s{[^/]+$}{}r . $name;
        1 while $path =~ s{(^|/)\./}{$1}
            || $path =~ s{(?:^|(?<=/))(?!\.\./)[^/]+/\.\./}{};
    }
    $path =~ s/\.js$/.ts/ if !$known->{$path};

    my ($found) = grep { $known->{$_} } map { $path . $_ } @ENDINGS;
    return $found;
}


1;
