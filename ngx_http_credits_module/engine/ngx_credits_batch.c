/*
 * Lanes: all that is waiting goes to Postgres as one call.
 */

#include "ngx_credits_batch.h"


#define NGX_CREDITS_DELAY_MIN  50       /* ms before a row is sent again */
#define NGX_CREDITS_DELAY_MAX  5000
#define NGX_CREDITS_DELAY_BUSY 100
#define NGX_CREDITS_SKIP       2000     /* ms without waiting for locks */


static void ngx_credits_lane_send(ngx_credits_lane_t *lane);
static ngx_int_t ngx_credits_lane_build(ngx_credits_lane_t *lane);
static void ngx_credits_lane_done(ngx_credits_pg_query_t *query,
    ngx_credits_pg_outcome_e outcome, PGresult *result, const char *sqlstate,
    ngx_str_t *error);
static void ngx_credits_lane_results(ngx_credits_lane_t *lane,
    PGresult *result);
static void ngx_credits_lane_again(ngx_credits_lane_t *lane, ngx_uint_t alone,
    ngx_uint_t unknown);
static void ngx_credits_lane_refused(ngx_credits_lane_t *lane,
    const char *sqlstate, ngx_str_t *error);
static void ngx_credits_lane_later(ngx_credits_lane_t *lane,
    ngx_credits_op_t *op, ngx_msec_t delay);
static void ngx_credits_lane_skip(ngx_credits_lane_t *lane);
static void ngx_credits_op_drop(ngx_credits_op_t *op);
static void ngx_credits_op_free(ngx_credits_op_t *op);
static void ngx_credits_op_timeout(ngx_event_t *ev);


void
ngx_credits_lane_init(ngx_credits_ledger_t *ledger, ngx_credits_lane_t *lane,
    ngx_uint_t statement, ngx_uint_t narrays)
{
    lane->ledger = ledger;
    lane->narrays = narrays;
    lane->query.statement = &ngx_credits_statements[statement];
    lane->query.done = ngx_credits_lane_done;
    lane->query.data = lane;

    ngx_queue_init(&lane->waiting);
}


/* the process leaves: nobody is told, the journal has what must not be lost */

void
ngx_credits_lanes_free(ngx_credits_ledger_t *ledger)
{
    ngx_uint_t            i, n;
    ngx_queue_t          *q, *queues[4];
    ngx_credits_op_t     *op;
    ngx_credits_lane_t   *lanes[3];

    lanes[0] = &ledger->session;
    lanes[1] = &ledger->hold;
    lanes[2] = &ledger->settle;

    for (i = 0; i < 3; i++) {
        queues[i] = &lanes[i]->waiting;

        for (n = 0; n < lanes[i]->narrays; n++) {
            ngx_credits_array_free(&lanes[i]->arrays[n]);
        }
    }

    queues[3] = &ledger->reads;

    for (i = 0; i < 4; i++) {
        while (!ngx_queue_empty(queues[i])) {
            q = ngx_queue_head(queues[i]);
            ngx_queue_remove(q);

            op = ngx_queue_data(q, ngx_credits_op_t, queue);

            if (op->timer.timer_set) {
                ngx_del_timer(&op->timer);
            }

            if (queues[i] == &ledger->settle.waiting) {
                ngx_credits_settle_lost(op);
            }

            ngx_free(op);
        }
    }
}


void
ngx_credits_lanes_send(ngx_credits_ledger_t *ledger)
{
    ngx_credits_lane_send(&ledger->session);
    ngx_credits_lane_send(&ledger->hold);
    ngx_credits_lane_send(&ledger->settle);
    ngx_credits_reads_send(ledger);
}


void
ngx_credits_lane_push(ngx_credits_lane_t *lane, ngx_credits_op_t *op,
    ngx_credits_op_done_pt done, void *data)
{
    op->lane = lane;
    ngx_credits_op_arm(op, lane->ledger, done, data);
    ngx_queue_insert_tail(&lane->waiting, &op->queue);
}


static void
ngx_credits_lane_send(ngx_credits_lane_t *lane)
{
    ngx_int_t              rc;
    ngx_uint_t             i;
    ngx_credits_ledger_t  *ledger;

    ledger = lane->ledger;

    if (lane->nsent
        || ngx_queue_empty(&lane->waiting)
        || ngx_credits_pg_up(ledger->postgres) == 0)
    {
        return;
    }

    rc = ngx_credits_lane_build(lane);

    if (rc == NGX_DONE) {
        return;
    }

    if (rc == NGX_OK
        && ngx_credits_pg_send(ledger->postgres, &lane->query) == NGX_OK)
    {
        ngx_credits_zone_count(ledger->zone, lane->batches, 1);
        ngx_credits_zone_count(ledger->zone, lane->rows, lane->nsent);
        return;
    }

    /* as if nothing had been taken; the next turn tries again */

    for (i = lane->nsent; i > 0; i--) {
        lane->sent[i - 1]->sent = 0;
        ngx_queue_insert_head(&lane->waiting, &lane->sent[i - 1]->queue);
    }

    lane->nsent = 0;
    ngx_credits_ledger_wake_in(ledger, NGX_CREDITS_DELAY_MIN);
}


/* NGX_OK; NGX_DONE: nothing is due; NGX_ERROR: out of memory */

static ngx_int_t
ngx_credits_lane_build(ngx_credits_lane_t *lane)
{
    ngx_uint_t         i;
    ngx_queue_t       *q, *next;
    ngx_msec_int_t     wait;
    ngx_credits_op_t  *op;

    for (i = 0; i < lane->narrays; i++) {
        ngx_credits_array_reset(&lane->arrays[i]);
    }

    for (q = ngx_queue_head(&lane->waiting);
         q != ngx_queue_sentinel(&lane->waiting)
         && lane->nsent < NGX_CREDITS_BATCH_MAX;
         q = next)
    {
        next = ngx_queue_next(q);
        op = ngx_queue_data(q, ngx_credits_op_t, queue);

        if (op->delay) {
            wait = (ngx_msec_int_t) (op->not_before - ngx_current_msec);

            if (wait > 0) {
                ngx_credits_ledger_wake_in(lane->ledger, (ngx_msec_t) wait);
                continue;
            }
        }

        if (op->alone && lane->nsent) {
            break;
        }

        ngx_queue_remove(q);
        op->sent = 1;
        lane->sent[lane->nsent++] = op;
        lane->row(lane, op);

        if (op->alone) {
            break;
        }
    }

    if (lane->nsent == 0) {
        return NGX_DONE;
    }

    if (lane->skipping
        && (ngx_msec_int_t) (ngx_current_msec - lane->skip_until) >= 0)
    {
        lane->skipping = 0;
    }

    if (lane->skip_param) {
        lane->query.params[lane->skip_param] = lane->skipping ? "true"
                                                              : "false";
    }

    for (i = 0; i < lane->narrays; i++) {
        lane->query.params[i] = ngx_credits_array_end(&lane->arrays[i],
                                                      lane->ledger->log);
        if (lane->query.params[i] == NULL) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static void
ngx_credits_lane_done(ngx_credits_pg_query_t *query,
    ngx_credits_pg_outcome_e outcome, PGresult *result, const char *sqlstate,
    ngx_str_t *error)
{
    ngx_credits_lane_t *lane = query->data;

    switch (outcome) {

    case NGX_CREDITS_PG_OK:
        ngx_credits_lane_results(lane, result);
        break;

    case NGX_CREDITS_PG_LOST:
        ngx_credits_lane_again(lane, 0, 1);
        break;

    default: /* NGX_CREDITS_PG_ERROR */
        ngx_credits_lane_refused(lane, sqlstate, error);
    }

    ngx_credits_ledger_wake(lane->ledger);
}


static void
ngx_credits_lane_results(ngx_credits_lane_t *lane, PGresult *result)
{
    int                i, n;
    int64_t            ord;
    ngx_uint_t         k, nsent;
    ngx_credits_op_t  *op, *sent[NGX_CREDITS_BATCH_MAX];

    nsent = lane->nsent;

    for (k = 0; k < nsent; k++) {
        sent[k] = lane->sent[k];
        sent[k]->status = lane->missing;
    }

    n = PQntuples(result);

    for (i = 0; i < n; i++) {
        ord = ngx_credits_result_int(result, i, 0);

        if (ord >= 1 && ord <= (int64_t) nsent) {
            lane->result(sent[ord - 1], result, i);
        }
    }

    lane->nsent = 0;

    for (k = 0; k < nsent; k++) {
        op = sent[k];

        if (op->done == NULL && lane->abandoned && op->status == NGX_OK) {
            lane->abandoned(op);
        }

        if (op->status == NGX_BUSY) {
            ngx_credits_lane_skip(lane);

            if (op->done || lane->keep) {
                ngx_credits_lane_later(lane, op, NGX_CREDITS_DELAY_BUSY);
                continue;
            }
        }

        if (op->status == NGX_ERROR && lane->keep) {
            /* no row for it: not a word that it was done */
            ngx_credits_lane_later(lane, op, NGX_CREDITS_DELAY_MIN);
            continue;
        }

        ngx_credits_op_finish(op, op->status);
    }
}


/* back to the head of the lane, in order, but for those nobody waits for */

static void
ngx_credits_lane_again(ngx_credits_lane_t *lane, ngx_uint_t alone,
    ngx_uint_t unknown)
{
    ngx_uint_t         k;
    ngx_credits_op_t  *op;

    for (k = lane->nsent; k > 0; k--) {
        op = lane->sent[k - 1];

        if (op->done == NULL && !lane->keep) {

            if (lane->abandoned && unknown) {
                lane->abandoned(op);
            }

            ngx_credits_op_finish(op, NGX_ERROR);
            continue;
        }

        op->sent = 0;
        op->alone |= alone;
        op->unknown |= unknown;
        ngx_queue_insert_head(&lane->waiting, &op->queue);

        ngx_credits_zone_count(lane->ledger->zone, NGX_CREDITS_COUNT_retries,
                               1);
    }

    lane->nsent = 0;
}


static void
ngx_credits_lane_refused(ngx_credits_lane_t *lane, const char *sqlstate,
    ngx_str_t *error)
{
    ngx_int_t          rc;
    ngx_credits_op_t  *op;

    if (lane->skip_param && !lane->skipping
        && ngx_strcmp(sqlstate, "55P03") == 0)
    {
        /* somebody sits on an account: from now on, who waits waits alone */
        ngx_credits_lane_skip(lane);
        ngx_credits_lane_again(lane, 0, 0);
        return;
    }

    if (lane->nsent > 1) {
        ngx_log_error(NGX_LOG_WARN, lane->ledger->log, 0,
                      "credits: %s refused %ui rows, they go one by one: "
                      "%V (%s)", lane->query.statement->name, lane->nsent,
                      error, sqlstate);

        ngx_credits_lane_again(lane, 1, 0);
        return;
    }

    op = lane->sent[0];
    lane->nsent = 0;

    rc = (op->done == NULL && !lane->keep)
         ? NGX_DECLINED : lane->failed(op, sqlstate, error);

    if (rc == NGX_AGAIN) {
        op->alone = 1;
        ngx_credits_lane_later(lane, op,
                               op->delay ? ngx_min(2 * op->delay,
                                                   NGX_CREDITS_DELAY_MAX)
                                         : NGX_CREDITS_DELAY_MIN);
        return;
    }

    ngx_credits_op_finish(op, NGX_ERROR);
}


/* a row is sent again, behind those that wait; they do not wait for it */

static void
ngx_credits_lane_later(ngx_credits_lane_t *lane, ngx_credits_op_t *op,
    ngx_msec_t delay)
{
    op->sent = 0;
    op->delay = delay;
    op->not_before = ngx_current_msec + delay;

    ngx_queue_insert_tail(&lane->waiting, &op->queue);
    ngx_credits_ledger_wake_in(lane->ledger, delay);

    ngx_credits_zone_count(lane->ledger->zone, NGX_CREDITS_COUNT_retries, 1);
}


static void
ngx_credits_lane_skip(ngx_credits_lane_t *lane)
{
    lane->skipping = 1;
    lane->skip_until = ngx_current_msec + NGX_CREDITS_SKIP;
}


void
ngx_credits_op_arm(ngx_credits_op_t *op, ngx_credits_ledger_t *ledger,
    ngx_credits_op_done_pt done, void *data)
{
    op->ledger = ledger;
    op->done = done;
    op->data = data;

    if (done) {
        op->timer.handler = ngx_credits_op_timeout;
        op->timer.data = &ledger->dummy;
        op->timer.log = ledger->log;
        ngx_add_timer(&op->timer, ledger->timeout);
    }

    ngx_credits_ledger_wake(ledger);
}


void
ngx_credits_op_abandon(ngx_credits_op_t *op)
{
    op->done = NULL;

    if (op->timer.timer_set) {
        ngx_del_timer(&op->timer);
    }

    if (!op->sent) {
        ngx_credits_op_drop(op);
    }
}


static void
ngx_credits_op_timeout(ngx_event_t *ev)
{
    ngx_credits_op_t        *op;
    ngx_credits_op_done_pt   done;

    op = (ngx_credits_op_t *) ((u_char *) ev
                               - offsetof(ngx_credits_op_t, timer));

    done = op->done;
    op->status = NGX_ERROR;

    if (!op->sent) {
        done(op);
        ngx_credits_op_drop(op);
        return;
    }

    /* its answer may still come, for nobody */
    done(op);
    op->done = NULL;
}


/* it will not be sent, or not again; the first time may have done it */

static void
ngx_credits_op_drop(ngx_credits_op_t *op)
{
    ngx_queue_remove(&op->queue);

    if (op->unknown && op->lane && op->lane->abandoned) {
        op->lane->abandoned(op);
    }

    ngx_credits_op_free(op);
}


static void
ngx_credits_op_free(ngx_credits_op_t *op)
{
    if (op->lane && op->lane->dispose) {
        op->lane->dispose(op);
    }

    ngx_free(op);
}


void
ngx_credits_op_finish(ngx_credits_op_t *op, ngx_int_t status)
{
    if (op->timer.timer_set) {
        ngx_del_timer(&op->timer);
    }

    op->status = status;

    if (op->done) {
        op->done(op);
    }

    ngx_credits_op_free(op);
}
