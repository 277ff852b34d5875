/*
 * Webhooks of the payment provider: an event that is signed goes to the
 * ledger, as it came.
 */

#include "ngx_http_credits_webhook.h"
#include "ngx_http_credits_body.h"
#include "ngx_http_credits_headers.h"
#include "ngx_http_credits_reply.h"
#include "ngx_http_credits_wait.h"
#include "ngx_http_credits_webhook_conf.h"


/* ctx->content of a webhook's location */

typedef struct {
    ngx_str_t             id;           /* of the event */
    ngx_credits_status_e  status;       /* of the query */
    ngx_str_t             outcome;
    ngx_str_t             detail;       /* escaped, for the log */
} ngx_http_credits_webhook_t;


typedef struct {
    ngx_str_t   name;
    ngx_uint_t  level;                  /* of its line in the log */
    ngx_uint_t  malformed;
} ngx_http_credits_webhook_outcome_t;


static ngx_int_t ngx_http_credits_webhook_handler(ngx_http_request_t *r);
static void ngx_http_credits_webhook_body_handler(ngx_http_request_t *r);
static ngx_int_t ngx_http_credits_webhook_receive(ngx_http_request_t *r);
static ngx_int_t ngx_http_credits_webhook_verify(ngx_http_request_t *r,
    ngx_http_credits_webhook_t *event,
    ngx_http_credits_webhook_conf_t *conf, const char **why);
static const char *ngx_http_credits_webhook_headers(ngx_http_request_t *r,
    ngx_http_credits_webhook_t *event, credits_webhook_t *w);
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
static ngx_int_t ngx_http_credits_webhook_answered(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx);
static ngx_int_t ngx_http_credits_webhook_reply(ngx_http_request_t *r,
    ngx_http_credits_webhook_t *event);
static ngx_int_t ngx_http_credits_webhook_malformed(ngx_http_request_t *r);
static ngx_int_t ngx_http_credits_webhook_failed(ngx_http_request_t *r,
    ngx_http_credits_webhook_t *event, const char *why);
static ngx_int_t ngx_http_credits_webhook_escape(ngx_pool_t *pool,
    ngx_str_t *s);


/* a human must look at what is pending or rejected: somebody has paid */

static const ngx_http_credits_webhook_outcome_t
    ngx_http_credits_webhook_outcomes[] =
{
    { ngx_string("applied"), NGX_LOG_NOTICE, 0 },
    { ngx_string("ignored"), NGX_LOG_INFO, 0 },
    { ngx_string("pending"), NGX_LOG_ALERT, 0 },
    { ngx_string("rejected"), NGX_LOG_ALERT, 0 },
    { ngx_string("malformed"), NGX_LOG_ERR, 1 },
    { ngx_null_string, 0, 0 }
};


static ngx_int_t
ngx_http_credits_webhook_handler(ngx_http_request_t *r)
{
    ngx_int_t  rc;

    if (r != r->main) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "credits: a subrequest is no webhook, it is refused");
        return NGX_HTTP_FORBIDDEN;
    }

    if (r->method != NGX_HTTP_POST) {
        return ngx_http_credits_reply_not_allowed(r, "POST",
                                              "Only POST is answered here.");
    }

    rc = ngx_http_read_client_request_body(r,
                                     ngx_http_credits_webhook_body_handler);

    return (rc >= NGX_HTTP_SPECIAL_RESPONSE) ? rc : NGX_DONE;
}


static void
ngx_http_credits_webhook_body_handler(ngx_http_request_t *r)
{
    ngx_int_t  rc;

    rc = ngx_http_credits_webhook_receive(r);

    if (rc != NGX_AGAIN) {
        ngx_http_finalize_request(r, rc);
    }
}


static ngx_int_t
ngx_http_credits_webhook_receive(ngx_http_request_t *r)
{
    ngx_int_t                     rc;
    ngx_str_t                     body;
    const char                   *why;
    ngx_http_credits_ctx_t       *ctx;
    ngx_http_credits_webhook_t   *event;
    ngx_http_credits_loc_conf_t  *lcf;

    ctx = ngx_http_credits_ctx_make(r);
    event = ngx_pcalloc(r->pool, sizeof(ngx_http_credits_webhook_t));

    if (ctx == NULL || event == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->content = event;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_credits_module);

    rc = ngx_http_credits_webhook_verify(r, event, lcf->webhook, &why);

    if (rc == NGX_ERROR) {
        return ngx_http_credits_webhook_failed(r, event, why);
    }

    if (rc == NGX_DECLINED) {
        ngx_http_credits_ctx_count(r, NGX_CREDITS_COUNT_webhooks_refused, 1);

        ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                      "credits: a webhook is refused: %s", why);

        return ngx_http_credits_reply_unsigned(r);
    }

    rc = ngx_http_credits_webhook_text(r, &body);

    if (rc == NGX_ERROR) {
        return ngx_http_credits_webhook_failed(r, event,
                                               "its body cannot be read");
    }

    if (rc == NGX_DECLINED) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "webhook %V: its body is empty or has a NUL byte; it "
                      "is refused", &event->id);

        return ngx_http_credits_webhook_malformed(r);
    }

    return ngx_http_credits_webhook_ask(r, ctx, &body);
}


/* NGX_OK: it is signed, and its id is known; NGX_DECLINED; NGX_ERROR */

static ngx_int_t
ngx_http_credits_webhook_verify(ngx_http_request_t *r,
    ngx_http_credits_webhook_t *event,
    ngx_http_credits_webhook_conf_t *conf, const char **why)
{
    int                rc, verdict;
    credits_webhook_t  w;

    *why = ngx_http_credits_webhook_headers(r, event, &w);

    if (*why) {
        return NGX_DECLINED;
    }

    rc = credits_webhook_begin(&w, conf->secrets, conf->nsecrets);

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
    ngx_http_credits_webhook_t *event, credits_webhook_t *w)
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

    event->id.data = (u_char *) id.p;
    event->id.len = id.n;

    return credits_webhook_init(w, &id, &timestamp, &signature, ngx_time());
}


/* NGX_OK: there is exactly one of the name */

static ngx_int_t
ngx_http_credits_webhook_header(ngx_http_request_t *r, const char *name,
    credits_webhook_str_t *value)
{
    ngx_table_elt_t  *h;

    h = ngx_http_credits_headers_find(r, NULL, name);

    if (h == NULL || ngx_http_credits_headers_find(r, h, name)) {
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
 * The body in one piece, which is done for signed events only.  NGX_DECLINED:
 * it is no text.
 */

static ngx_int_t
ngx_http_credits_webhook_text(ngx_http_request_t *r, ngx_str_t *text)
{
    off_t      size;
    ngx_int_t  rc;

    size = ngx_http_credits_body_size(r);

    if (size == 0) {
        return NGX_DECLINED;
    }

    text->len = 0;
    text->data = ngx_pnalloc(r->pool, (size_t) size);
    if (text->data == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_http_credits_body_pieces(r, ngx_http_credits_webhook_copy, text);

    /* Postgres would be sent only what is before the NUL byte */

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
    ngx_int_t                     rc;
    ngx_str_t                     params[3];
    ngx_credits_op_t             *op;
    ngx_http_credits_webhook_t   *event;
    ngx_http_credits_loc_conf_t  *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_credits_module);
    event = ctx->content;

    params[0] = event->id;
    params[1] = *body;

    if (lcf->webhook->refund_debt) {
        ngx_str_set(&params[2], "true");

    } else {
        ngx_str_set(&params[2], "false");
    }

    op = ngx_credits_ledger_query(ngx_http_credits_ctx_ledger(r),
                                 NGX_CREDITS_QUERY_POLAR_EVENT, params, 3,
                                 ngx_http_credits_webhook_done, ctx);

    /* its outcome must be logged, whether the sender waits for it or not */

    rc = ngx_http_credits_wait_op_unwatched(r, ctx, op,
                                            ngx_http_credits_webhook_answered);

    return (rc == NGX_AGAIN) ? rc
           : ngx_http_credits_webhook_failed(r, event, "out of memory");
}


static void
ngx_http_credits_webhook_done(void *data, ngx_credits_status_e status,
    const ngx_credits_query_result_t *result)
{
    ngx_http_credits_ctx_t *ctx = data;

    ngx_str_t                    outcome;
    ngx_pool_t                  *pool;
    ngx_http_credits_webhook_t  *event;

    event = ctx->content;
    event->status = status;

    if (status == NGX_CREDITS_OK) {
        pool = ctx->request->pool;
        outcome = result->text;

        event->outcome.data = ngx_pstrdup(pool, &outcome);
        event->outcome.len = outcome.len;
        event->detail = result->detail;

        if (event->outcome.data == NULL
            || ngx_http_credits_webhook_escape(pool, &event->detail)
               != NGX_OK)
        {
            event->status = NGX_CREDITS_UNAVAILABLE;
        }
    }

    ngx_http_credits_wait_done(ctx);
}


static ngx_int_t
ngx_http_credits_webhook_answered(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx)
{
    ngx_http_credits_webhook_t  *event;

    event = ctx->content;

    switch (event->status) {

    case NGX_CREDITS_OK:
        return ngx_http_credits_webhook_reply(r, event);

    case NGX_CREDITS_DECLINED:
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "webhook %V: its body is not what Postgres takes for "
                      "text; it is refused", &event->id);

        return ngx_http_credits_webhook_malformed(r);

    default: /* NGX_CREDITS_UNAVAILABLE */
        return ngx_http_credits_webhook_failed(r, event,
                                               "Postgres did not take it");
    }
}


static ngx_int_t
ngx_http_credits_webhook_reply(ngx_http_request_t *r,
    ngx_http_credits_webhook_t *event)
{
    credits_document_t                         d;
    const ngx_http_credits_webhook_outcome_t  *outcome;

    for (outcome = ngx_http_credits_webhook_outcomes; outcome->name.len;
         outcome++)
    {
        if (outcome->name.len == event->outcome.len
            && ngx_strncmp(outcome->name.data, event->outcome.data,
                           event->outcome.len)
               == 0)
        {
            break;
        }
    }

    if (outcome->name.len == 0) {
        return ngx_http_credits_webhook_failed(r, event,
                            "its outcome is one that this module is too old "
                            "for");
    }

    ngx_log_error(outcome->level, r->connection->log, 0, "webhook %V: %V",
                  &event->id,
                  event->detail.len ? &event->detail : &outcome->name);

    if (outcome->malformed) {
        return ngx_http_credits_webhook_malformed(r);
    }

    ngx_http_credits_ctx_count(r, NGX_CREDITS_COUNT_webhooks, 1);

    credits_document_init(&d);
    credits_document_text(&d, "outcome", outcome->name.data,
                          outcome->name.len);

    return ngx_http_credits_reply_document(r, NGX_HTTP_OK, &d);
}


static ngx_int_t
ngx_http_credits_webhook_malformed(ngx_http_request_t *r)
{
    ngx_http_credits_ctx_count(r, NGX_CREDITS_COUNT_webhooks_failed, 1);

    return ngx_http_credits_reply_error(r, NGX_HTTP_BAD_REQUEST,
                                        "malformed_event",
                                        "The event cannot be read.");
}


/* 503: the payment provider sends it again, and it is as new then */

static ngx_int_t
ngx_http_credits_webhook_failed(ngx_http_request_t *r,
    ngx_http_credits_webhook_t *event, const char *why)
{
    ngx_http_credits_ctx_count(r, NGX_CREDITS_COUNT_webhooks_failed, 1);

    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                  "webhook %V: %s; the sender is asked to try again",
                  &event->id, why);

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


char *
ngx_http_credits_webhook_set(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_credits_loc_conf_t *lcf = conf;

    ngx_http_core_loc_conf_t  *clcf;

    if (lcf->webhook) {
        return "is duplicate";
    }

    lcf->webhook = ngx_http_credits_webhook_conf_parse(cf);
    if (lcf->webhook == NULL) {
        return NGX_CONF_ERROR;
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_credits_webhook_handler;

    return NGX_CONF_OK;
}
