package Source;

# C sources as text: their files, their code without comments, their
# functions.  The shape that is relied on is the one check-style demands.

use v5.36;

use Exporter 'import';
use File::Find ();

our @EXPORT_OK = qw(code_of files_below functions_in head_comment slurp);


sub slurp ($path) {
    open my $file, '<:raw', $path or die "$path: $!\n";
    local $/;
    return scalar <$file>;
}


# Paths below a directory whose names match, in order.  What was installed or
# built is not ours.
sub files_below ($directory, $pattern) {
    my @found;

    return if !-d $directory;
    File::Find::find({
        no_chdir => 1,
        preprocess => sub {
            grep { !/^(?:\.|node_modules$|build$|test-results$)/ } @_
        },
        wanted => sub { push @found, $_ if -f && /$pattern/ },
    }, $directory);
    return sort @found;
}


# The text with comments and the insides of strings blanked; every line keeps
# its number and its width.  Option strings leaves those as they are, slashes
# the comments that begin with //.
sub code_of ($text, %option) {
    $text =~ s{
        ( /\*.*?\*/ ) | ( //[^\n]* )
        | ( "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*' )
    }{
        defined $1 ? blank($1)
            : defined $2 ? ($option{slashes} ? $2 : blank($2))
            : $option{strings} ? $3
            : substr($3, 0, 1) . blank(substr $3, 1, -1) . substr $3, -1
    }gesx;
    return $text;
}


sub blank ($text) {
    return $text =~ s/[^\n]/ /gr;
}


# The definitions of a C file: { name, static, own_line, first, line, last,
# length }.  first .. last is the whole, from the type to the brace, line is
# the one with the name, and length counts the lines between the braces.
sub functions_in ($code) {
    my @functions;

    while ($code =~ m{
        ^ (?<head> (?: (?: __attribute__ \(\( [^\n]* \)\) )?
                       [^\n{};\#()]+ \n )? [^\n{};\#()]* \b )
        (?<name> [A-Za-z_]\w* )
        \( (?: [^(){};] | \( [^(){};]* \) )* \) \s* \n
        \{ \n (?: (?! \} ) [^\n]* \n )* \} [ \t]* $
    }gmx) {
        my ($start, $end) = ($-[0], $+[0]);
        my ($head, $name) = @+{qw(head name)};
        my $body = $& =~ s/\A.*?^\{\n//msr;
        my $first = 1 + (substr($code, 0, $start) =~ tr/\n//);

        push @functions, {
            name => $name,
            length => scalar $body =~ tr/\n//,
            static => scalar $head =~ /\bstatic\b/,
            own_line => scalar $head =~ /\S[ \t]*\n\z/,
            first => $first,
            line => $first + ($head =~ tr/\n//),
            last => 1 + (substr($code, 0, $end) =~ tr/\n//),
        };
    }
    return @functions;
}


# The first sentence of the comment that a file begins with, in one line.
sub head_comment ($text) {
    my ($comment) = $text =~ m{\A \s* /\* (.*?) \*/}sx or return '';

    # its first paragraph
    $comment =~ s/^[ ]*\*[ ]?//gm;
    ($comment) = $comment =~ /\A\s*(.*?)(?:\n\s*\n|\s*\z)/s;
    $comment =~ s/\s+/ /g;
    $comment =~ s/(?<=[^.])\.(?: [A-Z].*)?\z//;
    return $comment;
}


1;
