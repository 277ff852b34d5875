/*
 * The one exit: whatever happened to a request that holds credits, it ends
 * here, once.
 */

#include "ngx_http_credits_settlement.h"
#include "ngx_http_credits_drain.h"
#include "ngx_http_credits_hold.h"
#include "ngx_http_credits_identity.h"
#include "ngx_http_credits_metering.h"


static void ngx_http_credits_settlement_cleanup(void *data);
static void ngx_http_credits_settlement_end(ngx_http_credits_ctx_t *ctx,
    ngx_uint_t exiting);
static void ngx_http_credits_settlement_decide(ngx_http_credits_ctx_t *ctx,
    ngx_uint_t exiting, ngx_http_credits_outcome_t *outcome);
static void ngx_http_credits_settlement_no_answer(ngx_http_credits_ctx_t *ctx,
    ngx_uint_t exiting, ngx_http_credits_outcome_t *outcome);
static const char *ngx_http_credits_settlement_why_estimated(
    ngx_http_credits_ctx_t *ctx, ngx_uint_t exiting);
static ngx_uint_t ngx_http_credits_settlement_client_gone(
    ngx_http_credits_ctx_t *ctx);
static void ngx_http_credits_settlement_report(ngx_http_credits_ctx_t *ctx,
    ngx_http_credits_outcome_t *outcome);
static void ngx_http_credits_settlement_record(ngx_http_credits_ctx_t *ctx,
    ngx_http_credits_outcome_t *outcome, credits_record_t *record);


static const credits_usage_t  ngx_http_credits_settlement_unknown = {
    -1, -1, -1, -1
};


/* what the end needs is there before there is something to end */

ngx_int_t
ngx_http_credits_settlement_expect(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx)
{
    ngx_http_cleanup_t  *cln;

    if (ctx->outcome) {
        return NGX_OK;
    }

    ctx->outcome = ngx_pcalloc(r->pool, sizeof(ngx_http_credits_outcome_t));
    if (ctx->outcome == NULL) {
        return NGX_ERROR;
    }

    cln = ngx_http_cleanup_add(r, 0);
    if (cln == NULL) {
        ctx->outcome = NULL;
        return NGX_ERROR;
    }

    cln->handler = ngx_http_credits_settlement_cleanup;
    cln->data = ctx;

    return NGX_OK;
}


static void
ngx_http_credits_settlement_cleanup(void *data)
{
    ngx_http_credits_settlement_settle(data);
}


void
ngx_http_credits_settlement_settle(ngx_http_credits_ctx_t *ctx)
{
    ngx_http_credits_settlement_end(ctx, 0);
}


void
ngx_http_credits_settlement_settle_all(ngx_http_credits_main_conf_t *mcf)
{
    ngx_http_credits_hold_t  *hold;

    while (!ngx_queue_empty(&mcf->granted)) {
        hold = ngx_queue_data(ngx_queue_head(&mcf->granted),
                              ngx_http_credits_hold_t, queue);
        ngx_http_credits_settlement_end(hold->ctx, 1);
    }
}


/* only a granted hold is settled; exiting: because the worker exits */

static void
ngx_http_credits_settlement_end(ngx_http_credits_ctx_t *ctx,
    ngx_uint_t exiting)
{
    credits_record_t             record;
    ngx_http_credits_outcome_t  *outcome;

    if (!ngx_http_credits_hold_is_open(ctx)) {
        return;
    }

    outcome = ctx->outcome;

    ngx_http_credits_settlement_decide(ctx, exiting, outcome);

    ngx_log_debug4(NGX_LOG_DEBUG_HTTP, ctx->request->connection->log, 0,
                   "credits settlement: %V, status %d, %L credits: %s",
                   &ctx->hold->id_text, (int) outcome->status,
                   outcome->charged, outcome->reason);

    ngx_http_credits_settlement_report(ctx, outcome);
    ngx_http_credits_settlement_record(ctx, outcome, &record);

    (void) ngx_credits_ledger_settle(
                               ngx_http_credits_ctx_ledger(ctx->request),
                               &record,
                               ngx_http_credits_hold_close(ctx->hold));
}


/* status, usage and charge, and why if it is not the provider's usage */

static void
ngx_http_credits_settlement_decide(ngx_http_credits_ctx_t *ctx,
    ngx_uint_t exiting, ngx_http_credits_outcome_t *outcome)
{
    int64_t                   bound;
    credits_answer_t         *answer;
    ngx_http_credits_hold_t  *hold;

    hold = ctx->hold;

    outcome->usage = ngx_http_credits_settlement_unknown;
    outcome->charged = 0;

    if (ctx->metering == NULL) {
        ngx_http_credits_settlement_no_answer(ctx, exiting, outcome);

        if (outcome->status == CREDITS_RELEASED) {
            return;
        }

    } else {
        answer = &ctx->metering->answer;

        if (credits_answer_usage(answer, hold->prompt_tokens,
                                 &outcome->usage))
        {
            outcome->status = CREDITS_SETTLED;
            outcome->charged = credits_price_charge(&hold->price,
                                                    &outcome->usage);
            outcome->reason = "";
            return;
        }

        if (answer->document.error && answer->text_bytes == 0) {
            /* it failed before it had produced anything */

            outcome->status = CREDITS_RELEASED;
            outcome->reason = "upstream_error";
            return;
        }

        outcome->status = CREDITS_ESTIMATED;
        outcome->reason = ngx_http_credits_settlement_why_estimated(ctx,
                                                                  exiting);
    }

    /* an estimate never takes more than was set aside for it */

    bound = hold->amount > 0 ? hold->amount : hold->estimate;

    outcome->charged = ngx_min(credits_price_charge(&hold->price,
                                                    &outcome->usage),
                               bound);
}


static const char *
ngx_http_credits_settlement_why_estimated(ngx_http_credits_ctx_t *ctx,
    ngx_uint_t exiting)
{
    ngx_http_credits_metering_t  *metering;

    metering = ctx->metering;

    if (metering->answer.document.error) {
        return "upstream_error";
    }

    if (metering->complete) {
        return (metering->answer.kind == CREDITS_ANSWER_OPAQUE)
               ? "unreadable" : "no_usage";
    }

    if (exiting) {
        return "worker_stopped";
    }

    return ngx_http_credits_settlement_client_gone(ctx) ? "client_gone"
                                                        : "truncated";
}


/* no answer that is charged came: refused, failed, or never asked for */

static void
ngx_http_credits_settlement_no_answer(ngx_http_credits_ctx_t *ctx,
    ngx_uint_t exiting, ngx_http_credits_outcome_t *outcome)
{
    ngx_http_upstream_t  *u;

    u = ctx->request->upstream;

    outcome->status = CREDITS_RELEASED;

    if (exiting) {
        outcome->reason = "worker_stopped";
        return;
    }

    if (u == NULL || !u->request_sent) {
        outcome->reason = "not_sent";
        return;
    }

    if (u->headers_in.status_n == 0
        && ngx_http_credits_settlement_client_gone(ctx))
    {
        /* the provider is at work, and its answer will not be seen */

        outcome->status = CREDITS_ESTIMATED;
        outcome->usage.prompt = ctx->hold->prompt_tokens;
        outcome->usage.completion = 0;
        outcome->reason = "client_gone";
        return;
    }

    outcome->reason = "upstream_error";
}


static ngx_uint_t
ngx_http_credits_settlement_client_gone(ngx_http_credits_ctx_t *ctx)
{
    ngx_http_request_t  *r;

    r = ctx->request;

    return ctx->drain || r->connection->error || r->connection->timedout
           || r->headers_out.status == NGX_HTTP_CLIENT_CLOSED_REQUEST
           || r->err_status == NGX_HTTP_CLIENT_CLOSED_REQUEST;
}


/* counters and log */

static void
ngx_http_credits_settlement_report(ngx_http_credits_ctx_t *ctx,
    ngx_http_credits_outcome_t *outcome)
{
    int64_t              tokens;
    ngx_str_t           *user;
    ngx_http_request_t  *r;

    r = ctx->request;
    user = &ctx->identity->user;

    if (outcome->status == CREDITS_RELEASED) {
        ngx_http_credits_ctx_count(r, NGX_CREDITS_COUNT_released, 1);

        ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                      "released %L credits: %s (user: %V)",
                      ctx->hold->amount, outcome->reason, user);
        return;
    }

    tokens = credits_usage_billable(&outcome->usage);

    ngx_http_credits_ctx_count(r, outcome->status == CREDITS_SETTLED
                                  ? NGX_CREDITS_COUNT_settled
                                  : NGX_CREDITS_COUNT_estimated, 1);
    ngx_http_credits_ctx_count(r, NGX_CREDITS_COUNT_credits,
                               outcome->charged);
    ngx_http_credits_ctx_count(r, NGX_CREDITS_COUNT_tokens, tokens);

    ngx_log_error(NGX_LOG_NOTICE, r->connection->log, 0,
                  "consumed %L credits for %L tokens (user: %V)%s%s",
                  outcome->charged, tokens, user,
                  outcome->reason[0] ? ", estimated: " : "",
                  outcome->reason);
}


static void
ngx_http_credits_settlement_record(ngx_http_credits_ctx_t *ctx,
    ngx_http_credits_outcome_t *outcome, credits_record_t *record)
{
    ngx_str_t                *user;
    ngx_time_t               *tp;
    ngx_http_credits_hold_t  *hold;

    tp = ngx_timeofday();
    hold = ctx->hold;
    user = &ctx->identity->user;

    credits_record_init(record, hold->id, user->data, (unsigned) user->len);

    record->status = outcome->status;
    record->credits = outcome->charged;
    record->usage = outcome->usage;
    record->ended = (int64_t) tp->sec * 1000 + tp->msec;

    record->model_len = (unsigned) hold->body->model_len;
    ngx_memcpy(record->model, hold->body->model, hold->body->model_len);

    ngx_cpystrn((u_char *) record->type, hold->type.data,
                sizeof(record->type));
    ngx_cpystrn((u_char *) record->reason, (u_char *) outcome->reason,
                sizeof(record->reason));
}
