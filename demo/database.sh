# shellcheck shell=bash
#
# Sourced after lib.sh: the database, its roles and the ledger.  SERVER is the
# superuser's URL as demo/postgres prints it.


# database_url SERVER [ROLE PASSWORD]: the database `credits`
database_url() {
    local url=${1%/*}/credits

    if (($# == 3)); then
        url="postgresql://$2:$3@${url#*@}"
    fi
    printf '%s' "$url"
}


# run_sql URL [NAME=VALUE...]: run the SQL on standard input
run_sql() {
    local url=$1 variables=() variable
    shift

    for variable in "$@"; do
        variables+=(-v "$variable")
    done
    PGOPTIONS='-c client_min_messages=warning' \
        psql -XqAt -v ON_ERROR_STOP=1 "${variables[@]}" "$url"
}


# create_database SERVER
create_database() {
    run_sql "$1" <<'SQL'
SELECT 'CREATE DATABASE credits'
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'credits') \gexec
SQL
}


# create_login SERVER ROLE PASSWORD: may log in, owns nothing yet
create_login() {
    PASSWORD=$3 run_sql "$1" "role=$2" <<'SQL'
\getenv password PASSWORD
SELECT format('CREATE ROLE %I', :'role')
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec
ALTER ROLE :"role" LOGIN PASSWORD :'password';
SQL
}


# install_ledger SERVER ROLE: the ledger, and ROLE as what nginx connects as
install_ledger() {
    local url

    url=$(database_url "$1")
    run_sql "$url" <<<"\\i '$ROOT/sql/install.sql'" >/dev/null
    run_sql "$url" "role=$2" <<<'GRANT credits_nginx TO :"role";'
}
