/*
 * Postgres array literals, built row by row: {1,2}, {"a","b"}.
 */

#ifndef NGX_CREDITS_ARRAY_H
#define NGX_CREDITS_ARRAY_H

#include <ngx_config.h>
#include <ngx_core.h>


/* the memory is kept for the next literal */
typedef struct {
    u_char       *data;
    size_t        len;
    size_t        size;
    unsigned      failed:1;     /* out of memory: do not use the literal */
} ngx_credits_array_t;


void ngx_credits_array_reset(ngx_credits_array_t *a);
void ngx_credits_array_add_int(ngx_credits_array_t *a, int64_t n,
    ngx_log_t *log);
/* any text without NUL; it is quoted */
void ngx_credits_array_add(ngx_credits_array_t *a, u_char *data, size_t len,
    ngx_log_t *log);
/* an element is missing: there is no literal until the next reset */
void ngx_credits_array_fail(ngx_credits_array_t *a);
/* NUL-terminated; NULL: out of memory, or it has failed */
const char *ngx_credits_array_end(ngx_credits_array_t *a, ngx_log_t *log);
void ngx_credits_array_free(ngx_credits_array_t *a);

#endif /* NGX_CREDITS_ARRAY_H */
