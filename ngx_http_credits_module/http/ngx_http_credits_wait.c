/*
 * Suspend and resume: the only file that touches a request's event handlers.
 */

#include "ngx_http_credits.h"


#define NGX_HTTP_CREDITS_PENDING_STEP  2        /* ms, doubled up to .. */
#define NGX_HTTP_CREDITS_PENDING_SLOW  50
#define NGX_HTTP_CREDITS_PENDING_MAX   2000


static void ngx_http_credits_client_handler(ngx_http_request_t *r);
static void ngx_http_credits_wait_timer(ngx_event_t *ev);


ngx_int_t
ngx_http_credits_suspend(ngx_http_request_t *r, ngx_http_credits_ctx_t *ctx)
{
    ngx_event_t  *rev;

    rev = r->connection->read;

    if (rev->ready) {
        ngx_post_event(rev, &ngx_posted_events);

    } else if (ngx_handle_read_event(rev, 0) != NGX_OK) {
        return NGX_ERROR;
    }

    /* a client that leaves ends the request at once */
    r->read_event_handler = ngx_http_test_reading;
    r->write_event_handler = ngx_http_request_empty_handler;

    ctx->suspended = 1;

    return NGX_AGAIN;
}


void
ngx_http_credits_suspend_unwatched(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx)
{
    r->read_event_handler = ngx_http_block_reading;
    r->write_event_handler = ngx_http_request_empty_handler;

    ctx->suspended = 1;
}


ngx_int_t
ngx_http_credits_sleep(ngx_http_request_t *r, ngx_http_credits_ctx_t *ctx,
    ngx_msec_t msec)
{
    ctx->timer.handler = ngx_http_credits_wait_timer;
    ctx->timer.data = r->connection;
    ctx->timer.log = r->connection->log;

    ngx_add_timer(&ctx->timer, msec);

    return ngx_http_credits_suspend(r, ctx);
}


void
ngx_http_credits_resume(ngx_http_credits_ctx_t *ctx)
{
    ngx_connection_t            *c;
    ngx_http_request_t          *r;
    ngx_http_credits_resume_pt   resume;

    r = ctx->request;
    c = r->connection;
    resume = ctx->resume;

    if (!ctx->suspended) {
        return;
    }

    ctx->suspended = 0;

    r->read_event_handler = ngx_http_block_reading;

    /* with select and poll the event may have been taken away meanwhile */
    if (ngx_handle_read_event(c->read, 0) != NGX_OK) {
        ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);
        ngx_http_run_posted_requests(c);
        return;
    }

    if (resume) {
        resume(r, ctx);

    } else {
        r->write_event_handler = ngx_http_core_run_phases;
        ngx_http_core_run_phases(r);
    }

    ngx_http_run_posted_requests(c);
}


void
ngx_http_credits_wait_cancel(ngx_http_credits_ctx_t *ctx)
{
    ctx->suspended = 0;

    if (ctx->op) {
        ngx_credits_op_abandon(ctx->op);
        ctx->op = NULL;
    }

    if (ctx->timer.timer_set) {
        ngx_del_timer(&ctx->timer);
    }
}


ngx_int_t
ngx_http_credits_wait_pending(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx)
{
    ngx_msec_t  step;

    if (ctx->waited >= NGX_HTTP_CREDITS_PENDING_MAX
        || ngx_credits_zone_pending(ngx_http_credits_get_zone(r), &ctx->user)
           == 0)
    {
        return NGX_OK;
    }

    step = ngx_min(ctx->waited + NGX_HTTP_CREDITS_PENDING_STEP,
                   NGX_HTTP_CREDITS_PENDING_SLOW);
    ctx->waited += step;

    return ngx_http_credits_sleep(r, ctx, step);
}


/*
 * With proxy_ignore_client_abort nginx does not look at the client while the
 * provider is silent; the drain needs to know when it begins.
 */

void
ngx_http_credits_watch_client(ngx_http_request_t *r)
{
    ngx_event_t  *rev;

    rev = r->connection->read;

    r->read_event_handler = ngx_http_credits_client_handler;

    if (rev->ready) {
        ngx_post_event(rev, &ngx_posted_events);
    }
}


/* ngx_http_test_reading(), but the request goes on */

static void
ngx_http_credits_client_handler(ngx_http_request_t *r)
{
    int                n;
    char               buf[1];
    ngx_err_t          err;
    ngx_event_t       *rev;
    ngx_connection_t  *c;

    c = r->connection;
    rev = c->read;

    if (c->error) {
        goto left;
    }

#if (NGX_HTTP_V2)

    /* a stream of HTTP/2 has no socket of its own */

    if (r->stream) {
        return;
    }

#endif

#if (NGX_HTTP_V3)

    if (c->quic) {
        if (rev->error) {
            c->error = 1;
            goto left;
        }

        return;
    }

#endif

#if (NGX_HAVE_EPOLLRDHUP)

    if ((ngx_event_flags & NGX_USE_EPOLL_EVENT) && ngx_use_epoll_rdhup) {
        socklen_t  len;

        if (!rev->pending_eof) {
            return;
        }

        err = 0;
        len = sizeof(ngx_err_t);

        if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, (void *) &err, &len) == -1
            || err)
        {
            rev->error = 1;
            c->error = 1;
        }

        rev->eof = 1;
        goto left;
    }

#endif

    n = recv(c->fd, buf, 1, MSG_PEEK);
    err = ngx_socket_errno;

    if (n == 1) {
        /* the next request, in a pipeline */
        if ((ngx_event_flags & NGX_USE_LEVEL_EVENT) && rev->active) {
            (void) ngx_del_event(rev, NGX_READ_EVENT, 0);
        }

        return;
    }

    if (n == -1 && err == NGX_EAGAIN) {
        rev->ready = 0;
        (void) ngx_handle_read_event(rev, 0);
        return;
    }

    if (n == -1) {
        rev->error = 1;
        c->error = 1;
    }

    rev->eof = 1;

left:

    r->read_event_handler = ngx_http_block_reading;

    ngx_http_credits_left(r);
}


static void
ngx_http_credits_wait_timer(ngx_event_t *ev)
{
    ngx_http_credits_resume((ngx_http_credits_ctx_t *)
                   ((u_char *) ev - offsetof(ngx_http_credits_ctx_t, timer)));
}
