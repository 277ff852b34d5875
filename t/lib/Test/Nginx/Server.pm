package Test::Nginx::Server;

# nginx under test: its directory, its configuration, its life.

use v5.36;

use Exporter 'import';
use File::Basename qw(dirname);
use File::Path qw(make_path remove_tree);
use List::Util qw(all);
use POSIX ();
use Test::More ();

use Test::Nginx::Log qw(
    access_log error_log log_dir rewind_logs tail_error_log
);
use Test::Nginx::Util qw(
    bail_out expand html_dir server_port server_root timeout verbose
    wait_for
);

our @EXPORT_OK = qw(
    assert_server_alive nginx_version reload_server server_running
    start_server stop_server try_server
);

my $binary = $ENV{TEST_NGINX_BINARY} || 'nginx';
my $preload = $ENV{TEST_NGINX_PRELOAD} // $ENV{TEST_NGINX_LD_PRELOAD};
my $conf_file = server_root() . '/conf/nginx.conf';
my $pid_file = log_dir() . '/nginx.pid';
my $start_log = log_dir() . '/start.log';

my $owner = $$;         # a forked child of the test must not stop nginx
my $pid;                # of the master, or of the only process

# Let END stop nginx, too, when somebody interrupts the run.
$SIG{$_} //= sub { exit 1 } for qw(HUP INT TERM);


# A version object, which compares as versions do.
sub nginx_version () {
    my ($version) = build_options() =~ m{^nginx version: \w+/(\d+\.\d+\.\d+)}
        or bail_out("cannot run $binary, set TEST_NGINX_BINARY");
    return version->parse($version);
}


sub build_options () {
    state $options = `$binary -V 2>&1` // '';
    return $options;
}


sub server_running () {
    return defined $pid;
}


# Starts nginx for a block; the run ends when it does not start.
sub start_server ($block, $config) {
    stop_leftover();
    prepare_root($block, $config);

    my $status = run_nginx($block);
    bail_out($block->name . " - nginx does not start (status $status)\n",
             content_of($start_log), tail_error_log()) if $status;

    # The parent of the daemon exits before the daemon writes the file.
    $pid = wait_for(\&pid_in_file, 30)
        or bail_out($block->name . " - nginx wrote no pid\n",
                    content_of($start_log), tail_error_log());
}


# Starts an nginx that must die; returns its wait status.
sub try_server ($block, $config) {
    stop_leftover();
    prepare_root($block, $config);

    my $status = run_nginx($block);
    if ($status == 0) {
        $pid = wait_for(\&pid_in_file, 30);
        stop_server();
    }
    return $status;
}


# Gives the running nginx another configuration.
sub reload_server ($block, $config) {
    # nginx appends, so an emptied log starts again at 0.
    for my $log (error_log(), access_log()) {
        truncate $log, 0 or bail_out("truncate $log: $!");
    }
    rewind_logs();

    remove_tree(html_dir());
    write_files($block, $config);

    # The master tells them to go only after it took the configuration and
    # started their successors.
    my @old = workers_of($pid);
    kill HUP => $pid;
    my $reloaded = wait_for(sub {
        (all { retired($_) } @old) || grep { /\[emerg\]/ } tail_error_log()
    }, 30);

    bail_out($block->name . " - nginx did not reload\n", tail_error_log())
        if !$reloaded || grep { /\[emerg\]/ } tail_error_log();
}


sub workers_of ($master) {
    return map { m{(\d+)/stat$} }
        grep { content_of($_) =~ /\) \S $master / }
        glob '/proc/[0-9]*/stat';
}


# A worker with this title accepts no more connections.
sub retired ($worker) {
    return content_of("/proc/$worker/cmdline") =~ /shutting down/
        || !alive($worker);
}


# Ends the run when nginx cannot be stopped or dies of it.
sub stop_server () {
    my $trouble = terminate() // return;
    bail_out("nginx $trouble\n", tail_error_log());
}


# QUIT, and if that takes longer than timeout(), TERM, and then KILL: then
# something blocks the event loop. Returns what was wrong, or undef.
sub terminate () {
    return if !defined $pid;
    my $gone = sub { !alive($pid) };

    my $first = $ENV{TEST_NGINX_FAST_SHUTDOWN} ? 'TERM' : 'QUIT';
    for my $signal ($first, 'TERM') {
        kill $signal, $pid;
        last if wait_for($gone, timeout());
        Test::More::diag("nginx $pid does not exit on SIG$signal");
    }

    my $trouble = alive($pid) ? 'had to be killed'
        : died() ? 'died before or while it was told to exit' : undef;
    if (defined $trouble) {
        kill KILL => -$pid;
        wait_for($gone, timeout());
    }

    undef $pid;
    unlink $pid_file;
    return $trouble;
}


# Ends the run when nginx died since it was started.
sub assert_server_alive ($when) {
    return if !defined $pid || alive($pid);

    my $crashed = died();
    kill KILL => -$pid if $crashed;
    undef $pid;
    bail_out("$when: nginx died\n", tail_error_log()) if $crashed;
}


# A process that crashes leaves no line in the log when it has no master, but
# it leaves its pid file.
sub died () {
    return !alive($pid) && -e $pid_file;
}


sub alive ($process) {
    # kill() finds a zombie, too, whose parent does not wait for it.
    return kill(0, $process)
        && content_of("/proc/$process/stat") !~ /\) Z /;
}


sub pid_in_file () {
    return content_of($pid_file) =~ /^(\d+)$/ ? $1 : undef;
}


# An earlier run that was killed may have left its nginx.
sub stop_leftover () {
    return if defined $pid;
    my $left = pid_in_file() // return;
    return if content_of("/proc/$left/cmdline") !~ /nginx/;

    $pid = $left;
    terminate();
}


# Runs nginx until its first process exits; returns the wait status.
sub run_nginx ($block) {
    my @command = ($binary, '-e', error_log(), '-p', server_root() . '/',
                   '-c', $conf_file);
    unshift @command, 'valgrind', '-q',
        '--log-file=' . log_dir() . '/valgrind.%p',
        split ' ', $ENV{TEST_NGINX_VALGRIND_OPTIONS} // ''
        if $ENV{TEST_NGINX_USE_VALGRIND} && !defined $block->must_die;
    Test::More::diag("running @command") if verbose();

    my $child = fork // bail_out("fork: $!");
    if ($child == 0) {
        $ENV{LD_PRELOAD} = $preload if defined $preload;
        open STDIN, '<', '/dev/null';
        open STDOUT, '>', $start_log;
        open STDERR, '>&', \*STDOUT;
        { no warnings 'exec'; exec @command; }
        print "cannot run $command[0]: $!\n";
        POSIX::_exit(127);
    }

    waitpid $child, 0;
    return $?;
}


# Empty when there is no such file.
sub content_of ($path) {
    open my $in, '<', $path or return '';
    local $/;
    return <$in> // '';
}


# Empties the server's directory with care: TEST_NGINX_SERVROOT may name a
# directory that holds something else.
sub prepare_root ($block, $config) {
    my $root = server_root();

    remove_tree(glob("$root/*_temp"), glob("$root/*_cache"),
                map { "$root/$_" } qw(cache conf html logs));
    bail_out("$root holds files that are not mine: $!")
        if -d $root && !rmdir $root;

    make_path(log_dir(), "$root/conf");
    rewind_logs();
    write_files($block, $config);
}


sub write_files ($block, $config) {
    write_file(html_dir() . '/index.html', 'It works!');
    write_user_files($block);
    write_file($conf_file, conf_text($block, $config));
}


sub write_file ($path, $content) {
    make_path(dirname($path));
    open my $out, '>:raw', $path or bail_out("write $path: $!");
    print $out $content;
    close $out or bail_out("write $path: $!");
}


sub write_user_files ($block) {
    my $name = $block->name;
    my $files = $block->user_files // return;

    if (!ref $files) {
        my $title = qr/^>>> +(\S+)(?: +(\S+))?[ \t]*(?:\n|\z)/m;
        my ($none, @parts) = split $title, $files;
        $files = [];
        while (my ($file, $date, $content) = splice @parts, 0, 3) {
            push @$files, [$file, $content, $date];
        }
    }

    for my $file (@$files) {
        my ($path, $content, $date) = @$file;
        $path = html_dir() . "/$path" if $path !~ m{^/};
        write_file($path, expand($content // '', $name));

        local $ENV{TZ} = 'GMT';
        system('touch', '-t', $date, $path) == 0
            or bail_out("$name - bad date $date of $path")
            if defined $date;
    }
}


sub conf_text ($block, $config) {
    my ($main, $http, $post_main) =
        map { expand($block->$_ // '', $block->name) }
        qw(main_config http_config post_main_config);

    my $root = server_root();
    my $master = $Test::Nginx::Util::UseHup ? 'on'
        : $Test::Nginx::Util::MasterProcess;
    my $level = $block->log_level // $Test::Nginx::Util::LogLevel;
    my $port = server_port();

    (my $server_name = $block->server_name // $Test::Nginx::Util::ServerName)
        =~ s/([\\'])/\\$1/g;

    my $modules = join "\n", map { "load_module $_;" }
        split ' ', $ENV{TEST_NGINX_LOAD_MODULES} // '';

    my $environment = join "\n", map { /\s/ ? "env '$_';" : "env $_;" }
        qw(ASAN_OPTIONS LD_LIBRARY_PATH LD_PRELOAD LSAN_OPTIONS
           UBSAN_OPTIONS), @Test::Nginx::Util::EnvToNginx;

    my $temp_paths = join "\n    ", map { "${_}_temp_path $root/${_}_temp;" }
        grep { build_options() !~ /--without-http_${_}_module/ }
        grep { $http !~ /\b${_}_temp_path\b/ }
        qw(client_body proxy fastcgi scgi uwsgi);

    my $root_location = $Test::Nginx::Util::NoRootLocation ? '' : <<~EOF;
                location / {
                    root ${\ html_dir()};
                    index index.html index.htm;
                }
        EOF

    my $postpone = $ENV{TEST_NGINX_POSTPONE_OUTPUT};
    my $postpone_output = defined $postpone && $http !~ /\bpostpone_output\b/
        ? "postpone_output $postpone;" : '';

    my $events = $ENV{TEST_NGINX_EVENT_TYPE};
    my $use = $events ? "use $events;" : '';
    my $user = $> == 0 ? 'user root;' : '';

    return <<~EOF;
        worker_processes $Test::Nginx::Util::Workers;
        daemon on;
        master_process $master;
        error_log ${\ error_log()} $level;
        pid $pid_file;
        $user
        $environment

        $modules
        $main

        http {
            access_log ${\ access_log()};
            $temp_paths
            $postpone_output
            default_type text/plain;
            keepalive_timeout 68000ms;

        $http

            server {
                listen $port;
                server_name '$server_name';
                client_max_body_size 30M;

        $Test::Nginx::Util::ConfigPreamble
        $config

        $root_location
            }
        }

        $post_main

        events {
            accept_mutex off;
            worker_connections $Test::Nginx::Util::WorkerConnections;
            $use
        }
        EOF
}


END {
    if ($$ == $owner && defined $pid && !$ENV{TEST_NGINX_NO_CLEAN}) {
        local $?;
        terminate();
    }

    remove_tree(server_root())
        if $$ == $owner && $ENV{TEST_NGINX_RANDOMIZE}
           && $? == 0 && Test::More->builder->is_passing;
}

1;
