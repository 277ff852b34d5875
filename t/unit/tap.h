/*
 * Test Anything Protocol, and what all unit tests need beside it.
 */

#ifndef TAP_H
#define TAP_H

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


static unsigned  tap_run;
static unsigned  tap_failed;


#define ok(cond, ...)      tap_ok((cond) != 0, __LINE__, __VA_ARGS__)
#define is(got, want, ...)                                                    \
    tap_is((long long) (got), (long long) (want), __LINE__, __VA_ARGS__)


static inline int
tap_result(int good, int line, const char *fmt, va_list args)
{
    tap_run++;
    tap_failed += !good;

    printf("%sok %u - ", good ? "" : "not ", tap_run);
    vprintf(fmt, args);
    printf("\n");

    if (!good) {
        printf("# line %d\n", line);
    }

    return good;
}


__attribute__((format(printf, 3, 4))) static inline int
tap_ok(int good, int line, const char *fmt, ...)
{
    va_list  args;

    va_start(args, fmt);
    tap_result(good, line, fmt, args);
    va_end(args);

    return good;
}


__attribute__((format(printf, 4, 5))) static inline int
tap_is(long long got, long long want, int line, const char *fmt, ...)
{
    va_list  args;

    va_start(args, fmt);
    tap_result(got == want, line, fmt, args);
    va_end(args);

    if (got != want) {
        printf("#  got %lld\n# want %lld\n", got, want);
    }

    return got == want;
}


static inline int
tap_done(void)
{
    printf("1..%u\n", tap_run);

    return tap_failed != 0;
}


/* JSON is easier to read in C with ' for "; the caller frees the copy */

static inline char *
tap_quotes(const char *s)
{
    char  *copy, *p;

    copy = strdup(s);

    for (p = copy; *p; p++) {
        if (*p == '\'') {
            *p = '"';
        }
    }

    return copy;
}


/* a copy of its own, so that reading past a piece is an error to ASan */

static inline unsigned char *
tap_piece(const void *p, size_t n)
{
    unsigned char  *copy;

    copy = malloc(n ? n : 1);
    memcpy(copy, p, n);

    return copy;
}

#endif /* TAP_H */
