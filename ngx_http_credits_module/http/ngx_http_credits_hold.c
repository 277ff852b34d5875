/*
 * How much is set aside for an answer: its price, its estimate, and the hold
 * in the ledger.
 */

#include "ngx_http_credits_hold.h"
#include "ngx_http_credits_api.h"
#include "ngx_http_credits_args.h"
#include "ngx_http_credits_identity.h"
#include "ngx_http_credits_price.h"
#include "ngx_http_credits_wait.h"


static void ngx_http_credits_hold_set_model(ngx_http_credits_hold_t *hold,
    ngx_http_credits_api_t *api);
static void ngx_http_credits_hold_set_bounds(ngx_http_credits_hold_t *hold,
    ngx_http_credits_loc_conf_t *lcf);
static int64_t ngx_http_credits_hold_price(ngx_http_credits_hold_t *hold,
    ngx_http_credits_loc_conf_t *lcf, int64_t output);
static int64_t ngx_http_credits_hold_max_output(ngx_http_credits_hold_t *hold,
    ngx_http_credits_loc_conf_t *lcf);
static ngx_int_t ngx_http_credits_hold_make_id(ngx_http_request_t *r,
    ngx_http_credits_hold_t *hold);
static void ngx_http_credits_hold_done(void *data,
    ngx_credits_status_e status, const ngx_credits_hold_result_t *result);
static void ngx_http_credits_hold_grant(ngx_http_request_t *r,
    ngx_http_credits_hold_t *hold, ngx_credits_inflight_t *inflight);


ngx_int_t
ngx_http_credits_hold_make(ngx_http_request_t *r, ngx_http_credits_ctx_t *ctx,
    credits_request_t *body)
{
    ngx_http_credits_hold_t      *hold;
    ngx_http_credits_loc_conf_t  *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_credits_module);

    hold = ngx_pcalloc(r->pool, sizeof(ngx_http_credits_hold_t));
    if (hold == NULL) {
        return NGX_ERROR;
    }

    hold->ctx = ctx;
    hold->conf = lcf;
    hold->body = body;
    hold->type = lcf->type;
    hold->prompt_tokens = credits_request_prompt_tokens(body);

    ngx_http_credits_hold_set_model(hold, ctx->api);
    ngx_http_credits_hold_set_bounds(hold, lcf);

    if (ngx_http_credits_hold_make_id(r, hold) != NGX_OK) {
        return NGX_ERROR;
    }

    ctx->hold = hold;

    ngx_log_debug3(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "credits hold: %V, about %L credits for %L prompt tokens",
                   &hold->id_text, hold->estimate, hold->prompt_tokens);

    return NGX_OK;
}


static void
ngx_http_credits_hold_set_model(ngx_http_credits_hold_t *hold,
    ngx_http_credits_api_t *api)
{
    if (api->model.len) {
        hold->model = api->model;
        hold->model.len = ngx_min(hold->model.len, CREDITS_REQUEST_MODEL_MAX);

    } else {
        hold->model.data = hold->body->model;
        hold->model.len = hold->body->model_len;
    }
}


/* the most that the answer may cost, and the least that must be there */

static void
ngx_http_credits_hold_set_bounds(ngx_http_credits_hold_t *hold,
    ngx_http_credits_loc_conf_t *lcf)
{
    int64_t  least, most, output;

    output = ngx_http_credits_hold_max_output(hold, lcf);
    most = ngx_http_credits_hold_price(hold, lcf, output);

    if (!lcf->clamp) {
        least = ngx_http_credits_hold_price(hold, lcf, 0);

    } else if (hold->ctx->api->operation->limit == CREDITS_LIMIT_NONE) {
        /* nothing in the body can make the answer cheaper */

        least = most;

    } else {
        /* what is thought counts against the limit, which must leave more */

        output = ngx_min(hold->body->thinking, CREDITS_OUTPUT_MAX) + 1;
        least = ngx_http_credits_hold_price(hold, lcf, output);
    }

    if (lcf->hold == NGX_HTTP_CREDITS_AUTO) {
        hold->minimum = least;
        hold->estimate = ngx_max(most, least);
        return;
    }

    if (lcf->hold != NGX_HTTP_CREDITS_STRICT) {
        most = lcf->hold;
    }

    if (lcf->clamp) {
        most = ngx_max(most, least);
    }

    hold->estimate = most;
    hold->minimum = most;
}


/* of the prompt and so many output tokens for each choice, at least 1 */

static int64_t
ngx_http_credits_hold_price(ngx_http_credits_hold_t *hold,
    ngx_http_credits_loc_conf_t *lcf, int64_t output)
{
    int64_t          credits;
    credits_usage_t  usage;

    credits_usage_init(&usage);

    usage.prompt = hold->prompt_tokens;
    usage.completion = hold->body->choices * output;

    if (hold->ctx->api->operation->product == CREDITS_PRODUCT_PICTURES) {
        usage.images = hold->body->choices;
    }

    credits = ngx_http_credits_price_bound(lcf, &hold->model, &usage);

    return ngx_max(credits, 1);
}


/* the request's limit, or the one that is assumed without it; tokens */

static int64_t
ngx_http_credits_hold_max_output(ngx_http_credits_hold_t *hold,
    ngx_http_credits_loc_conf_t *lcf)
{
    const credits_operation_t  *operation;

    operation = hold->ctx->api->operation;

    if (operation->product == CREDITS_PRODUCT_PICTURES) {
        return lcf->part_tokens->image;
    }

    if (hold->body->max_output >= 0) {
        return hold->body->max_output;
    }

    return operation->output ? ngx_max(lcf->max_output,
                                       hold->body->thinking + 1)
                             : 0;
}


static ngx_int_t
ngx_http_credits_hold_make_id(ngx_http_request_t *r,
    ngx_http_credits_hold_t *hold)
{
    u_char       noise[CREDITS_UUID_RANDOM];
    ngx_uint_t   i;
    ngx_time_t  *tp;

    tp = ngx_timeofday();

    if (credits_uuid_random(noise) != 0) {
        for (i = 0; i < sizeof(noise); i++) {
            noise[i] = (u_char) ngx_random();
        }
    }

    credits_uuid(hold->id, (int64_t) tp->sec * 1000 + tp->msec, noise);

    hold->id_text.data = ngx_pnalloc(r->pool, CREDITS_UUID_TEXT_LEN + 1);
    if (hold->id_text.data == NULL) {
        return NGX_ERROR;
    }

    credits_uuid_text(hold->id, (char *) hold->id_text.data);
    hold->id_text.len = CREDITS_UUID_TEXT_LEN;

    return NGX_OK;
}


ngx_int_t
ngx_http_credits_hold_ask(ngx_http_request_t *r, ngx_http_credits_ctx_t *ctx)
{
    ngx_credits_op_t         *op;
    ngx_http_credits_hold_t  *hold;

    hold = ctx->hold;
    hold->state = NGX_HTTP_CREDITS_HOLD_ASKED;

    op = ngx_credits_ledger_hold(ngx_http_credits_ctx_ledger(r),
                                 &ctx->identity->user, hold->id,
                                 hold->estimate,
                                 hold->minimum,
                                 ngx_http_credits_hold_done, ctx);

    return ngx_http_credits_wait_op(r, ctx, op, NULL);
}


static void
ngx_http_credits_hold_done(void *data, ngx_credits_status_e status,
    const ngx_credits_hold_result_t *result)
{
    ngx_http_credits_ctx_t *ctx = data;

    ngx_http_credits_hold_t  *hold;

    hold = ctx->hold;

    if (result) {
        hold->amount = result->amount;
        hold->balance = result->balance;
        hold->user_held = result->held;
        hold->available = result->available;
    }

    ngx_log_debug4(NGX_LOG_DEBUG_HTTP, ctx->request->connection->log, 0,
                   "credits hold: %V, status %d, %L credits of %L",
                   &hold->id_text, (int) status, hold->amount, hold->balance);

    switch (status) {

    case NGX_CREDITS_OK:
        ngx_http_credits_hold_grant(ctx->request, hold, result->inflight);
        ngx_credits_ledger_keep(ngx_http_credits_ctx_ledger(ctx->request),
                                &hold->renewal, &ctx->identity->user,
                                hold->id);
        break;

    case NGX_CREDITS_DECLINED:
        hold->state = NGX_HTTP_CREDITS_HOLD_DENIED;
        break;

    case NGX_CREDITS_FROZEN:
        hold->state = NGX_HTTP_CREDITS_HOLD_FROZEN;
        break;

    default:
        hold->state = NGX_HTTP_CREDITS_HOLD_FAILED;
    }

    ngx_http_credits_wait_done(ctx);
}


/* from here on the worker ends it before it exits */

static void
ngx_http_credits_hold_grant(ngx_http_request_t *r,
    ngx_http_credits_hold_t *hold, ngx_credits_inflight_t *inflight)
{
    ngx_http_credits_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_credits_module);

    hold->inflight = inflight;
    hold->granted = ngx_current_msec;
    hold->state = NGX_HTTP_CREDITS_HOLD_GRANTED;

    ngx_queue_insert_tail(&mcf->granted, &hold->queue);
}


ngx_int_t
ngx_http_credits_hold_waive(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx)
{
    ngx_credits_inflight_t     *inflight;
    ngx_http_credits_hold_t  *hold;

    hold = ctx->hold;

    if (ngx_http_credits_hold_make_id(r, hold) != NGX_OK) {
        return NGX_ERROR;
    }

    hold->amount = 0;

    inflight = ngx_credits_zone_inflight_add(ngx_http_credits_ctx_zone(r),
                                           hold->id, &ctx->identity->user);

    ngx_http_credits_hold_grant(r, hold, inflight);

    return NGX_OK;
}


int64_t
ngx_http_credits_hold_output_limit(ngx_http_request_t *r,
    ngx_http_credits_hold_t *hold)
{
    int64_t                       output, most;
    ngx_http_credits_loc_conf_t  *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_credits_module);

    if (hold->amount == 0
        || hold->ctx->api->operation->limit == CREDITS_LIMIT_NONE)
    {
        return -1;
    }

    most = ngx_http_credits_hold_max_output(hold, lcf);

    if (lcf->clamp) {
        output = ngx_http_credits_price_affordable(lcf, &hold->model,
                                                   hold->amount,
                                                   hold->prompt_tokens)
                 / hold->body->choices;

        if (output < most) {
            return ngx_max(output, 1);
        }
    }

    /* the provider must know what was assumed, or it was no bound */

    return ((lcf->hold == NGX_HTTP_CREDITS_STRICT || lcf->clamp)
            && hold->body->max_output < 0)
           ? most : -1;
}


ngx_uint_t
ngx_http_credits_hold_is_open(ngx_http_credits_ctx_t *ctx)
{
    return ctx->hold && ctx->hold->state == NGX_HTTP_CREDITS_HOLD_GRANTED;
}


ngx_credits_inflight_t *
ngx_http_credits_hold_close(ngx_http_credits_hold_t *hold)
{
    ngx_credits_inflight_t  *inflight;

    ngx_queue_remove(&hold->queue);
    ngx_credits_ledger_let_go(&hold->renewal);

    hold->state = NGX_HTTP_CREDITS_HOLD_CLOSED;

    inflight = hold->inflight;
    hold->inflight = NULL;

    return inflight;
}


char *
ngx_http_credits_hold_set_type(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_credits_loc_conf_t *lcf = conf;

    ngx_str_t  *value;

    if (lcf->type.data) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "chat") != 0
        && ngx_strcmp(value[1].data, "image") != 0
        && ngx_strcmp(value[1].data, "other") != 0)
    {
        return ngx_http_credits_args_invalid(cf, &value[1]);
    }

    lcf->type = value[1];

    return NGX_CONF_OK;
}


char *
ngx_http_credits_hold_set_amount(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_credits_loc_conf_t *lcf = conf;

    ngx_str_t  *value;

    if (lcf->hold != NGX_CONF_UNSET) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "auto") == 0) {
        lcf->hold = NGX_HTTP_CREDITS_AUTO;
        return NGX_CONF_OK;
    }

    if (ngx_strcmp(value[1].data, "strict") == 0) {
        lcf->hold = NGX_HTTP_CREDITS_STRICT;
        return NGX_CONF_OK;
    }

    lcf->hold = ngx_atoi(value[1].data, value[1].len);

    if (lcf->hold < 1 || lcf->hold > CREDITS_UNIT_MAX) {
        return ngx_http_credits_args_invalid(cf, &value[1]);
    }

    return NGX_CONF_OK;
}
