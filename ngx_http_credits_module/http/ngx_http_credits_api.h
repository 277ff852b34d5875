/*
 * What kind of API a location speaks, and which of its operations a request
 * is: from the configuration and the path alone.
 */

#ifndef NGX_HTTP_CREDITS_API_H
#define NGX_HTTP_CREDITS_API_H

#include "ngx_http_credits_ctx.h"

#include "../core/credits_operation.h"


/* made when admission begins */

struct ngx_http_credits_api_s {
    const credits_operation_t   *operation; /* one that is charged */
    ngx_str_t                    model;     /* that the path names; len 0 */
    credits_span_t               boundary;  /* of a multipart body */
};


/*
 * Finds the request's operation.  NGX_OK: it is charged, ctx->api says which
 * it is; NGX_DECLINED: it needs a user only; NGX_DONE: it has been refused,
 * and the request may be gone; or a status.
 */
ngx_int_t ngx_http_credits_api_find(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx);

/* refuses what cannot be metered, by its name; as a phase handler returns */
ngx_int_t ngx_http_credits_api_refuse(ngx_http_request_t *r, const char *name,
    size_t len);

/* directives */
char *ngx_http_credits_api_set(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_credits_api_set_allow(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_credits_api_set_parts(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

#endif /* NGX_HTTP_CREDITS_API_H */
