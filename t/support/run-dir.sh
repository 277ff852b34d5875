# shellcheck shell=bash
#
# Sourced after demo/lib.sh: a directory for one run of a test.


# make_run_dir NAME: RUN_DIR from now on; NAME is the first word of its name.
# The caller's clean_up, which runs at the end, however that comes, takes it
# away.
make_run_dir() {
    mkdir -p "$ROOT/.run"
    RUN_DIR=$(mktemp -d "$ROOT/.run/$1-XXXXXX")
    chmod 0755 "$RUN_DIR"
    export RUN_DIR
    trap "trap '' INT TERM HUP; clean_up" EXIT
    trap 'exit 130' INT TERM HUP
}


# remove_run_dir: with its Postgres
remove_run_dir() {
    [[ ! -e $RUN_DIR/postgres ]] ||
        "$ROOT/demo/postgres" remove "$RUN_DIR/postgres"
    rm -rf "$RUN_DIR"
}
