/*
 * Documents and events: each a query of its own, and not part of a batch.
 */

#include "ngx_credits_query.h"
#include "ngx_credits_pg_wire.h"


typedef struct {
    ngx_credits_op_t              op;
    ngx_credits_query_queue_t    *queries;
    ngx_credits_query_done_pt     done;
    void                         *data;
    ngx_credits_query_result_t    result;
    ngx_credits_pg_query_t        query;
} ngx_credits_query_op_t;


static ngx_credits_query_op_t *ngx_credits_query_op(ngx_credits_op_t *op);
static void ngx_credits_query_answered(ngx_credits_pg_query_t *query,
    ngx_credits_pg_outcome_e outcome, PGresult *result, const char *sqlstate,
    ngx_str_t *error);
static ngx_credits_status_e ngx_credits_query_result(
    ngx_credits_query_op_t *q, PGresult *result);
static void ngx_credits_query_done(ngx_credits_op_t *op,
    ngx_credits_status_e status);


const ngx_credits_pg_statement_t
    ngx_credits_query_statements[NGX_CREDITS_QUERIES] =
{
    { "credit_overview",
      "SELECT credit_overview($1::text)",
      1 },

    { "credit_transactions",
      "SELECT credit_transactions_page($1::text, $2::int, $3::text,"
      " $4::text, $5::timestamptz)",
      5 },

    { "credit_polar_event",
      "SELECT outcome, detail"
      " FROM credit_polar_event($1::text, $2::text, $3::boolean)",
      3 },
};


static const ngx_credits_batch_kind_t
    ngx_credits_query_kinds[NGX_CREDITS_QUERIES] =
{
    { .statement = &ngx_credits_query_statements[NGX_CREDITS_QUERY_OVERVIEW],
      .done = ngx_credits_query_done },

    { .statement
          = &ngx_credits_query_statements[NGX_CREDITS_QUERY_TRANSACTIONS],
      .done = ngx_credits_query_done },

    { .statement
          = &ngx_credits_query_statements[NGX_CREDITS_QUERY_POLAR_EVENT],
      .done = ngx_credits_query_done },
};


void
ngx_credits_query_init(ngx_credits_query_queue_t *queries,
    ngx_credits_batch_host_t *host)
{
    queries->host = host;
    ngx_queue_init(&queries->waiting);
}


void
ngx_credits_query_free(ngx_credits_query_queue_t *queries)
{
    ngx_credits_batch_free_waiting(&queries->waiting);
}


ngx_credits_op_t *
ngx_credits_query_ask(ngx_credits_query_queue_t *queries,
    ngx_credits_query_e what, ngx_str_t *params, ngx_uint_t nparams,
    ngx_credits_query_done_pt done, void *data)
{
    u_char                  *p;
    size_t                   len;
    ngx_uint_t               i;
    ngx_credits_query_op_t  *q;

    len = 0;

    for (i = 0; i < nparams; i++) {
        len += params[i].len + 1;
    }

    q = ngx_calloc(sizeof(ngx_credits_query_op_t) + len, queries->host->log);
    if (q == NULL) {
        return NULL;
    }

    p = (u_char *) (q + 1);

    for (i = 0; i < nparams; i++) {
        if (params[i].data == NULL) {
            continue;
        }

        q->query.params[i] = (char *) p;
        p = ngx_cpymem(p, params[i].data, params[i].len);
        *p++ = '\0';
    }

    q->queries = queries;
    q->done = done;
    q->data = data;
    q->query.statement = &ngx_credits_query_statements[what];
    q->query.done = ngx_credits_query_answered;
    q->query.data = q;

    ngx_credits_batch_arm(&q->op, queries->host,
                          &ngx_credits_query_kinds[what], 1);
    ngx_queue_insert_tail(&queries->waiting, &q->op.queue);

    return &q->op;
}


static ngx_credits_query_op_t *
ngx_credits_query_op(ngx_credits_op_t *op)
{
    return ngx_queue_data(op, ngx_credits_query_op_t, op);
}


void
ngx_credits_query_send(ngx_credits_query_queue_t *queries)
{
    ngx_credits_op_t          *op;
    ngx_credits_query_op_t    *q;
    ngx_credits_batch_host_t  *host;

    host = queries->host;

    while (!ngx_queue_empty(&queries->waiting)) {
        op = ngx_queue_data(ngx_queue_head(&queries->waiting),
                            ngx_credits_op_t, queue);
        q = ngx_credits_query_op(op);

        if (ngx_credits_pg_send(host->pg, &q->query) != NGX_OK) {
            return;
        }

        ngx_queue_remove(&op->queue);
        op->sent = 1;

        ngx_credits_zone_count(host->zone, NGX_CREDITS_COUNT_reads, 1);
    }
}


static void
ngx_credits_query_answered(ngx_credits_pg_query_t *query,
    ngx_credits_pg_outcome_e outcome, PGresult *result, const char *sqlstate,
    ngx_str_t *error)
{
    ngx_credits_query_op_t *q = query->data;

    ngx_credits_op_t      *op;
    ngx_credits_status_e   status;

    op = &q->op;

    if (op->owned
        && (outcome == NGX_CREDITS_PG_LOST
            || (outcome == NGX_CREDITS_PG_ERROR
                && ngx_credits_pg_wire_contended(sqlstate))))
    {
        ngx_log_debug2(NGX_LOG_DEBUG_CORE, op->host->log, 0,
                       "credits query: %s: requeued, sqlstate \"%s\"",
                       query->statement->name, sqlstate);

        op->sent = 0;
        ngx_queue_insert_head(&q->queries->waiting, &op->queue);
        return;
    }

    status = NGX_CREDITS_UNAVAILABLE;

    if (outcome == NGX_CREDITS_PG_OK) {
        status = ngx_credits_query_result(q, result);

    } else if (outcome == NGX_CREDITS_PG_ERROR) {

        if (ngx_strncmp(sqlstate, "22", 2) == 0) {
            status = NGX_CREDITS_DECLINED;

        } else {
            ngx_log_error(NGX_LOG_ERR, op->host->log, 0,
                          "credits: %s failed: %V (%s)",
                          query->statement->name, error, sqlstate);
        }
    }

    ngx_credits_batch_finish(op, status);
}


static ngx_credits_status_e
ngx_credits_query_result(ngx_credits_query_op_t *q, PGresult *result)
{
    if (PQntuples(result) != 1) {
        ngx_log_error(NGX_LOG_ERR, q->op.host->log, 0,
                      "credits: %s answered with %d rows, not one",
                      q->query.statement->name, PQntuples(result));
        return NGX_CREDITS_UNAVAILABLE;
    }

    q->result.text.data = (u_char *) PQgetvalue(result, 0, 0);
    q->result.text.len = (size_t) PQgetlength(result, 0, 0);

    if (PQnfields(result) > 1) {
        q->result.detail.data = (u_char *) PQgetvalue(result, 0, 1);
        q->result.detail.len = (size_t) PQgetlength(result, 0, 1);
    }

    return NGX_CREDITS_OK;
}


static void
ngx_credits_query_done(ngx_credits_op_t *op, ngx_credits_status_e status)
{
    ngx_credits_query_op_t  *q;

    q = ngx_credits_query_op(op);

    q->done(q->data, status, status == NGX_CREDITS_OK ? &q->result : NULL);
}
