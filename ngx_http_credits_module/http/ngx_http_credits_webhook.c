/*
 * Webhooks of the shop: what is signed goes to the ledger, as it came.
 */

#include "ngx_http_credits.h"


typedef struct {
    ngx_str_t   name;
    ngx_uint_t  level;                  /* of its line in the log */
    ngx_uint_t  malformed;
} ngx_http_credits_outcome_t;


static void ngx_http_credits_webhook_body(ngx_http_request_t *r);
static ngx_int_t ngx_http_credits_webhook_take(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx);
static ngx_int_t ngx_http_credits_webhook_verify(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx, ngx_http_credits_webhook_t *webhook,
    const char **why);
static const char *ngx_http_credits_webhook_headers(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx, credits_webhook_t *w);
static ngx_int_t ngx_http_credits_webhook_header(ngx_http_request_t *r,
    const char *name, credits_webhook_str_t *value);
static ngx_int_t ngx_http_credits_webhook_feed(void *data, u_char *p,
    size_t n);
static ngx_int_t ngx_http_credits_webhook_text(ngx_http_request_t *r,
    ngx_str_t *text);
static ngx_int_t ngx_http_credits_webhook_copy(void *data, u_char *p,
    size_t n);
static ngx_int_t ngx_http_credits_webhook_ask(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx, ngx_str_t *body);
static void ngx_http_credits_webhook_done(void *data,
    ngx_credits_status_e status, const ngx_credits_query_result_t *result);
static void ngx_http_credits_webhook_answered(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx);
static ngx_int_t ngx_http_credits_webhook_outcome(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx);
static ngx_int_t ngx_http_credits_webhook_malformed(ngx_http_request_t *r);
static ngx_int_t ngx_http_credits_webhook_failed(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx, const char *why);
static ngx_int_t ngx_http_credits_webhook_escape(ngx_pool_t *pool,
    ngx_str_t *s);


/* a human has to look at what is pending or rejected: somebody has paid */

static const ngx_http_credits_outcome_t  ngx_http_credits_outcomes[] = {
    { ngx_string("applied"), NGX_LOG_NOTICE, 0 },
    { ngx_string("ignored"), NGX_LOG_INFO, 0 },
    { ngx_string("pending"), NGX_LOG_ALERT, 0 },
    { ngx_string("rejected"), NGX_LOG_ALERT, 0 },
    { ngx_string("malformed"), NGX_LOG_ERR, 1 },
    { ngx_null_string, 0, 0 }
};


ngx_int_t
ngx_http_credits_webhook_handler(ngx_http_request_t *r)
{
    ngx_int_t  rc;
    ngx_str_t  allow = ngx_string("POST");

    if (r != r->main) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "credits: a subrequest is no webhook, it is refused");
        return NGX_HTTP_FORBIDDEN;
    }

    if (r->method != NGX_HTTP_POST) {
        if (ngx_http_credits_add_header(r, "Allow", &allow) != NGX_OK) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        /* the reply finalizes, and so does the caller: one count each */
        r->main->count++;

        return ngx_http_credits_reply_error(r, NGX_HTTP_NOT_ALLOWED,
                                            "method_not_allowed",
                                            "Only POST is answered here.");
    }

    rc = ngx_http_read_client_request_body(r, ngx_http_credits_webhook_body);

    return (rc >= NGX_HTTP_SPECIAL_RESPONSE) ? rc : NGX_DONE;
}


static void
ngx_http_credits_webhook_body(ngx_http_request_t *r)
{
    ngx_int_t                rc;
    ngx_http_credits_ctx_t  *ctx;

    ctx = ngx_http_credits_make_ctx(r);

    rc = ctx ? ngx_http_credits_webhook_take(r, ctx)
             : NGX_HTTP_INTERNAL_SERVER_ERROR;

    if (rc != NGX_AGAIN && rc != NGX_DONE) {
        ngx_http_finalize_request(r, rc);
    }
}


static ngx_int_t
ngx_http_credits_webhook_take(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx)
{
    ngx_int_t                     rc;
    ngx_str_t                     body;
    const char                   *why;
    ngx_http_credits_loc_conf_t  *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_credits_module);

    rc = ngx_http_credits_webhook_verify(r, ctx, lcf->webhook, &why);

    if (rc == NGX_ERROR) {
        return ngx_http_credits_webhook_failed(r, ctx, why);
    }

    if (rc == NGX_DECLINED) {
        ngx_credits_zone_count(ngx_http_credits_get_zone(r),
                               NGX_CREDITS_COUNT_webhooks_refused, 1);

        ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                      "credits: a webhook is refused: %s", why);

        return ngx_http_credits_reply_unsigned(r);
    }

    rc = ngx_http_credits_webhook_text(r, &body);

    if (rc == NGX_ERROR) {
        return ngx_http_credits_webhook_failed(r, ctx,
                                               "its body cannot be read");
    }

    if (rc == NGX_DECLINED) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "webhook %V: its body is empty or has a NUL byte; it "
                      "is refused", &ctx->event);

        return ngx_http_credits_webhook_malformed(r);
    }

    return ngx_http_credits_webhook_ask(r, ctx, &body);
}


/* NGX_OK: it is signed, ctx->event is its id; NGX_DECLINED; NGX_ERROR */

static ngx_int_t
ngx_http_credits_webhook_verify(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx, ngx_http_credits_webhook_t *webhook,
    const char **why)
{
    int                rc, verdict;
    credits_webhook_t  w;

    *why = ngx_http_credits_webhook_headers(r, ctx, &w);

    if (*why) {
        return NGX_DECLINED;
    }

    rc = credits_webhook_begin(&w, webhook->secrets, webhook->nsecrets);

    if (rc == 0) {
        rc = ngx_http_credits_body_pieces(r, ngx_http_credits_webhook_feed,
                                          &w);
    }

    verdict = credits_webhook_end(&w);

    if (rc != NGX_OK || verdict == -1) {
        *why = "its signature cannot be checked";
        return NGX_ERROR;
    }

    if (verdict == 0) {
        *why = "webhook-signature was not made with our secret for this "
               "body, id and time";
        return NGX_DECLINED;
    }

    return NGX_OK;
}


/* NULL, or why what they say cannot be true */

static const char *
ngx_http_credits_webhook_headers(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx, credits_webhook_t *w)
{
    credits_webhook_str_t  id, timestamp, signature;

    if (ngx_http_credits_webhook_header(r, "webhook-id", &id) != NGX_OK) {
        return "webhook-id is missing, or there are several";
    }

    if (ngx_http_credits_webhook_header(r, "webhook-timestamp", &timestamp)
        != NGX_OK)
    {
        return "webhook-timestamp is missing, or there are several";
    }

    if (ngx_http_credits_webhook_header(r, "webhook-signature", &signature)
        != NGX_OK)
    {
        return "webhook-signature is missing, or there are several";
    }

    ctx->event.data = (u_char *) id.p;
    ctx->event.len = id.n;

    return credits_webhook_init(w, &id, &timestamp, &signature, ngx_time());
}


/* NGX_OK: there is exactly one of the name */

static ngx_int_t
ngx_http_credits_webhook_header(ngx_http_request_t *r, const char *name,
    credits_webhook_str_t *value)
{
    size_t            len;
    ngx_table_elt_t  *h;

    len = ngx_strlen(name);
    h = ngx_http_credits_header(r, NULL, name, len);

    if (h == NULL || ngx_http_credits_header(r, h, name, len)) {
        return NGX_DECLINED;
    }

    value->p = h->value.data;
    value->n = h->value.len;

    return NGX_OK;
}


static ngx_int_t
ngx_http_credits_webhook_feed(void *data, u_char *p, size_t n)
{
    return credits_webhook_feed(data, p, n) == 0 ? NGX_OK : NGX_ERROR;
}


/*
 * The body in one piece, which only signed ones are worth.  NGX_DECLINED: it
 * is no text.
 */

static ngx_int_t
ngx_http_credits_webhook_text(ngx_http_request_t *r, ngx_str_t *text)
{
    off_t         size;
    ngx_int_t     rc;
    ngx_chain_t  *cl;

    size = 0;

    for (cl = r->request_body ? r->request_body->bufs : NULL; cl;
         cl = cl->next)
    {
        size += ngx_buf_size(cl->buf);
    }

    if (size == 0) {
        return NGX_DECLINED;
    }

    text->len = 0;
    text->data = ngx_pnalloc(r->pool, (size_t) size);
    if (text->data == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_http_credits_body_pieces(r, ngx_http_credits_webhook_copy, text);

    /* Postgres would be sent what is before it */

    if (rc == NGX_OK && memchr(text->data, '\0', text->len)) {
        return NGX_DECLINED;
    }

    return rc;
}


static ngx_int_t
ngx_http_credits_webhook_copy(void *data, u_char *p, size_t n)
{
    ngx_str_t *text = data;

    ngx_memcpy(text->data + text->len, p, n);
    text->len += n;

    return NGX_OK;
}


static ngx_int_t
ngx_http_credits_webhook_ask(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx, ngx_str_t *body)
{
    ngx_str_t                      params[3];
    ngx_http_credits_loc_conf_t   *lcf;
    ngx_http_credits_main_conf_t  *mcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_credits_module);
    mcf = ngx_http_get_module_main_conf(r, ngx_http_credits_module);

    params[0] = ctx->event;
    params[1] = *body;

    if (lcf->webhook->refund_debt) {
        ngx_str_set(&params[2], "true");

    } else {
        ngx_str_set(&params[2], "false");
    }

    ctx->resume = ngx_http_credits_webhook_answered;
    ctx->op = ngx_credits_ledger_query(mcf->ledger,
                                       NGX_CREDITS_QUERY_POLAR_EVENT, params,
                                       3, ngx_http_credits_webhook_done, ctx);
    if (ctx->op == NULL) {
        return ngx_http_credits_webhook_failed(r, ctx, "out of memory");
    }

    /* what becomes of it is to be logged, whether the shop waits or not */

    ngx_http_credits_suspend_unwatched(r, ctx);

    return NGX_AGAIN;
}


static void
ngx_http_credits_webhook_done(void *data, ngx_credits_status_e status,
    const ngx_credits_query_result_t *result)
{
    ngx_str_t                text;
    ngx_pool_t              *pool;
    ngx_http_credits_ctx_t  *ctx = data;

    ctx->op = NULL;
    ctx->answer = status;

    if (result) {
        pool = ctx->request->pool;

        text = result->text;
        ctx->text.data = ngx_pstrdup(pool, &text);
        ctx->text.len = text.len;
        ctx->detail = result->detail;

        if (ctx->text.data == NULL
            || ngx_http_credits_webhook_escape(pool, &ctx->detail) != NGX_OK)
        {
            ctx->answer = NGX_CREDITS_UNAVAILABLE;
        }
    }

    ngx_http_credits_resume(ctx);
}


static void
ngx_http_credits_webhook_answered(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx)
{
    ngx_int_t  rc;

    switch (ctx->answer) {

    case NGX_CREDITS_OK:
        rc = ngx_http_credits_webhook_outcome(r, ctx);
        break;

    case NGX_CREDITS_DECLINED:
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "webhook %V: its body is not what Postgres takes for "
                      "text; it is refused", &ctx->event);

        rc = ngx_http_credits_webhook_malformed(r);
        break;

    default: /* NGX_CREDITS_UNAVAILABLE */
        rc = ngx_http_credits_webhook_failed(r, ctx,
                                             "Postgres did not take it");
    }

    if (rc != NGX_DONE) {
        ngx_http_finalize_request(r, rc);
    }
}


static ngx_int_t
ngx_http_credits_webhook_outcome(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx)
{
    ngx_str_t                          text;
    const ngx_http_credits_outcome_t  *outcome;

    for (outcome = ngx_http_credits_outcomes; outcome->name.len; outcome++) {
        if (outcome->name.len == ctx->text.len
            && ngx_strncmp(outcome->name.data, ctx->text.data, ctx->text.len)
               == 0)
        {
            break;
        }
    }

    if (outcome->name.len == 0) {
        return ngx_http_credits_webhook_failed(r, ctx,
                            "its outcome is one that this module is too old "
                            "for");
    }

    ngx_log_error(outcome->level, r->connection->log, 0, "webhook %V: %V",
                  &ctx->event,
                  ctx->detail.len ? &ctx->detail : &outcome->name);

    if (outcome->malformed) {
        return ngx_http_credits_webhook_malformed(r);
    }

    ngx_credits_zone_count(ngx_http_credits_get_zone(r),
                           NGX_CREDITS_COUNT_webhooks, 1);

    text.data = ngx_pnalloc(r->pool, sizeof("{\"outcome\":\"\"}\n")
                                     + outcome->name.len);
    if (text.data == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    text.len = ngx_sprintf(text.data, "{\"outcome\":\"%V\"}\n",
                           &outcome->name)
               - text.data;

    return ngx_http_credits_send_json(r, NGX_HTTP_OK, &text);
}


static ngx_int_t
ngx_http_credits_webhook_malformed(ngx_http_request_t *r)
{
    ngx_credits_zone_count(ngx_http_credits_get_zone(r),
                           NGX_CREDITS_COUNT_webhooks_failed, 1);

    return ngx_http_credits_reply_error(r, NGX_HTTP_BAD_REQUEST,
                                        "malformed_event",
                                        "The event cannot be read.");
}


/* 503: the shop sends it again, and it is as new then */

static ngx_int_t
ngx_http_credits_webhook_failed(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx, const char *why)
{
    ngx_credits_zone_count(ngx_http_credits_get_zone(r),
                           NGX_CREDITS_COUNT_webhooks_failed, 1);

    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                  "webhook %V: %s; the sender is asked to try again",
                  &ctx->event, why);

    return ngx_http_credits_reply_unavailable(r);
}


/* a copy with its control characters, UTF-8's too, and \ as \xHH */

static ngx_int_t
ngx_http_credits_webhook_escape(ngx_pool_t *pool, ngx_str_t *s)
{
    u_char      *p, *dst, *last;
    ngx_uint_t   control;

    dst = ngx_pnalloc(pool, s->len * (sizeof("\\xHH") - 1));
    if (dst == NULL) {
        return NGX_ERROR;
    }

    p = s->data;
    last = p + s->len;
    s->data = dst;
    control = 0;

    for ( /* void */ ; p < last; p++) {

        /* U+0080 to U+009F are C2 80 to C2 9F */

        control = *p < 0x20 || *p == 0x7f || *p == '\\'
                  || (*p == 0xc2 && last - p > 1 && p[1] < 0xa0)
                  || (control && *p >= 0x80 && *p < 0xa0);

        if (control) {
            dst = ngx_sprintf(dst, "\\x%02Xi", (ngx_uint_t) *p);

        } else {
            *dst++ = *p;
        }
    }

    s->len = dst - s->data;

    return NGX_OK;
}
