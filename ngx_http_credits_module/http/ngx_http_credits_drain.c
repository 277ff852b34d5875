/*
 * After the client has left, the response is still read for a while, so that
 * the usage at its end is seen.
 */

#include "ngx_http_credits_drain.h"
#include "ngx_http_credits_args.h"
#include "ngx_http_credits_hold.h"
#include "ngx_http_credits_identity.h"


#define NGX_HTTP_CREDITS_DRAIN_RETRY  100       /* ms */


static void ngx_http_credits_drain_read_handler(ngx_http_request_t *r);
static ngx_int_t ngx_http_credits_drain_client_left(ngx_http_request_t *r);
static ngx_int_t ngx_http_credits_drain_peek(ngx_connection_t *c);
static ngx_http_credits_drain_t *ngx_http_credits_drain_start(
    ngx_http_request_t *r, ngx_http_credits_ctx_t *ctx);
static void ngx_http_credits_drain_cleanup(void *data);
static void ngx_http_credits_drain_timer(ngx_event_t *ev);


void
ngx_http_credits_drain_watch(ngx_http_request_t *r)
{
    ngx_event_t  *rev;

    rev = r->connection->read;

    r->read_event_handler = ngx_http_credits_drain_read_handler;

    if (rev->ready) {
        ngx_post_event(rev, &ngx_posted_events);
    }
}


static void
ngx_http_credits_drain_read_handler(ngx_http_request_t *r)
{
    ngx_http_credits_ctx_t  *ctx;

    if (ngx_http_credits_drain_client_left(r) != NGX_OK) {
        return;
    }

    r->read_event_handler = ngx_http_block_reading;

    ctx = ngx_http_credits_ctx_get(r);

    if (ctx && ngx_http_credits_hold_is_open(ctx)) {
        (void) ngx_http_credits_drain_start(r, ctx);
    }
}


/*
 * ngx_http_test_reading() of nginx 1.22 to 1.31, but the request goes on.
 * NGX_OK: the client has left; NGX_DECLINED.
 */

static ngx_int_t
ngx_http_credits_drain_client_left(ngx_http_request_t *r)
{
    ngx_connection_t  *c;

    c = r->connection;

    if (c->error) {
        return NGX_OK;
    }

#if (NGX_HTTP_V2)

    /* a stream of HTTP/2 has no socket of its own */

    if (r->stream) {
        return NGX_DECLINED;
    }

#endif

#if (NGX_HTTP_V3)

    if (c->quic) {
        c->error = c->read->error;
        return c->error ? NGX_OK : NGX_DECLINED;
    }

#endif

#if (NGX_HAVE_EPOLLRDHUP)

    if ((ngx_event_flags & NGX_USE_EPOLL_EVENT) && ngx_use_epoll_rdhup) {
        int        err;
        socklen_t  len;

        if (!c->read->pending_eof) {
            return NGX_DECLINED;
        }

        err = 0;
        len = sizeof(int);

        if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, (void *) &err, &len) == -1
            || err)
        {
            c->read->error = 1;
            c->error = 1;
        }

        c->read->eof = 1;

        return NGX_OK;
    }

#endif

    return ngx_http_credits_drain_peek(c);
}


/* without EPOLLRDHUP only the socket tells */

static ngx_int_t
ngx_http_credits_drain_peek(ngx_connection_t *c)
{
    int           n;
    char          buf[1];
    ngx_err_t     err;
    ngx_event_t  *rev;

    rev = c->read;

    n = recv(c->fd, buf, 1, MSG_PEEK);
    err = ngx_socket_errno;

    if (n == 1) {
        /* the next request, in a pipeline */

        if ((ngx_event_flags & NGX_USE_LEVEL_EVENT) && rev->active) {
            (void) ngx_del_event(rev, NGX_READ_EVENT, 0);
        }

        return NGX_DECLINED;
    }

    if (n == -1 && err == NGX_EAGAIN) {
        rev->ready = 0;
        (void) ngx_handle_read_event(rev, 0);
        return NGX_DECLINED;
    }

    if (n == -1) {
        rev->error = 1;
        c->error = 1;
    }

    rev->eof = 1;

    return NGX_OK;
}


/* the rest of the response has credits_drain to come in; NULL: no memory */

static ngx_http_credits_drain_t *
ngx_http_credits_drain_start(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx)
{
    ngx_http_cleanup_t           *cln;
    ngx_http_credits_drain_t     *drain;
    ngx_http_credits_loc_conf_t  *lcf;

    if (ctx->drain) {
        return ctx->drain;
    }

    drain = ngx_pcalloc(r->pool, sizeof(ngx_http_credits_drain_t));
    if (drain == NULL) {
        return NULL;
    }

    cln = ngx_http_cleanup_add(r, 0);
    if (cln == NULL) {
        return NULL;
    }

    cln->handler = ngx_http_credits_drain_cleanup;
    cln->data = drain;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_credits_module);

    drain->ctx = ctx;
    drain->timer.handler = ngx_http_credits_drain_timer;
    drain->timer.data = r->connection;
    drain->timer.log = r->connection->log;

    ngx_add_timer(&drain->timer, lcf->drain);

    ctx->drain = drain;

    ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                  "credits: the client has left, its answer is read on for "
                  "%Mms (user: %V)",
                  lcf->drain, &ctx->identity->user);

    return drain;
}


static void
ngx_http_credits_drain_cleanup(void *data)
{
    ngx_http_credits_drain_t *drain = data;

    if (drain->timer.timer_set) {
        ngx_del_timer(&drain->timer);
    }
}


ngx_int_t
ngx_http_credits_drain_begin(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx)
{
    ngx_http_credits_drain_t     *drain;
    ngx_http_credits_loc_conf_t  *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_credits_module);

    if (lcf->drain == 0 || r->upstream == NULL
        || r->upstream->peer.connection == NULL
        || !r->upstream->conf->ignore_client_abort)
    {
        return NGX_DECLINED;
    }

    drain = ngx_http_credits_drain_start(r, ctx);

    if (drain == NULL) {
        return NGX_DECLINED;
    }

    drain->discard = 1;

    ngx_http_credits_ctx_count(r, NGX_CREDITS_COUNT_drained, 1);

    return NGX_OK;
}


ngx_uint_t
ngx_http_credits_drain_discards(ngx_http_credits_ctx_t *ctx)
{
    return ctx->drain && ctx->drain->discard;
}


/*
 * nginx would close the upstream on the first write that failed; that is why
 * nothing is left for it to write.
 */

ngx_int_t
ngx_http_credits_drain_discard(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx, ngx_chain_t *in)
{
    ngx_chain_t                  *cl, *next;
    ngx_http_credits_loc_conf_t  *lcf;

    for (cl = in; cl; cl = cl->next) {
        ctx->drain->discarded += ngx_buf_size(cl->buf);

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

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_credits_module);

    return ctx->drain->discarded > (off_t) lcf->drain_size ? NGX_DECLINED
                                                           : NGX_OK;
}


/* long enough: nginx leaves an upstream that has timed out */

static void
ngx_http_credits_drain_timer(ngx_event_t *ev)
{
    ngx_event_t               *rev;
    ngx_http_request_t        *r;
    ngx_http_credits_ctx_t    *ctx;
    ngx_http_credits_drain_t  *drain;

    drain = ngx_rbtree_data(ev, ngx_http_credits_drain_t, timer);
    ctx = drain->ctx;
    r = ctx->request;

    if (r->upstream == NULL || !ngx_http_credits_hold_is_open(ctx)) {
        return;
    }

    if (r->upstream->peer.connection == NULL) {
        /* on its way to another server, or to its address */

        ngx_add_timer(ev, NGX_HTTP_CREDITS_DRAIN_RETRY);
        return;
    }

    ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                  "credits: nobody waits for this answer any more, the "
                  "provider is left (user: %V)",
                  &ctx->identity->user);

    /* and no other server is tried */

    r->upstream->peer.tries = 0;

    rev = r->upstream->peer.connection->read;
    rev->timedout = 1;

    ngx_post_event(rev, &ngx_posted_events);
}


char *
ngx_http_credits_drain_set(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_credits_loc_conf_t *lcf = conf;

    ssize_t     size;
    ngx_int_t   n;
    ngx_str_t  *value;

    if (lcf->drain != NGX_CONF_UNSET_MSEC) {
        return "is duplicate";
    }

    value = cf->args->elts;

    n = ngx_parse_time(&value[1], 0);

    if (n == NGX_ERROR) {
        return ngx_http_credits_args_invalid(cf, &value[1]);
    }

    lcf->drain = (ngx_msec_t) n;

    if (cf->args->nelts > 2) {
        size = ngx_parse_size(&value[2]);

        if (size == NGX_ERROR) {
            return ngx_http_credits_args_invalid(cf, &value[2]);
        }

        lcf->drain_size = (size_t) size;
    }

    return NGX_CONF_OK;
}
