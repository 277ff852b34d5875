/*
 * Holds: credits are set aside before the provider is asked.
 */

#include "ngx_credits_hold.h"
#include "ngx_credits_pg_wire.h"


typedef struct {
    ngx_credits_op_t             op;
    ngx_credits_hold_queue_t    *holds;
    ngx_credits_hold_done_pt     done;
    void                        *data;
    u_char                       request[CREDITS_UUID_LEN];
    int64_t                      want;
    int64_t                      minimum;
    ngx_credits_hold_result_t    result;
    ngx_str_t                    user;
} ngx_credits_hold_op_t;


static ngx_credits_hold_op_t *ngx_credits_hold_op(ngx_credits_op_t *op);
static void ngx_credits_hold_row(ngx_credits_batch_t *batch,
    ngx_credits_op_t *op);
static void ngx_credits_hold_result(ngx_credits_op_t *op, PGresult *result,
    int row);
static void ngx_credits_hold_done(ngx_credits_op_t *op,
    ngx_credits_status_e status);
static void ngx_credits_hold_abandoned(ngx_credits_op_t *op);
static void ngx_credits_hold_dispose(ngx_credits_op_t *op);


const ngx_credits_pg_statement_t  ngx_credits_hold_statement = {
    "credit_hold",
    "SELECT ord, outcome, amount, balance, held, available"
    " FROM credit_hold_batch($1::text[], $2::uuid[], $3::bigint[],"
    " $4::bigint[], $5::interval, $6::text, $7::boolean)",
    7
};


static const ngx_credits_batch_kind_t  ngx_credits_hold_kind = {
    .statement = &ngx_credits_hold_statement,
    .done = ngx_credits_hold_done,
    .abandoned = ngx_credits_hold_abandoned,
    .dispose = ngx_credits_hold_dispose,
    .row = ngx_credits_hold_row,
    .result = ngx_credits_hold_result,
    .failed = ngx_credits_batch_request_failed,
    .narrays = 4,
    .skip_param = 6,
    .missing = NGX_CREDITS_UNAVAILABLE,
    .batches = NGX_CREDITS_COUNT_hold_batches,
    .rows = NGX_CREDITS_COUNT_hold_rows
};


void
ngx_credits_hold_init(ngx_credits_hold_queue_t *holds,
    ngx_credits_batch_host_t *host, ngx_credits_settle_t *settle,
    ngx_cycle_t *cycle, ngx_msec_t ttl)
{
    holds->settle = settle;

    ngx_sprintf(holds->ttl, "%M milliseconds%Z", ttl);
    ngx_snprintf(holds->node, sizeof(holds->node) - 1, "%V/%P",
                 &cycle->hostname, ngx_pid);

    ngx_credits_batch_init(&holds->batch, host, &ngx_credits_hold_kind);

    holds->batch.query.params[4] = (char *) holds->ttl;
    holds->batch.query.params[5] = (char *) holds->node;
}


ngx_credits_op_t *
ngx_credits_hold_request(ngx_credits_hold_queue_t *holds, ngx_str_t *user,
    u_char request[CREDITS_UUID_LEN], int64_t want, int64_t minimum,
    ngx_credits_hold_done_pt done, void *data)
{
    ngx_credits_hold_op_t     *h;
    ngx_credits_batch_host_t  *host;

    host = holds->batch.host;

    h = ngx_calloc(sizeof(ngx_credits_hold_op_t) + user->len, host->log);
    if (h == NULL) {
        return NULL;
    }

    h->holds = holds;
    h->done = done;
    h->data = data;
    h->want = want;
    h->minimum = minimum;
    h->user.data = (u_char *) (h + 1);
    h->user.len = user->len;
    ngx_memcpy(h->user.data, user->data, user->len);
    ngx_memcpy(h->request, request, CREDITS_UUID_LEN);

    /* before the hold is asked for: it may exist from then on */

    h->result.inflight = ngx_credits_zone_inflight_add(host->zone, request,
                                                       user);

    ngx_credits_batch_push(&holds->batch, &h->op, 1);

    return &h->op;
}


static ngx_credits_hold_op_t *
ngx_credits_hold_op(ngx_credits_op_t *op)
{
    return ngx_queue_data(op, ngx_credits_hold_op_t, op);
}


static void
ngx_credits_hold_row(ngx_credits_batch_t *batch, ngx_credits_op_t *op)
{
    char                    id[CREDITS_UUID_TEXT_LEN + 1];
    ngx_log_t              *log;
    ngx_credits_hold_op_t  *h;

    h = ngx_credits_hold_op(op);
    log = batch->host->log;
    credits_uuid_text(h->request, id);

    ngx_credits_array_add(&batch->arrays[0], h->user.data, h->user.len, log);
    ngx_credits_array_add(&batch->arrays[1], (u_char *) id,
                          CREDITS_UUID_TEXT_LEN, log);
    ngx_credits_array_add_int(&batch->arrays[2], h->want, log);
    ngx_credits_array_add_int(&batch->arrays[3], h->minimum, log);
}


static void
ngx_credits_hold_result(ngx_credits_op_t *op, PGresult *result, int row)
{
    ngx_credits_hold_op_t      *h;
    ngx_credits_hold_result_t  *r;

    h = ngx_credits_hold_op(op);
    r = &h->result;

    if (ngx_credits_pg_wire_equals(result, row, 1, "busy")) {
        op->busy = 1;
        return;
    }

    r->amount = ngx_credits_pg_wire_int(result, row, 2);
    r->balance = ngx_credits_pg_wire_int(result, row, 3);
    r->held = ngx_credits_pg_wire_int(result, row, 4);
    r->available = ngx_credits_pg_wire_int(result, row, 5);

    if (ngx_credits_pg_wire_equals(result, row, 1, "held")) {
        op->status = NGX_CREDITS_OK;

        if (r->inflight) {
            ngx_credits_zone_inflight_held(op->host->zone, r->inflight,
                                           r->amount);
        }

    } else if (ngx_credits_pg_wire_equals(result, row, 1, "frozen")) {
        op->status = NGX_CREDITS_FROZEN;

    } else {
        op->status = NGX_CREDITS_DECLINED;
    }
}


static void
ngx_credits_hold_done(ngx_credits_op_t *op, ngx_credits_status_e status)
{
    ngx_credits_hold_op_t      *h;
    ngx_credits_hold_result_t   result;

    h = ngx_credits_hold_op(op);

    if (status == NGX_CREDITS_UNAVAILABLE) {
        h->done(h->data, status, NULL);
        return;
    }

    result = h->result;

    if (status == NGX_CREDITS_OK) {
        /* it belongs to the callback now */

        h->result.inflight = NULL;

    } else {
        result.inflight = NULL;
    }

    h->done(h->data, status, &result);
}


/* the hold may stand: it is released under its id */

static void
ngx_credits_hold_abandoned(ngx_credits_op_t *op)
{
    credits_record_t        record;
    ngx_credits_hold_op_t  *h;

    h = ngx_credits_hold_op(op);

    credits_record_init(&record, h->request, h->user.data,
                        (unsigned) h->user.len);
    ngx_memcpy(record.reason, "abandoned", sizeof("abandoned"));

    (void) ngx_credits_settle_record(h->holds->settle, &record,
                                     h->result.inflight);

    h->result.inflight = NULL;
}


static void
ngx_credits_hold_dispose(ngx_credits_op_t *op)
{
    ngx_credits_hold_op_t  *h;

    h = ngx_credits_hold_op(op);

    if (h->result.inflight) {
        ngx_credits_zone_inflight_remove(op->host->zone, h->result.inflight);
    }
}
