package Layers;

# Which file of the module knows which: a graph that check-layers judges and
# draw-architecture draws.
#
# A node is a stem: x.c and x.h are one.  An arrow leads to each file that it
# includes, and to each file that defines a function which it names; without
# the second kind a circle could hide behind a header that declares the
# functions of many files.

use v5.36;

use Source qw(code_of files_below functions_in head_comment slurp);

our @LAYERS = qw(core engine http);     # from the bottom
my %RANK = map { $LAYERS[$_] => $_ } 0 .. $#LAYERS;


# The module below a directory that is ngx_http_credits_module.
sub read_tree ($class, $root) {
    my $self = bless {
        root => $root,
        files => {},        # by path below the root
        arrows => {},       # from node to node: the first reason of each kind
        functions => {},    # by name: those with external linkage
    }, $class;

    for my $path (files_below($root, qr/\.[ch]$/)) {
        my $name = substr $path, 1 + length $root;
        $self->{files}{$name} = read_file($name, slurp($path));
    }
    $self->link_includes($_) for $self->files;
    $self->find_functions($_) for $self->files;
    $self->link_uses($_) for $self->files;
    return $self;
}


sub read_file ($name, $text) {
    my ($layer) = $name =~ m{^(\w+)/[^/]+$};
    my $code = code_of($text);
    my $lines = code_of($text, strings => 1);
    my @includes;

    while ($lines =~ /^[ \t]*\#[ \t]*include[ \t]*([<"])([^>"]+)[>"]/gm) {
        my ($quote, $target) = ($1, $2);
        push @includes, {
            name => $target,
            quoted => $quote eq '"',
            line => 1 + (substr($lines, 0, $-[0]) =~ tr/\n//),
        };
    }

    return {
        name => $name,
        node => $name =~ s/\.[ch]$//r,
        layer => defined $layer && exists $RANK{$layer} ? $layer : undef,
        code => $code,
        gist => head_comment($text),
        includes => \@includes,
        functions => [functions_in($code)],
    };
}


sub files ($self) {
    return map { $self->{files}{$_} } sort keys $self->{files}->%*;
}


sub file ($self, $name) {
    return $self->{files}{$name};
}


sub nodes ($self) {
    my %seen;
    return grep { !$seen{$_}++ } map { $_->{node} } $self->files;
}


sub rank ($layer) {
    return $RANK{$layer};
}


# Where an include of ours leads, by the compiler's rule for "quoted" names.
sub link_includes ($self, $file) {
    for my $include ($file->{includes}->@*) {
        my $path = $file->{name} =~ s{[^/]+$}{}r . $include->{name};
        1 while $path =~ s{(?:^|(?<=/))(?!\.\./)[^/]+/\.\./}{};

        my $target = $include->{quoted} ? $self->file($path) : undef;
        $include->{target} = $target // next;
        $self->add_arrow($file, $include->{line}, $target, '');
    }
}


sub find_functions ($self, $file) {
    for my $function ($file->{functions}->@*) {
        $self->{functions}{ $function->{name} } = $file
            if !$function->{static};
    }
}


sub link_uses ($self, $file) {
    my $line = 0;

    for my $text (split /\n/, $file->{code}) {
        $line++;
        next if $file->{name} =~ /\.h$/;        # it declares, it does not call
        while ($text =~ /\b([A-Za-z_]\w*)\b/g) {
            my $target = $self->{functions}{$1} // next;
            $self->add_arrow($file, $line, $target, $1);
        }
    }
}


sub add_arrow ($self, $from, $line, $to, $function) {
    return if $from->{node} eq $to->{node};

    $self->{arrows}{ $from->{node} }{ $to->{node} }
        { length $function ? 'use' : 'include' } //= {
            from => $from->{name},
            line => $line,
            to => $to->{name},
            function => $function,
        };
}


# The nodes that a node knows.
sub known_by ($self, $node) {
    return sort keys(($self->{arrows}{$node} // {})->%*);
}


# Why one node knows another.
sub reason ($self, $from, $to) {
    my $arrow = $self->{arrows}{$from}{$to};
    return $arrow->{include} // $arrow->{use};
}


sub reason_text ($reason) {
    my $via = $reason->{function} eq '' ? '' : " ($reason->{function}())";
    return "$reason->{from}:$reason->{line} -> $reason->{to}$via";
}


# The circles of files: for each set of nodes that all reach one another, the
# set and one of its shortest circles.
sub circles ($self) {
    return circles_of([$self->nodes], sub ($node) { $self->known_by($node) });
}


# { nodes => [...], path => [a, b, ..., a] } for each such set in any graph.
sub circles_of ($nodes, $known_by) {
    my %reach = map { $_ => reachable($_, $known_by) } @$nodes;
    my (%done, @circles);

    for my $node (@$nodes) {
        next if $done{$node} || !exists $reach{$node}{$node};

        my @set = grep { exists $reach{$node}{$_} && exists $reach{$_}{$node} }
            @$nodes;
        $done{$_} = 1 for @set;

        my ($shortest) = sort { @$a <=> @$b }
            map { shortest_circle($_, $known_by) } @set;
        push @circles, { nodes => \@set, path => $shortest };
    }
    return @circles;
}


# What can be reached from a node, the node itself only through a circle; each
# with the node before it on a shortest way.
sub reachable ($start, $known_by) {
    my (%before, @queue);

    @queue = ($start);
    while (defined(my $node = shift @queue)) {
        for my $next ($known_by->($node)) {
            next if exists $before{$next};
            $before{$next} = $node;
            push @queue, $next;
        }
    }
    return \%before;
}


sub shortest_circle ($start, $known_by) {
    my $before = reachable($start, $known_by);
    my @path = ($start);

    do { unshift @path, $before->{ $path[0] } } until $path[0] eq $start;
    return \@path;
}


# The names on the shortest chain of includes that leads from a file, through
# our own, to a foreign header whose name matches; () where there is none.
sub include_chain ($self, $file, $pattern) {
    my @queue = ([$file]);
    my %seen = ($file->{name} => 1);

    while (my $chain = shift @queue) {
        for my $include ($chain->[-1]{includes}->@*) {
            return (map({ $_->{name} } @$chain), $include->{name})
                if !$include->{target} && $include->{name} =~ $pattern;

            my $target = $include->{target} // next;
            push @queue, [@$chain, $target] if !$seen{ $target->{name} }++;
        }
    }
    return;
}


1;
