/*
 * Batch queues.
 */

#include "ngx_credits_batch.h"
#include "ngx_credits_pg_wire.h"


#define NGX_CREDITS_BATCH_DELAY_MIN   50    /* ms before a row is sent again */
#define NGX_CREDITS_BATCH_DELAY_MAX   5000
#define NGX_CREDITS_BATCH_DELAY_BUSY  100
#define NGX_CREDITS_BATCH_SKIP        2000  /* ms without waiting for locks */


static ngx_int_t ngx_credits_batch_build(ngx_credits_batch_t *batch);
static ngx_int_t ngx_credits_batch_take(ngx_credits_batch_t *batch);
static void ngx_credits_batch_untake(ngx_credits_batch_t *batch);
static void ngx_credits_batch_answered(ngx_credits_pg_query_t *query,
    ngx_credits_pg_outcome_e outcome, PGresult *result, const char *sqlstate,
    ngx_str_t *error);
static void ngx_credits_batch_results(ngx_credits_batch_t *batch,
    PGresult *result);
static void ngx_credits_batch_row_answered(ngx_credits_batch_t *batch,
    ngx_credits_op_t *op);
static void ngx_credits_batch_requeue(ngx_credits_batch_t *batch,
    ngx_uint_t alone, ngx_uint_t unknown);
static void ngx_credits_batch_rejected(ngx_credits_batch_t *batch,
    const char *sqlstate, ngx_str_t *error);
static void ngx_credits_batch_delay(ngx_credits_batch_t *batch,
    ngx_credits_op_t *op, ngx_msec_t delay);
static void ngx_credits_batch_skip(ngx_credits_batch_t *batch);
static void ngx_credits_batch_timeout(ngx_event_t *ev);
static void ngx_credits_batch_abandoned(ngx_credits_op_t *op);
static void ngx_credits_batch_drop(ngx_credits_op_t *op);
static void ngx_credits_batch_dispose(ngx_credits_op_t *op);


void
ngx_credits_batch_init(ngx_credits_batch_t *batch,
    ngx_credits_batch_host_t *host, const ngx_credits_batch_kind_t *kind)
{
    batch->host = host;
    batch->kind = kind;
    batch->query.statement = kind->statement;
    batch->query.done = ngx_credits_batch_answered;
    batch->query.data = batch;

    ngx_queue_init(&batch->waiting);
}


void
ngx_credits_batch_free(ngx_credits_batch_t *batch)
{
    ngx_uint_t  i;

    for (i = 0; i < batch->kind->narrays; i++) {
        ngx_credits_array_free(&batch->arrays[i]);
    }

    ngx_credits_batch_free_waiting(&batch->waiting);
}


void
ngx_credits_batch_free_waiting(ngx_queue_t *waiting)
{
    ngx_queue_t       *q;
    ngx_credits_op_t  *op;

    while (!ngx_queue_empty(waiting)) {
        q = ngx_queue_head(waiting);
        ngx_queue_remove(q);

        op = ngx_queue_data(q, ngx_credits_op_t, queue);

        if (op->timer.timer_set) {
            ngx_del_timer(&op->timer);
        }

        if (op->kind->lost) {
            op->kind->lost(op);
        }

        ngx_free(op);
    }
}


void
ngx_credits_batch_push(ngx_credits_batch_t *batch, ngx_credits_op_t *op,
    ngx_uint_t owned)
{
    ngx_credits_batch_arm(op, batch->host, batch->kind, owned);
    ngx_queue_insert_tail(&batch->waiting, &op->queue);
}


void
ngx_credits_batch_send(ngx_credits_batch_t *batch)
{
    ngx_int_t                  rc;
    ngx_credits_batch_host_t  *host;

    host = batch->host;

    if (batch->nsent
        || ngx_queue_empty(&batch->waiting)
        || ngx_credits_pg_up(host->pg) == 0)
    {
        return;
    }

    rc = ngx_credits_batch_build(batch);

    if (rc == NGX_DONE) {
        return;
    }

    if (rc == NGX_OK
        && ngx_credits_pg_send(host->pg, &batch->query) == NGX_OK)
    {
        ngx_log_debug2(NGX_LOG_DEBUG_CORE, host->log, 0,
                       "credits batch: %s: %ui rows sent",
                       batch->kind->statement->name, batch->nsent);

        ngx_credits_zone_count(host->zone, batch->kind->batches, 1);
        ngx_credits_zone_count(host->zone, batch->kind->rows, batch->nsent);
        return;
    }

    ngx_credits_batch_untake(batch);
    ngx_credits_batch_wake_in(host, NGX_CREDITS_BATCH_DELAY_MIN);
}


/* NGX_OK; NGX_DONE: nothing is due; NGX_ERROR: out of memory */

static ngx_int_t
ngx_credits_batch_build(ngx_credits_batch_t *batch)
{
    ngx_uint_t                       i;
    const ngx_credits_batch_kind_t  *kind;

    kind = batch->kind;

    for (i = 0; i < kind->narrays; i++) {
        ngx_credits_array_reset(&batch->arrays[i]);
    }

    if (ngx_credits_batch_take(batch) != NGX_OK) {
        return NGX_DONE;
    }

    if (batch->skipping
        && (ngx_msec_int_t) (ngx_current_msec - batch->skip_until) >= 0)
    {
        batch->skipping = 0;
    }

    if (kind->skip_param) {
        batch->query.params[kind->skip_param] = batch->skipping ? "true"
                                                                : "false";
    }

    for (i = 0; i < kind->narrays; i++) {
        batch->query.params[i] = ngx_credits_array_end(&batch->arrays[i],
                                                       batch->host->log);
        if (batch->query.params[i] == NULL) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* moves what is due from waiting to sent; NGX_DONE: nothing is */

static ngx_int_t
ngx_credits_batch_take(ngx_credits_batch_t *batch)
{
    ngx_queue_t       *q, *next;
    ngx_msec_int_t     wait;
    ngx_credits_op_t  *op;

    for (q = ngx_queue_head(&batch->waiting);
         q != ngx_queue_sentinel(&batch->waiting)
         && batch->nsent < NGX_CREDITS_BATCH_MAX;
         q = next)
    {
        next = ngx_queue_next(q);
        op = ngx_queue_data(q, ngx_credits_op_t, queue);

        if (op->delay) {
            wait = (ngx_msec_int_t) (op->not_before - ngx_current_msec);

            if (wait > 0) {
                ngx_credits_batch_wake_in(batch->host, (ngx_msec_t) wait);
                continue;
            }
        }

        if (op->alone && batch->nsent) {
            break;
        }

        ngx_queue_remove(q);
        op->sent = 1;
        batch->sent[batch->nsent++] = op;
        batch->kind->row(batch, op);

        if (op->alone) {
            break;
        }
    }

    return batch->nsent ? NGX_OK : NGX_DONE;
}


/* as if nothing had been taken */

static void
ngx_credits_batch_untake(ngx_credits_batch_t *batch)
{
    ngx_credits_op_t  *op;

    while (batch->nsent) {
        op = batch->sent[--batch->nsent];
        op->sent = 0;
        ngx_queue_insert_head(&batch->waiting, &op->queue);
    }
}


static void
ngx_credits_batch_answered(ngx_credits_pg_query_t *query,
    ngx_credits_pg_outcome_e outcome, PGresult *result, const char *sqlstate,
    ngx_str_t *error)
{
    ngx_credits_batch_t *batch = query->data;

    ngx_log_debug4(NGX_LOG_DEBUG_CORE, batch->host->log, 0,
                   "credits batch: %s: %ui rows answered: outcome %d, "
                   "sqlstate \"%s\"",
                   query->statement->name, batch->nsent, (int) outcome,
                   sqlstate);

    switch (outcome) {

    case NGX_CREDITS_PG_OK:
        ngx_credits_batch_results(batch, result);
        break;

    case NGX_CREDITS_PG_LOST:
        ngx_credits_batch_requeue(batch, 0, 1);
        break;

    default: /* NGX_CREDITS_PG_ERROR */
        ngx_credits_batch_rejected(batch, sqlstate, error);
    }

    ngx_credits_batch_wake(batch->host);
}


static void
ngx_credits_batch_results(ngx_credits_batch_t *batch, PGresult *result)
{
    int                i, n;
    int64_t            ord;
    ngx_uint_t         k, nsent;
    ngx_credits_op_t  *sent[NGX_CREDITS_BATCH_MAX];

    nsent = batch->nsent;

    for (k = 0; k < nsent; k++) {
        sent[k] = batch->sent[k];
        sent[k]->status = batch->kind->missing;
        sent[k]->busy = 0;
    }

    n = PQntuples(result);

    for (i = 0; i < n; i++) {
        ord = ngx_credits_pg_wire_int(result, i, 0);

        if (ord >= 1 && ord <= (int64_t) nsent) {
            batch->kind->result(sent[ord - 1], result, i);
        }
    }

    batch->nsent = 0;

    for (k = 0; k < nsent; k++) {
        ngx_credits_batch_row_answered(batch, sent[k]);
    }
}


/* what becomes of an operation after its row */

static void
ngx_credits_batch_row_answered(ngx_credits_batch_t *batch,
    ngx_credits_op_t *op)
{
    ngx_uint_t  undroppable;

    undroppable = batch->kind->undroppable;

    if (op->busy) {
        ngx_credits_batch_skip(batch);

        if (op->owned || undroppable) {
            ngx_credits_batch_delay(batch, op, NGX_CREDITS_BATCH_DELAY_BUSY);
            return;
        }
    }

    if (undroppable && op->status == NGX_CREDITS_UNAVAILABLE) {
        /* there was no row for it: nothing tells that it was done */

        ngx_credits_batch_delay(batch, op, NGX_CREDITS_BATCH_DELAY_MIN);
        return;
    }

    if (!op->owned && op->status == NGX_CREDITS_OK) {
        ngx_credits_batch_abandoned(op);
    }

    ngx_credits_batch_finish(op, op->status);
}


/* back to the head, in order, but for those that nothing waits for */

static void
ngx_credits_batch_requeue(ngx_credits_batch_t *batch, ngx_uint_t alone,
    ngx_uint_t unknown)
{
    ngx_uint_t         k;
    ngx_credits_op_t  *op;

    ngx_log_debug4(NGX_LOG_DEBUG_CORE, batch->host->log, 0,
                   "credits batch: %s: %ui rows requeued%s%s",
                   batch->kind->statement->name, batch->nsent,
                   alone ? ", to go alone" : "",
                   unknown ? ", may have been done" : "");

    for (k = batch->nsent; k > 0; k--) {
        op = batch->sent[k - 1];

        if (!op->owned && !batch->kind->undroppable) {

            if (unknown) {
                ngx_credits_batch_abandoned(op);
            }

            ngx_credits_batch_finish(op, NGX_CREDITS_UNAVAILABLE);
            continue;
        }

        op->sent = 0;
        op->alone |= alone;
        op->unknown |= unknown;
        ngx_queue_insert_head(&batch->waiting, &op->queue);

        ngx_credits_zone_count(batch->host->zone, NGX_CREDITS_COUNT_retries,
                               1);
    }

    batch->nsent = 0;
}


/* the call has failed as a whole, and nothing was done */

static void
ngx_credits_batch_rejected(ngx_credits_batch_t *batch, const char *sqlstate,
    ngx_str_t *error)
{
    ngx_int_t          rc;
    ngx_credits_op_t  *op;

    ngx_log_debug3(NGX_LOG_DEBUG_CORE, batch->host->log, 0,
                   "credits batch: %s: %ui rows rejected: %s",
                   batch->kind->statement->name, batch->nsent, sqlstate);

    if (batch->kind->skip_param && !batch->skipping
        && ngx_strcmp(sqlstate, "55P03") == 0)
    {
        /*
         * An account is locked elsewhere: for a while, batches skip locked
         * accounts, and their rows go later.
         */

        ngx_credits_batch_skip(batch);
        ngx_credits_batch_requeue(batch, 0, 0);
        return;
    }

    if (batch->nsent > 1) {
        ngx_log_error(NGX_LOG_WARN, batch->host->log, 0,
                      "credits: %s refused %ui rows, they go one by one: "
                      "%V (%s)", batch->kind->statement->name, batch->nsent,
                      error, sqlstate);

        ngx_credits_batch_requeue(batch, 1, 0);
        return;
    }

    op = batch->sent[0];
    batch->nsent = 0;

    rc = (op->owned || batch->kind->undroppable)
         ? batch->kind->failed(op, sqlstate, error) : NGX_DECLINED;

    if (rc == NGX_AGAIN) {
        op->alone = 1;
        ngx_credits_batch_delay(batch, op,
                                op->delay
                                ? ngx_min(2 * op->delay,
                                          NGX_CREDITS_BATCH_DELAY_MAX)
                                : NGX_CREDITS_BATCH_DELAY_MIN);
        return;
    }

    ngx_credits_batch_finish(op, NGX_CREDITS_UNAVAILABLE);
}


/* the row is sent again, behind those that wait; they do not wait for it */

static void
ngx_credits_batch_delay(ngx_credits_batch_t *batch, ngx_credits_op_t *op,
    ngx_msec_t delay)
{
    ngx_log_debug2(NGX_LOG_DEBUG_CORE, batch->host->log, 0,
                   "credits batch: %s: a row delayed by %Mms",
                   batch->kind->statement->name, delay);

    op->sent = 0;
    op->delay = delay;
    op->not_before = ngx_current_msec + delay;

    ngx_queue_insert_tail(&batch->waiting, &op->queue);
    ngx_credits_batch_wake_in(batch->host, delay);

    ngx_credits_zone_count(batch->host->zone, NGX_CREDITS_COUNT_retries, 1);
}


static void
ngx_credits_batch_skip(ngx_credits_batch_t *batch)
{
    batch->skipping = 1;
    batch->skip_until = ngx_current_msec + NGX_CREDITS_BATCH_SKIP;
}


ngx_int_t
ngx_credits_batch_request_failed(ngx_credits_op_t *op, const char *sqlstate,
    ngx_str_t *error)
{
    if (ngx_credits_pg_wire_retryable(sqlstate)) {
        return NGX_AGAIN;
    }

    ngx_log_error(NGX_LOG_ERR, op->host->log, 0,
                  "credits: %s failed: %V (%s); the request is refused",
                  op->kind->statement->name, error, sqlstate);

    return NGX_DECLINED;
}


void
ngx_credits_batch_arm(ngx_credits_op_t *op, ngx_credits_batch_host_t *host,
    const ngx_credits_batch_kind_t *kind, ngx_uint_t owned)
{
    ngx_log_debug1(NGX_LOG_DEBUG_CORE, host->log, 0,
                   "credits batch: %s: a row queued", kind->statement->name);

    op->host = host;
    op->kind = kind;
    op->owned = owned;

    if (owned) {
        op->timer.handler = ngx_credits_batch_timeout;
        op->timer.data = &host->dummy;
        op->timer.log = host->log;
        ngx_add_timer(&op->timer, host->timeout);
    }

    ngx_credits_batch_wake(host);
}


void
ngx_credits_batch_abandon(ngx_credits_op_t *op)
{
    ngx_log_debug2(NGX_LOG_DEBUG_CORE, op->host->log, 0,
                   "credits batch: %s: a row abandoned%s",
                   op->kind->statement->name, op->sent ? " while sent" : "");

    op->owned = 0;

    if (op->timer.timer_set) {
        ngx_del_timer(&op->timer);
    }

    if (!op->sent) {
        ngx_credits_batch_drop(op);
    }
}


static void
ngx_credits_batch_timeout(ngx_event_t *ev)
{
    ngx_credits_op_t  *op;

    op = ngx_queue_data(ev, ngx_credits_op_t, timer);

    ngx_log_debug2(NGX_LOG_DEBUG_CORE, op->host->log, 0,
                   "credits batch: %s: a row timed out%s",
                   op->kind->statement->name, op->sent ? " while sent" : "");

    op->owned = 0;
    op->kind->done(op, NGX_CREDITS_UNAVAILABLE);

    /* if it was sent, its result may still arrive; nothing waits for it */

    if (!op->sent) {
        ngx_credits_batch_drop(op);
    }
}


static void
ngx_credits_batch_abandoned(ngx_credits_op_t *op)
{
    if (op->kind->abandoned) {
        op->kind->abandoned(op);
    }
}


/*
 * Frees an operation that is not sent (again); tells abandoned() if it may
 * have been done.
 */

static void
ngx_credits_batch_drop(ngx_credits_op_t *op)
{
    ngx_queue_remove(&op->queue);

    if (op->unknown) {
        ngx_credits_batch_abandoned(op);
    }

    ngx_credits_batch_dispose(op);
}


static void
ngx_credits_batch_dispose(ngx_credits_op_t *op)
{
    if (op->kind->dispose) {
        op->kind->dispose(op);
    }

    ngx_free(op);
}


void
ngx_credits_batch_finish(ngx_credits_op_t *op, ngx_credits_status_e status)
{
    if (op->timer.timer_set) {
        ngx_del_timer(&op->timer);
    }

    if (op->owned) {
        op->kind->done(op, status);
    }

    ngx_credits_batch_dispose(op);
}


void
ngx_credits_batch_wake(ngx_credits_batch_host_t *host)
{
    /* at the end of this turn of the loop: what came in it goes together */

    if (!host->closing) {
        ngx_post_event(&host->dispatch, &ngx_posted_events);
    }
}


void
ngx_credits_batch_wake_in(ngx_credits_batch_host_t *host, ngx_msec_t msec)
{
    ngx_event_t  *ev;

    ev = &host->dispatch;

    if (host->closing
        || (ev->timer_set
            && (ngx_msec_int_t) (ev->timer.key - ngx_current_msec)
               <= (ngx_msec_int_t) msec))
    {
        return;
    }

    ngx_add_timer(ev, msec);
}
