/*
 * After the client has left, or stopped to read, the response is still read
 * for a while, so that the usage at its end is seen.
 */

#ifndef NGX_HTTP_CREDITS_DRAIN_H
#define NGX_HTTP_CREDITS_DRAIN_H

#include "ngx_http_credits_ctx.h"


/* made when the client has left */

struct ngx_http_credits_drain_s {
    ngx_http_credits_ctx_t  *ctx;
    ngx_event_t              timer;
    ngx_msec_t               started;
    ngx_msec_t               limit;         /* from then on, in ms */
    off_t                    discarded;     /* bytes */
    unsigned                 discard:1;     /* the response is not sent */
    unsigned                 over:1;        /* the provider was left */
};


/*
 * Looks at the client from now on.  With proxy_ignore_client_abort nginx does
 * not, while the provider is silent; the drain must know when it begins.
 */
void ngx_http_credits_drain_watch(ngx_http_request_t *r);

/*
 * The same while the response is being sent: one who takes nothing for
 * send_timeout has left.  Called for each part of it, as nginx puts its own
 * handlers in place.
 */
void ngx_http_credits_drain_watch_writing(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx);

/* the response has begun, or its finish may have been seen: how long now? */
void ngx_http_credits_drain_update(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx);

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
 * NGX_DECLINED: that was more than credits_drain allows, or there is no
 * memory.
 */
ngx_int_t ngx_http_credits_drain_discard(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx, ngx_chain_t *in);

/* the directive */
char *ngx_http_credits_drain_set(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

#endif /* NGX_HTTP_CREDITS_DRAIN_H */
