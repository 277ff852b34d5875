/*
 * The operations: what each lane sends and what it makes of the answer.
 */

#include "ngx_credits_batch.h"


static ngx_int_t ngx_credits_retryable(const char *sqlstate);
static ngx_uint_t ngx_credits_is(PGresult *result, int row,
    const char *outcome);

static void ngx_credits_session_row(ngx_credits_lane_t *lane,
    ngx_credits_op_t *op);
static void ngx_credits_session_result(ngx_credits_op_t *op, PGresult *result,
    int row);
static void ngx_credits_hold_row(ngx_credits_lane_t *lane,
    ngx_credits_op_t *op);
static void ngx_credits_hold_result(ngx_credits_op_t *op, PGresult *result,
    int row);
static void ngx_credits_hold_abandoned(ngx_credits_op_t *op);
static void ngx_credits_hold_dispose(ngx_credits_op_t *op);
static void ngx_credits_settle_row(ngx_credits_lane_t *lane,
    ngx_credits_op_t *op);
static u_char *ngx_credits_settle_metadata(u_char *p,
    const credits_record_t *r);
static void ngx_credits_settle_result(ngx_credits_op_t *op, PGresult *result,
    int row);
static ngx_int_t ngx_credits_asking_failed(ngx_credits_op_t *op,
    const char *sqlstate, ngx_str_t *error);
static ngx_int_t ngx_credits_settle_failed(ngx_credits_op_t *op,
    const char *sqlstate, ngx_str_t *error);


const ngx_credits_pg_statement_t
    ngx_credits_statements[NGX_CREDITS_STATEMENTS] =
{
    { "credit_session",
      "SELECT ord, expiresIn, userId FROM credit_session_batch($1::text[])",
      1 },

    { "credit_hold",
      "SELECT ord, outcome, amount, balance, held, available"
      " FROM credit_hold_batch($1::text[], $2::uuid[], $3::bigint[],"
      " $4::bigint[], $5::interval, $6::text, $7::boolean)",
      7 },

    { "credit_settle",
      "SELECT ord, outcome"
      " FROM credit_settle_batch($1::text[], $2::uuid[], $3::text[],"
      " $4::bigint[], $5::text[], $6::jsonb[], $7::boolean)",
      7 },

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

    { "credit_reap",
      "SELECT userId, requestId, amount"
      " FROM credit_reap($1::int, $2::boolean)",
      2 },
};


static const char *ngx_credits_status_names[] = {
    "released", "settled", "estimated"
};


void
ngx_credits_lanes_init(ngx_credits_ledger_t *ledger)
{
    ngx_credits_lane_t  *lane;

    lane = &ledger->session;
    ngx_credits_lane_init(ledger, lane, NGX_CREDITS_SQL_SESSION, 1);
    lane->row = ngx_credits_session_row;
    lane->result = ngx_credits_session_result;
    lane->failed = ngx_credits_asking_failed;
    lane->missing = NGX_DECLINED;
    lane->batches = NGX_CREDITS_COUNT_session_batches;
    lane->rows = NGX_CREDITS_COUNT_session_rows;

    lane = &ledger->hold;
    ngx_credits_lane_init(ledger, lane, NGX_CREDITS_SQL_HOLD, 4);
    lane->query.params[4] = (char *) ledger->ttl;
    lane->query.params[5] = (char *) ledger->node;
    lane->skip_param = 6;
    lane->row = ngx_credits_hold_row;
    lane->result = ngx_credits_hold_result;
    lane->failed = ngx_credits_asking_failed;
    lane->abandoned = ngx_credits_hold_abandoned;
    lane->dispose = ngx_credits_hold_dispose;
    lane->missing = NGX_ERROR;
    lane->batches = NGX_CREDITS_COUNT_hold_batches;
    lane->rows = NGX_CREDITS_COUNT_hold_rows;

    lane = &ledger->settle;
    ngx_credits_lane_init(ledger, lane, NGX_CREDITS_SQL_SETTLE, 6);
    lane->row = ngx_credits_settle_row;
    lane->result = ngx_credits_settle_result;
    lane->failed = ngx_credits_settle_failed;
    lane->missing = NGX_ERROR;
    lane->keep = 1;
    lane->skip_param = 6;
    lane->batches = NGX_CREDITS_COUNT_settle_batches;
    lane->rows = NGX_CREDITS_COUNT_settle_rows;

    ngx_queue_init(&ledger->reads);
}


ngx_int_t
ngx_credits_contended(const char *sqlstate)
{
    return ngx_strcmp(sqlstate, "40001") == 0
           || ngx_strcmp(sqlstate, "40P01") == 0
           || ngx_strcmp(sqlstate, "55P03") == 0;
}


/* the same row may succeed a moment later */

static ngx_int_t
ngx_credits_retryable(const char *sqlstate)
{
    return ngx_credits_contended(sqlstate)
           || ngx_strcmp(sqlstate, "57014") == 0;
}


static ngx_uint_t
ngx_credits_is(PGresult *result, int row, const char *outcome)
{
    return ngx_strcmp(PQgetvalue(result, row, 1), outcome) == 0;
}


int64_t
ngx_credits_result_int(PGresult *result, int row, int column)
{
    return strtoll(PQgetvalue(result, row, column), NULL, 10);
}


/* sessions */

ngx_credits_op_t *
ngx_credits_ledger_session(ngx_credits_ledger_t *ledger, ngx_str_t *token,
    ngx_credits_op_done_pt done, void *data)
{
    ngx_credits_session_op_t  *s;

    s = ngx_calloc(sizeof(ngx_credits_session_op_t) + token->len
                   + CREDITS_USER_MAX, ledger->log);
    if (s == NULL) {
        return NULL;
    }

    s->user.data = (u_char *) (s + 1);
    s->token.data = s->user.data + CREDITS_USER_MAX;
    s->token.len = token->len;
    ngx_memcpy(s->token.data, token->data, token->len);

    ngx_credits_lane_push(&ledger->session, &s->op, done, data);

    return &s->op;
}


static void
ngx_credits_session_row(ngx_credits_lane_t *lane, ngx_credits_op_t *op)
{
    ngx_credits_session_op_t *s = (ngx_credits_session_op_t *) op;

    ngx_credits_array_add(&lane->arrays[0], s->token.data, s->token.len,
                          lane->ledger->log);
}


static void
ngx_credits_session_result(ngx_credits_op_t *op, PGresult *result, int row)
{
    ngx_credits_session_op_t *s = (ngx_credits_session_op_t *) op;

    int  len;

    len = PQgetlength(result, row, 2);

    if (len == 0 || len > CREDITS_USER_MAX) {
        return;
    }

    s->user.len = (size_t) len;
    ngx_memcpy(s->user.data, PQgetvalue(result, row, 2), s->user.len);
    s->ttl = (ngx_msec_t) ngx_credits_result_int(result, row, 1);
    op->status = NGX_OK;
}


/* holds */

ngx_credits_op_t *
ngx_credits_ledger_hold(ngx_credits_ledger_t *ledger, ngx_str_t *user,
    u_char request[CREDITS_UUID_LEN], int64_t want, int64_t floor,
    ngx_credits_op_done_pt done, void *data)
{
    ngx_credits_hold_op_t  *h;

    h = ngx_calloc(sizeof(ngx_credits_hold_op_t) + user->len, ledger->log);
    if (h == NULL) {
        return NULL;
    }

    h->user.data = (u_char *) (h + 1);
    h->user.len = user->len;
    ngx_memcpy(h->user.data, user->data, user->len);
    ngx_memcpy(h->request, request, CREDITS_UUID_LEN);
    h->want = want;
    h->floor = floor;

    /* before it is asked for: it may exist from then on */
    h->flight = ngx_credits_zone_inflight_add(ledger->zone, request, user);

    ngx_credits_lane_push(&ledger->hold, &h->op, done, data);

    return &h->op;
}


static void
ngx_credits_hold_row(ngx_credits_lane_t *lane, ngx_credits_op_t *op)
{
    ngx_credits_hold_op_t *h = (ngx_credits_hold_op_t *) op;

    char        id[CREDITS_UUID_TEXT_LEN + 1];
    ngx_log_t  *log;

    log = lane->ledger->log;
    credits_uuid_text(h->request, id);

    ngx_credits_array_add(&lane->arrays[0], h->user.data, h->user.len, log);
    ngx_credits_array_add(&lane->arrays[1], (u_char *) id,
                          CREDITS_UUID_TEXT_LEN, log);
    ngx_credits_array_add_int(&lane->arrays[2], h->want, log);
    ngx_credits_array_add_int(&lane->arrays[3], h->floor, log);
}


static void
ngx_credits_hold_result(ngx_credits_op_t *op, PGresult *result, int row)
{
    ngx_credits_hold_op_t *h = (ngx_credits_hold_op_t *) op;

    h->amount = ngx_credits_result_int(result, row, 2);
    h->balance = ngx_credits_result_int(result, row, 3);
    h->held = ngx_credits_result_int(result, row, 4);
    h->available = ngx_credits_result_int(result, row, 5);

    if (h->flight && ngx_credits_is(result, row, "held")) {
        ngx_credits_zone_inflight_held(op->ledger->zone, h->flight, h->amount);
    }

    op->status = ngx_credits_is(result, row, "held") ? NGX_OK
                 : ngx_credits_is(result, row, "busy") ? NGX_BUSY
                 : ngx_credits_is(result, row, "frozen") ? NGX_ABORT
                 : NGX_DECLINED;
}


static void
ngx_credits_hold_abandoned(ngx_credits_op_t *op)
{
    ngx_credits_hold_op_t *h = (ngx_credits_hold_op_t *) op;

    credits_record_t  record;

    credits_record_init(&record, h->request, h->user.data,
                        (unsigned) h->user.len);
    ngx_memcpy(record.reason, "abandoned", sizeof("abandoned"));

    (void) ngx_credits_ledger_settle(op->ledger, &record, h->flight);

    h->flight = NULL;
}


static void
ngx_credits_hold_dispose(ngx_credits_op_t *op)
{
    ngx_credits_hold_op_t *h = (ngx_credits_hold_op_t *) op;

    if (h->flight) {
        ngx_credits_zone_inflight_remove(op->ledger->zone, h->flight);
    }
}


/* settlements */

static void
ngx_credits_settle_row(ngx_credits_lane_t *lane, ngx_credits_op_t *op)
{
    ngx_credits_settle_op_t *s = (ngx_credits_settle_op_t *) op;

    char               id[CREDITS_UUID_TEXT_LEN + 1];
    u_char             metadata[4096];
    ngx_log_t         *log;
    const char        *status;
    credits_record_t  *r;

    r = &s->record;
    log = lane->ledger->log;
    status = ngx_credits_status_names[r->status];
    credits_uuid_text(r->request, id);

    ngx_credits_array_add(&lane->arrays[0], r->user, r->user_len, log);
    ngx_credits_array_add(&lane->arrays[1], (u_char *) id,
                          CREDITS_UUID_TEXT_LEN, log);
    ngx_credits_array_add(&lane->arrays[2], (u_char *) status,
                          ngx_strlen(status), log);
    ngx_credits_array_add_int(&lane->arrays[3], r->credits, log);
    ngx_credits_array_add(&lane->arrays[4], (u_char *) r->type,
                          ngx_strlen(r->type), log);
    ngx_credits_array_add(&lane->arrays[5], metadata,
                          ngx_credits_settle_metadata(metadata, r) - metadata,
                          log);
}


/* at most 6 bytes a byte of the model, and a few hundred */

static u_char *
ngx_credits_settle_metadata(u_char *p, const credits_record_t *r)
{
    *p++ = '{';

    if (r->usage.prompt >= 0) {
        p = ngx_sprintf(p, "\"promptTokens\":%L,", (int64_t) r->usage.prompt);
    }

    if (r->usage.completion >= 0) {
        p = ngx_sprintf(p, "\"completionTokens\":%L,",
                        (int64_t) r->usage.completion);
    }

    if (r->usage.cached > 0) {
        p = ngx_sprintf(p, "\"cachedTokens\":%L,", (int64_t) r->usage.cached);
    }

    if (r->status == CREDITS_ESTIMATED) {
        p = ngx_cpymem(p, "\"estimated\":true,",
                       sizeof("\"estimated\":true,") - 1);
    }

    if (r->reason[0]) {
        p = ngx_sprintf(p, "\"reason\":\"%s\",", r->reason);
    }

    p = ngx_cpymem(p, "\"model\":\"", sizeof("\"model\":\"") - 1);
    p = (u_char *) ngx_escape_json(p, (u_char *) r->model, r->model_len);

    return ngx_sprintf(p, "\",\"totalTokens\":%L}",
                       credits_usage_billable(&r->usage));
}


static void
ngx_credits_settle_result(ngx_credits_op_t *op, PGresult *result, int row)
{
    ngx_credits_settle_op_t *s = (ngx_credits_settle_op_t *) op;

    if (ngx_credits_is(result, row, "busy")) {
        op->status = NGX_BUSY;
        return;
    }

    op->status = NGX_OK;
    ngx_credits_ledger_settled(op->ledger, s);
}


void
ngx_credits_settle_rewrite(ngx_credits_ledger_t *ledger)
{
    ngx_queue_t              *q, *waiting;
    ngx_credits_settle_op_t  *s;

    waiting = &ledger->settle.waiting;

    for (q = ngx_queue_head(waiting);
         q != ngx_queue_sentinel(waiting) && ledger->unwritten;
         q = ngx_queue_next(q))
    {
        s = (ngx_credits_settle_op_t *)
                ngx_queue_data(q, ngx_credits_op_t, queue);

        if (s->segment) {
            continue;
        }

        s->segment = ngx_credits_journal_write(ledger->journal, &s->record);

        if (s->segment == NULL) {
            return;
        }

        ledger->unwritten--;
    }
}


void
ngx_credits_settle_lost(ngx_credits_op_t *op)
{
    ngx_credits_settle_op_t *s = (ngx_credits_settle_op_t *) op;

    char  id[CREDITS_UUID_TEXT_LEN + 1];

    if (s->segment || s->record.status == CREDITS_RELEASED) {
        return;
    }

    credits_uuid_text(s->record.request, id);

    ngx_log_error(NGX_LOG_ALERT, op->ledger->log, 0,
                  "credits: the charge of %L credits for request %s is lost: "
                  "neither the journal nor Postgres has it (user: %*s)",
                  (int64_t) s->record.credits, id,
                  (size_t) s->record.user_len, s->record.user);
}


static ngx_int_t
ngx_credits_settle_failed(ngx_credits_op_t *op, const char *sqlstate,
    ngx_str_t *error)
{
    ngx_credits_settle_op_t *s = (ngx_credits_settle_op_t *) op;

    /* class 22, 23: this row is wrong and will stay so; all else may mend */

    if (ngx_strncmp(sqlstate, "22", 2) != 0
        && ngx_strncmp(sqlstate, "23", 2) != 0)
    {
        if (!ngx_credits_retryable(sqlstate)) {
            ngx_log_error(NGX_LOG_ERR, op->ledger->log, 0,
                          "credits: Postgres does not take a charge: %V (%s); "
                          "it is tried again", error, sqlstate);
        }

        return NGX_AGAIN;
    }

    if (ngx_credits_journal_dead_letter(op->ledger->journal, &s->record,
                                        error)
        != NGX_OK)
    {
        return NGX_AGAIN;
    }

    ngx_credits_ledger_settled(op->ledger, s);

    return NGX_DECLINED;
}


static ngx_int_t
ngx_credits_asking_failed(ngx_credits_op_t *op, const char *sqlstate,
    ngx_str_t *error)
{
    if (ngx_credits_retryable(sqlstate)) {
        return NGX_AGAIN;
    }

    ngx_log_error(NGX_LOG_ERR, op->ledger->log, 0,
                  "credits: %s failed: %V (%s); the request is refused",
                  op->lane->query.statement->name, error, sqlstate);

    return NGX_DECLINED;
}
