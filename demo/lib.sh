# shellcheck shell=bash
#
# Sourced: where the state of a run lives, and how its processes are started,
# found again and stopped.  A process is known by a name: its id is in
# $RUN_DIR/<name>.pid, what it prints in $RUN_DIR/log/<name>.log.

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
RUN_DIR=${RUN_DIR:-$ROOT/.run}
# nginx is in sbin, which not everybody's path has; the Node.js in front is
# there where demo/install found none that is new enough
PATH=$(printf '%s:' "$ROOT"/demo/node/node_modules/node-*/bin)$PATH:/usr/sbin
SERVICES=(postgres auth provider polar nginx)


say() {
    printf '%s\n' "$*" >&2
}


die() {
    say "$(basename "$0"): $*"
    exit 1
}


# start_time PID: print when it started, in clock ticks since boot; fail if it
# has ended.  A process id may come again, id and time together do not.
start_time() {
    local stat

    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
    # from the 3rd field of proc(5) on; the 2nd, the name, may hold blanks
    read -ra stat <<<"${stat##*) }"
    # a zombie has ended: in a container there may be nobody to wait for it
    [[ ${stat[0]} != Z ]] || return 1
    printf '%s' "${stat[19]}"
}


# record NAME PID: from now on NAME is this process
record() {
    printf '%s %s\n' "$2" "$(start_time "$2")" >"$RUN_DIR/$1.pid"
}


# spawn NAME COMMAND...: start in the background, in a session of its own, so
# that Ctrl-C reaches only the script that knows in which order to stop
spawn() {
    local name=$1
    shift

    mkdir -p "$RUN_DIR/log"
    setsid "$@" </dev/null >"$RUN_DIR/log/$name.log" 2>&1 9>&- &
    record "$name" $!
    disown $!
}


# pid_of NAME: print the process id, fail if it does not run
pid_of() {
    local pid started

    [[ -f $RUN_DIR/$1.pid ]] || return 1
    read -r pid started <"$RUN_DIR/$1.pid"
    [[ $(start_time "$pid") == "$started" ]] || return 1
    printf '%s' "$pid"
}


# kill_session PID: what is left of a session, such as workers whose master
# was killed; unless the id is somebody else's by now and the session gone
kill_session() {
    ! start_time "$1" >/dev/null || return 0
    for _ in {1..20}; do
        kill -KILL -- "-$1" 2>/dev/null || break
        sleep 0.05
    done
}


# stop NAME SIGNAL: ask, wait, and insist after 20 seconds
stop() {
    local file=$RUN_DIR/$1.pid pid deadline=$((SECONDS + 20))

    [[ -f $file ]] || return 0
    read -r pid _ <"$file"

    if ! pid_of "$1" >/dev/null; then
        kill_session "$pid"
    else
        kill "-$2" "$pid" || true
        while pid_of "$1" >/dev/null; do
            if ((SECONDS > deadline)); then
                say "$1 does not stop, killing it"
                kill -KILL -- "-$pid" || true
            fi
            sleep 0.05
        done
    fi
    rm -f "$file"
}


# running: all services are
running() {
    local service

    for service in "${SERVICES[@]}"; do
        pid_of "$service" >/dev/null || return 1
    done
}


# await NAME COMMAND...: wait until the command succeeds; fail with the end of
# its log if the process ends before that, or in 60 seconds
await() {
    local name=$1 deadline=$((SECONDS + 60))
    shift

    until "$@" >/dev/null 2>&1; do
        if ! pid_of "$name" >/dev/null || ((SECONDS > deadline)); then
            tail -n 20 "$RUN_DIR/log/$name.log" >&2
            die "$name did not start"
        fi
        sleep 0.05
    done
}


# listening NAME: print host:port from its "listening on http://host:port"
listening() {
    local address

    address=$(sed -n 's|^listening on http://||p' "$RUN_DIR/log/$1.log")
    [[ -n $address ]] || return 1
    printf '%s' "$address"
}


# start_provider: the stand-in for OpenAI, on a free port; prints host:port
start_provider() {
    spawn provider node "$ROOT/demo/provider/server.mjs"
    await provider listening provider
    listening provider
}


port_in_use() {
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}


# render TEMPLATE NAME=VALUE...: print it with what is between @ filled in;
# ROOT and MODULE are known
render() {
    local text word

    text=$(<"$1")
    for word in "ROOT=$ROOT" \
        "MODULE=${MODULE:-$ROOT/build/ngx_http_credits_module.so}" "${@:2}"
    do
        text=${text//"@${word%%=*}@"/"${word#*=}"}
    done
    printf '%s\n' "$text"
}


# secret NAME [BYTES]: print the secret of this run, hexadecimal, made at the
# first call
secret() {
    local file=$RUN_DIR/secrets/$1

    install -d -m 0700 "$RUN_DIR/secrets"
    [[ -s $file ]] || (umask 077 && openssl rand -hex "${2:-24}" >"$file")
    cat "$file"
}
