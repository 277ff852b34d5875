/*
 * Sessions: whose token is it?
 */

#include "ngx_credits_session.h"
#include "ngx_credits_pg_wire.h"
#include "../core/credits_record.h"


typedef struct {
    ngx_credits_op_t                op;
    ngx_credits_session_done_pt     done;
    void                           *data;
    ngx_str_t                       token;
    ngx_credits_session_result_t    result;
    u_char                          user[CREDITS_USER_MAX];
} ngx_credits_session_op_t;


static ngx_credits_session_op_t *ngx_credits_session_op(ngx_credits_op_t *op);
static void ngx_credits_session_row(ngx_credits_batch_t *batch,
    ngx_credits_op_t *op);
static void ngx_credits_session_result(ngx_credits_op_t *op, PGresult *result,
    int row);
static void ngx_credits_session_done(ngx_credits_op_t *op,
    ngx_credits_status_e status);


const ngx_credits_pg_statement_t  ngx_credits_session_statement = {
    "credit_session",
    "SELECT ord, expiresIn, userId FROM credit_session_batch($1::text[])",
    1
};


static const ngx_credits_batch_kind_t  ngx_credits_session_kind = {
    .statement = &ngx_credits_session_statement,
    .done = ngx_credits_session_done,
    .row = ngx_credits_session_row,
    .result = ngx_credits_session_result,
    .failed = ngx_credits_batch_request_failed,
    .narrays = 1,
    .missing = NGX_CREDITS_DECLINED,
    .batches = NGX_CREDITS_COUNT_session_batches,
    .rows = NGX_CREDITS_COUNT_session_rows
};


void
ngx_credits_session_init(ngx_credits_session_queue_t *sessions,
    ngx_credits_batch_host_t *host)
{
    ngx_credits_batch_init(&sessions->batch, host, &ngx_credits_session_kind);
}


ngx_credits_op_t *
ngx_credits_session_lookup(ngx_credits_session_queue_t *sessions,
    ngx_str_t *token, ngx_credits_session_done_pt done, void *data)
{
    ngx_credits_session_op_t  *s;

    s = ngx_calloc(sizeof(ngx_credits_session_op_t) + token->len,
                   sessions->batch.host->log);
    if (s == NULL) {
        return NULL;
    }

    s->done = done;
    s->data = data;
    s->token.data = (u_char *) (s + 1);
    s->token.len = token->len;
    ngx_memcpy(s->token.data, token->data, token->len);

    ngx_credits_batch_push(&sessions->batch, &s->op, 1);

    return &s->op;
}


static ngx_credits_session_op_t *
ngx_credits_session_op(ngx_credits_op_t *op)
{
    return ngx_queue_data(op, ngx_credits_session_op_t, op);
}


static void
ngx_credits_session_row(ngx_credits_batch_t *batch, ngx_credits_op_t *op)
{
    ngx_credits_session_op_t  *s;

    s = ngx_credits_session_op(op);

    ngx_credits_array_add(&batch->arrays[0], s->token.data, s->token.len,
                          batch->host->log);
}


static void
ngx_credits_session_result(ngx_credits_op_t *op, PGresult *result, int row)
{
    int                        len;
    ngx_credits_session_op_t  *s;

    s = ngx_credits_session_op(op);
    len = PQgetlength(result, row, 2);

    if (len == 0 || len > CREDITS_USER_MAX) {
        return;
    }

    ngx_memcpy(s->user, PQgetvalue(result, row, 2), (size_t) len);

    s->result.user.data = s->user;
    s->result.user.len = (size_t) len;
    s->result.ttl = (ngx_msec_t) ngx_credits_pg_wire_int(result, row, 1);

    op->status = NGX_CREDITS_OK;
}


static void
ngx_credits_session_done(ngx_credits_op_t *op, ngx_credits_status_e status)
{
    ngx_credits_session_op_t  *s;

    s = ngx_credits_session_op(op);

    s->done(s->data, status, status == NGX_CREDITS_OK ? &s->result : NULL);
}
