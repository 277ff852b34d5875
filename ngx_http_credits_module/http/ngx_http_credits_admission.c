/*
 * How much, and may they: the body is read and scanned, credits are held, and
 * the body goes on with the few bytes that metering needs changed.
 */

#include "ngx_http_credits.h"

#include <openssl/err.h>
#include <openssl/rand.h>


static ngx_int_t ngx_http_credits_read_body(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx);
static void ngx_http_credits_body_handler(ngx_http_request_t *r);
static ngx_int_t ngx_http_credits_scan(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx);
static ngx_int_t ngx_http_credits_estimate(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx, ngx_http_credits_loc_conf_t *lcf);
static ngx_int_t ngx_http_credits_ask(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx, ngx_http_credits_loc_conf_t *lcf);
static ngx_int_t ngx_http_credits_make_id(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx);
static void ngx_http_credits_hold_done(void *data,
    ngx_credits_status_e status, const ngx_credits_hold_result_t *result);
static ngx_int_t ngx_http_credits_answered(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx, ngx_http_credits_loc_conf_t *lcf);
static ngx_int_t ngx_http_credits_admit(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx, ngx_http_credits_loc_conf_t *lcf);
static ngx_int_t ngx_http_credits_scan_piece(void *data, u_char *p, size_t n);


/* precontent: every access check has let the request pass */

ngx_int_t
ngx_http_credits_admission_handler(ngx_http_request_t *r)
{
    ngx_int_t                     rc;
    ngx_http_credits_ctx_t       *ctx;
    ngx_http_credits_loc_conf_t  *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_credits_module);

    if (lcf->mode == NGX_HTTP_CREDITS_OFF || lcf->webhook
        || (lcf->mode == NGX_HTTP_CREDITS_USER && r != r->main))
    {
        return NGX_DECLINED;
    }

    if (r != r->main) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "credits: a subrequest cannot be charged, it is "
                      "refused");
        return NGX_HTTP_FORBIDDEN;
    }

    if (r->post_action) {
        /* the answer has ended and is paid for: another would be free */
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "credits: a post_action cannot be charged, it is "
                      "left out");
        ngx_http_finalize_request(r, NGX_OK);
        return NGX_DONE;
    }

    ctx = ngx_http_credits_make_ctx(r);
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    /* the access phase is left early with "satisfy any" */

    rc = ngx_http_credits_require_user(r, ctx);

    if (rc != NGX_OK || lcf->mode == NGX_HTTP_CREDITS_USER) {
        return (rc == NGX_OK) ? NGX_DECLINED : rc;
    }

    switch (ctx->step) {

    case NGX_HTTP_CREDITS_NEW:
        return ngx_http_credits_read_body(r, ctx);

    case NGX_HTTP_CREDITS_READING:
        return NGX_DONE;

    case NGX_HTTP_CREDITS_READ:
        rc = ngx_http_credits_scan(r, ctx);
        if (rc != NGX_OK) {
            return rc;
        }

        rc = ngx_http_credits_estimate(r, ctx, lcf);
        if (rc != NGX_OK) {
            return rc;
        }

        return ngx_http_credits_ask(r, ctx, lcf);

    case NGX_HTTP_CREDITS_HOLDING:
        return NGX_AGAIN;

    case NGX_HTTP_CREDITS_ANSWERED:
        return ngx_http_credits_answered(r, ctx, lcf);

    default: /* NGX_HTTP_CREDITS_ADMITTED, an internal redirect came by */
        return NGX_DECLINED;
    }
}


static ngx_int_t
ngx_http_credits_read_body(ngx_http_request_t *r, ngx_http_credits_ctx_t *ctx)
{
    ngx_int_t   rc;
    ngx_str_t   allow = ngx_string("POST");

    if (r->method != NGX_HTTP_POST) {
        if (ngx_http_credits_add_header(r, "Allow", &allow) != NGX_OK) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        return ngx_http_credits_reply_error(r, NGX_HTTP_NOT_ALLOWED,
                                            "method_not_allowed",
                                            "Only POST is answered here.");
    }

    if (ngx_http_credits_header(r, NULL, "content-encoding",
                                sizeof("content-encoding") - 1))
    {
        return ngx_http_credits_reply_error(r,
                        NGX_HTTP_UNSUPPORTED_MEDIA_TYPE,
                        "unsupported_content_encoding",
                        "The request's body must not be content-encoded.");
    }

    ctx->step = NGX_HTTP_CREDITS_READING;

    rc = ngx_http_read_client_request_body(r, ngx_http_credits_body_handler);

    if (rc == NGX_HTTP_REQUEST_ENTITY_TOO_LARGE) {
        return ngx_http_credits_reply_error(r, rc, "request_too_large",
                                            "The request's body is too "
                                            "large.");
    }

    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        return rc;
    }

    /* the handler may have run, and the request may be over: see mirror */

    ngx_http_finalize_request(r, NGX_DONE);

    return NGX_DONE;
}


static void
ngx_http_credits_body_handler(ngx_http_request_t *r)
{
    ngx_http_credits_ctx_t  *ctx;

    ctx = ngx_http_credits_get_ctx(r);

    ctx->step = NGX_HTTP_CREDITS_READ;

    r->preserve_body = 1;
    r->write_event_handler = ngx_http_core_run_phases;

    ngx_http_core_run_phases(r);
}


static ngx_int_t
ngx_http_credits_scan(ngx_http_request_t *r, ngx_http_credits_ctx_t *ctx)
{
    ngx_int_t  rc;

    ctx->chat = ngx_palloc(r->pool, sizeof(credits_request_t));
    if (ctx->chat == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    credits_request_init(ctx->chat);

    rc = ngx_http_credits_body_pieces(r, ngx_http_credits_scan_piece,
                                      ctx->chat);
    if (rc == NGX_ERROR) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (rc == NGX_DECLINED || credits_request_end(ctx->chat) != 0) {
        return ngx_http_credits_reply_error(r, NGX_HTTP_BAD_REQUEST,
                                            "invalid_body",
                                            credits_request_error(ctx->chat));
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_credits_scan_piece(void *data, u_char *p, size_t n)
{
    return credits_request_feed(data, p, n) == 0 ? NGX_OK : NGX_DECLINED;
}


/* what the answer may cost: the credits to hold */

static ngx_int_t
ngx_http_credits_estimate(ngx_http_request_t *r, ngx_http_credits_ctx_t *ctx,
    ngx_http_credits_loc_conf_t *lcf)
{
    ngx_uint_t                 i;
    credits_usage_t            usage;
    ngx_http_credits_price_t  *price;

    ctx->price.input = CREDITS_WEIGHT_ONE;
    ctx->price.cached = CREDITS_WEIGHT_ONE;
    ctx->price.output = CREDITS_WEIGHT_ONE;
    ctx->price.request = 0;

    price = lcf->prices ? lcf->prices->elts : NULL;

    for (i = 0; price && i < lcf->prices->nelts; i++) {
        if (credits_price_match(price[i].pattern.data, price[i].pattern.len,
                                ctx->chat->model, ctx->chat->model_len))
        {
            ctx->price = price[i].price;
            break;
        }
    }

    ctx->price.unit = lcf->unit;
    ctx->type = lcf->type;

    ctx->prompt_tokens = credits_request_prompt_tokens(ctx->chat);

    if (lcf->hold > 0) {
        ctx->want = lcf->hold;
        return NGX_OK;
    }

    usage.prompt = ctx->prompt_tokens;
    usage.completion = ctx->chat->choices
                       * (ctx->chat->max_output >= 0 ? ctx->chat->max_output
                                                     : lcf->max_output);
    usage.total = -1;
    usage.cached = 0;

    ctx->want = ngx_max(credits_price_charge(&ctx->price, &usage), 1);

    return NGX_OK;
}


static ngx_int_t
ngx_http_credits_ask(ngx_http_request_t *r, ngx_http_credits_ctx_t *ctx,
    ngx_http_credits_loc_conf_t *lcf)
{
    int64_t                        floor;
    ngx_http_credits_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_credits_module);

    if (!ngx_credits_ledger_safe(mcf->ledger)) {
        return ngx_http_credits_reply_unavailable(r);
    }

    if (ctx->id_text.len == 0
        && ngx_http_credits_make_id(r, ctx) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    floor = (lcf->hold == NGX_HTTP_CREDITS_AUTO) ? 1 : ctx->want;

    ctx->resume = NULL;
    ctx->op = ngx_credits_ledger_hold(mcf->ledger, &ctx->user, ctx->id,
                                      ctx->want, floor,
                                      ngx_http_credits_hold_done, ctx);
    if (ctx->op == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->step = NGX_HTTP_CREDITS_HOLDING;

    return ngx_http_credits_suspend(r, ctx);
}


static ngx_int_t
ngx_http_credits_make_id(ngx_http_request_t *r, ngx_http_credits_ctx_t *ctx)
{
    u_char       noise[10];
    ngx_uint_t   i;
    ngx_time_t  *tp;

    tp = ngx_timeofday();

    if (RAND_bytes(noise, sizeof(noise)) != 1) {
        ERR_clear_error();

        for (i = 0; i < sizeof(noise); i++) {
            noise[i] = (u_char) ngx_random();
        }
    }

    credits_uuid(ctx->id, (int64_t) tp->sec * 1000 + tp->msec, noise);

    ctx->id_text.data = ngx_pnalloc(r->pool, CREDITS_UUID_TEXT_LEN + 1);
    if (ctx->id_text.data == NULL) {
        return NGX_ERROR;
    }

    credits_uuid_text(ctx->id, (char *) ctx->id_text.data);
    ctx->id_text.len = CREDITS_UUID_TEXT_LEN;

    return NGX_OK;
}


static void
ngx_http_credits_hold_done(void *data, ngx_credits_status_e status,
    const ngx_credits_hold_result_t *result)
{
    ngx_http_credits_ctx_t  *ctx = data;

    ctx->op = NULL;
    ctx->step = NGX_HTTP_CREDITS_ANSWERED;
    ctx->answer = status;

    if (result) {
        ctx->hold = result->amount;
        ctx->balance = result->balance;
        ctx->held = result->held;
        ctx->available = result->available;
        ctx->flight = result->inflight;
    }

    ngx_http_credits_resume(ctx);
}


static ngx_int_t
ngx_http_credits_answered(ngx_http_request_t *r, ngx_http_credits_ctx_t *ctx,
    ngx_http_credits_loc_conf_t *lcf)
{
    ngx_credits_zone_t  *zone;

    zone = ngx_http_credits_get_zone(r);

    switch (ctx->answer) {

    case NGX_CREDITS_OK:
        ngx_credits_zone_count(zone, NGX_CREDITS_COUNT_admitted, 1);
        return ngx_http_credits_admit(r, ctx, lcf);

    case NGX_CREDITS_UNAVAILABLE:
        if (lcf->on_error == NGX_HTTP_CREDITS_ALLOW) {
            ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                          "credits: Postgres did not answer; the request "
                          "goes on without a hold (user: %V)", &ctx->user);

            /* the hold that may come under the old id is released */

            if (ngx_http_credits_make_id(r, ctx) != NGX_OK) {
                return NGX_HTTP_INTERNAL_SERVER_ERROR;
            }

            ctx->hold = 0;
            ctx->flight = ngx_credits_zone_inflight_add(zone, ctx->id,
                                                      &ctx->user);

            return ngx_http_credits_admit(r, ctx, lcf);
        }

        ctx->step = NGX_HTTP_CREDITS_NEW;
        return ngx_http_credits_reply_unavailable(r);

    case NGX_CREDITS_FROZEN:
        ngx_credits_zone_count(zone, NGX_CREDITS_COUNT_frozen, 1);

        ctx->denied = 1;
        return ngx_http_credits_reply_frozen(r);

    default: /* NGX_CREDITS_DECLINED */

        /*
         * The user's last answer may have ended while its settlement was on
         * its way and its hold still stood: what that gives back may do.
         */

        if (ctx->held > 0 && !ctx->retried) {

            if (ngx_http_credits_wait_pending(r, ctx) == NGX_AGAIN) {
                return NGX_AGAIN;
            }

            ctx->retried = 1;
            return ngx_http_credits_ask(r, ctx, lcf);
        }

        ngx_credits_zone_count(zone, NGX_CREDITS_COUNT_denied, 1);

        ctx->denied = 1;
        return ngx_http_credits_reply_insufficient(r, ctx);
    }
}


static ngx_int_t
ngx_http_credits_admit(ngx_http_request_t *r, ngx_http_credits_ctx_t *ctx,
    ngx_http_credits_loc_conf_t *lcf)
{
    unsigned                       n;
    int64_t                        limit, output;
    ngx_uint_t                     force;
    credits_edit_t                 edits[CREDITS_REQUEST_EDITS_MAX];
    ngx_http_credits_main_conf_t  *mcf;

    ctx->step = NGX_HTTP_CREDITS_ADMITTED;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_credits_module);
    ngx_queue_insert_tail(&mcf->admitted, &ctx->queue);

    /* Anthropic's API has no such option and refuses what it does not know */

    force = (ngx_http_credits_header(r, NULL, "anthropic-version",
                                     sizeof("anthropic-version") - 1)
             == NULL);

    limit = -1;

    if (lcf->clamp && ctx->hold > 0) {
        output = credits_price_affordable(&ctx->price, ctx->hold,
                                          ctx->prompt_tokens)
                 / ctx->chat->choices;

        if (output < (ctx->chat->max_output >= 0 ? ctx->chat->max_output
                                                 : lcf->max_output))
        {
            limit = ngx_max(output, 1);
        }
    }

    n = credits_request_edits(ctx->chat, (int) force, limit, edits);

    ctx->strip = force && ctx->chat->stream && ctx->chat->completions
                 && !ctx->chat->include_usage;

    if (n && ngx_http_credits_body_splice(r, edits, n) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_http_credits_plain_answer(r);
    ngx_http_credits_watch_client(r);

    return NGX_DECLINED;
}
