/*
 * Reads and events: each a query of its own, and not part of a batch.
 */

#include "ngx_credits_batch.h"


static void ngx_credits_read_done(ngx_credits_pg_query_t *query,
    ngx_credits_pg_outcome_e outcome, PGresult *result, const char *sqlstate,
    ngx_str_t *error);


ngx_credits_op_t *
ngx_credits_ledger_read(ngx_credits_ledger_t *ledger, ngx_credits_read_e what,
    ngx_str_t *params, ngx_uint_t nparams, ngx_credits_op_done_pt done,
    void *data)
{
    u_char                 *p;
    size_t                  len;
    ngx_uint_t              i;
    ngx_credits_read_op_t  *read;

    len = 0;

    for (i = 0; i < nparams; i++) {
        len += params[i].len + 1;
    }

    read = ngx_calloc(sizeof(ngx_credits_read_op_t) + len, ledger->log);
    if (read == NULL) {
        return NULL;
    }

    p = (u_char *) (read + 1);

    for (i = 0; i < nparams; i++) {
        if (params[i].data == NULL) {
            continue;
        }

        read->query.params[i] = (char *) p;
        p = ngx_cpymem(p, params[i].data, params[i].len);
        *p++ = '\0';
    }

    read->query.statement = &ngx_credits_statements[
                                NGX_CREDITS_SQL_OVERVIEW + what];
    read->query.done = ngx_credits_read_done;
    read->query.data = read;

    ngx_credits_op_arm(&read->op, ledger, done, data);
    ngx_queue_insert_tail(&ledger->reads, &read->op.queue);

    return &read->op;
}


void
ngx_credits_reads_send(ngx_credits_ledger_t *ledger)
{
    ngx_queue_t            *q;
    ngx_credits_read_op_t  *read;

    while (!ngx_queue_empty(&ledger->reads)) {
        q = ngx_queue_head(&ledger->reads);
        read = (ngx_credits_read_op_t *)
                   ngx_queue_data(q, ngx_credits_op_t, queue);

        if (ngx_credits_pg_send(ledger->postgres, &read->query) != NGX_OK) {
            return;
        }

        ngx_queue_remove(q);
        read->op.sent = 1;

        ngx_credits_zone_count(ledger->zone, NGX_CREDITS_COUNT_reads, 1);
    }
}


static void
ngx_credits_read_done(ngx_credits_pg_query_t *query,
    ngx_credits_pg_outcome_e outcome, PGresult *result, const char *sqlstate,
    ngx_str_t *error)
{
    ngx_credits_read_op_t *read = query->data;

    ngx_int_t          status;
    ngx_credits_op_t  *op;

    op = &read->op;

    if (op->done
        && (outcome == NGX_CREDITS_PG_LOST
            || (outcome == NGX_CREDITS_PG_ERROR
                && ngx_credits_contended(sqlstate))))
    {
        op->sent = 0;
        ngx_queue_insert_head(&op->ledger->reads, &op->queue);
        return;
    }

    status = NGX_ERROR;

    if (outcome == NGX_CREDITS_PG_OK && PQntuples(result) == 1) {
        read->text.data = (u_char *) PQgetvalue(result, 0, 0);
        read->text.len = (size_t) PQgetlength(result, 0, 0);

        if (PQnfields(result) > 1) {
            read->detail.data = (u_char *) PQgetvalue(result, 0, 1);
            read->detail.len = (size_t) PQgetlength(result, 0, 1);
        }

        status = NGX_OK;

    } else if (outcome == NGX_CREDITS_PG_ERROR) {

        if (ngx_strncmp(sqlstate, "22", 2) == 0) {
            status = NGX_DECLINED;

        } else {
            ngx_log_error(NGX_LOG_ERR, op->ledger->log, 0,
                          "credits: %s failed: %V (%s)",
                          query->statement->name, error, sqlstate);
        }
    }

    ngx_credits_op_finish(op, status);
}
