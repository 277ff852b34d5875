/*
 * Lanes: all that is waiting goes to Postgres as one call.
 */

#include "ngx_credits_lanes.h"


#define NGX_CREDITS_BACKOFF_MIN  100
#define NGX_CREDITS_BACKOFF_MAX  5000


static void ngx_credits_lane_send(ngx_credits_lane_t *lane);
static ngx_int_t ngx_credits_lane_build(ngx_credits_lane_t *lane);
static void ngx_credits_lane_done(ngx_credits_query_t *query,
    ngx_credits_pg_outcome_e outcome, PGresult *result, const char *sqlstate,
    ngx_str_t *error);
static void ngx_credits_lane_results(ngx_credits_lane_t *lane,
    PGresult *result);
static void ngx_credits_lane_again(ngx_credits_lane_t *lane, ngx_uint_t alone);
static void ngx_credits_lane_refused(ngx_credits_lane_t *lane,
    const char *sqlstate, ngx_str_t *error);
static void ngx_credits_lane_pause(ngx_credits_lane_t *lane);
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
    ngx_uint_t             i;
    ngx_msec_int_t         pause;
    ngx_credits_ledger_t  *ledger;

    ledger = lane->ledger;

    if (lane->nsent
        || ngx_queue_empty(&lane->waiting)
        || ngx_credits_pg_up(ledger->postgres) == 0)
    {
        return;
    }

    if (lane->backoff) {
        pause = (ngx_msec_int_t) (lane->paused - ngx_current_msec);

        if (pause > 0) {
            ngx_add_timer(&ledger->dispatch, (ngx_msec_t) pause);
            return;
        }
    }

    if (ngx_credits_lane_build(lane) == NGX_OK
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
    ngx_credits_lane_pause(lane);
}


static ngx_int_t
ngx_credits_lane_build(ngx_credits_lane_t *lane)
{
    ngx_uint_t         i;
    ngx_queue_t       *q;
    ngx_credits_op_t  *op;

    for (i = 0; i < lane->narrays; i++) {
        ngx_credits_array_reset(&lane->arrays[i]);
    }

    while (!ngx_queue_empty(&lane->waiting)
           && lane->nsent < NGX_CREDITS_BATCH_MAX)
    {
        q = ngx_queue_head(&lane->waiting);
        op = ngx_queue_data(q, ngx_credits_op_t, queue);

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
ngx_credits_lane_done(ngx_credits_query_t *query,
    ngx_credits_pg_outcome_e outcome, PGresult *result, const char *sqlstate,
    ngx_str_t *error)
{
    ngx_credits_lane_t *lane = query->data;

    switch (outcome) {

    case NGX_CREDITS_PG_OK:
        ngx_credits_lane_results(lane, result);
        break;

    case NGX_CREDITS_PG_LOST:
        ngx_credits_lane_again(lane, 0);
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
    lane->backoff = 0;

    for (k = 0; k < nsent; k++) {
        op = sent[k];

        if (op->done == NULL && lane->abandoned && op->status == NGX_OK) {
            lane->abandoned(op);
        }

        if (op->status == NGX_ERROR && lane->keep) {
            /* no row for it: not a word that it was done */
            op->sent = 0;
            ngx_queue_insert_tail(&lane->waiting, &op->queue);
            continue;
        }

        ngx_credits_op_finish(op, op->status);
    }
}


/* back to the head of the lane, in order, but for those nobody waits for */

static void
ngx_credits_lane_again(ngx_credits_lane_t *lane, ngx_uint_t alone)
{
    ngx_uint_t         k;
    ngx_credits_op_t  *op;

    for (k = lane->nsent; k > 0; k--) {
        op = lane->sent[k - 1];

        if (op->done == NULL && !lane->keep) {

            if (lane->abandoned) {
                lane->abandoned(op);
            }

            ngx_credits_op_finish(op, NGX_ERROR);
            continue;
        }

        op->sent = 0;
        op->alone |= alone;
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

    if (lane->nsent > 1) {
        ngx_log_error(NGX_LOG_WARN, lane->ledger->log, 0,
                      "credits: %s refused %ui rows, they go one by one: "
                      "%V (%s)", lane->query.statement->name, lane->nsent,
                      error, sqlstate);

        ngx_credits_lane_again(lane, 1);
        return;
    }

    op = lane->sent[0];
    lane->nsent = 0;

    rc = (op->done == NULL && !lane->keep)
         ? NGX_DECLINED : lane->failed(op, sqlstate, error);

    if (rc == NGX_AGAIN) {
        op->sent = 0;
        op->alone = 1;
        ngx_queue_insert_tail(&lane->waiting, &op->queue);
        ngx_credits_lane_pause(lane);

        ngx_credits_zone_count(lane->ledger->zone, NGX_CREDITS_COUNT_retries,
                               1);
        return;
    }

    ngx_credits_op_finish(op, NGX_ERROR);
}


static void
ngx_credits_lane_pause(ngx_credits_lane_t *lane)
{
    lane->backoff = lane->backoff
                    ? ngx_min(2 * lane->backoff, NGX_CREDITS_BACKOFF_MAX)
                    : NGX_CREDITS_BACKOFF_MIN;

    lane->paused = ngx_current_msec + lane->backoff
                   + (ngx_msec_t) ngx_random() % (lane->backoff / 2);

    ngx_add_timer(&lane->ledger->dispatch,
                  lane->paused - ngx_current_msec);
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
        ngx_queue_remove(&op->queue);
        ngx_free(op);
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
        ngx_queue_remove(&op->queue);
        done(op);
        ngx_free(op);
        return;
    }

    /* its answer may still come, for nobody */
    done(op);
    op->done = NULL;
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

    ngx_free(op);
}
