/*
 * After the client has left, or stopped to read, the response is still read
 * for a while, so that the usage at its end is seen.
 */

#include "ngx_http_credits_drain.h"
#include "ngx_http_credits_args.h"
#include "ngx_http_credits_hold.h"
#include "ngx_http_credits_identity.h"
#include "ngx_http_credits_metering.h"


#define NGX_HTTP_CREDITS_DRAIN_RETRY  100       /* ms */


/* no header of nginx declares it: reads what was buffered in a file */
extern ngx_module_t  ngx_http_copy_filter_module;


static void ngx_http_credits_drain_read_handler(ngx_http_request_t *r);
static void ngx_http_credits_drain_write_handler(ngx_http_request_t *r);
static ngx_int_t ngx_http_credits_drain_client_left(ngx_http_request_t *r);
static ngx_int_t ngx_http_credits_drain_peek(ngx_connection_t *c);
static ngx_http_credits_drain_t *ngx_http_credits_drain_start(
    ngx_http_request_t *r, ngx_http_credits_ctx_t *ctx);
static ngx_msec_t ngx_http_credits_drain_limit(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx);
static ngx_int_t ngx_http_credits_drain_release(ngx_http_request_t *r);
static ngx_uint_t ngx_http_credits_drain_cut(ngx_chain_t **busy);
static void ngx_http_credits_drain_cleanup(void *data);
static void ngx_http_credits_drain_timer(ngx_event_t *ev);
static ngx_int_t ngx_http_credits_drain_arg(ngx_http_credits_loc_conf_t *lcf,
    ngx_str_t *value);


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

    if (ctx == NULL || !ngx_http_credits_hold_is_open(ctx)
        || ngx_http_credits_drain_start(r, ctx) == NULL)
    {
        return;
    }

    /*
     * What waits for the client keeps the provider waiting, too: nginx's
     * write handler is called, and finds that all of it can go.
     */

    if (r->connection->error && ctx->metering
        && !ngx_http_credits_drain_discards(ctx)
        && ngx_http_credits_drain_begin(r, ctx) == NGX_OK)
    {
        ngx_post_event(r->connection->write, &ngx_posted_events);
    }
}


void
ngx_http_credits_drain_watch_writing(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx)
{
    ngx_http_upstream_t  *u;

    if (!ngx_http_credits_hold_is_open(ctx)) {
        return;
    }

    if (r->write_event_handler != ngx_http_credits_drain_write_handler) {
        ctx->write_handler = r->write_event_handler;
        r->write_event_handler = ngx_http_credits_drain_write_handler;
    }

    /*
     * All of a buffered response is there, and not all has come here: nginx
     * changes its handler, and calls the new one once to have it watched.
     */

    u = r->upstream;

    if (u->buffering && u->peer.connection && u->pipe
        && (u->pipe->upstream_done || u->pipe->upstream_eof))
    {
        ngx_post_event(r->connection->write, &ngx_posted_events);
    }
}


/*
 * nginx leaves the provider when the client has taken nothing for
 * send_timeout.  The client is given up here as well, but not the answer.
 */

static void
ngx_http_credits_drain_write_handler(ngx_http_request_t *r)
{
    ngx_connection_t        *c;
    ngx_http_credits_ctx_t  *ctx;

    c = r->connection;
    ctx = ngx_http_credits_ctx_get(r);

    if (c->write->timedout && ngx_http_credits_hold_is_open(ctx)
        && !ngx_http_credits_drain_discards(ctx)
        && ngx_http_credits_drain_begin(r, ctx) == NGX_OK)
    {
        ngx_log_error(NGX_LOG_INFO, c->log, NGX_ETIMEDOUT,
                      "credits: the client takes nothing any more (user: %V)",
                      &ctx->identity->user);

        c->write->timedout = 0;
        c->timedout = 1;
        c->error = 1;
    }

    ctx->write_handler(r);
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


/* the rest of the response has some time to come in; NULL: no memory */

static ngx_http_credits_drain_t *
ngx_http_credits_drain_start(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx)
{
    ngx_http_cleanup_t        *cln;
    ngx_http_credits_drain_t  *drain;

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

    drain->ctx = ctx;
    drain->started = ngx_current_msec;
    drain->limit = ngx_http_credits_drain_limit(r, ctx);
    drain->timer.handler = ngx_http_credits_drain_timer;
    drain->timer.data = r->connection;
    drain->timer.log = r->connection->log;

    ngx_add_timer(&drain->timer, drain->limit);

    ctx->drain = drain;

    ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                  "credits: the client has left, its answer is read on for "
                  "%Mms (user: %V)",
                  drain->limit, &ctx->identity->user);

    return drain;
}


/*
 * A stream that is still being produced is stopped early, since somebody may
 * have pressed Stop; one that ends, and an answer that is produced anyway,
 * has longer.
 */

static ngx_msec_t
ngx_http_credits_drain_limit(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx)
{
    ngx_http_credits_loc_conf_t  *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_credits_module);

    if (lcf->drain == 0) {
        return 0;
    }

    return ngx_http_credits_metering_ending(ctx) ? lcf->drain_end : lcf->drain;
}


void
ngx_http_credits_drain_update(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx)
{
    ngx_msec_t                 limit, elapsed;
    ngx_http_credits_drain_t  *drain;

    drain = ctx->drain;

    if (drain == NULL) {
        return;
    }

    limit = ngx_http_credits_drain_limit(r, ctx);

    if (limit == drain->limit) {
        return;
    }

    drain->limit = limit;

    elapsed = ngx_current_msec - drain->started;

    ngx_add_timer(&drain->timer, (elapsed < limit) ? limit - elapsed : 0);
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
        || !r->upstream->conf->ignore_client_abort)
    {
        return NGX_DECLINED;
    }

    drain = ngx_http_credits_drain_start(r, ctx);

    if (drain == NULL) {
        return NGX_DECLINED;
    }

    drain->discard = 1;

    /* nothing waits for the client any more */

    r->connection->write->ready = 1;

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

    if (ngx_http_credits_drain_release(r) != NGX_OK) {
        return NGX_DECLINED;
    }

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_credits_module);

    return ctx->drain->discarded > (off_t) lcf->drain_size ? NGX_DECLINED
                                                           : NGX_OK;
}


/*
 * What was handed on may not leave for long, as frames of HTTP/2 behind a
 * full connection.  nginx would wait for it before it reads on: it stays
 * where it is, and what is read next gets other memory.
 */

static ngx_int_t
ngx_http_credits_drain_release(ngx_http_request_t *r)
{
    size_t                   size;
    u_char                  *p;
    ngx_http_upstream_t     *u;
    ngx_output_chain_ctx_t  *copy;

    u = r->upstream;
    copy = ngx_http_get_module_ctx(r, ngx_http_copy_filter_module);

    if (copy && ngx_http_credits_drain_cut(&copy->busy)) {
        copy->allocated = 0;
    }

    if (u->buffering) {
        if (u->pipe) {
            (void) ngx_http_credits_drain_cut(&u->pipe->busy);
        }

        return NGX_OK;
    }

    if (!ngx_http_credits_drain_cut(&u->busy_bufs)) {
        return NGX_OK;
    }

    size = u->buffer.end - u->buffer.start;

    p = ngx_palloc(r->pool, size);
    if (p == NULL) {
        return NGX_ERROR;
    }

    u->buffer.start = p;
    u->buffer.pos = p;
    u->buffer.last = p;
    u->buffer.end = p + size;

    return NGX_OK;
}


/* drops all from the first that has not left; 1: there was one */

static ngx_uint_t
ngx_http_credits_drain_cut(ngx_chain_t **busy)
{
    while (*busy) {

        if (ngx_buf_size((*busy)->buf) != 0) {
            *busy = NULL;
            return 1;
        }

        busy = &(*busy)->next;
    }

    return 0;
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

    if (r->upstream == NULL
        || (!ngx_http_credits_hold_is_open(ctx) && !drain->discard))
    {
        return;
    }

    /* the provider is done, and nginx sends what it has kept */

    if (r->upstream->cleanup == NULL) {
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

    drain->over = 1;

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

    ngx_int_t   n;
    ngx_str_t  *value;
    ngx_uint_t  i;

    if (lcf->drain != NGX_CONF_UNSET_MSEC) {
        return "is duplicate";
    }

    value = cf->args->elts;

    n = ngx_parse_time(&value[1], 0);

    if (n == NGX_ERROR) {
        return ngx_http_credits_args_invalid(cf, &value[1]);
    }

    lcf->drain = (ngx_msec_t) n;

    for (i = 2; i < cf->args->nelts; i++) {
        if (ngx_http_credits_drain_arg(lcf, &value[i]) != NGX_OK) {
            return ngx_http_credits_args_invalid(cf, &value[i]);
        }
    }

    /* what it does not say is the default, not the parent's */

    ngx_conf_init_size_value(lcf->drain_size, NGX_HTTP_CREDITS_DRAIN_SIZE);
    ngx_conf_init_msec_value(lcf->drain_end,
                             ngx_max(lcf->drain, NGX_HTTP_CREDITS_DRAIN_END));

    return NGX_CONF_OK;
}


/* "end=<time>", or the size; each once */

static ngx_int_t
ngx_http_credits_drain_arg(ngx_http_credits_loc_conf_t *lcf,
    ngx_str_t *value)
{
    ssize_t    size;
    ngx_int_t  n;
    ngx_str_t  rest;

    if (ngx_http_credits_args_parameter(value, "end=", &rest)) {
        n = ngx_parse_time(&rest, 0);

        if (n == NGX_ERROR || lcf->drain_end != NGX_CONF_UNSET_MSEC) {
            return NGX_ERROR;
        }

        lcf->drain_end = (ngx_msec_t) n;

        return NGX_OK;
    }

    size = ngx_parse_size(value);

    if (size == NGX_ERROR || lcf->drain_size != NGX_CONF_UNSET_SIZE) {
        return NGX_ERROR;
    }

    lcf->drain_size = (size_t) size;

    return NGX_OK;
}
