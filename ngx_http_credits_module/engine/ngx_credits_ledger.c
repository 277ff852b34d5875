/*
 * The ledger as a worker sees it: lanes of waiting operations.
 */

#include "ngx_credits_ledger.h"
#include "ngx_credits_batch.h"


#define NGX_CREDITS_HOUSEKEEPING  1000      /* ms: orphans of dead workers */
#define NGX_CREDITS_REAP          10000     /* ms: what Postgres can expire */
#define NGX_CREDITS_DRAIN_STEP    100       /* ms */
#define NGX_CREDITS_DRAIN         5000      /* ms a leaving worker waits */


static void ngx_credits_ledger_ready(void *data);
static void ngx_credits_ledger_dispatch(ngx_event_t *ev);
static void ngx_credits_ledger_timer(ngx_event_t *ev, ngx_event_handler_pt
    handler, ngx_credits_ledger_t *ledger);
static void ngx_credits_ledger_housekeeping(ngx_event_t *ev);
static void ngx_credits_ledger_rewrite(ngx_credits_ledger_t *ledger);
static void ngx_credits_ledger_drain(ngx_event_t *ev);
static void ngx_credits_ledger_replay(void *data,
    const credits_record_t *record, ngx_credits_segment_t *segment);
static void ngx_credits_ledger_orphans(ngx_credits_ledger_t *ledger,
    ngx_uint_t own);
static void ngx_credits_ledger_reap(ngx_credits_ledger_t *ledger);
static void ngx_credits_ledger_reaped(ngx_credits_pg_query_t *query,
    ngx_credits_pg_outcome_e outcome, PGresult *result, const char *sqlstate,
    ngx_str_t *error);
static ngx_int_t ngx_credits_ledger_enqueue(ngx_credits_ledger_t *ledger,
    const credits_record_t *record, ngx_credits_inflight_t *flight,
    ngx_credits_segment_t *segment);


ngx_credits_ledger_t *
ngx_credits_ledger_create(ngx_cycle_t *cycle, ngx_credits_ledger_conf_t *conf,
    ngx_credits_zone_t *zone)
{
    ngx_uint_t             i;
    ngx_credits_ledger_t  *ledger;

    static const ngx_credits_pg_statement_t
        *statements[NGX_CREDITS_STATEMENTS];

    for (i = 0; i < NGX_CREDITS_STATEMENTS; i++) {
        statements[i] = &ngx_credits_statements[i];
    }

    ledger = ngx_calloc(sizeof(ngx_credits_ledger_t), cycle->log);
    if (ledger == NULL) {
        return NULL;
    }

    ledger->log = cycle->log;
    ledger->zone = zone;
    ledger->timeout = conf->postgres->timeout;
    ledger->capture = conf->capture;

    /* ngx_event_ident() reads the fd of whatever a timer's data points to */
    ledger->dummy.fd = (ngx_socket_t) -1;

    ngx_sprintf(ledger->ttl, "%M milliseconds%Z", conf->hold_ttl);
    ngx_snprintf(ledger->node, sizeof(ledger->node) - 1, "%V/%P",
                 &cycle->hostname, ngx_pid);

    ngx_credits_lanes_init(ledger);

    ngx_credits_ledger_timer(&ledger->dispatch, ngx_credits_ledger_dispatch,
                             ledger);
    ledger->dispatch.cancelable = 1;
    ngx_credits_ledger_timer(&ledger->drain, ngx_credits_ledger_drain, ledger);
    ngx_credits_ledger_timer(&ledger->housekeeping,
                             ngx_credits_ledger_housekeeping, ledger);
    ledger->housekeeping.cancelable = 1;

    if (conf->journal.len) {
        ledger->journal = ngx_credits_journal_create(cycle, &conf->journal,
                                             conf->sync, zone,
                                             ngx_credits_ledger_replay,
                                             ledger);
        if (ledger->journal == NULL) {
            ngx_free(ledger);
            return NULL;
        }
    }

    ledger->postgres = ngx_credits_pg_create(cycle, conf->postgres,
                                             statements,
                                             NGX_CREDITS_STATEMENTS,
                                             ngx_credits_ledger_ready, ledger);
    if (ledger->postgres == NULL) {
        if (ledger->journal) {
            ngx_credits_journal_destroy(ledger->journal);
        }

        ngx_free(ledger);
        return NULL;
    }

    ngx_add_timer(&ledger->housekeeping, 1);

    return ledger;
}


void
ngx_credits_ledger_destroy(ngx_credits_ledger_t *ledger)
{
    ledger->closing = 1;

    /* told to stop at once: answers under way end here, into the journal */
    ngx_credits_ledger_orphans(ledger, 1);

    /* what was under way comes back to the lanes */
    ngx_credits_pg_destroy(ledger->postgres);

    ngx_credits_ledger_rewrite(ledger);
    ngx_credits_lanes_free(ledger);

    if (ledger->journal) {
        ngx_credits_journal_destroy(ledger->journal);
    }

    if (ledger->dispatch.posted) {
        ngx_delete_posted_event(&ledger->dispatch);
    }

    if (ledger->dispatch.timer_set) {
        ngx_del_timer(&ledger->dispatch);
    }

    if (ledger->drain.timer_set) {
        ngx_del_timer(&ledger->drain);
    }

    if (ledger->housekeeping.timer_set) {
        ngx_del_timer(&ledger->housekeeping);
    }

    ngx_free(ledger);
}


ngx_int_t
ngx_credits_ledger_settle(ngx_credits_ledger_t *ledger,
    const credits_record_t *record, ngx_credits_inflight_t *flight)
{
    ngx_int_t               rc;
    ngx_credits_segment_t  *segment;

    /*
     * In this order: a flight that has not ended is released by others when
     * this process dies, so no journal may know its charge.
     */

    if (flight) {
        ngx_credits_zone_inflight_ended(ledger->zone, flight);
    }

    segment = ledger->journal
              ? ngx_credits_journal_write(ledger->journal, record) : NULL;

    rc = ngx_credits_ledger_enqueue(ledger, record, flight, segment);

    if (rc != NGX_OK && segment == NULL) {
        ngx_log_error(NGX_LOG_ALERT, ledger->log, 0,
                      "credits: out of memory, the charge of %L credits to "
                      "user \"%*s\" is lost", (int64_t) record->credits,
                      (size_t) record->user_len, record->user);
    }

    return rc;
}


static ngx_int_t
ngx_credits_ledger_enqueue(ngx_credits_ledger_t *ledger,
    const credits_record_t *record, ngx_credits_inflight_t *flight,
    ngx_credits_segment_t *segment)
{
    ngx_credits_settle_op_t  *s;

    s = ngx_calloc(sizeof(ngx_credits_settle_op_t), ledger->log);
    if (s == NULL) {
        return NGX_ERROR;
    }

    s->record = *record;
    s->flight = flight;
    s->segment = segment;

    ledger->settling++;

    if (segment == NULL) {
        ledger->unwritten++;
    }

    ngx_credits_lane_push(&ledger->settle, &s->op, NULL, NULL);

    if (!ledger->drain.timer_set) {
        ngx_add_timer(&ledger->drain, NGX_CREDITS_DRAIN_STEP);
    }

    return NGX_OK;
}


ngx_uint_t
ngx_credits_ledger_safe(ngx_credits_ledger_t *ledger)
{
    return ledger->journal == NULL
           || !ngx_credits_journal_failing(ledger->journal);
}


void
ngx_credits_ledger_settled(ngx_credits_ledger_t *ledger,
    ngx_credits_settle_op_t *s)
{
    if (s->flight) {
        ngx_credits_zone_inflight_remove(ledger->zone, s->flight);
    }

    if (s->segment) {
        ngx_credits_journal_ack(ledger->journal, s->segment);

    } else {
        ledger->unwritten--;
    }

    ledger->settling--;
}


void
ngx_credits_ledger_wake(ngx_credits_ledger_t *ledger)
{
    /* at the end of this turn of the loop: all that came in it goes together */

    if (!ledger->closing) {
        ngx_post_event(&ledger->dispatch, &ngx_posted_events);
    }
}


void
ngx_credits_ledger_wake_in(ngx_credits_ledger_t *ledger, ngx_msec_t msec)
{
    ngx_event_t  *ev;

    ev = &ledger->dispatch;

    if (ledger->closing
        || (ev->timer_set
            && (ngx_msec_int_t) (ev->timer.key - ngx_current_msec)
               <= (ngx_msec_int_t) msec))
    {
        return;
    }

    ngx_add_timer(ev, msec);
}


static void
ngx_credits_ledger_ready(void *data)
{
    ngx_credits_ledger_wake(data);
}


static void
ngx_credits_ledger_dispatch(ngx_event_t *ev)
{
    ngx_credits_ledger_t  *ledger;

    ledger = ngx_credits_ledger_of(ev, dispatch);

    ngx_credits_lanes_send(ledger);
}


static void
ngx_credits_ledger_timer(ngx_event_t *ev, ngx_event_handler_pt handler,
    ngx_credits_ledger_t *ledger)
{
    ev->handler = handler;
    ev->data = &ledger->dummy;
    ev->log = ledger->log;
}


static void
ngx_credits_ledger_housekeeping(ngx_event_t *ev)
{
    ngx_credits_ledger_t  *ledger;

    ledger = ngx_credits_ledger_of(ev, housekeeping);

    if (ngx_exiting) {
        return;
    }

    /*
     * the journal first: a request of a dead worker that did end is settled
     * from there, and its release behind it finds that done
     */

    if (ledger->journal) {

        ngx_credits_ledger_rewrite(ledger);
        ngx_credits_journal_reclaim(ledger->journal);
        ngx_credits_journal_take_over(ledger->journal);
    }

    ngx_credits_ledger_orphans(ledger, 0);

    if (ngx_worker == 0
        && (ngx_msec_int_t) (ngx_current_msec - ledger->reap_next) >= 0)
    {
        ngx_credits_ledger_reap(ledger);
    }

    ngx_add_timer(&ledger->housekeeping, NGX_CREDITS_HOUSEKEEPING);
}


/* charges that the journal could not take: perhaps it can now */

static void
ngx_credits_ledger_rewrite(ngx_credits_ledger_t *ledger)
{
    if (ledger->journal
        && ngx_credits_journal_probe(ledger->journal) == NGX_OK)
    {
        ngx_credits_settle_rewrite(ledger);
    }
}


/* not cancelable: while it is armed a leaving worker stays to settle */

static void
ngx_credits_ledger_drain(ngx_event_t *ev)
{
    ngx_credits_ledger_t  *ledger;

    ledger = ngx_credits_ledger_of(ev, drain);

    if (ledger->settling == 0) {
        return;
    }

    if (ngx_exiting) {
        ngx_credits_ledger_rewrite(ledger);
    }

    if (ngx_exiting && ledger->unwritten == 0) {

        if (ledger->leaving == 0) {
            ledger->leaving = ngx_current_msec;
        }

        if (ngx_current_msec - ledger->leaving > NGX_CREDITS_DRAIN) {
            ngx_log_error(NGX_LOG_NOTICE, ledger->log, 0,
                          "credits: leaving with %ui charges in the journal; "
                          "the next worker settles them", ledger->settling);
            return;
        }
    }

    ngx_add_timer(ev, NGX_CREDITS_DRAIN_STEP);
}


static void
ngx_credits_ledger_replay(void *data, const credits_record_t *record,
    ngx_credits_segment_t *segment)
{
    ngx_credits_ledger_t *ledger = data;

    if (ngx_credits_ledger_enqueue(ledger, record, NULL, segment) != NGX_OK) {
        /* the segment stays pending, so its file stays for a later worker */
        ngx_log_error(NGX_LOG_ALERT, ledger->log, 0,
                      "credits: no memory to replay the journal; it is left "
                      "to the next worker");
    }
}


static void
ngx_credits_ledger_orphans(ngx_credits_ledger_t *ledger, ngx_uint_t own)
{
    u_char            request[CREDITS_UUID_LEN], buf[CREDITS_USER_MAX];
    int64_t           hold;
    ngx_str_t         user;
    const char       *reason;
    credits_record_t  record;

    user.data = buf;
    reason = own ? "worker_stopped" : "worker_died";

    while (ngx_credits_zone_orphan(ledger->zone, own, request, &user, &hold)
           == NGX_OK)
    {
        credits_record_init(&record, request, user.data, (unsigned) user.len);
        ngx_cpystrn((u_char *) record.reason, (u_char *) reason,
                    sizeof(record.reason));

        /* without a known hold no answer was begun */

        if (ledger->capture && hold) {
            record.status = CREDITS_ESTIMATED;
            record.credits = hold;
        }

        ngx_credits_zone_count(ledger->zone, NGX_CREDITS_COUNT_orphans, 1);

        ngx_log_error(NGX_LOG_WARN, ledger->log, 0,
                      "credits: %s with a request in flight, its hold of %L "
                      "credits is %s (user: %V)",
                      own ? "this worker stops" : "a worker died", hold,
                      record.credits ? "charged" : "released", &user);

        (void) ngx_credits_ledger_settle(ledger, &record, NULL);
    }
}


static void
ngx_credits_ledger_reap(ngx_credits_ledger_t *ledger)
{
    /* not while charges wait: they may belong to holds that have expired */

    if (ledger->reaping || ledger->settling) {
        return;
    }

    ledger->reap.statement = &ngx_credits_statements[NGX_CREDITS_SQL_REAP];
    ledger->reap.params[0] = "1000";
    ledger->reap.params[1] = ledger->capture ? "true" : "false";
    ledger->reap.done = ngx_credits_ledger_reaped;
    ledger->reap.data = ledger;

    if (ngx_credits_pg_send(ledger->postgres, &ledger->reap) == NGX_OK) {
        ledger->reaping = 1;
        ledger->reap_next = ngx_current_msec + NGX_CREDITS_REAP;
    }
}


static void
ngx_credits_ledger_reaped(ngx_credits_pg_query_t *query,
    ngx_credits_pg_outcome_e outcome, PGresult *result, const char *sqlstate,
    ngx_str_t *error)
{
    ngx_credits_ledger_t *ledger = query->data;

    int  i, n;

    ledger->reaping = 0;

    if (outcome == NGX_CREDITS_PG_ERROR) {
        ngx_log_error(NGX_LOG_ERR, ledger->log, 0,
                      "credits: expired holds and packages were not swept: "
                      "%V (%s)", error, sqlstate);
        return;
    }

    n = (outcome == NGX_CREDITS_PG_OK) ? PQntuples(result) : 0;

    for (i = 0; i < n; i++) {
        ngx_log_error(NGX_LOG_WARN, ledger->log, 0,
                      "credits: a hold of %s credits has expired and is %s "
                      "(user: %s, request: %s)",
                      PQgetvalue(result, i, 2),
                      ledger->capture ? "charged" : "released",
                      PQgetvalue(result, i, 0), PQgetvalue(result, i, 1));
    }
}
