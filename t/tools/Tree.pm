package Tree;

# A small checkout for a tool to look at, and what it says of it.

use v5.36;

use Exporter 'import';
use File::Basename qw(dirname);
use File::Path qw(make_path);
use File::Temp qw(tempdir);

our @EXPORT = qw(put run_tool tree);


# A directory with these files, by name; gone at the end of the test.
sub tree (%files) {
    my $root = tempdir(CLEANUP => 1);

    put($root, $_ => $files{$_}) for sort keys %files;
    return $root;
}


sub put ($root, $name, $text) {
    make_path(dirname("$root/$name"));
    open my $file, '>', "$root/$name" or die "$name: $!";
    print $file $text;
    close $file or die "$name: $!";
}


# All that a tool prints, and its exit status.
sub run_tool ($name, @arguments) {
    my $tool = dirname(__FILE__) . "/../../tools/$name";
    my $output = qx($^X $tool @arguments 2>&1);

    return ($output, $? >> 8);
}


1;
