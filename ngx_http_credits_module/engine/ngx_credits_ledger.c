/*
 * The ledger as a worker sees it: its queues, its timers, its end.
 */

#include "ngx_credits_ledger.h"
#include "ngx_credits_batch.h"
#include "ngx_credits_hold.h"
#include "ngx_credits_journal.h"
#include "ngx_credits_pg.h"
#include "ngx_credits_query.h"
#include "ngx_credits_renew.h"
#include "ngx_credits_session.h"
#include "ngx_credits_settle.h"


#define NGX_CREDITS_LEDGER_HOUSEKEEPING  1000   /* ms: orphans of the dead */
#define NGX_CREDITS_LEDGER_REAP          10000  /* ms: what can expire */
#define NGX_CREDITS_LEDGER_EXIT_WAIT     5000   /* ms a leaving worker waits */


struct ngx_credits_ledger_s {
    ngx_credits_batch_host_t      host;

    ngx_credits_session_queue_t   session;
    ngx_credits_hold_queue_t      hold;
    ngx_credits_renew_t           renew;
    ngx_credits_settle_t          settle;
    ngx_credits_query_queue_t     query;

    ngx_event_t                   exit_wait;
    ngx_event_t                   housekeeping;

    ngx_msec_t                    leaving;      /* since; 0: not yet */
    ngx_msec_t                    reap_next;
    ngx_credits_pg_query_t        reap;
    unsigned                      reaping:1;
};


static ngx_int_t ngx_credits_ledger_connect(ngx_credits_ledger_t *ledger,
    ngx_cycle_t *cycle, ngx_credits_ledger_conf_t *conf);
static void ngx_credits_ledger_ready(void *data);
static void ngx_credits_ledger_dispatch(ngx_event_t *ev);
static void ngx_credits_ledger_event(ngx_event_t *ev, ngx_event_handler_pt
    handler, ngx_credits_ledger_t *ledger);
static void ngx_credits_ledger_cancel(ngx_event_t *ev);
static void ngx_credits_ledger_housekeeping(ngx_event_t *ev);
static void ngx_credits_ledger_exit_wait(ngx_event_t *ev);
static void ngx_credits_ledger_reap(ngx_credits_ledger_t *ledger);
static void ngx_credits_ledger_reaped(ngx_credits_pg_query_t *query,
    ngx_credits_pg_outcome_e outcome, PGresult *result, const char *sqlstate,
    ngx_str_t *error);


static const ngx_credits_pg_statement_t  ngx_credits_ledger_reap_statement = {
    "credit_reap",
    "SELECT userId, requestId, amount FROM credit_reap($1::int, $2::boolean)",
    2
};


static const ngx_credits_pg_statement_t
    *const ngx_credits_ledger_statements[] =
{
    &ngx_credits_session_statement,
    &ngx_credits_hold_statement,
    &ngx_credits_renew_statement,
    &ngx_credits_settle_statement,
    &ngx_credits_query_statements[NGX_CREDITS_QUERY_OVERVIEW],
    &ngx_credits_query_statements[NGX_CREDITS_QUERY_TRANSACTIONS],
    &ngx_credits_query_statements[NGX_CREDITS_QUERY_POLAR_EVENT],
    &ngx_credits_ledger_reap_statement
};


#define ngx_credits_ledger_of(ev, member)                                     \
    ngx_queue_data(ev, ngx_credits_ledger_t, member)


ngx_credits_ledger_t *
ngx_credits_ledger_create(ngx_cycle_t *cycle, ngx_credits_ledger_conf_t *conf,
    ngx_credits_zone_t *zone)
{
    ngx_credits_ledger_t      *ledger;
    ngx_credits_batch_host_t  *host;

    ledger = ngx_calloc(sizeof(ngx_credits_ledger_t), cycle->log);
    if (ledger == NULL) {
        return NULL;
    }

    host = &ledger->host;

    host->log = cycle->log;
    host->zone = zone;
    host->timeout = conf->postgres->timeout;

    /* ngx_event_ident() reads the fd of whatever a timer's data points to */

    host->dummy.fd = (ngx_socket_t) -1;

    ngx_credits_ledger_event(&host->dispatch, ngx_credits_ledger_dispatch,
                             ledger);
    host->dispatch.cancelable = 1;

    ngx_credits_ledger_event(&ledger->housekeeping,
                             ngx_credits_ledger_housekeeping, ledger);
    ledger->housekeeping.cancelable = 1;

    /* not cancelable: while it is armed, a leaving worker stays to settle */

    ngx_credits_ledger_event(&ledger->exit_wait, ngx_credits_ledger_exit_wait,
                             ledger);

    ngx_credits_session_init(&ledger->session, host);
    ngx_credits_settle_init(&ledger->settle, host);
    ngx_credits_hold_init(&ledger->hold, host, &ledger->settle, cycle,
                          conf->hold_ttl);
    ngx_credits_renew_init(&ledger->renew, host, conf->hold_ttl,
                           ledger->hold.ttl);
    ngx_credits_query_init(&ledger->query, host);

    ledger->settle.exit_wait = &ledger->exit_wait;
    ledger->settle.capture = conf->capture;

    if (ngx_credits_ledger_connect(ledger, cycle, conf) != NGX_OK) {
        ngx_free(ledger);
        return NULL;
    }

    ngx_add_timer(&ledger->housekeeping, 1);

    return ledger;
}


/* the journal and Postgres; NGX_ERROR: neither is there */

static ngx_int_t
ngx_credits_ledger_connect(ngx_credits_ledger_t *ledger, ngx_cycle_t *cycle,
    ngx_credits_ledger_conf_t *conf)
{
    ngx_uint_t             n;
    ngx_credits_settle_t  *settle;

    settle = &ledger->settle;

    if (conf->journal.len) {
        settle->journal = ngx_credits_journal_create(cycle, &conf->journal,
                                             conf->sync, ledger->host.zone,
                                             ngx_credits_settle_replay,
                                             settle);
        if (settle->journal == NULL) {
            return NGX_ERROR;
        }
    }

    n = sizeof(ngx_credits_ledger_statements)
        / sizeof(ngx_credits_ledger_statements[0]);

    ledger->host.pg = ngx_credits_pg_create(cycle, conf->postgres,
                                            ngx_credits_ledger_statements, n,
                                            ngx_credits_ledger_ready, ledger);
    if (ledger->host.pg == NULL) {
        if (settle->journal) {
            ngx_credits_journal_destroy(settle->journal);
        }

        return NGX_ERROR;
    }

    return NGX_OK;
}


void
ngx_credits_ledger_destroy(ngx_credits_ledger_t *ledger)
{
    ledger->host.closing = 1;

    /* told to stop at once: answers under way end here, into the journal */

    ngx_credits_settle_orphans(&ledger->settle, 1);

    /* what was under way comes back to the queues */

    ngx_credits_pg_destroy(ledger->host.pg);

    ngx_credits_settle_rewrite(&ledger->settle);

    ngx_credits_batch_free(&ledger->session.batch);
    ngx_credits_batch_free(&ledger->hold.batch);
    ngx_credits_renew_free(&ledger->renew);
    ngx_credits_batch_free(&ledger->settle.batch);
    ngx_credits_query_free(&ledger->query);

    if (ledger->settle.journal) {
        ngx_credits_journal_destroy(ledger->settle.journal);
    }

    ngx_credits_ledger_cancel(&ledger->host.dispatch);
    ngx_credits_ledger_cancel(&ledger->exit_wait);
    ngx_credits_ledger_cancel(&ledger->housekeeping);

    ngx_free(ledger);
}


ngx_uint_t
ngx_credits_ledger_safe(ngx_credits_ledger_t *ledger)
{
    return ngx_credits_settle_safe(&ledger->settle);
}


ngx_credits_op_t *
ngx_credits_ledger_session(ngx_credits_ledger_t *ledger, ngx_str_t *token,
    ngx_credits_session_done_pt done, void *data)
{
    return ngx_credits_session_lookup(&ledger->session, token, done, data);
}


ngx_credits_op_t *
ngx_credits_ledger_hold(ngx_credits_ledger_t *ledger, ngx_str_t *user,
    u_char request[CREDITS_UUID_LEN], int64_t want, int64_t minimum,
    ngx_credits_hold_done_pt done, void *data)
{
    return ngx_credits_hold_request(&ledger->hold, user, request, want,
                                    minimum, done, data);
}


void
ngx_credits_ledger_keep(ngx_credits_ledger_t *ledger,
    ngx_credits_renewal_t *renewal, ngx_str_t *user,
    u_char request[CREDITS_UUID_LEN])
{
    ngx_credits_renew_keep(&ledger->renew, renewal, user, request);
}


void
ngx_credits_ledger_let_go(ngx_credits_renewal_t *renewal)
{
    ngx_credits_renew_let_go(renewal);
}


ngx_credits_op_t *
ngx_credits_ledger_query(ngx_credits_ledger_t *ledger,
    ngx_credits_query_e what, ngx_str_t *params, ngx_uint_t nparams,
    ngx_credits_query_done_pt done, void *data)
{
    return ngx_credits_query_ask(&ledger->query, what, params, nparams, done,
                                 data);
}


void
ngx_credits_ledger_abandon(ngx_credits_op_t *op)
{
    ngx_credits_batch_abandon(op);
}


ngx_int_t
ngx_credits_ledger_settle(ngx_credits_ledger_t *ledger,
    const credits_record_t *record, ngx_credits_inflight_t *entry)
{
    return ngx_credits_settle_record(&ledger->settle, record, entry);
}


static void
ngx_credits_ledger_ready(void *data)
{
    ngx_credits_ledger_t  *ledger = data;

    ngx_credits_batch_wake(&ledger->host);
}


static void
ngx_credits_ledger_dispatch(ngx_event_t *ev)
{
    ngx_credits_ledger_t  *ledger;

    ledger = ngx_credits_ledger_of(ev, host.dispatch);

    ngx_credits_batch_send(&ledger->session.batch);
    ngx_credits_batch_send(&ledger->hold.batch);
    ngx_credits_renew_send(&ledger->renew);
    ngx_credits_batch_send(&ledger->settle.batch);
    ngx_credits_query_send(&ledger->query);
}


static void
ngx_credits_ledger_event(ngx_event_t *ev, ngx_event_handler_pt handler,
    ngx_credits_ledger_t *ledger)
{
    ev->handler = handler;
    ev->data = &ledger->host.dummy;
    ev->log = ledger->host.log;
}


static void
ngx_credits_ledger_cancel(ngx_event_t *ev)
{
    if (ev->posted) {
        ngx_delete_posted_event(ev);
    }

    if (ev->timer_set) {
        ngx_del_timer(ev);
    }
}


static void
ngx_credits_ledger_housekeeping(ngx_event_t *ev)
{
    ngx_credits_ledger_t   *ledger;
    ngx_credits_journal_t  *journal;

    ledger = ngx_credits_ledger_of(ev, housekeeping);
    journal = ledger->settle.journal;

    if (ngx_exiting) {
        return;
    }

    /*
     * The journal first: a request of a dead worker that did end is settled
     * from there, and its release behind it finds that done.
     */

    if (journal) {
        ngx_credits_settle_rewrite(&ledger->settle);
        ngx_credits_journal_reclaim(journal);
        ngx_credits_journal_take_over(journal);
    }

    ngx_credits_settle_orphans(&ledger->settle, 0);

    if (ngx_worker == 0
        && (ngx_msec_int_t) (ngx_current_msec - ledger->reap_next) >= 0)
    {
        ngx_credits_ledger_reap(ledger);
    }

    ngx_add_timer(&ledger->housekeeping, NGX_CREDITS_LEDGER_HOUSEKEEPING);
}


static void
ngx_credits_ledger_exit_wait(ngx_event_t *ev)
{
    ngx_credits_ledger_t  *ledger;
    ngx_credits_settle_t  *settle;

    ledger = ngx_credits_ledger_of(ev, exit_wait);
    settle = &ledger->settle;

    if (settle->waiting == 0) {
        return;
    }

    if (ngx_exiting) {
        ngx_credits_settle_rewrite(settle);
    }

    if (ngx_exiting && settle->unwritten == 0) {

        if (ledger->leaving == 0) {
            ledger->leaving = ngx_current_msec;
        }

        if (ngx_current_msec - ledger->leaving
            > NGX_CREDITS_LEDGER_EXIT_WAIT)
        {
            ngx_log_error(NGX_LOG_NOTICE, ledger->host.log, 0,
                          "credits: leaving with %ui charges in the journal; "
                          "the next worker settles them", settle->waiting);
            return;
        }
    }

    ngx_add_timer(ev, NGX_CREDITS_SETTLE_EXIT_STEP);
}


static void
ngx_credits_ledger_reap(ngx_credits_ledger_t *ledger)
{
    /* not while charges wait: they may belong to holds that have expired */

    if (ledger->reaping || ledger->settle.waiting
        || ngx_credits_renew_late(&ledger->renew))
    {
        return;
    }

    /*
     * When Postgres is back, other workers and nodes renew and settle what is
     * theirs first: that takes longer than any of them waits to connect again.
     */

    if (ngx_credits_pg_up(ledger->host.pg) == 0) {
        ledger->reap_next = ngx_current_msec + NGX_CREDITS_LEDGER_REAP;
        return;
    }

    ledger->reap.statement = &ngx_credits_ledger_reap_statement;
    ledger->reap.params[0] = "1000";
    ledger->reap.params[1] = ledger->settle.capture ? "true" : "false";
    ledger->reap.done = ngx_credits_ledger_reaped;
    ledger->reap.data = ledger;

    if (ngx_credits_pg_send(ledger->host.pg, &ledger->reap) == NGX_OK) {
        ledger->reaping = 1;
        ledger->reap_next = ngx_current_msec + NGX_CREDITS_LEDGER_REAP;
    }
}


static void
ngx_credits_ledger_reaped(ngx_credits_pg_query_t *query,
    ngx_credits_pg_outcome_e outcome, PGresult *result, const char *sqlstate,
    ngx_str_t *error)
{
    ngx_credits_ledger_t *ledger = query->data;

    int         i, n;
    ngx_log_t  *log;

    log = ledger->host.log;
    ledger->reaping = 0;

    if (outcome == NGX_CREDITS_PG_ERROR) {
        ngx_log_error(NGX_LOG_ERR, log, 0,
                      "credits: expired holds and packages were not swept: "
                      "%V (%s)", error, sqlstate);
        return;
    }

    n = (outcome == NGX_CREDITS_PG_OK) ? PQntuples(result) : 0;

    for (i = 0; i < n; i++) {
        ngx_log_error(NGX_LOG_WARN, log, 0,
                      "credits: a hold of %s credits has expired and is %s "
                      "(user: %s, request: %s)",
                      PQgetvalue(result, i, 2),
                      ledger->settle.capture ? "charged" : "released",
                      PQgetvalue(result, i, 0), PQgetvalue(result, i, 1));
    }
}
