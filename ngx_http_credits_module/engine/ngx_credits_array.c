/*
 * Postgres array literals.
 */

#include "ngx_credits_array.h"


static u_char *ngx_credits_array_room(ngx_credits_array_t *a, size_t n,
    ngx_log_t *log);


void
ngx_credits_array_reset(ngx_credits_array_t *a)
{
    a->len = 0;
    a->failed = 0;
}


void
ngx_credits_array_add_int(ngx_credits_array_t *a, int64_t n, ngx_log_t *log)
{
    u_char  *p;

    p = ngx_credits_array_room(a, NGX_INT64_LEN + 1, log);
    if (p == NULL) {
        return;
    }

    *p = a->len ? ',' : '{';
    a->len = ngx_sprintf(p + 1, "%L", n) - a->data;
}


void
ngx_credits_array_add(ngx_credits_array_t *a, u_char *data, size_t len,
    ngx_log_t *log)
{
    u_char  *p, *last;

    p = ngx_credits_array_room(a, 2 * len + 3, log);
    if (p == NULL) {
        return;
    }

    *p++ = a->len ? ',' : '{';
    *p++ = '"';

    for (last = data + len; data < last; data++) {
        if (*data == '"' || *data == '\\') {
            *p++ = '\\';
        }

        *p++ = *data;
    }

    *p++ = '"';
    a->len = p - a->data;
}


void
ngx_credits_array_fail(ngx_credits_array_t *a)
{
    a->failed = 1;
}


const char *
ngx_credits_array_end(ngx_credits_array_t *a, ngx_log_t *log)
{
    u_char  *p;

    p = ngx_credits_array_room(a, 3, log);
    if (p == NULL) {
        return NULL;
    }

    if (a->len == 0) {
        *p++ = '{';
    }

    *p++ = '}';
    *p = '\0';

    return (const char *) a->data;
}


void
ngx_credits_array_free(ngx_credits_array_t *a)
{
    if (a->data) {
        ngx_free(a->data);
    }

    ngx_memzero(a, sizeof(ngx_credits_array_t));
}


static u_char *
ngx_credits_array_room(ngx_credits_array_t *a, size_t n, ngx_log_t *log)
{
    u_char  *data;
    size_t   size;

    if (a->failed) {
        return NULL;
    }

    if (a->size - a->len < n) {
        size = 2 * a->size + n + 256;

        data = ngx_alloc(size, log);
        if (data == NULL) {
            a->failed = 1;
            return NULL;
        }

        if (a->data) {
            ngx_memcpy(data, a->data, a->len);
            ngx_free(a->data);
        }

        a->data = data;
        a->size = size;
    }

    return a->data + a->len;
}
