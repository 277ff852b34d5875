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
static ngx_uint_t ngx_http_credits_filter_was_answered(
    ngx_http_request_t *r);
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

    ngx_http_credits_drain_update(r, ctx);

    if (r->connection->error
        && ngx_http_credits_drain_begin(r, ctx) == NGX_OK)
    {
        /* as if it had gone out: with an error nginx would stop here */

        r->header_sent = 1;

        return ngx_http_credits_filter_discard(r, ctx, NULL);
    }

    return ngx_http_credits_filter_next_header(r);
}


/*
 * Only what a provider answered is charged, but not its refusals.  An upstream
 * that was finalized is not where this response comes from: nginx has put a
 * page of its own in its place.
 */

static ngx_uint_t
ngx_http_credits_filter_is_charged(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx)
{
    ngx_http_upstream_t          *u;
    ngx_http_credits_loc_conf_t  *lcf;

#if (NGX_HTTP_CACHE)
    if (r->cached) {
        return 0;
    }
#endif

    u = r->upstream;

    if (ctx->metering || !ngx_http_credits_hold_is_open(ctx)
        || u == NULL || u->cleanup == NULL
        || u->headers_in.status_n >= NGX_HTTP_SPECIAL_RESPONSE)
    {
        return 0;
    }

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_credits_module);

    return lcf->mode == NGX_HTTP_CREDITS_ON
           || !ngx_http_credits_filter_was_answered(r);
}


/*
 * 1: another upstream had answered, and sent nginx elsewhere for what the
 * client gets (X-Accel-Redirect).  One that had failed did not.
 */

static ngx_uint_t
ngx_http_credits_filter_was_answered(ngx_http_request_t *r)
{
    ngx_uint_t                  i;
    ngx_http_upstream_state_t  *state;

    state = r->upstream_states->elts;

    for (i = 0; i < r->upstream_states->nelts; i++) {
        if (&state[i] != r->upstream->state && state[i].status != 0
            && state[i].status < NGX_HTTP_SPECIAL_RESPONSE)
        {
            return 1;
        }
    }

    return 0;
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

    ngx_http_credits_drain_update(r, ctx);

    if (metering->complete) {
        /* before the last byte leaves */

        ngx_http_credits_settlement_settle(ctx);
    }

    if (discard) {
        return ngx_http_credits_filter_discard(r, ctx, out);
    }

    ngx_http_credits_drain_watch_writing(r, ctx);

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
    return ngx_http_credits_drain_discard(r, ctx, in) == NGX_OK ? NGX_OK
                                                                : NGX_ERROR;
}
