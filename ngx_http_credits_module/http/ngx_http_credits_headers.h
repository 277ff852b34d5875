/*
 * Headers: those of the request on their way to the provider, and ours in the
 * response.
 */

#ifndef NGX_HTTP_CREDITS_HEADERS_H
#define NGX_HTTP_CREDITS_HEADERS_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * The next header of the request with this name (lower case) behind `after`,
 * or the first one if that is NULL.  NULL: there is none.
 */
ngx_table_elt_t *ngx_http_credits_headers_find(ngx_http_request_t *r,
    ngx_table_elt_t *after, const char *name);

/* asks the provider for a response that is not compressed */
void ngx_http_credits_headers_accept_identity(ngx_http_request_t *r);

/*
 * The response will be all that the provider sends, and pass nginx's filters:
 * nothing of the request asks nginx for a part of it, for none of it, or for
 * a connection of its own.
 */
void ngx_http_credits_headers_expect_whole(ngx_http_request_t *r);

/* of the response; name and value are not copied.  NGX_ERROR: no memory */
ngx_int_t ngx_http_credits_headers_add(ngx_http_request_t *r,
    const char *name, ngx_str_t *value);

#endif /* NGX_HTTP_CREDITS_HEADERS_H */
