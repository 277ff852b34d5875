/*
 * After the client has left, the response is still read for a while, so that
 * the usage at its end is seen.
 */

#ifndef NGX_HTTP_CREDITS_DRAIN_H
#define NGX_HTTP_CREDITS_DRAIN_H

#include "ngx_http_credits_ctx.h"


/* made when the client has left */

struct ngx_http_credits_drain_s {
    ngx_http_credits_ctx_t  *ctx;
    ngx_event_t              timer;
    off_t                    discarded;     /* bytes */
    unsigned                 discard:1;     /* the response is not sent */
};


/*
 * Looks at the client from now on.  With proxy_ignore_client_abort nginx does
 * not, while the provider is silent; the drain must know when it begins.
 */
void ngx_http_credits_drain_watch(ngx_http_request_t *r);

/*
 * Nothing can be sent to the client any more: begins to discard the response
 * instead, where that is configured and of use.  NGX_OK, or NGX_DECLINED: the
 * provider is left, as nginx does it.
 */
ngx_int_t ngx_http_credits_drain_begin(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx);

/* 1: the response is discarded */
ngx_uint_t ngx_http_credits_drain_discards(ngx_http_credits_ctx_t *ctx);

/*
 * Takes all of this, and all that was still to be sent.  NGX_OK, or
 * NGX_DECLINED: that was more than credits_drain allows.
 */
ngx_int_t ngx_http_credits_drain_discard(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx, ngx_chain_t *in);

/* the directive */
char *ngx_http_credits_drain_set(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

#endif /* NGX_HTTP_CREDITS_DRAIN_H */
