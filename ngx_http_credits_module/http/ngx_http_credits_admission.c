/*
 * May they: the body is read and scanned, credits are held, and the body goes
 * on with the few bytes that metering needs changed.
 */

#include "ngx_http_credits_admission.h"
#include "ngx_http_credits_api.h"
#include "ngx_http_credits_body.h"
#include "ngx_http_credits_drain.h"
#include "ngx_http_credits_headers.h"
#include "ngx_http_credits_hold.h"
#include "ngx_http_credits_identity.h"
#include "ngx_http_credits_price.h"
#include "ngx_http_credits_reply.h"
#include "ngx_http_credits_settlement.h"
#include "ngx_http_credits_wait.h"

#include "../core/credits_request_edits.h"


static ngx_int_t ngx_http_credits_admission_step(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx);
static ngx_int_t ngx_http_credits_admission_read(ngx_http_request_t *r,
    ngx_http_credits_admission_t *admission);
static void ngx_http_credits_admission_body_handler(ngx_http_request_t *r);
static ngx_int_t ngx_http_credits_admission_scan(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx);
static ngx_int_t ngx_http_credits_admission_scan_piece(void *data, u_char *p,
    size_t n);
static ngx_int_t ngx_http_credits_admission_check(ngx_http_request_t *r,
    ngx_http_credits_hold_t *hold);
static ngx_int_t ngx_http_credits_admission_unbounded(ngx_http_request_t *r,
    const char *member);
static ngx_int_t ngx_http_credits_admission_ask(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx);
static ngx_int_t ngx_http_credits_admission_answered(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx);
static ngx_int_t ngx_http_credits_admission_denied(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx);
static ngx_int_t ngx_http_credits_admission_failed(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx);
static ngx_int_t ngx_http_credits_admission_admit(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx);


/* precontent: every access check has let the request pass */

ngx_int_t
ngx_http_credits_admission_handler(ngx_http_request_t *r)
{
    ngx_int_t                     rc;
    ngx_http_credits_ctx_t       *ctx;
    ngx_http_credits_loc_conf_t  *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_credits_module);

    if (lcf->mode == NGX_HTTP_CREDITS_OFF || lcf->webhook) {
        return NGX_DECLINED;
    }

    if (lcf->mode == NGX_HTTP_CREDITS_ON && r != r->main) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "credits: a subrequest cannot be charged, it is "
                      "refused");
        return NGX_HTTP_FORBIDDEN;
    }

    if (lcf->mode == NGX_HTTP_CREDITS_ON && r->post_action) {
        /* the answer has ended and is paid for: another would be free */

        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "credits: a post_action cannot be charged, it is "
                      "left out");
        return ngx_http_credits_reply_refuse(r, NGX_OK);
    }

    ctx = ngx_http_credits_ctx_make(r);
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    /*
     * With "satisfy any" the access phase is left early, and subrequests do
     * not come by it.
     */

    rc = ngx_http_credits_identity_require(r, ctx);

    if (rc != NGX_OK) {
        return rc;
    }

    if (lcf->mode == NGX_HTTP_CREDITS_USER) {
        return NGX_DECLINED;
    }

    rc = ngx_http_credits_api_find(r, ctx);

    if (rc != NGX_OK) {
        return rc;
    }

    return ngx_http_credits_admission_step(r, ctx);
}


static ngx_int_t
ngx_http_credits_admission_step(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx)
{
    if (ctx->admission == NULL) {
        ctx->admission = ngx_pcalloc(r->pool,
                                     sizeof(ngx_http_credits_admission_t));
        if (ctx->admission == NULL) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
    }

    ngx_log_debug1(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "credits admission: step %d", (int) ctx->admission->step);

    switch (ctx->admission->step) {

    case NGX_HTTP_CREDITS_NEW:
        return ngx_http_credits_admission_read(r, ctx->admission);

    case NGX_HTTP_CREDITS_READING:
        return NGX_DONE;

    case NGX_HTTP_CREDITS_READ:
        return ngx_http_credits_admission_scan(r, ctx);

    case NGX_HTTP_CREDITS_HOLDING:
        return ngx_http_credits_admission_answered(r, ctx);

    default: /* NGX_HTTP_CREDITS_ADMITTED, an internal redirect came by */
        return NGX_DECLINED;
    }
}


static ngx_int_t
ngx_http_credits_admission_read(ngx_http_request_t *r,
    ngx_http_credits_admission_t *admission)
{
    ngx_int_t  rc;

    if (ngx_http_credits_headers_find(r, NULL, "content-encoding")) {
        return ngx_http_credits_reply_refuse(r,
                   ngx_http_credits_reply_error(r,
                                            NGX_HTTP_UNSUPPORTED_MEDIA_TYPE,
                                            "unsupported_content_encoding",
                                            "The request's body must not be "
                                            "content-encoded."));
    }

    admission->step = NGX_HTTP_CREDITS_READING;

    rc = ngx_http_read_client_request_body(r,
                                   ngx_http_credits_admission_body_handler);

    if (rc == NGX_HTTP_REQUEST_ENTITY_TOO_LARGE) {
        return ngx_http_credits_reply_refuse(r,
                   ngx_http_credits_reply_error(r, rc, "request_too_large",
                                                "The request's body is too "
                                                "large."));
    }

    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        return rc;
    }

    /* the handler may have run, and the request may be over: see mirror */

    ngx_http_finalize_request(r, NGX_DONE);

    return NGX_DONE;
}


static void
ngx_http_credits_admission_body_handler(ngx_http_request_t *r)
{
    ngx_http_credits_ctx_t  *ctx;

    ctx = ngx_http_credits_ctx_get(r);

    ctx->admission->step = NGX_HTTP_CREDITS_READ;

    r->preserve_body = 1;
    r->write_event_handler = ngx_http_core_run_phases;

    ngx_http_core_run_phases(r);
}


static ngx_int_t
ngx_http_credits_admission_scan(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx)
{
    ngx_int_t                     rc;
    credits_request_t            *body;
    ngx_http_credits_loc_conf_t  *lcf;

    body = ngx_palloc(r->pool, sizeof(credits_request_t));
    if (body == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_credits_module);

    credits_request_init(body, ctx->api->operation, lcf->part_tokens,
                         ctx->api->boundary);

    rc = ngx_http_credits_body_pieces(r,
                                      ngx_http_credits_admission_scan_piece,
                                      body);
    if (rc == NGX_ERROR) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (rc == NGX_DECLINED || credits_request_end(body) != 0) {
        return ngx_http_credits_reply_refuse(r,
                   ngx_http_credits_reply_error(r, NGX_HTTP_BAD_REQUEST,
                                                "invalid_body",
                                                credits_request_error(body)));
    }

    if (body->unmetered) {
        return ngx_http_credits_api_refuse(r, body->unmetered,
                                           ngx_strlen(body->unmetered));
    }

    if (ngx_http_credits_hold_make(r, ctx, body) != NGX_OK
        || ngx_http_credits_settlement_expect(r, ctx) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_credits_admission_check(r, ctx->hold);
}


/* what the location does not sell, or cannot bound, is not asked for */

static ngx_int_t
ngx_http_credits_admission_check(ngx_http_request_t *r,
    ngx_http_credits_hold_t *hold)
{
    const char                   *member;
    ngx_http_credits_loc_conf_t  *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_credits_module);

    if (!ngx_http_credits_price_sells(lcf, &hold->model)) {
        return ngx_http_credits_reply_refuse(r,
                   ngx_http_credits_reply_naming(r, NGX_HTTP_BAD_REQUEST,
                                                 "model_not_found",
                                                 "The model \"%V\" is not "
                                                 "offered here.",
                                                 &hold->model));
    }

    if (lcf->hold == NGX_HTTP_CREDITS_STRICT || lcf->clamp) {
        member = credits_request_unbounded(hold->body,
                                           (uint32_t) lcf->allowed);
        if (member) {
            return ngx_http_credits_admission_unbounded(r, member);
        }
    }

    return ngx_http_credits_admission_ask(r, hold->ctx);
}


static ngx_int_t
ngx_http_credits_admission_unbounded(ngx_http_request_t *r,
    const char *member)
{
    ngx_str_t  name;

    name.data = (u_char *) member;
    name.len = ngx_strlen(member);

    return ngx_http_credits_reply_refuse(r,
               ngx_http_credits_reply_naming(r, NGX_HTTP_BAD_REQUEST,
                                             "price_not_bounded",
                                             "What \"%V\" costs is not known "
                                             "before; it is not taken here.",
                                             &name));
}


static ngx_int_t
ngx_http_credits_admission_scan_piece(void *data, u_char *p, size_t n)
{
    return credits_request_feed(data, p, n) == 0 ? NGX_OK : NGX_DECLINED;
}


static ngx_int_t
ngx_http_credits_admission_ask(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx)
{
    ngx_int_t  rc;

    if (!ngx_credits_ledger_safe(ngx_http_credits_ctx_ledger(r))) {
        return ngx_http_credits_reply_refuse(r,
                                    ngx_http_credits_reply_unavailable(r));
    }

    rc = ngx_http_credits_hold_ask(r, ctx);

    if (rc == NGX_AGAIN) {
        ctx->admission->step = NGX_HTTP_CREDITS_HOLDING;
    }

    return rc;
}


static ngx_int_t
ngx_http_credits_admission_answered(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx)
{
    switch (ctx->hold->state) {

    case NGX_HTTP_CREDITS_HOLD_GRANTED:
        ngx_http_credits_ctx_count(r, NGX_CREDITS_COUNT_admitted, 1);
        return ngx_http_credits_admission_admit(r, ctx);

    case NGX_HTTP_CREDITS_HOLD_DENIED:
        return ngx_http_credits_admission_denied(r, ctx);

    case NGX_HTTP_CREDITS_HOLD_FROZEN:
        ngx_http_credits_ctx_count(r, NGX_CREDITS_COUNT_frozen, 1);
        return ngx_http_credits_reply_refuse(r,
                                         ngx_http_credits_reply_frozen(r));

    case NGX_HTTP_CREDITS_HOLD_FAILED:
        return ngx_http_credits_admission_failed(r, ctx);

    default: /* NGX_HTTP_CREDITS_HOLD_ASKED */
        return NGX_AGAIN;
    }
}


/*
 * The user's last answer may have ended while its settlement was on its way
 * and its hold still stood: what that gives back may do.
 */

static ngx_int_t
ngx_http_credits_admission_denied(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx)
{
    ngx_int_t                 rc;
    ngx_http_credits_hold_t  *hold;

    hold = ctx->hold;

    if (hold->user_held > 0 && !ctx->admission->retried) {
        rc = ngx_http_credits_wait_pending(r, ctx, &ctx->identity->user,
                                           NULL);
        if (rc != NGX_OK) {
            return rc;
        }

        ctx->admission->retried = 1;

        return ngx_http_credits_admission_ask(r, ctx);
    }

    ngx_http_credits_ctx_count(r, NGX_CREDITS_COUNT_denied, 1);

    return ngx_http_credits_reply_refuse(r,
               ngx_http_credits_reply_insufficient(r, hold->available,
                                                   hold->minimum,
                                                   hold->user_held));
}


/* Postgres did not answer */

static ngx_int_t
ngx_http_credits_admission_failed(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx)
{
    ngx_http_credits_loc_conf_t  *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_credits_module);

    if (lcf->on_error == NGX_HTTP_CREDITS_DENY) {
        return ngx_http_credits_reply_refuse(r,
                                    ngx_http_credits_reply_unavailable(r));
    }

    ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                  "credits: Postgres did not answer; the request goes on "
                  "without a hold (user: %V)", &ctx->identity->user);

    if (ngx_http_credits_hold_waive(r, ctx) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_credits_admission_admit(r, ctx);
}


static ngx_int_t
ngx_http_credits_admission_admit(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx)
{
    int                           added;
    unsigned                      n;
    credits_edit_t                edits[CREDITS_REQUEST_EDITS_MAX];
    ngx_http_credits_loc_conf_t  *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_credits_module);

    ctx->admission->step = NGX_HTTP_CREDITS_ADMITTED;

    n = credits_request_edits(ctx->hold->body, (int) lcf->include_usage,
                              ngx_http_credits_hold_output_limit(r,
                                                                 ctx->hold),
                              edits, &added);

    ctx->admission->usage_added = (added != 0);

    if (n && ngx_http_credits_body_splice(r, edits, n) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_http_credits_headers_accept_identity(r);
    ngx_http_credits_headers_expect_whole(r);
    ngx_http_credits_drain_watch(r);

    return NGX_DECLINED;
}
