# shellcheck shell=sh
#
# Sourced: how every suite uses AddressSanitizer and
# UndefinedBehaviorSanitizer.  What these report comes into nginx's error log,
# and alarms knows it.

# what compilers and linkers are given
SANITIZE='-fsanitize=address,undefined -fno-sanitize-recover=all'
SANITIZE="$SANITIZE -fno-omit-frame-pointer"

# those of them alone that compile C; with _FORTIFY_SOURCE, libc's own checks
# would come first
SANITIZE_CC="$SANITIZE -O1 -U_FORTIFY_SOURCE"


# preload_sanitizers: for an nginx, which was built without
preload_sanitizers() {
    TEST_NGINX_PRELOAD="$(gcc -print-file-name=libasan.so) $(
        gcc -print-file-name=libubsan.so)"
    # nginx frees a cycle's memory, not all of what libraries keep
    ASAN_OPTIONS=detect_leaks=0
    UBSAN_OPTIONS=print_stacktrace=1
    export TEST_NGINX_PRELOAD ASAN_OPTIONS UBSAN_OPTIONS
}


# load_sanitized_module: builds it first, unless it is newer than its sources;
# after demo/lib.sh
load_sanitized_module() {
    TEST_NGINX_LOAD_MODULES=$ROOT/build/asan/ngx_http_credits_module.so
    export TEST_NGINX_LOAD_MODULES

    if ! [ -f "$TEST_NGINX_LOAD_MODULES" ] || [ -n "$(
        find "$ROOT/config" "$ROOT/tools/build-module" \
            "$ROOT/tools/version" "$ROOT/sql/version.sql" \
            "$ROOT/t/support/sanitize.sh" "$ROOT/ngx_http_credits_module" \
            -newer "$TEST_NGINX_LOAD_MODULES" -type f)" ]
    then
        "$ROOT/tools/build-module" "${NGX_SRC:-/usr/share/nginx/src}" \
            "$ROOT/build/asan" "$SANITIZE_CC" "$SANITIZE"
    fi

    preload_sanitizers
}
