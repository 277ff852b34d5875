# shellcheck shell=bash
#
# Sourced by the ledger's tests that are scripts: TAP, databases of their own,
# and sessions that stay open.  They run in $work, and set $url to the database
# they ask.

set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
declare -A inputs said pids
n=0
url=


# run_pgbench OPTION...: it is not in everybody's path
run_pgbench() {
    "$(command -v pgbench || printf '%s\n' \
        /usr/lib/postgresql/*/bin/pgbench | sort -V | tail -n 1)" "$@"
}


# database_url NAME: another database of the server of DATABASE_URL
database_url() {
    if ! [[ $DATABASE_URL =~ ^(postgres(ql)?://[^/?]*)(/[^?]*)?(\?.*)?$ ]]
    then
        echo "$0: DATABASE_URL is not a URI" >&2
        exit 1
    fi
    printf '%s' "${BASH_REMATCH[1]}/$1${BASH_REMATCH[4]}"
}


# create NAME [TEMPLATE]: a database that goes with the test; prints its URL
create() {
    psql -Xq "$DATABASE_URL" \
        -c "CREATE DATABASE $1 TEMPLATE ${2:-template0}"
    database_url "$1"
}


# drop NAME...: databases, with whoever is in them
drop() {
    local name

    for name in "$@"; do
        PGOPTIONS='-c client_min_messages=warning' psql -Xq "$DATABASE_URL" \
            -c "DROP DATABASE IF EXISTS $name WITH (FORCE)"
    done
}


query() { psql -XAtq -v ON_ERROR_STOP=1 "$url" "$@"; }


# install URL [DIRECTORY]: runs sql/install.sql, or that of another version
install() {
    PGOPTIONS="-c client_min_messages=warning ${PGOPTIONS-}" \
        psql -Xq "$1" -f "${2:-$root/sql}/install.sql"
}


# dump OPTION...: pg_dump's output, as far as it is the same every time
dump() { pg_dump "$@" | sed '/^\\\(un\)\?restrict /d'; }


# catalog URL: tables, types, constraints, indexes, functions, rights; without
# Better Auth's table
catalog() { dump --schema-only --schema=public --exclude-table=session "$1"; }


check() {    # name expected got
    n=$((n + 1))
    if [ "$2" = "$3" ]; then
        echo "ok $n - $1"
    else
        echo "not ok $n - $1"
        { diff <(printf '%s\n' "$2") <(printf '%s\n' "$3") || true; } |
            sed 's/^/# /;20q'
    fi
}


# until WHAT SQL: asks until the answer is t
until_true() {
    local deadline=$((SECONDS + 60))

    until [ "$(query -c "$2")" = t ]; do
        if ((SECONDS > deadline)); then
            echo "Bail out! waited in vain until $1"
            exit 1
        fi
        sleep 0.05
    done
}


# session NAME: opens one; what say NAME sends it, it does, and prints what
# comes of it to $work/NAME
session() {
    local input

    mkfifo "$work/$1.in"
    PGAPPNAME=$1 psql -XAtq "$url" <"$work/$1.in" >"$work/$1" 2>&1 &
    pids[$1]=$!
    exec {input}>"$work/$1.in"
    inputs[$1]=$input
}


say() {
    printf '%s\n' "$2" >&"${inputs[$1]}"
    said[$1]=$2
}


# state NAME CONDITION: waits until the session is in it
state() {
    until_true "$1: $2" "SELECT count(*) = 1 FROM pg_stat_activity
        WHERE application_name = '$1' AND datname = current_database()
              AND $2"
}


# did NAME: waits until a session is done with the last that it was told
did() { state "$1" "state <> 'active' AND query = \$q\$${said[$1]}\$q\$"; }


# waits NAME: waits until a session waits for a lock
waits() { state "$1" "wait_event_type = 'Lock'"; }


# leave NAME...: lets sessions finish, and waits until they have
leave() {
    local name

    for name in "$@"; do
        say "$name" '\q'
    done
    for name in "$@"; do
        wait "${pids[$name]}"
    done
}
