/*
 * The answer flows through, watched and unchanged but for a usage chunk that
 * the client did not ask for; a client that leaves is read on for.
 */

#include "ngx_http_credits.h"


typedef struct {
    ngx_http_request_t      *request;
    ngx_http_credits_ctx_t  *ctx;
    ngx_chain_t             *before;    /* held bytes, let go by this buffer */
    ngx_chain_t             *after;     /* or by the end of the answer */
    u_char                  *start;     /* this buffer's bytes */
    u_char                  *end;
    u_char                  *last;      /* of what stays in it */
    unsigned                 ending:1;
    unsigned                 failed:1;
} ngx_http_credits_pass_t;


static ngx_int_t ngx_http_credits_header_filter(ngx_http_request_t *r);
static ngx_int_t ngx_http_credits_body_filter(ngx_http_request_t *r,
    ngx_chain_t *in);
static credits_answer_kind_t ngx_http_credits_answer_kind(
    ngx_http_request_t *r);
static ngx_int_t ngx_http_credits_watch(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx, ngx_chain_t *in, ngx_chain_t **out);
static ngx_chain_t **ngx_http_credits_strip(ngx_http_credits_pass_t *pass,
    ngx_chain_t **ll, ngx_chain_t *cl);
static ngx_chain_t **ngx_http_credits_link(ngx_pool_t *pool, ngx_chain_t **ll,
    ngx_buf_t *b);
static void ngx_http_credits_emit(void *data, const u_char *p, size_t n);
static void ngx_http_credits_emit_held(ngx_http_credits_pass_t *pass,
    const u_char *p, size_t n);
static ngx_int_t ngx_http_credits_sink(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx, ngx_chain_t *in);
static void ngx_http_credits_drained(ngx_event_t *ev);
static void ngx_http_credits_consume(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx, ngx_chain_t *in);


static ngx_http_output_header_filter_pt  ngx_http_credits_next_header_filter;
static ngx_http_output_body_filter_pt    ngx_http_credits_next_body_filter;


ngx_int_t
ngx_http_credits_metering_init(void)
{
    ngx_http_credits_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_credits_header_filter;

    ngx_http_credits_next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = ngx_http_credits_body_filter;

    return NGX_OK;
}


static ngx_int_t
ngx_http_credits_header_filter(ngx_http_request_t *r)
{
    credits_answer_kind_t    kind;
    ngx_http_credits_ctx_t  *ctx;

    if (r != r->main) {
        return ngx_http_credits_next_header_filter(r);
    }

    ctx = ngx_http_credits_get_ctx(r);

    if (ctx == NULL || ctx->step != NGX_HTTP_CREDITS_ADMITTED) {
        return ngx_http_credits_next_header_filter(r);
    }

    if (ngx_http_credits_add_header(r, "X-Credits-Request-Id", &ctx->id_text)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    /* only what a provider answered is charged, and no refusal of his */

    if (ctx->ended || ctx->metering || r->upstream == NULL
#if (NGX_HTTP_CACHE)
        || r->cached
#endif
        || r->headers_out.status < NGX_HTTP_OK
        || r->headers_out.status >= NGX_HTTP_SPECIAL_RESPONSE
        || r->upstream->headers_in.status_n >= NGX_HTTP_SPECIAL_RESPONSE)
    {
        return ngx_http_credits_next_header_filter(r);
    }

    ctx->metering = ngx_palloc(r->pool, sizeof(credits_answer_t));
    if (ctx->metering == NULL) {
        return NGX_ERROR;
    }

    kind = ngx_http_credits_answer_kind(r);
    ctx->strip = ctx->strip && kind == CREDITS_ANSWER_SSE;

    credits_answer_init(ctx->metering, kind, ctx->strip);

    r->filter_need_in_memory = 1;

    if (ctx->strip) {
        ngx_http_clear_content_length(r);
        ngx_http_clear_accept_ranges(r);
        ngx_http_clear_etag(r);
    }

    if (r->connection->error
        && ngx_http_credits_sink(r, ctx, NULL) == NGX_OK)
    {
        /* as if it had gone out: with an error nginx would stop here */
        r->header_sent = 1;
        return NGX_OK;
    }

    return ngx_http_credits_next_header_filter(r);
}


static credits_answer_kind_t
ngx_http_credits_answer_kind(ngx_http_request_t *r)
{
    ngx_str_t  *type;

    if (r->headers_out.content_encoding
        && r->headers_out.content_encoding->hash
        && r->headers_out.content_encoding->value.len)
    {
        ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                      "credits: the provider encoded its answer although it "
                      "was asked not to; it is charged by an estimate");
        return CREDITS_ANSWER_OPAQUE;
    }

    type = &r->headers_out.content_type;

    if (type->len >= sizeof("text/event-stream") - 1
        && ngx_strncasecmp(type->data, (u_char *) "text/event-stream",
                           sizeof("text/event-stream") - 1)
           == 0)
    {
        return CREDITS_ANSWER_SSE;
    }

    if (type->len && ngx_strlcasestrn(type->data, type->data + type->len,
                                      (u_char *) "json", 4 - 1))
    {
        return CREDITS_ANSWER_JSON;
    }

    return CREDITS_ANSWER_OPAQUE;
}


static ngx_int_t
ngx_http_credits_body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_int_t                rc;
    ngx_chain_t             *out;
    ngx_http_credits_ctx_t  *ctx;

    if (r != r->main) {
        return ngx_http_credits_next_body_filter(r, in);
    }

    ctx = ngx_http_credits_get_ctx(r);

    if (ctx == NULL || ctx->metering == NULL) {
        return ngx_http_credits_next_body_filter(r, in);
    }

    out = in;

    if (in && ngx_http_credits_watch(r, ctx, in, &out) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ctx->complete) {
        /* before the last byte leaves */
        ngx_http_credits_settle(r, ctx);
    }

    if (ctx->sink) {
        return ngx_http_credits_sink(r, ctx, out);
    }

    if (in && out == NULL) {
        return NGX_OK;
    }

    rc = ngx_http_credits_next_body_filter(r, out);

    if (ctx->strip) {
        ngx_chain_update_chains(r->pool, &ctx->free, &ctx->busy, &out,
                                (ngx_buf_tag_t) &ngx_http_credits_module);
    }

    if (rc == NGX_ERROR && r->connection->error && !ctx->complete) {
        return ngx_http_credits_sink(r, ctx, in);
    }

    return rc;
}


/* *out is what is left for the client; without stripping, in itself */

static ngx_int_t
ngx_http_credits_watch(ngx_http_request_t *r, ngx_http_credits_ctx_t *ctx,
    ngx_chain_t *in, ngx_chain_t **out)
{
    ngx_buf_t                *b;
    ngx_chain_t              *cl, **ll;
    ngx_http_credits_pass_t   pass;

    ngx_memzero(&pass, sizeof(ngx_http_credits_pass_t));
    pass.request = r;
    pass.ctx = ctx;

    *out = in;
    ll = out;

    for (cl = in; cl; cl = cl->next) {
        b = cl->buf;

        pass.before = NULL;
        pass.after = NULL;
        pass.ending = 0;
        pass.start = b->pos;
        pass.end = b->last;
        pass.last = b->pos;

        if (ngx_buf_in_memory(b) && b->pos < b->last) {
            credits_answer_feed(ctx->metering, b->pos,
                                (size_t) (b->last - b->pos),
                                ctx->strip ? ngx_http_credits_emit : NULL,
                                &pass);

            /* what the client takes for the end may come before last_buf */

            if (ctx->metering->document.done
                || (r->headers_out.content_length_n >= 0
                    && ctx->metering->bytes
                       >= (uint64_t) r->headers_out.content_length_n))
            {
                ctx->complete = 1;
            }
        }

        if (b->last_buf) {
            pass.ending = 1;
            credits_answer_end(ctx->metering,
                               ctx->strip ? ngx_http_credits_emit : NULL,
                               &pass);
            ctx->complete = 1;
        }

        if (ctx->sink) {
            ctx->drained += ngx_buf_size(b);
        }

        if (!ctx->strip || ctx->sink) {
            continue;
        }

        ll = ngx_http_credits_strip(&pass, ll, cl);

        if (ll == NULL) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/*
 * Links what is left of one buffer behind ll: the bytes held back from
 * earlier ones, then its own, moved together in place.  Its memory is the
 * upstream's and may be written to; upstream sees what was taken out as sent.
 */

static ngx_chain_t **
ngx_http_credits_strip(ngx_http_credits_pass_t *pass, ngx_chain_t **ll,
    ngx_chain_t *cl)
{
    ngx_buf_t   *b, *end;
    ngx_pool_t  *pool;

    if (pass->failed) {
        return NULL;
    }

    pool = pass->request->pool;
    b = cl->buf;
    end = NULL;

    if (pass->last != pass->end) {
        b->last = pass->last;
    }

    /* an empty buffer may only carry flags, and only the end's are of use */

    if ((b->last_buf || b->last_in_chain)
        && (pass->after || (b->pos == b->last && pass->start < pass->end)))
    {
        end = ngx_calloc_buf(pool);
        if (end == NULL) {
            return NULL;
        }

        end->last_buf = b->last_buf;
        end->last_in_chain = b->last_in_chain;
        b->last_buf = 0;
        b->last_in_chain = 0;
    }

    if (pass->before) {
        *ll = pass->before;
        ll = &pass->before->next;
    }

    if (b->pos < b->last || pass->start == pass->end) {
        ll = ngx_http_credits_link(pool, ll, b);
    }

    if (ll && pass->after) {
        *ll = pass->after;
        ll = &pass->after->next;
    }

    if (ll && end) {
        ll = ngx_http_credits_link(pool, ll, end);
    }

    if (ll) {
        *ll = NULL;
    }

    return ll;
}


static ngx_chain_t **
ngx_http_credits_link(ngx_pool_t *pool, ngx_chain_t **ll, ngx_buf_t *b)
{
    ngx_chain_t  *cl;

    cl = ngx_alloc_chain_link(pool);
    if (cl == NULL) {
        return NULL;
    }

    cl->buf = b;
    cl->next = NULL;
    *ll = cl;

    return &cl->next;
}


static void
ngx_http_credits_emit(void *data, const u_char *p, size_t n)
{
    ngx_http_credits_pass_t *pass = data;

    if (p < pass->start || p >= pass->end) {
        ngx_http_credits_emit_held(pass, p, n);
        return;
    }

    if (pass->last != p) {
        ngx_memmove(pass->last, p, n);
    }

    pass->last += n;
}


/* bytes of earlier buffers turned out to be the client's: a copy of them */

static void
ngx_http_credits_emit_held(ngx_http_credits_pass_t *pass, const u_char *p,
    size_t n)
{
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    cl = ngx_chain_get_free_buf(pass->request->pool, &pass->ctx->free);
    if (cl == NULL) {
        pass->failed = 1;
        return;
    }

    b = cl->buf;

    if (b->start == NULL) {
        b->start = ngx_palloc(pass->request->pool, CREDITS_ANSWER_HELD_MAX);
        if (b->start == NULL) {
            pass->failed = 1;
            return;
        }

        b->end = b->start + CREDITS_ANSWER_HELD_MAX;
        b->temporary = 1;
        b->tag = (ngx_buf_tag_t) &ngx_http_credits_module;
    }

    b->pos = b->start;
    b->last = ngx_cpymem(b->start, p, n);
    b->flush = 1;

    cl->next = NULL;

    if (pass->ending) {
        pass->after = cl;

    } else {
        pass->before = cl;
    }
}


void
ngx_http_credits_left(ngx_http_request_t *r)
{
    ngx_http_credits_ctx_t       *ctx;
    ngx_http_credits_loc_conf_t  *lcf;

    ctx = ngx_http_credits_get_ctx(r);

    if (ctx == NULL || ctx->left || ctx->ended) {
        return;
    }

    ctx->left = 1;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_credits_module);

    ctx->timer.handler = ngx_http_credits_drained;
    ctx->timer.data = r->connection;
    ctx->timer.log = r->connection->log;
    ngx_add_timer(&ctx->timer, lcf->drain);

    ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                  "credits: the client has left, its answer is read on for "
                  "%Mms (user: %V)", lcf->drain, &ctx->user);
}


/*
 * Nothing can be sent to the client any more.  nginx would close the upstream
 * on the first failed write; this filter takes everything instead, for a
 * bounded while, so that the usage at the end of the answer is still seen.
 */

static ngx_int_t
ngx_http_credits_sink(ngx_http_request_t *r, ngx_http_credits_ctx_t *ctx,
    ngx_chain_t *in)
{
    ngx_http_credits_loc_conf_t  *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_credits_module);

    if (!ctx->sink) {

        if (lcf->drain == 0 || r->upstream == NULL
            || r->upstream->peer.connection == NULL
            || !r->upstream->conf->ignore_client_abort)
        {
            return NGX_ERROR;
        }

        ctx->sink = 1;
        ngx_http_credits_left(r);

        ngx_credits_zone_count(ngx_http_credits_get_zone(r),
                               NGX_CREDITS_COUNT_drained, 1);
    }

    ngx_http_credits_consume(r, ctx, in);

    if (!ctx->complete && ctx->drained > (off_t) lcf->drain_size) {
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* long enough: nginx leaves an upstream that has timed out */

static void
ngx_http_credits_drained(ngx_event_t *ev)
{
    ngx_event_t             *rev;
    ngx_http_request_t      *r;
    ngx_http_credits_ctx_t  *ctx;

    ctx = (ngx_http_credits_ctx_t *)
              ((u_char *) ev - offsetof(ngx_http_credits_ctx_t, timer));
    r = ctx->request;

    if (r->upstream == NULL || ctx->ended) {
        return;
    }

    if (r->upstream->peer.connection == NULL) {
        /* on its way to another server, or to its address */
        ngx_add_timer(ev, 100);
        return;
    }

    ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                  "credits: nobody waits for this answer any more, the "
                  "provider is left (user: %V)", &ctx->user);

    /* and no other server is tried */
    r->upstream->peer.tries = 0;

    rev = r->upstream->peer.connection->read;
    rev->timedout = 1;

    ngx_post_event(rev, &ngx_posted_events);
}


static void
ngx_http_credits_consume(ngx_http_request_t *r, ngx_http_credits_ctx_t *ctx,
    ngx_chain_t *in)
{
    ngx_chain_t  *cl, *next;

    for (cl = in; cl; cl = cl->next) {
        cl->buf->pos = cl->buf->last;
        cl->buf->file_pos = cl->buf->file_last;
    }

    for (cl = r->out; cl; cl = next) {
        next = cl->next;
        cl->buf->pos = cl->buf->last;
        cl->buf->file_pos = cl->buf->file_last;
        ngx_free_chain(r->pool, cl);
    }

    r->out = NULL;
    r->connection->buffered = 0;
}
