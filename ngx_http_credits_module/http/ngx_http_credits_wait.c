/*
 * Suspends and resumes a request.
 */

#include "ngx_http_credits_wait.h"


/* how long settlements are waited for, in ms */
#define NGX_HTTP_CREDITS_PENDING_STEP  2        /* the first step */
#define NGX_HTTP_CREDITS_PENDING_SLOW  50       /* the longest step */
#define NGX_HTTP_CREDITS_PENDING_MAX   2000     /* all steps */


static ngx_http_credits_wait_t *ngx_http_credits_wait_make(
    ngx_http_request_t *r, ngx_http_credits_ctx_t *ctx);
static void ngx_http_credits_wait_cleanup(void *data);
static ngx_int_t ngx_http_credits_wait_begin(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx, ngx_credits_op_t *op,
    ngx_http_credits_wait_resume_pt resume);
static ngx_int_t ngx_http_credits_wait_watch(ngx_http_request_t *r,
    ngx_http_credits_wait_t *wait);
static void ngx_http_credits_wait_timer(ngx_event_t *ev);
static void ngx_http_credits_wait_resume(ngx_http_credits_wait_t *wait);


ngx_int_t
ngx_http_credits_wait_op(ngx_http_request_t *r, ngx_http_credits_ctx_t *ctx,
    ngx_credits_op_t *op, ngx_http_credits_wait_resume_pt resume)
{
    ngx_int_t  rc;

    rc = ngx_http_credits_wait_begin(r, ctx, op, resume);

    return (rc == NGX_AGAIN) ? ngx_http_credits_wait_watch(r, ctx->wait) : rc;
}


ngx_int_t
ngx_http_credits_wait_op_unwatched(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx, ngx_credits_op_t *op,
    ngx_http_credits_wait_resume_pt resume)
{
    ngx_int_t  rc;

    rc = ngx_http_credits_wait_begin(r, ctx, op, resume);

    if (rc == NGX_AGAIN) {
        r->read_event_handler = ngx_http_block_reading;
        r->write_event_handler = ngx_http_request_empty_handler;
    }

    return rc;
}


static ngx_int_t
ngx_http_credits_wait_begin(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx, ngx_credits_op_t *op,
    ngx_http_credits_wait_resume_pt resume)
{
    ngx_http_credits_wait_t  *wait;

    if (op == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    wait = ngx_http_credits_wait_make(r, ctx);

    if (wait == NULL) {
        ngx_credits_ledger_abandon(op);
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_log_debug0(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "credits wait: for an operation");

    wait->op = op;
    wait->resume = resume;
    wait->suspended = 1;

    return NGX_AGAIN;
}


/* made at the first wait, with the cleanup that ends the last one */

static ngx_http_credits_wait_t *
ngx_http_credits_wait_make(ngx_http_request_t *r, ngx_http_credits_ctx_t *ctx)
{
    ngx_http_cleanup_t       *cln;
    ngx_http_credits_wait_t  *wait;

    if (ctx->wait) {
        return ctx->wait;
    }

    wait = ngx_pcalloc(r->pool, sizeof(ngx_http_credits_wait_t));
    if (wait == NULL) {
        return NULL;
    }

    cln = ngx_http_cleanup_add(r, 0);
    if (cln == NULL) {
        return NULL;
    }

    wait->ctx = ctx;
    wait->timer.handler = ngx_http_credits_wait_timer;
    wait->timer.data = r->connection;
    wait->timer.log = r->connection->log;

    cln->handler = ngx_http_credits_wait_cleanup;
    cln->data = wait;

    ctx->wait = wait;

    return wait;
}


/* the request ends: nothing is to be resumed any more */

static void
ngx_http_credits_wait_cleanup(void *data)
{
    ngx_http_credits_wait_t *wait = data;

    wait->suspended = 0;

    if (wait->op) {
        ngx_credits_ledger_abandon(wait->op);
        wait->op = NULL;
    }

    if (wait->timer.timer_set) {
        ngx_del_timer(&wait->timer);
    }
}


/*
 * A client that leaves ends the request at once.  A subrequest leaves the
 * connection to its main request.
 */

static ngx_int_t
ngx_http_credits_wait_watch(ngx_http_request_t *r,
    ngx_http_credits_wait_t *wait)
{
    ngx_event_t  *rev;

    r->write_event_handler = ngx_http_request_empty_handler;

    if (r != r->main) {
        return NGX_AGAIN;
    }

    rev = r->connection->read;

    if (rev->ready) {
        ngx_post_event(rev, &ngx_posted_events);

    } else if (ngx_handle_read_event(rev, 0) != NGX_OK) {
        ngx_http_credits_wait_cleanup(wait);
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    r->read_event_handler = ngx_http_test_reading;

    return NGX_AGAIN;
}


ngx_int_t
ngx_http_credits_wait_pending(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx, ngx_str_t *user,
    ngx_http_credits_wait_resume_pt resume)
{
    ngx_msec_t                step;
    ngx_http_credits_wait_t  *wait;

    if (ngx_credits_zone_pending(ngx_http_credits_ctx_zone(r), user) == 0) {
        return NGX_OK;
    }

    wait = ngx_http_credits_wait_make(r, ctx);
    if (wait == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (wait->waited >= NGX_HTTP_CREDITS_PENDING_MAX) {
        return NGX_OK;
    }

    step = ngx_min(wait->waited + NGX_HTTP_CREDITS_PENDING_STEP,
                   NGX_HTTP_CREDITS_PENDING_SLOW);

    ngx_log_debug1(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "credits wait: %Mms for settlements", step);

    wait->waited += step;
    wait->resume = resume;
    wait->suspended = 1;

    ngx_add_timer(&wait->timer, step);

    return ngx_http_credits_wait_watch(r, wait);
}


static void
ngx_http_credits_wait_timer(ngx_event_t *ev)
{
    ngx_http_credits_wait_resume(
        ngx_rbtree_data(ev, ngx_http_credits_wait_t, timer));
}


void
ngx_http_credits_wait_done(ngx_http_credits_ctx_t *ctx)
{
    ctx->wait->op = NULL;

    ngx_http_credits_wait_resume(ctx->wait);
}


static void
ngx_http_credits_wait_resume(ngx_http_credits_wait_t *wait)
{
    ngx_int_t                rc;
    ngx_connection_t        *c;
    ngx_http_request_t      *r;
    ngx_http_credits_ctx_t  *ctx;

    if (!wait->suspended) {
        return;
    }

    ctx = wait->ctx;
    r = ctx->request;
    c = r->connection;

    ngx_log_debug0(NGX_LOG_DEBUG_HTTP, c->log, 0, "credits wait: over");

    wait->suspended = 0;

    if (r == r->main) {
        r->read_event_handler = ngx_http_block_reading;

        /* select and poll may have taken the event away meanwhile */

        if (ngx_handle_read_event(c->read, 0) != NGX_OK) {
            ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);
            ngx_http_run_posted_requests(c);
            return;
        }
    }

    if (wait->resume) {
        rc = wait->resume(r, ctx);

        if (rc != NGX_AGAIN) {
            ngx_http_finalize_request(r, rc);
        }

    } else {
        r->write_event_handler = ngx_http_core_run_phases;
        ngx_http_core_run_phases(r);
    }

    ngx_http_run_posted_requests(c);
}
