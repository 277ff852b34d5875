/*
 * The one exit: whatever happened to a request that holds credits, it ends
 * here, once.
 */

#ifndef NGX_HTTP_CREDITS_SETTLEMENT_H
#define NGX_HTTP_CREDITS_SETTLEMENT_H

#include "ngx_http_credits_ctx.h"

#include "../core/credits_price.h"
#include "../core/credits_verdict.h"


/* made when the request ends */

struct ngx_http_credits_outcome_s {
    credits_status_t   status;
    credits_usage_t    usage;               /* tokens; -1: nobody said */
    int64_t            charged;             /* credits */
    credits_reason_t   why;
    const char        *reason;              /* its name */
    char               price[CREDITS_PRICE_TEXT_MAX + 1];
};


/*
 * Whatever ends the request from now on, a hold that was granted is settled,
 * and before the log phase.  NGX_OK, or NGX_ERROR: out of memory.
 */
ngx_int_t ngx_http_credits_settlement_expect(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx);

/* settles a hold that was granted; idempotent */
void ngx_http_credits_settlement_settle(ngx_http_credits_ctx_t *ctx);

/* the worker exits: all that is under way ends with what was seen of it */
void ngx_http_credits_settlement_settle_all(
    ngx_http_credits_main_conf_t *mcf);

#endif /* NGX_HTTP_CREDITS_SETTLEMENT_H */
