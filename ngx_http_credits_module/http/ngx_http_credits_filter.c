/*
 * The response on its way to the client: metered, settled before its last
 * byte leaves, and discarded when nobody reads it any more.
 */

#include "ngx_http_credits_filter.h"
#include "ngx_http_credits_admission.h"
#include "ngx_http_credits_drain.h"
#include "ngx_http_credits_headers.h"
#include "ngx_http_credits_hold.h"
#include "ngx_http_credits_metering.h"
#include "ngx_http_credits_settlement.h"


static ngx_int_t ngx_http_credits_filter_header(ngx_http_request_t *r);
static ngx_uint_t ngx_http_credits_filter_is_charged(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx);
static ngx_int_t ngx_http_credits_filter_body(ngx_http_request_t *r,
    ngx_chain_t *in);
static ngx_int_t ngx_http_credits_filter_discard(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx, ngx_chain_t *in);


static ngx_http_output_header_filter_pt  ngx_http_credits_filter_next_header;
static ngx_http_output_body_filter_pt    ngx_http_credits_filter_next_body;


ngx_int_t
ngx_http_credits_filter_init(void)
{
    ngx_http_credits_filter_next_header = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_credits_filter_header;

    ngx_http_credits_filter_next_body = ngx_http_top_body_filter;
    ngx_http_top_body_filter = ngx_http_credits_filter_body;

    return NGX_OK;
}


static ngx_int_t
ngx_http_credits_filter_header(ngx_http_request_t *r)
{
    ngx_http_credits_ctx_t  *ctx;

    ctx = (r == r->main) ? ngx_http_credits_ctx_get(r) : NULL;

    if (ctx == NULL || ctx->admission == NULL
        || ctx->admission->step != NGX_HTTP_CREDITS_ADMITTED)
    {
        return ngx_http_credits_filter_next_header(r);
    }

    if (ngx_http_credits_headers_add(r, "X-Credits-Request-Id",
                                     &ctx->hold->id_text)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (!ngx_http_credits_filter_is_charged(r, ctx)) {
        return ngx_http_credits_filter_next_header(r);
    }

    if (ngx_http_credits_metering_begin(r, ctx, ctx->admission->usage_added)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (r->connection->error
        && ngx_http_credits_drain_begin(r, ctx) == NGX_OK)
    {
        /* as if it had gone out: with an error nginx would stop here */

        r->header_sent = 1;

        return ngx_http_credits_filter_discard(r, ctx, NULL);
    }

    return ngx_http_credits_filter_next_header(r);
}


/* only what a provider answered is charged, but not its refusals */

static ngx_uint_t
ngx_http_credits_filter_is_charged(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx)
{
#if (NGX_HTTP_CACHE)
    if (r->cached) {
        return 0;
    }
#endif

    return ctx->metering == NULL
           && ngx_http_credits_hold_is_open(ctx)
           && r->upstream
           && r->headers_out.status >= NGX_HTTP_OK
           && r->headers_out.status < NGX_HTTP_SPECIAL_RESPONSE
           && r->upstream->headers_in.status_n < NGX_HTTP_SPECIAL_RESPONSE;
}


static ngx_int_t
ngx_http_credits_filter_body(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_int_t                     rc;
    ngx_uint_t                    discard;
    ngx_chain_t                  *out;
    ngx_http_credits_ctx_t       *ctx;
    ngx_http_credits_metering_t  *metering;

    ctx = (r == r->main) ? ngx_http_credits_ctx_get(r) : NULL;

    if (ctx == NULL || ctx->metering == NULL) {
        return ngx_http_credits_filter_next_body(r, in);
    }

    out = in;
    metering = ctx->metering;
    discard = ngx_http_credits_drain_discards(ctx);

    if (in && ngx_http_credits_metering_read(r, metering, in, discard, &out)
              != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (metering->complete) {
        /* before the last byte leaves */

        ngx_http_credits_settlement_settle(ctx);
    }

    if (discard) {
        return ngx_http_credits_filter_discard(r, ctx, out);
    }

    if (in && out == NULL) {
        return NGX_OK;
    }

    rc = ngx_http_credits_filter_next_body(r, out);

    ngx_http_credits_metering_sent(r, metering, &out);

    if (rc == NGX_ERROR && r->connection->error && !metering->complete
        && ngx_http_credits_drain_begin(r, ctx) == NGX_OK)
    {
        return ngx_http_credits_filter_discard(r, ctx, in);
    }

    return rc;
}


/* NGX_ERROR: nginx leaves the provider */

static ngx_int_t
ngx_http_credits_filter_discard(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx, ngx_chain_t *in)
{
    if (ngx_http_credits_drain_discard(r, ctx, in) != NGX_OK
        && !ctx->metering->complete)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}
