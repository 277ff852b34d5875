/*
 * The read API: documents that Postgres prints and nginx passes on.
 */

#include "ngx_http_credits.h"


#define NGX_HTTP_CREDITS_LIMIT  "50"


static ngx_int_t ngx_http_credits_balance_handler(ngx_http_request_t *r);
static ngx_int_t ngx_http_credits_transactions_handler(ngx_http_request_t *r);
static ngx_int_t ngx_http_credits_document(ngx_http_request_t *r,
    ngx_http_credits_ask_pt ask);
static void ngx_http_credits_document_next(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx);
static ngx_int_t ngx_http_credits_ask_overview(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx);
static ngx_int_t ngx_http_credits_ask_transactions(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx);
static ngx_int_t ngx_http_credits_argument(ngx_http_request_t *r,
    const char *name, ngx_str_t *value);
static void ngx_http_credits_read_done(void *data,
    ngx_credits_status_e status, const ngx_credits_query_result_t *result);
static ngx_int_t ngx_http_credits_document_answer(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx);
static char *ngx_http_credits_document_location(ngx_conf_t *cf, void *conf,
    ngx_http_handler_pt handler);


static ngx_int_t
ngx_http_credits_balance_handler(ngx_http_request_t *r)
{
    return ngx_http_credits_document(r, ngx_http_credits_ask_overview);
}


static ngx_int_t
ngx_http_credits_transactions_handler(ngx_http_request_t *r)
{
    return ngx_http_credits_document(r, ngx_http_credits_ask_transactions);
}


static ngx_int_t
ngx_http_credits_document(ngx_http_request_t *r, ngx_http_credits_ask_pt ask)
{
    ngx_str_t                allow = ngx_string("GET, HEAD");
    ngx_http_credits_ctx_t  *ctx;

    ctx = ngx_http_credits_make_ctx(r);
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    /* whatever answers finalizes, and so does the caller: one count each */
    r->main->count++;

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {

        if (ngx_http_credits_add_header(r, "Allow", &allow) != NGX_OK) {
            ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);
            return NGX_DONE;
        }

        return ngx_http_credits_reply_error(r, NGX_HTTP_NOT_ALLOWED,
                                            "method_not_allowed",
                                            "Only GET is answered here.");
    }

    if (ctx->user.len == 0) {
        return ngx_http_credits_reply_unauthorized(r);
    }

    ctx->ask = ask;
    ctx->resume = ngx_http_credits_document_next;

    ngx_http_credits_document_next(r, ctx);

    return NGX_DONE;
}


/* entered until there is an answer */

static void
ngx_http_credits_document_next(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx)
{
    ngx_int_t  rc;

    if (ctx->ask) {

        /* what the client has seen the end of shall be in what it reads */

        rc = ngx_http_credits_wait_pending(r, ctx);

        if (rc == NGX_OK) {
            rc = ctx->ask(r, ctx);
            ctx->ask = NULL;
        }

    } else {
        rc = ngx_http_credits_document_answer(r, ctx);
    }

    if (rc != NGX_AGAIN && rc != NGX_DONE) {
        ngx_http_finalize_request(r, rc);
    }
}


static ngx_int_t
ngx_http_credits_ask_overview(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx)
{
    ngx_http_credits_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_credits_module);

    ctx->op = ngx_credits_ledger_query(mcf->ledger,
                                       NGX_CREDITS_QUERY_OVERVIEW, &ctx->user,
                                       1, ngx_http_credits_read_done, ctx);
    if (ctx->op == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_credits_suspend(r, ctx);
}


static ngx_int_t
ngx_http_credits_ask_transactions(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx)
{
    ngx_str_t                      params[5];
    ngx_http_credits_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_credits_module);

    params[0] = ctx->user;

    if (ngx_http_credits_argument(r, "limit", &params[1]) != NGX_OK
        || ngx_http_credits_argument(r, "cursor", &params[2]) != NGX_OK
        || ngx_http_credits_argument(r, "type", &params[3]) != NGX_OK
        || ngx_http_credits_argument(r, "since", &params[4]) != NGX_OK)
    {
        return ngx_http_credits_reply_error(r, NGX_HTTP_BAD_REQUEST,
                                            "invalid_parameter",
                                            "A parameter is not valid.");
    }

    if (params[1].data == NULL) {
        ngx_str_set(&params[1], NGX_HTTP_CREDITS_LIMIT);
    }

    ctx->op = ngx_credits_ledger_query(mcf->ledger,
                                       NGX_CREDITS_QUERY_TRANSACTIONS, params,
                                       5, ngx_http_credits_read_done, ctx);
    if (ctx->op == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_credits_suspend(r, ctx);
}


/* NGX_ERROR: present, but not printable ASCII of a bearable length */

static ngx_int_t
ngx_http_credits_argument(ngx_http_request_t *r, const char *name,
    ngx_str_t *value)
{
    u_char      *dst, *src;
    ngx_str_t    raw;
    ngx_uint_t   i;

    ngx_str_null(value);

    if (ngx_http_arg(r, (u_char *) name, ngx_strlen(name), &raw) != NGX_OK) {
        return NGX_OK;
    }

    if (raw.len > 256) {
        return NGX_ERROR;
    }

    dst = ngx_pnalloc(r->pool, raw.len + 1);
    if (dst == NULL) {
        return NGX_ERROR;
    }

    value->data = dst;
    src = raw.data;

    ngx_unescape_uri(&dst, &src, raw.len, 0);

    value->len = dst - value->data;

    for (i = 0; i < value->len; i++) {
        if (value->data[i] < 0x20 || value->data[i] > 0x7e) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static void
ngx_http_credits_read_done(void *data, ngx_credits_status_e status,
    const ngx_credits_query_result_t *result)
{
    ngx_str_t                text;
    ngx_http_credits_ctx_t  *ctx = data;

    ctx->op = NULL;
    ctx->answer = status;

    if (result) {
        text = result->text;
        ctx->text.data = ngx_pstrdup(ctx->request->pool, &text);
        ctx->text.len = text.len;

        if (ctx->text.data == NULL) {
            ctx->answer = NGX_ERROR;
        }
    }

    ngx_http_credits_resume(ctx);
}


static ngx_int_t
ngx_http_credits_document_answer(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx)
{
    switch (ctx->answer) {

    case NGX_CREDITS_OK:
        return ngx_http_credits_send_json(r, NGX_HTTP_OK, &ctx->text);

    case NGX_CREDITS_DECLINED:
        return ngx_http_credits_reply_error(r, NGX_HTTP_BAD_REQUEST,
                                            "invalid_parameter",
                                            "A parameter is not valid.");

    case NGX_CREDITS_UNAVAILABLE:
        return ngx_http_credits_reply_unavailable(r);

    default:
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
}


char *
ngx_http_credits_balance(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    return ngx_http_credits_document_location(cf, conf,
                                            ngx_http_credits_balance_handler);
}


char *
ngx_http_credits_transactions(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    return ngx_http_credits_document_location(cf, conf,
                                       ngx_http_credits_transactions_handler);
}


static char *
ngx_http_credits_document_location(ngx_conf_t *cf, void *conf,
    ngx_http_handler_pt handler)
{
    ngx_http_credits_loc_conf_t *lcf = conf;

    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = handler;

    /* reading needs a user, whatever the enclosing levels ask for */
    lcf->document = 1;

    return NGX_CONF_OK;
}
