/*
 * The read API: documents that Postgres prints and nginx passes on.
 */

#include "ngx_http_credits_documents.h"
#include "ngx_http_credits_identity.h"
#include "ngx_http_credits_reply.h"
#include "ngx_http_credits_wait.h"


#define NGX_HTTP_CREDITS_DOCUMENTS_PARAMS  5
#define NGX_HTTP_CREDITS_DOCUMENTS_LIMIT   "50"
#define NGX_HTTP_CREDITS_DOCUMENTS_ARG     256      /* bytes */


/* ctx->content of a location of the read API */

typedef struct {
    ngx_credits_query_e   what;
    ngx_str_t             params[NGX_HTTP_CREDITS_DOCUMENTS_PARAMS];
    ngx_uint_t            nparams;
    ngx_credits_status_e  status;       /* of the query */
    ngx_str_t             text;
} ngx_http_credits_documents_t;


static ngx_int_t ngx_http_credits_documents_balance_handler(
    ngx_http_request_t *r);
static ngx_int_t ngx_http_credits_documents_transactions_handler(
    ngx_http_request_t *r);
static ngx_int_t ngx_http_credits_documents_params(ngx_http_request_t *r,
    ngx_http_credits_documents_t *document);
static ngx_int_t ngx_http_credits_documents_argument(ngx_http_request_t *r,
    const char *name, ngx_str_t *value);
static ngx_int_t ngx_http_credits_documents_handler(ngx_http_request_t *r,
    ngx_credits_query_e what);
static ngx_int_t ngx_http_credits_documents_ask(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx);
static void ngx_http_credits_documents_done(void *data,
    ngx_credits_status_e status, const ngx_credits_query_result_t *result);
static ngx_int_t ngx_http_credits_documents_reply(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx);
static ngx_int_t ngx_http_credits_documents_invalid(ngx_http_request_t *r);
static char *ngx_http_credits_documents_location(ngx_conf_t *cf, void *conf,
    ngx_http_handler_pt handler);


static ngx_int_t
ngx_http_credits_documents_balance_handler(ngx_http_request_t *r)
{
    return ngx_http_credits_documents_handler(r, NGX_CREDITS_QUERY_OVERVIEW);
}


static ngx_int_t
ngx_http_credits_documents_transactions_handler(ngx_http_request_t *r)
{
    return ngx_http_credits_documents_handler(r,
                                              NGX_CREDITS_QUERY_TRANSACTIONS);
}


static ngx_int_t
ngx_http_credits_documents_handler(ngx_http_request_t *r,
    ngx_credits_query_e what)
{
    ngx_int_t                      rc;
    ngx_http_credits_ctx_t        *ctx;
    ngx_http_credits_documents_t  *document;

    if (r != r->main) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "credits: a subrequest cannot read the account, it is "
                      "refused");
        return NGX_HTTP_FORBIDDEN;
    }

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return ngx_http_credits_reply_not_allowed(r, "GET, HEAD",
                                               "Only GET is answered here.");
    }

    ctx = ngx_http_credits_ctx_get(r);

    if (ctx == NULL || ctx->identity == NULL
        || ctx->identity->state != NGX_HTTP_CREDITS_KNOWN)
    {
        return ngx_http_credits_reply_unauthorized(r);
    }

    document = ngx_pcalloc(r->pool, sizeof(ngx_http_credits_documents_t));
    if (document == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    document->what = what;
    document->params[0] = ctx->identity->user;
    document->nparams = 1;

    if (what == NGX_CREDITS_QUERY_TRANSACTIONS
        && ngx_http_credits_documents_params(r, document) != NGX_OK)
    {
        return ngx_http_credits_documents_invalid(r);
    }

    ctx->content = document;

    rc = ngx_http_credits_documents_ask(r, ctx);

    if (rc == NGX_AGAIN) {
        /* the phase gives back its count: this one is the waiting request's */

        r->main->count++;
        return NGX_DONE;
    }

    return rc;
}


static ngx_int_t
ngx_http_credits_documents_params(ngx_http_request_t *r,
    ngx_http_credits_documents_t *document)
{
    ngx_str_t           *param;
    ngx_uint_t           i;
    static const char   *names[] = { "limit", "cursor", "type", "since" };

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        param = &document->params[document->nparams++];

        if (ngx_http_credits_documents_argument(r, names[i], param)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    if (document->params[1].data == NULL) {
        ngx_str_set(&document->params[1], NGX_HTTP_CREDITS_DOCUMENTS_LIMIT);
    }

    return NGX_OK;
}


/* present arguments have at most 256 bytes of printable ASCII; NGX_ERROR */

static ngx_int_t
ngx_http_credits_documents_argument(ngx_http_request_t *r, const char *name,
    ngx_str_t *value)
{
    u_char      *dst, *src;
    ngx_str_t    raw;
    ngx_uint_t   i;

    if (ngx_http_arg(r, (u_char *) name, ngx_strlen(name), &raw) != NGX_OK) {
        return NGX_OK;
    }

    if (raw.len > NGX_HTTP_CREDITS_DOCUMENTS_ARG) {
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


/*
 * Entered until this user's settlements are in the ledger: what the client has
 * seen the end of must be in what it reads.
 */

static ngx_int_t
ngx_http_credits_documents_ask(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx)
{
    ngx_int_t                      rc;
    ngx_credits_op_t              *op;
    ngx_http_credits_documents_t  *document;

    rc = ngx_http_credits_wait_pending(r, ctx, &ctx->identity->user,
                                       ngx_http_credits_documents_ask);
    if (rc != NGX_OK) {
        return rc;
    }

    document = ctx->content;

    op = ngx_credits_ledger_query(ngx_http_credits_ctx_ledger(r),
                                 document->what, document->params,
                                 document->nparams,
                                 ngx_http_credits_documents_done, ctx);

    return ngx_http_credits_wait_op(r, ctx, op,
                                    ngx_http_credits_documents_reply);
}


static void
ngx_http_credits_documents_done(void *data, ngx_credits_status_e status,
    const ngx_credits_query_result_t *result)
{
    ngx_http_credits_ctx_t *ctx = data;

    ngx_str_t                      text;
    ngx_http_credits_documents_t  *document;

    document = ctx->content;
    document->status = status;

    if (status == NGX_CREDITS_OK) {
        text = result->text;
        document->text.data = ngx_pstrdup(ctx->request->pool, &text);
        document->text.len = text.len;
    }

    ngx_http_credits_wait_done(ctx);
}


static ngx_int_t
ngx_http_credits_documents_reply(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx)
{
    ngx_http_credits_documents_t  *document;

    document = ctx->content;

    switch (document->status) {

    case NGX_CREDITS_OK:
        if (document->text.data == NULL) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        return ngx_http_credits_reply_send(r, NGX_HTTP_OK, &document->text);

    case NGX_CREDITS_DECLINED:
        return ngx_http_credits_documents_invalid(r);

    default:
        return ngx_http_credits_reply_unavailable(r);
    }
}


static ngx_int_t
ngx_http_credits_documents_invalid(ngx_http_request_t *r)
{
    return ngx_http_credits_reply_error(r, NGX_HTTP_BAD_REQUEST,
                                        "invalid_parameter",
                                        "A parameter is not valid.");
}


char *
ngx_http_credits_documents_set_balance(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    return ngx_http_credits_documents_location(cf, conf,
                                ngx_http_credits_documents_balance_handler);
}


char *
ngx_http_credits_documents_set_transactions(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf)
{
    return ngx_http_credits_documents_location(cf, conf,
                           ngx_http_credits_documents_transactions_handler);
}


static char *
ngx_http_credits_documents_location(ngx_conf_t *cf, void *conf,
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
