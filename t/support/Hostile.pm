package Hostile;

# What the suites of hostile input share: blocks that are rows of a table of
# Perl values, and what is true whatever was sent.

use v5.36;

# One nginx for as many rows as have the same configuration.
BEGIN { $ENV{TEST_NGINX_FORCE_RESTART_ON_TEST} //= 0 }

use Exporter 'import';
use Test::Base ();
use Test::More import => ['is'];

use Credits;

our @EXPORT = qw(add_block at_most refused untouched use_blocks);

my @levels = qw(notice warn error crit alert emerg);
my @blocks;


# A block of these sections. Their values are not read from text, so they can
# be code, or hold any byte.
sub add_block ($name, %sections) {
    push @blocks, { name => $name, sections => \%sections };
}


# Instead of what is below __DATA__; before run_tests().
sub use_blocks () {
    my $spec = '';

    while (my ($i, $block) = each @blocks) {
        $spec .= "=== $block->{name}\n";
        $spec .= "--- $_ eval: Hostile::section($i, '$_')\n"
            for sort keys $block->{sections}->%*;
    }

    Test::Base::spec_string($spec);
}


sub section ($i, $name) {
    return $blocks[$i]{sections}{$name};
}


# For no_error_log: nothing above this level.
sub at_most ($level) {
    my $above = join '|', @levels;
    $above =~ s/.*\b$level\|//;
    return [qr/\[(?:$above)\]/];
}


# One assertion: the user still has all of the 1000 credits, and no charge.
sub untouched ($user) {
    is(sql(q{SELECT a.held, a.debt, a.spent, p.remainingCredits,
                    (SELECT count(*) FROM credit_charge c
                      WHERE c.userId = a.userId)
               FROM credit_account a JOIN credit_package p USING (userId)
              WHERE a.userId = :'user'}, user => $user),
       '0|0|0|1000|0', 'the account is untouched');
}


# A block whose request is refused with this status and code, while nothing
# above the level is logged; the provider and the account know nothing of it.
sub refused ($name, $status, $code, $level, %sections) {
    my $error = qr/"message":"[^"]+\.","type":"\w+","param":null,/
        . qq("code":"$code");

    add_block("refused: $name",
        error_code => $status,
        response_headers => 'Content-Type: application/json',
        response_body_like =>
            qr/\A\{"error":\{$error\},"type":"error",.*\}\n\z/,
        no_error_log => at_most($level),
        ledger => 'none',
        provider_calls => 0,
        then => \&untouched,
        %sections);
}

1;
