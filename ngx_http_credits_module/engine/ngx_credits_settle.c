/*
 * Settlements: the one way a request ends.
 */

#include "ngx_credits_settle.h"
#include "ngx_credits_pg_wire.h"
#include "../core/credits_document.h"


typedef struct {
    ngx_credits_op_t          op;
    ngx_credits_settle_t     *settle;
    ngx_credits_inflight_t   *entry;
    ngx_credits_segment_t    *segment;      /* NULL: not in the journal */
    credits_record_t          record;
} ngx_credits_settle_op_t;


static ngx_int_t ngx_credits_settle_enqueue(ngx_credits_settle_t *settle,
    const credits_record_t *record, ngx_credits_inflight_t *entry,
    ngx_credits_segment_t *segment);
static ngx_credits_settle_op_t *ngx_credits_settle_op(ngx_credits_op_t *op);
static void ngx_credits_settle_row(ngx_credits_batch_t *batch,
    ngx_credits_op_t *op);
static void ngx_credits_settle_metadata(ngx_credits_array_t *array,
    const credits_record_t *r, ngx_log_t *log);
static void ngx_credits_settle_usage(credits_document_t *d,
    const credits_usage_t *usage);
static int64_t ngx_credits_settle_sum(int64_t a, int64_t b);
static void ngx_credits_settle_count(credits_document_t *d, const char *name,
    int64_t n);
static void ngx_credits_settle_string(credits_document_t *d, const char *name,
    const char *s);
static void ngx_credits_settle_result(ngx_credits_op_t *op, PGresult *result,
    int row);
static ngx_int_t ngx_credits_settle_failed(ngx_credits_op_t *op,
    const char *sqlstate, ngx_str_t *error);
static void ngx_credits_settle_settled(ngx_credits_settle_op_t *s);
static void ngx_credits_settle_lost(ngx_credits_op_t *op);


const ngx_credits_pg_statement_t  ngx_credits_settle_statement = {
    "credit_settle",
    "SELECT ord, outcome"
    " FROM credit_settle_batch($1::text[], $2::uuid[], $3::text[],"
    " $4::bigint[], $5::text[], $6::jsonb[], $7::boolean)",
    7
};


static const ngx_credits_batch_kind_t  ngx_credits_settle_kind = {
    .statement = &ngx_credits_settle_statement,
    .lost = ngx_credits_settle_lost,
    .row = ngx_credits_settle_row,
    .result = ngx_credits_settle_result,
    .failed = ngx_credits_settle_failed,
    .narrays = 6,
    .skip_param = 6,
    .missing = NGX_CREDITS_UNAVAILABLE,
    .undroppable = 1,
    .batches = NGX_CREDITS_COUNT_settle_batches,
    .rows = NGX_CREDITS_COUNT_settle_rows
};


static const char  *ngx_credits_settle_statuses[] = {
    "released", "settled", "estimated"
};


void
ngx_credits_settle_init(ngx_credits_settle_t *settle,
    ngx_credits_batch_host_t *host)
{
    ngx_credits_batch_init(&settle->batch, host, &ngx_credits_settle_kind);
}


ngx_int_t
ngx_credits_settle_record(ngx_credits_settle_t *settle,
    const credits_record_t *record, ngx_credits_inflight_t *entry)
{
    ngx_int_t                  rc;
    ngx_credits_segment_t     *segment;
    ngx_credits_batch_host_t  *host;

    host = settle->batch.host;

    /*
     * In this order: a request that has not ended is released by others when
     * this process dies, so no journal may know its charge.
     */

    if (entry) {
        ngx_credits_zone_inflight_ended(host->zone, entry);
    }

    segment = settle->journal
              ? ngx_credits_journal_write(settle->journal, record) : NULL;

    rc = ngx_credits_settle_enqueue(settle, record, entry, segment);

    if (rc == NGX_OK) {
        return NGX_OK;
    }

    /* readers would wait for a settlement that this worker will not see */

    if (entry) {
        ngx_credits_zone_inflight_remove(host->zone, entry);
    }

    if (segment == NULL) {
        ngx_log_error(NGX_LOG_ALERT, host->log, 0,
                      "credits: out of memory, the charge of %L credits to "
                      "user \"%*s\" is lost", (int64_t) record->credits,
                      (size_t) record->user_len, record->user);
    }

    return NGX_ERROR;
}


static ngx_int_t
ngx_credits_settle_enqueue(ngx_credits_settle_t *settle,
    const credits_record_t *record, ngx_credits_inflight_t *entry,
    ngx_credits_segment_t *segment)
{
    ngx_credits_settle_op_t  *s;

    s = ngx_calloc(sizeof(ngx_credits_settle_op_t), settle->batch.host->log);
    if (s == NULL) {
        return NGX_ERROR;
    }

    s->settle = settle;
    s->entry = entry;
    s->segment = segment;
    s->record = *record;

    settle->waiting++;

    if (segment == NULL) {
        settle->unwritten++;
    }

    ngx_credits_batch_push(&settle->batch, &s->op, 0);

    if (!settle->exit_wait->timer_set) {
        ngx_add_timer(settle->exit_wait, NGX_CREDITS_SETTLE_EXIT_STEP);
    }

    return NGX_OK;
}


ngx_uint_t
ngx_credits_settle_safe(ngx_credits_settle_t *settle)
{
    return settle->journal == NULL
           || !ngx_credits_journal_failing(settle->journal);
}


static ngx_credits_settle_op_t *
ngx_credits_settle_op(ngx_credits_op_t *op)
{
    return ngx_queue_data(op, ngx_credits_settle_op_t, op);
}


static void
ngx_credits_settle_row(ngx_credits_batch_t *batch, ngx_credits_op_t *op)
{
    char               id[CREDITS_UUID_TEXT_LEN + 1];
    ngx_log_t         *log;
    const char        *status;
    credits_record_t  *r;

    r = &ngx_credits_settle_op(op)->record;
    log = batch->host->log;
    status = ngx_credits_settle_statuses[r->status];
    credits_uuid_text(r->request, id);

    ngx_credits_array_add(&batch->arrays[0], r->user, r->user_len, log);
    ngx_credits_array_add(&batch->arrays[1], (u_char *) id,
                          CREDITS_UUID_TEXT_LEN, log);
    ngx_credits_array_add(&batch->arrays[2], (u_char *) status,
                          ngx_strlen(status), log);
    ngx_credits_array_add_int(&batch->arrays[3], r->credits, log);
    ngx_credits_array_add(&batch->arrays[4], (u_char *) r->type,
                          ngx_strlen(r->type), log);
    ngx_credits_settle_metadata(&batch->arrays[5], r, log);
}


/* what the charge was made of, so that it can be worked out again */

static void
ngx_credits_settle_metadata(ngx_credits_array_t *array,
    const credits_record_t *r, ngx_log_t *log)
{
    size_t               len;
    const char          *text;
    credits_document_t   d;

    credits_document_init(&d);

    ngx_credits_settle_usage(&d, &r->usage);

    if (r->status == CREDITS_ESTIMATED) {
        credits_document_true(&d, "estimated");
    }

    ngx_credits_settle_string(&d, "reason", r->reason);
    ngx_credits_settle_string(&d, "operation", r->operation);
    ngx_credits_settle_string(&d, "tier", r->tier);
    ngx_credits_settle_string(&d, "price", r->price);

    credits_document_text(&d, "model", r->model, r->model_len);

    if (r->answered_len) {
        credits_document_text(&d, "answeredModel", r->answered,
                              r->answered_len);
    }

    text = credits_document_print(&d, &len);

    if (text) {
        ngx_credits_array_add(array, (u_char *) text, len, log);

    } else {
        ngx_credits_array_fail(array);
    }

    credits_document_free(&d);
}


static void
ngx_credits_settle_usage(credits_document_t *d, const credits_usage_t *usage)
{
    if (usage->prompt >= 0) {
        credits_document_integer(d, "promptTokens", usage->prompt);
    }

    if (usage->completion >= 0) {
        credits_document_integer(d, "completionTokens", usage->completion);
    }

    credits_document_integer(d, "totalTokens", credits_usage_billable(usage));

    ngx_credits_settle_count(d, "cachedTokens", usage->cached);
    ngx_credits_settle_count(d, "cacheWriteTokens",
                             ngx_credits_settle_sum(usage->cache_write,
                                                    usage->cache_write_1h));
    ngx_credits_settle_count(d, "cacheWrite1hTokens", usage->cache_write_1h);
    ngx_credits_settle_count(d, "imageTokens", usage->image_input);
    ngx_credits_settle_count(d, "reasoningTokens", usage->reasoning);
    ngx_credits_settle_count(d, "audioTokens",
                             ngx_credits_settle_sum(usage->audio_input,
                                                    usage->audio_output));
    ngx_credits_settle_count(d, "audioOutputTokens", usage->audio_output);
    ngx_credits_settle_count(d, "images", usage->images);
    ngx_credits_settle_count(d, "searches", usage->searches);
    ngx_credits_settle_count(d, "costNanoUsd", usage->cost);
}


/* of two counts, each of which may be absent */

static int64_t
ngx_credits_settle_sum(int64_t a, int64_t b)
{
    return ngx_max(a, 0) + ngx_max(b, 0);
}


static void
ngx_credits_settle_count(credits_document_t *d, const char *name, int64_t n)
{
    if (n > 0) {
        credits_document_integer(d, name, n);
    }
}


static void
ngx_credits_settle_string(credits_document_t *d, const char *name,
    const char *s)
{
    if (s[0]) {
        credits_document_string(d, name, s);
    }
}


static void
ngx_credits_settle_result(ngx_credits_op_t *op, PGresult *result, int row)
{
    if (ngx_credits_pg_wire_equals(result, row, 1, "busy")) {
        op->busy = 1;
        return;
    }

    op->status = NGX_CREDITS_OK;
    ngx_credits_settle_settled(ngx_credits_settle_op(op));
}


static ngx_int_t
ngx_credits_settle_failed(ngx_credits_op_t *op, const char *sqlstate,
    ngx_str_t *error)
{
    ngx_credits_settle_op_t  *s;

    s = ngx_credits_settle_op(op);

    /* class 22, 23: this row is wrong and will stay so; all else may mend */

    if (ngx_strncmp(sqlstate, "22", 2) != 0
        && ngx_strncmp(sqlstate, "23", 2) != 0)
    {
        if (!ngx_credits_pg_wire_retryable(sqlstate)) {
            ngx_log_error(NGX_LOG_ERR, op->host->log, 0,
                          "credits: Postgres does not take a charge: %V (%s); "
                          "it is tried again", error, sqlstate);
        }

        return NGX_AGAIN;
    }

    if (s->settle->journal == NULL
        || ngx_credits_journal_dead_letter(s->settle->journal, &s->record,
                                           error)
           != NGX_OK)
    {
        return NGX_AGAIN;
    }

    ngx_credits_settle_settled(s);

    return NGX_DECLINED;
}


/* Postgres has it, or a human */

static void
ngx_credits_settle_settled(ngx_credits_settle_op_t *s)
{
    ngx_credits_settle_t  *settle;

    settle = s->settle;

    if (s->entry) {
        ngx_credits_zone_inflight_remove(settle->batch.host->zone, s->entry);
    }

    if (s->segment) {
        ngx_credits_journal_ack(settle->journal, s->segment);

    } else {
        settle->unwritten--;
    }

    settle->waiting--;
}


static void
ngx_credits_settle_lost(ngx_credits_op_t *op)
{
    char                      id[CREDITS_UUID_TEXT_LEN + 1];
    ngx_credits_settle_op_t  *s;

    s = ngx_credits_settle_op(op);

    if (s->segment || s->record.status == CREDITS_RELEASED) {
        return;
    }

    credits_uuid_text(s->record.request, id);

    ngx_log_error(NGX_LOG_ALERT, op->host->log, 0,
                  "credits: the charge of %L credits for request %s is lost: "
                  "neither the journal nor Postgres has it (user: %*s)",
                  (int64_t) s->record.credits, id,
                  (size_t) s->record.user_len, s->record.user);
}


void
ngx_credits_settle_replay(void *data, const credits_record_t *record,
    ngx_credits_segment_t *segment)
{
    ngx_credits_settle_t  *settle = data;

    if (ngx_credits_settle_enqueue(settle, record, NULL, segment) != NGX_OK) {
        /* the segment stays pending, so its file stays for a later worker */

        ngx_log_error(NGX_LOG_ALERT, settle->batch.host->log, 0,
                      "credits: no memory to replay the journal; it is left "
                      "to the next worker");
    }
}


void
ngx_credits_settle_rewrite(ngx_credits_settle_t *settle)
{
    ngx_queue_t              *q, *waiting;
    ngx_credits_settle_op_t  *s;

    if (settle->journal == NULL
        || ngx_credits_journal_probe(settle->journal) != NGX_OK)
    {
        return;
    }

    waiting = &settle->batch.waiting;

    for (q = ngx_queue_head(waiting);
         q != ngx_queue_sentinel(waiting) && settle->unwritten;
         q = ngx_queue_next(q))
    {
        s = ngx_credits_settle_op(ngx_queue_data(q, ngx_credits_op_t, queue));

        if (s->segment) {
            continue;
        }

        s->segment = ngx_credits_journal_write(settle->journal, &s->record);

        if (s->segment == NULL) {
            return;
        }

        settle->unwritten--;
    }
}


void
ngx_credits_settle_orphans(ngx_credits_settle_t *settle, ngx_uint_t own)
{
    u_char                     request[CREDITS_UUID_LEN];
    u_char                     buf[CREDITS_USER_MAX];
    int64_t                    hold;
    ngx_str_t                  user;
    const char                *reason;
    credits_record_t           record;
    ngx_credits_batch_host_t  *host;

    host = settle->batch.host;
    user.data = buf;
    reason = own ? "worker_stopped" : "worker_died";

    while (ngx_credits_zone_orphan(host->zone, own, request, &user, &hold)
           == NGX_OK)
    {
        credits_record_init(&record, request, user.data, (unsigned) user.len);
        ngx_cpystrn((u_char *) record.reason, (u_char *) reason,
                    sizeof(record.reason));

        /* without a known hold no answer was begun */

        if (settle->capture && hold) {
            record.status = CREDITS_ESTIMATED;
            record.credits = hold;
        }

        ngx_credits_zone_count(host->zone, NGX_CREDITS_COUNT_orphans, 1);

        ngx_log_error(NGX_LOG_WARN, host->log, 0,
                      "credits: %s with a request in flight, its hold of %L "
                      "credits is %s (user: %V)",
                      own ? "this worker stops" : "a worker died", hold,
                      record.credits ? "charged" : "released", &user);

        (void) ngx_credits_settle_record(settle, &record, NULL);
    }
}
