/*
 * The one exit: whatever happened to a request that holds credits, it ends
 * here, once.
 */

#include "ngx_http_credits_settlement.h"
#include "ngx_http_credits_api.h"
#include "ngx_http_credits_drain.h"
#include "ngx_http_credits_hold.h"
#include "ngx_http_credits_identity.h"
#include "ngx_http_credits_metering.h"
#include "ngx_http_credits_price.h"


static void ngx_http_credits_settlement_cleanup(void *data);
static void ngx_http_credits_settlement_end(ngx_http_credits_ctx_t *ctx,
    ngx_uint_t exiting);
static void ngx_http_credits_settlement_decide(ngx_http_credits_ctx_t *ctx,
    ngx_uint_t exiting, ngx_http_credits_outcome_t *outcome);
static void ngx_http_credits_settlement_look(ngx_http_credits_ctx_t *ctx,
    ngx_uint_t exiting, credits_verdict_input_t *in);
static ngx_uint_t ngx_http_credits_settlement_refused(
    ngx_http_credits_ctx_t *ctx);
static credits_end_t ngx_http_credits_settlement_how(
    ngx_http_credits_ctx_t *ctx, ngx_uint_t exiting);
static int64_t ngx_http_credits_settlement_charge(ngx_http_credits_ctx_t *ctx,
    const credits_usage_t *usage, char text[CREDITS_PRICE_TEXT_MAX + 1]);
static ngx_uint_t ngx_http_credits_settlement_client_gone(
    ngx_http_credits_ctx_t *ctx);
static void ngx_http_credits_settlement_report(ngx_http_credits_ctx_t *ctx,
    ngx_http_credits_outcome_t *outcome);
static void ngx_http_credits_settlement_warn(ngx_http_request_t *r,
    credits_reason_t reason);
static void ngx_http_credits_settlement_record(ngx_http_credits_ctx_t *ctx,
    ngx_http_credits_outcome_t *outcome, credits_record_t *record);
static void ngx_http_credits_settlement_answered(
    credits_answer_facts_t *facts, credits_record_t *record);


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
    int64_t                   held;
    credits_verdict_t         verdict;
    ngx_http_credits_hold_t  *hold;
    credits_verdict_input_t   in;

    hold = ctx->hold;
    held = (hold->amount > 0) ? hold->amount : hold->estimate;

    if (ctx->metering && !ctx->metering->complete) {
        ngx_http_credits_metering_cut(ctx->metering);
    }

    ngx_http_credits_settlement_look(ctx, exiting, &in);
    credits_verdict(&in, &verdict);

    outcome->status = verdict.status;
    outcome->why = verdict.reason;
    outcome->reason = credits_reason_name(verdict.reason);
    outcome->usage = verdict.usage;
    outcome->charged = 0;
    outcome->price[0] = '\0';

    if (verdict.status == CREDITS_RELEASED) {
        return;
    }

    outcome->charged = ngx_http_credits_settlement_charge(ctx, &verdict.usage,
                                                          outcome->price);

    if (verdict.at_least_hold) {
        outcome->charged = ngx_max(outcome->charged, held);
    }
}


/* all that the decision depends on */

static void
ngx_http_credits_settlement_look(ngx_http_credits_ctx_t *ctx,
    ngx_uint_t exiting, credits_verdict_input_t *in)
{
    ngx_http_upstream_t          *u;
    ngx_http_credits_hold_t      *hold;
    ngx_http_credits_loc_conf_t  *lcf;

    hold = ctx->hold;
    lcf = hold->conf;
    u = ctx->request->upstream;

    ngx_memzero(in, sizeof(credits_verdict_input_t));

    in->operation = ctx->api->operation;
    in->answer = ctx->metering ? &ctx->metering->answer.facts : NULL;
    in->end = ngx_http_credits_settlement_how(ctx, exiting);
    in->sent = (u && u->request_sent);
    in->refused = ngx_http_credits_settlement_refused(ctx);
    in->capture = (lcf->capture != 0);
    in->prompt_tokens = hold->prompt_tokens;
    in->images = hold->body->choices;
    in->image_tokens = lcf->part_tokens->image;
    in->hidden_tokens = ngx_http_credits_price_hidden(lcf, &hold->model,
                            ctx->metering
                            ? ngx_http_credits_metering_silence(ctx->metering)
                            : ngx_current_msec - hold->granted);
}


/* the provider has answered with an error, or nginx in its place */

static ngx_uint_t
ngx_http_credits_settlement_refused(ngx_http_credits_ctx_t *ctx)
{
    ngx_http_request_t  *r;

    r = ctx->request;

    if (r->upstream && r->upstream->headers_in.status_n
                       >= NGX_HTTP_SPECIAL_RESPONSE)
    {
        return 1;
    }

    /* that we have left the provider is no fault of its */

    return r->header_sent && r->headers_out.status >= NGX_HTTP_SPECIAL_RESPONSE
           && !(ctx->drain && ctx->drain->over);
}


static credits_end_t
ngx_http_credits_settlement_how(ngx_http_credits_ctx_t *ctx,
    ngx_uint_t exiting)
{
    ngx_http_request_t  *r;

    r = ctx->request;

    if (ctx->metering ? ctx->metering->complete
                      : r->header_sent
                        && r->headers_out.status < NGX_HTTP_SPECIAL_RESPONSE)
    {
        return CREDITS_END_WHOLE;
    }

    if (exiting) {
        return CREDITS_END_STOPPED;
    }

    return ngx_http_credits_settlement_client_gone(ctx) ? CREDITS_END_LEFT
                                                        : CREDITS_END_CUT;
}


/*
 * The dearer of what was asked for and what has answered.  A tier that the
 * answer does not name may be the one that was asked for.
 */

static int64_t
ngx_http_credits_settlement_charge(ngx_http_credits_ctx_t *ctx,
    const credits_usage_t *usage, char text[CREDITS_PRICE_TEXT_MAX + 1])
{
    char                          asked[CREDITS_PRICE_TEXT_MAX + 1];
    int64_t                       charge, other;
    ngx_http_credits_hold_t      *hold;
    credits_answer_facts_t       *facts;
    ngx_http_credits_price_of_t   of;

    hold = ctx->hold;

    ngx_memzero(&of, sizeof(ngx_http_credits_price_of_t));
    of.model = hold->model;

    if (ctx->metering) {
        facts = &ctx->metering->answer.facts;

        of.answered.data = facts->model;
        of.answered.len = facts->model_len;
        of.tier.data = facts->tier;
        of.tier.len = facts->tier_len;
    }

    charge = ngx_http_credits_price_charge(hold->conf, &of, usage, text);

    if (of.tier.len || hold->body->tier_len == 0) {
        return charge;
    }

    of.tier.data = hold->body->tier;
    of.tier.len = hold->body->tier_len;

    other = ngx_http_credits_price_charge(hold->conf, &of, usage, asked);

    if (other > charge) {
        ngx_memcpy(text, asked, sizeof(asked));
        return other;
    }

    return charge;
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

    if (outcome->why != CREDITS_REASON_NONE) {
        ngx_credits_zone_count_reason(ngx_http_credits_ctx_zone(r),
                                      outcome->why);
    }

    if (outcome->status == CREDITS_RELEASED) {
        ngx_http_credits_ctx_count(r, NGX_CREDITS_COUNT_released, 1);

        ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                      "released %L credits: %s (user: %V)",
                      ctx->hold->amount, outcome->reason, user);
        return;
    }

    ngx_http_credits_settlement_warn(r, outcome->why);

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


/* an answer of an unknown shape is somebody's work; once a minute is enough */

static void
ngx_http_credits_settlement_warn(ngx_http_request_t *r,
    credits_reason_t reason)
{
    static time_t  next;

    if ((reason != CREDITS_REASON_UNREADABLE
         && reason != CREDITS_REASON_ZERO_USAGE)
        || ngx_time() < next)
    {
        return;
    }

    next = ngx_time() + 60;

    ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                  "credits: the provider's answer could not be read as usage "
                  "(%s), it is charged by an estimate",
                  credits_reason_name(reason));
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

    record->model_len = (unsigned) hold->model.len;
    ngx_memcpy(record->model, hold->model.data, hold->model.len);

    if (ctx->metering) {
        ngx_http_credits_settlement_answered(&ctx->metering->answer.facts,
                                             record);
    }

    ngx_snprintf((u_char *) record->operation, sizeof(record->operation),
                 "%s %s%Z",
                 credits_dialect_name(ctx->api->operation->dialect),
                 ctx->api->operation->name);

    ngx_cpystrn((u_char *) record->price, (u_char *) outcome->price,
                sizeof(record->price));
    ngx_cpystrn((u_char *) record->type, hold->type.data,
                sizeof(record->type));
    ngx_cpystrn((u_char *) record->reason, (u_char *) outcome->reason,
                sizeof(record->reason));
}


/* what the provider says has answered; the model only if it is another one */

static void
ngx_http_credits_settlement_answered(credits_answer_facts_t *facts,
    credits_record_t *record)
{
    if (facts->model_len != record->model_len
        || ngx_memcmp(facts->model, record->model, facts->model_len) != 0)
    {
        record->answered_len = (unsigned) facts->model_len;
        ngx_memcpy(record->answered, facts->model, facts->model_len);
    }

    ngx_memcpy(record->tier, facts->tier, facts->tier_len);
    record->tier[facts->tier_len] = '\0';
}
