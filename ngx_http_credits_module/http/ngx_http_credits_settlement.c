/*
 * The one exit: whatever happened to a request that holds credits, it ends
 * here, once.
 */

#include "ngx_http_credits.h"


static const char *ngx_http_credits_outcome(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx);
static const char *ngx_http_credits_no_answer(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx);
static ngx_uint_t ngx_http_credits_client_gone(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx);
static void ngx_http_credits_record(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx, const char *reason,
    credits_record_t *record);


void
ngx_http_credits_settle(ngx_http_request_t *r, ngx_http_credits_ctx_t *ctx)
{
    const char                    *reason;
    credits_record_t               record;
    ngx_credits_zone_t            *zone;
    ngx_http_credits_main_conf_t  *mcf;

    /* an answer that ends a hold's request early is no admission */

    if (ctx->ended || (ctx->step != NGX_HTTP_CREDITS_ADMITTED
                       && !(ctx->step == NGX_HTTP_CREDITS_ANSWERED
                            && ctx->answer == NGX_OK)))
    {
        return;
    }

    ctx->ended = 1;

    if (ctx->step == NGX_HTTP_CREDITS_ADMITTED) {
        ngx_queue_remove(&ctx->queue);
    }

    reason = ngx_http_credits_outcome(r, ctx);
    ngx_http_credits_record(r, ctx, reason, &record);

    mcf = ngx_http_get_module_main_conf(r, ngx_http_credits_module);
    zone = ngx_http_credits_get_zone(r);

    if (ctx->status == CREDITS_RELEASED) {
        ngx_credits_zone_count(zone, NGX_CREDITS_COUNT_released, 1);

        ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                      "released %L credits: %s (user: %V)",
                      ctx->hold, reason, &ctx->user);

    } else {
        ngx_credits_zone_count(zone, ctx->status == CREDITS_SETTLED
                                     ? NGX_CREDITS_COUNT_settled
                                     : NGX_CREDITS_COUNT_estimated, 1);
        ngx_credits_zone_count(zone, NGX_CREDITS_COUNT_credits, ctx->charged);
        ngx_credits_zone_count(zone, NGX_CREDITS_COUNT_tokens,
                               credits_usage_billable(&ctx->usage));

        ngx_log_error(NGX_LOG_NOTICE, r->connection->log, 0,
                      "consumed %L credits for %L tokens (user: %V)%s%s",
                      ctx->charged, credits_usage_billable(&ctx->usage),
                      &ctx->user, reason[0] ? ", estimated: " : "", reason);
    }

    (void) ngx_credits_ledger_settle(mcf->ledger, &record, ctx->flight);

    ctx->flight = NULL;
}


void
ngx_http_credits_settle_all(ngx_http_credits_main_conf_t *mcf)
{
    ngx_http_credits_ctx_t  *ctx;

    while (!ngx_queue_empty(&mcf->admitted)) {
        ctx = ngx_queue_data(ngx_queue_head(&mcf->admitted),
                             ngx_http_credits_ctx_t, queue);
        ctx->stopped = 1;
        ngx_http_credits_settle(ctx->request, ctx);
    }
}


/* status, usage and charge; returns why, if it is not the provider's usage */

static const char *
ngx_http_credits_outcome(ngx_http_request_t *r, ngx_http_credits_ctx_t *ctx)
{
    int64_t            bound;
    const char        *reason;
    credits_answer_t  *a;

    a = ctx->metering;

    if (a == NULL) {
        reason = ngx_http_credits_no_answer(r, ctx);

        if (ctx->status == CREDITS_RELEASED) {
            return reason;
        }

    } else if (credits_answer_usage(a, ctx->prompt_tokens, &ctx->usage)) {
        ctx->status = CREDITS_SETTLED;
        ctx->charged = credits_price_charge(&ctx->price, &ctx->usage);

        return "";

    } else if (a->document.error && a->text_bytes == 0) {
        /* it failed before it had produced anything */
        ctx->status = CREDITS_RELEASED;
        return "upstream_error";

    } else if (a->document.error) {
        reason = "upstream_error";

    } else if (!ctx->complete && ctx->stopped) {
        reason = "worker_stopped";

    } else if (!ctx->complete && ngx_http_credits_client_gone(r, ctx)) {
        reason = "client_gone";

    } else if (!ctx->complete) {
        reason = "truncated";

    } else if (a->kind == CREDITS_ANSWER_OPAQUE) {
        reason = "unreadable";

    } else {
        reason = "no_usage";
    }

    /* an estimate never takes more than was set aside for it */

    bound = ctx->hold > 0 ? ctx->hold : ctx->want;

    ctx->status = CREDITS_ESTIMATED;
    ctx->charged = ngx_min(credits_price_charge(&ctx->price, &ctx->usage),
                           bound);

    return reason;
}


/* no answer that is charged came: refused, failed, or never asked for */

static const char *
ngx_http_credits_no_answer(ngx_http_request_t *r, ngx_http_credits_ctx_t *ctx)
{
    ngx_http_upstream_t  *u;

    u = r->upstream;

    ctx->status = CREDITS_RELEASED;

    if (ctx->stopped) {
        return "worker_stopped";
    }

    if (u == NULL || !u->request_sent) {
        return "not_sent";
    }

    if (u->headers_in.status_n == 0 && ngx_http_credits_client_gone(r, ctx)) {

        /* the provider is at work, and its answer will not be seen */

        ctx->status = CREDITS_ESTIMATED;
        ctx->usage.prompt = ctx->prompt_tokens;
        ctx->usage.completion = 0;
        ctx->usage.total = -1;
        ctx->usage.cached = -1;

        return "client_gone";
    }

    return "upstream_error";
}


static ngx_uint_t
ngx_http_credits_client_gone(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx)
{
    return ctx->left || r->connection->error
           || r->headers_out.status == NGX_HTTP_CLIENT_CLOSED_REQUEST
           || r->err_status == NGX_HTTP_CLIENT_CLOSED_REQUEST;
}


static void
ngx_http_credits_record(ngx_http_request_t *r, ngx_http_credits_ctx_t *ctx,
    const char *reason, credits_record_t *record)
{
    ngx_time_t  *tp;

    tp = ngx_timeofday();

    credits_record_init(record, ctx->id, ctx->user.data,
                        (unsigned) ctx->user.len);

    record->status = ctx->status;
    record->credits = ctx->charged;
    record->usage = ctx->usage;
    record->ended = (int64_t) tp->sec * 1000 + tp->msec;

    record->model_len = (unsigned) ctx->chat->model_len;
    ngx_memcpy(record->model, ctx->chat->model, ctx->chat->model_len);

    ngx_cpystrn((u_char *) record->type, ctx->type.data,
                sizeof(record->type));
    ngx_cpystrn((u_char *) record->reason, (u_char *) reason,
                sizeof(record->reason));
}
