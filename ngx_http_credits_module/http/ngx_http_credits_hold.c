/*
 * How much is set aside for an answer: its price, its estimate, and the hold
 * in the ledger.
 */

#include "ngx_http_credits_hold.h"
#include "ngx_http_credits_args.h"
#include "ngx_http_credits_identity.h"
#include "ngx_http_credits_wait.h"


typedef struct {
    ngx_str_t         pattern;              /* of the model's name */
    credits_price_t   price;                /* unit is the location's */
} ngx_http_credits_hold_price_t;


static void ngx_http_credits_hold_find_price(ngx_http_credits_hold_t *hold,
    ngx_http_credits_loc_conf_t *lcf);
static int64_t ngx_http_credits_hold_max_output(ngx_http_credits_hold_t *hold,
    ngx_http_credits_loc_conf_t *lcf);
static ngx_int_t ngx_http_credits_hold_price_arg(credits_price_t *price,
    ngx_str_t *value);
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
    credits_usage_t               usage;
    ngx_http_credits_hold_t      *hold;
    ngx_http_credits_loc_conf_t  *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_credits_module);

    hold = ngx_pcalloc(r->pool, sizeof(ngx_http_credits_hold_t));
    if (hold == NULL) {
        return NGX_ERROR;
    }

    hold->ctx = ctx;
    hold->body = body;
    hold->type = lcf->type;
    hold->prompt_tokens = credits_request_prompt_tokens(body);

    ngx_http_credits_hold_find_price(hold, lcf);

    if (lcf->hold > 0) {
        hold->estimate = lcf->hold;

    } else {
        credits_usage_init(&usage);

        usage.prompt = hold->prompt_tokens;
        usage.completion = body->choices
                           * ngx_http_credits_hold_max_output(hold, lcf);

        hold->estimate = ngx_max(credits_price_charge(&hold->price, &usage),
                                 1);
    }

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
ngx_http_credits_hold_find_price(ngx_http_credits_hold_t *hold,
    ngx_http_credits_loc_conf_t *lcf)
{
    ngx_uint_t                      i;
    ngx_http_credits_hold_price_t  *line;

    hold->price.input = CREDITS_WEIGHT_ONE;
    hold->price.cached = CREDITS_WEIGHT_ONE;
    hold->price.output = CREDITS_WEIGHT_ONE;
    hold->price.request = 0;

    line = lcf->prices ? lcf->prices->elts : NULL;

    for (i = 0; line && i < lcf->prices->nelts; i++) {
        if (credits_price_match(line[i].pattern.data, line[i].pattern.len,
                                hold->body->model, hold->body->model_len))
        {
            hold->price = line[i].price;
            break;
        }
    }

    hold->price.unit = lcf->unit;
}


/* the request's limit, or the one that is assumed without it; tokens */

static int64_t
ngx_http_credits_hold_max_output(ngx_http_credits_hold_t *hold,
    ngx_http_credits_loc_conf_t *lcf)
{
    return (hold->body->max_output >= 0) ? hold->body->max_output
                                         : lcf->max_output;
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
                                 ngx_http_credits_hold_minimum(r, hold),
                                 ngx_http_credits_hold_done, ctx);

    return ngx_http_credits_wait_op(r, ctx, op, NULL);
}


int64_t
ngx_http_credits_hold_minimum(ngx_http_request_t *r,
    ngx_http_credits_hold_t *hold)
{
    ngx_http_credits_loc_conf_t  *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_credits_module);

    return (lcf->hold == NGX_HTTP_CREDITS_AUTO) ? 1 : hold->estimate;
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
    int64_t                       output;
    ngx_http_credits_loc_conf_t  *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_credits_module);

    if (!lcf->clamp || hold->amount == 0) {
        return -1;
    }

    output = credits_price_affordable(&hold->price, hold->amount,
                                      hold->prompt_tokens)
             / hold->body->choices;

    if (output >= ngx_http_credits_hold_max_output(hold, lcf)) {
        return -1;
    }

    return ngx_max(output, 1);
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
ngx_http_credits_hold_set_price(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_credits_loc_conf_t *lcf = conf;

    ngx_str_t                      *value;
    ngx_uint_t                      i;
    ngx_http_credits_hold_price_t  *line;

    if (lcf->prices == NGX_CONF_UNSET_PTR) {
        lcf->prices = ngx_array_create(cf->pool, 4,
                                       sizeof(ngx_http_credits_hold_price_t));
        if (lcf->prices == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    line = ngx_array_push(lcf->prices);
    if (line == NULL) {
        return NGX_CONF_ERROR;
    }

    value = cf->args->elts;

    line->pattern = value[1];
    line->price.input = CREDITS_WEIGHT_ONE;
    line->price.cached = -1;
    line->price.output = CREDITS_WEIGHT_ONE;
    line->price.request = 0;

    for (i = 2; i < cf->args->nelts; i++) {
        if (ngx_http_credits_hold_price_arg(&line->price, &value[i])
            != NGX_OK)
        {
            return ngx_http_credits_args_invalid(cf, &value[i]);
        }
    }

    if (line->price.cached == -1) {
        line->price.cached = line->price.input;
    }

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_credits_hold_price_arg(credits_price_t *price, ngx_str_t *value)
{
    int64_t    *weight;
    ngx_int_t   n;
    ngx_str_t   rest;

    if (ngx_http_credits_args_parameter(value, "request=", &rest)) {
        n = ngx_atoi(rest.data, rest.len);

        if (n == NGX_ERROR || n > CREDITS_UNIT_MAX) {
            return NGX_ERROR;
        }

        price->request = n;

        return NGX_OK;
    }

    if (ngx_http_credits_args_parameter(value, "input=", &rest)) {
        weight = &price->input;

    } else if (ngx_http_credits_args_parameter(value, "cached=", &rest)) {
        weight = &price->cached;

    } else if (ngx_http_credits_args_parameter(value, "output=", &rest)) {
        weight = &price->output;

    } else {
        return NGX_ERROR;
    }

    return credits_price_weight(rest.data, rest.len, weight) == 0 ? NGX_OK
                                                                  : NGX_ERROR;
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
