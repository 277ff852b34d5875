/*
 * What differs between nginx versions: the only file that knows nginx_version.
 */

#ifndef NGX_HTTP_CREDITS_COMPAT_H
#define NGX_HTTP_CREDITS_COMPAT_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


#if (nginx_version < 1022000)
#error nginx 1.22 or newer is needed
#endif


#if (nginx_version >= 1023000)

/* headers of one name are a list */

#define ngx_http_credits_header_single(h)  (h)->next = NULL

#define ngx_http_credits_cookies_begin(r, it)  (it) = (r)->headers_in.cookie
#define ngx_http_credits_cookies_next(r, it)   (it) = (it)->next
#define ngx_http_credits_cookies_value(it)     (&(it)->value)

typedef ngx_table_elt_t    *ngx_http_credits_cookies_t;

#define ngx_http_credits_cookies_end(r, it)  ((it) == NULL)

#else

/* headers of one name are an array of pointers */

#define ngx_http_credits_header_single(h)

typedef ngx_table_elt_t   **ngx_http_credits_cookies_t;

#define ngx_http_credits_cookies_begin(r, it)                                 \
    (it) = (r)->headers_in.cookies.elts
#define ngx_http_credits_cookies_next(r, it)   (it)++
#define ngx_http_credits_cookies_value(it)     (&(*(it))->value)
#define ngx_http_credits_cookies_end(r, it)                                   \
    ((it) == (ngx_table_elt_t **) (r)->headers_in.cookies.elts                \
             + (r)->headers_in.cookies.nelts)

#endif

#endif /* NGX_HTTP_CREDITS_COMPAT_H */
