/*
 * Renewals.  What is asked may be asked again at any time, so a lost answer
 * needs no care: all of it goes again.  The process keeps no hold alive that
 * it does not have, so those of a dead one expire.
 */

#include "ngx_credits_renew.h"
#include "ngx_credits_pg_wire.h"


#define NGX_CREDITS_RENEW_DELAY_MAX  5000   /* ms before a row goes again */


static ngx_int_t ngx_credits_renew_build(ngx_credits_renew_t *renew);
static void ngx_credits_renew_take(ngx_credits_renew_t *renew);
static void ngx_credits_renew_untake(ngx_credits_renew_t *renew);
static void ngx_credits_renew_answered(ngx_credits_pg_query_t *query,
    ngx_credits_pg_outcome_e outcome, PGresult *result, const char *sqlstate,
    ngx_str_t *error);
static void ngx_credits_renew_results(ngx_credits_renew_t *renew,
    PGresult *result);
static void ngx_credits_renew_gone(ngx_credits_renew_t *renew,
    ngx_credits_renewal_t *renewal);
static void ngx_credits_renew_delay(ngx_credits_renew_t *renew);
static ngx_msec_int_t ngx_credits_renew_wait(ngx_credits_renew_t *renew);
static ngx_credits_renewal_t *ngx_credits_renew_first(ngx_queue_t *queue);
static void ngx_credits_renew_timeout(ngx_event_t *ev);


const ngx_credits_pg_statement_t  ngx_credits_renew_statement = {
    "credit_renew",
    "SELECT ord, outcome"
    " FROM credit_renew_batch($1::text[], $2::uuid[], $3::interval)",
    3
};


void
ngx_credits_renew_init(ngx_credits_renew_t *renew,
    ngx_credits_batch_host_t *host, ngx_msec_t ttl, u_char *text)
{
    renew->host = host;
    renew->interval = ttl / 2;

    ngx_queue_init(&renew->kept);
    ngx_queue_init(&renew->sent);

    renew->query.statement = &ngx_credits_renew_statement;
    renew->query.params[2] = (char *) text;
    renew->query.done = ngx_credits_renew_answered;
    renew->query.data = renew;

    /* answers that run keep a leaving worker, not the wish to renew */

    renew->timer.handler = ngx_credits_renew_timeout;
    renew->timer.data = &host->dummy;
    renew->timer.log = host->log;
    renew->timer.cancelable = 1;
}


void
ngx_credits_renew_free(ngx_credits_renew_t *renew)
{
    ngx_credits_array_free(&renew->users);
    ngx_credits_array_free(&renew->requests);

    if (renew->timer.timer_set) {
        ngx_del_timer(&renew->timer);
    }
}


void
ngx_credits_renew_keep(ngx_credits_renew_t *renew,
    ngx_credits_renewal_t *renewal, ngx_str_t *user,
    u_char request[CREDITS_UUID_LEN])
{
    renewal->user = *user;
    renewal->due = ngx_current_msec + renew->interval;
    ngx_memcpy(renewal->request, request, CREDITS_UUID_LEN);

    ngx_queue_insert_tail(&renew->kept, &renewal->queue);

    if (!renew->timer.timer_set) {
        ngx_add_timer(&renew->timer, renew->interval);
    }
}


void
ngx_credits_renew_let_go(ngx_credits_renewal_t *renewal)
{
    if (renewal->queue.prev) {
        ngx_queue_remove(&renewal->queue);
        renewal->queue.prev = NULL;
    }
}


void
ngx_credits_renew_send(ngx_credits_renew_t *renew)
{
    ngx_msec_int_t             wait;
    ngx_credits_batch_host_t  *host;

    host = renew->host;

    if (renew->nsent || ngx_queue_empty(&renew->kept)
        || ngx_credits_pg_up(host->pg) == 0)
    {
        return;
    }

    wait = ngx_credits_renew_wait(renew);

    if (wait > 0) {
        ngx_add_timer(&renew->timer, (ngx_msec_t) wait);
        return;
    }

    renew->delayed = 0;

    if (ngx_credits_renew_build(renew) == NGX_OK
        && ngx_credits_pg_send(host->pg, &renew->query) == NGX_OK)
    {
        ngx_log_debug1(NGX_LOG_DEBUG_CORE, host->log, 0,
                       "credits renew: %ui holds sent", renew->nsent);
        return;
    }

    ngx_credits_renew_untake(renew);
    ngx_credits_renew_delay(renew);
}


ngx_uint_t
ngx_credits_renew_late(ngx_credits_renew_t *renew)
{
    if (renew->nsent) {
        return 1;
    }

    return !ngx_queue_empty(&renew->kept)
           && (ngx_msec_int_t) (ngx_credits_renew_first(&renew->kept)->due
                                - ngx_current_msec) <= 0;
}


/* NGX_OK, or NGX_ERROR: out of memory */

static ngx_int_t
ngx_credits_renew_build(ngx_credits_renew_t *renew)
{
    ngx_log_t  *log;

    log = renew->host->log;

    ngx_credits_array_reset(&renew->users);
    ngx_credits_array_reset(&renew->requests);

    ngx_credits_renew_take(renew);

    renew->query.params[0] = ngx_credits_array_end(&renew->users, log);
    renew->query.params[1] = ngx_credits_array_end(&renew->requests, log);

    return (renew->query.params[0] && renew->query.params[1]) ? NGX_OK
                                                              : NGX_ERROR;
}


/* moves what is due from kept to sent */

static void
ngx_credits_renew_take(ngx_credits_renew_t *renew)
{
    char                    id[CREDITS_UUID_TEXT_LEN + 1];
    ngx_log_t              *log;
    ngx_credits_renewal_t  *renewal;

    log = renew->host->log;

    while (!ngx_queue_empty(&renew->kept)
           && renew->nsent < NGX_CREDITS_BATCH_MAX)
    {
        renewal = ngx_credits_renew_first(&renew->kept);

        if ((ngx_msec_int_t) (renewal->due - ngx_current_msec) > 0) {
            return;
        }

        ngx_queue_remove(&renewal->queue);
        ngx_queue_insert_tail(&renew->sent, &renewal->queue);
        renewal->row = renew->nsent++;

        credits_uuid_text(renewal->request, id);
        ngx_credits_array_add(&renew->users, renewal->user.data,
                              renewal->user.len, log);
        ngx_credits_array_add(&renew->requests, (u_char *) id,
                              CREDITS_UUID_TEXT_LEN, log);
    }
}


/* all that was sent, and is not let go meanwhile, is due as before */

static void
ngx_credits_renew_untake(ngx_credits_renew_t *renew)
{
    ngx_queue_t  *q;

    while (!ngx_queue_empty(&renew->sent)) {
        q = ngx_queue_last(&renew->sent);
        ngx_queue_remove(q);
        ngx_queue_insert_head(&renew->kept, q);

        ngx_credits_zone_count(renew->host->zone, NGX_CREDITS_COUNT_retries,
                               1);
    }

    renew->nsent = 0;
}


static void
ngx_credits_renew_answered(ngx_credits_pg_query_t *query,
    ngx_credits_pg_outcome_e outcome, PGresult *result, const char *sqlstate,
    ngx_str_t *error)
{
    ngx_credits_renew_t *renew = query->data;

    ngx_log_debug3(NGX_LOG_DEBUG_CORE, renew->host->log, 0,
                   "credits renew: %ui holds answered: outcome %d, "
                   "sqlstate \"%s\"", renew->nsent, (int) outcome, sqlstate);

    if (outcome == NGX_CREDITS_PG_OK) {
        ngx_credits_renew_results(renew, result);
        return;
    }

    ngx_credits_renew_untake(renew);

    if (outcome == NGX_CREDITS_PG_ERROR) {
        ngx_log_error(NGX_LOG_ERR, renew->host->log, 0,
                      "credits: holds of answers that run were not renewed: "
                      "%V (%s); it is tried again", error, sqlstate);

        ngx_credits_renew_delay(renew);
    }
}


static void
ngx_credits_renew_results(ngx_credits_renew_t *renew, PGresult *result)
{
    int                     i, n, rows[NGX_CREDITS_BATCH_MAX];
    int64_t                 ord;
    ngx_uint_t              renewed;
    ngx_credits_renewal_t  *renewal;

    ngx_memset(rows, -1, sizeof(rows));
    n = PQntuples(result);

    for (i = 0; i < n; i++) {
        ord = ngx_credits_pg_wire_int(result, i, 0);

        if (ord >= 1 && ord <= (int64_t) renew->nsent) {
            rows[ord - 1] = i;
        }
    }

    renewed = 0;

    /* from the last one on, so that those that go again keep their order */

    while (!ngx_queue_empty(&renew->sent)) {
        renewal = ngx_queue_data(ngx_queue_last(&renew->sent),
                                 ngx_credits_renewal_t, queue);
        ngx_queue_remove(&renewal->queue);

        i = rows[renewal->row];

        if (i >= 0 && ngx_credits_pg_wire_equals(result, i, 1, "renewed")) {
            renewal->due = ngx_current_msec + renew->interval;
            ngx_queue_insert_tail(&renew->kept, &renewal->queue);
            renewed++;

        } else if (i >= 0
                   && ngx_credits_pg_wire_equals(result, i, 1, "gone"))
        {
            renewal->queue.prev = NULL;
            ngx_credits_renew_gone(renew, renewal);

        } else {
            /* busy */

            ngx_queue_insert_head(&renew->kept, &renewal->queue);
            ngx_credits_renew_delay(renew);

            ngx_credits_zone_count(renew->host->zone,
                                   NGX_CREDITS_COUNT_retries, 1);
        }
    }

    renew->nsent = 0;

    ngx_credits_zone_count(renew->host->zone, NGX_CREDITS_COUNT_renewed,
                           renewed);
}


/* it has expired while Postgres was out of reach, or an operator ended it */

static void
ngx_credits_renew_gone(ngx_credits_renew_t *renew,
    ngx_credits_renewal_t *renewal)
{
    char  id[CREDITS_UUID_TEXT_LEN + 1];

    credits_uuid_text(renewal->request, id);

    ngx_log_error(NGX_LOG_WARN, renew->host->log, 0,
                  "credits: an answer runs whose hold has ended (user: %V, "
                  "request: %s)", &renewal->user, id);
}


static void
ngx_credits_renew_delay(ngx_credits_renew_t *renew)
{
    renew->delayed = 1;
    renew->retry = ngx_current_msec
                   + ngx_min(renew->interval / 8, NGX_CREDITS_RENEW_DELAY_MAX);
}


/* ms until something can be sent, not positive: now; kept is not empty */

static ngx_msec_int_t
ngx_credits_renew_wait(ngx_credits_renew_t *renew)
{
    ngx_msec_int_t  wait, retry;

    wait = (ngx_msec_int_t) (ngx_credits_renew_first(&renew->kept)->due
                             - ngx_current_msec);
    retry = renew->delayed ? (ngx_msec_int_t) (renew->retry
                                               - ngx_current_msec)
                           : 0;

    return ngx_max(wait, retry);
}


static ngx_credits_renewal_t *
ngx_credits_renew_first(ngx_queue_t *queue)
{
    return ngx_queue_data(ngx_queue_head(queue), ngx_credits_renewal_t,
                          queue);
}


static void
ngx_credits_renew_timeout(ngx_event_t *ev)
{
    ngx_credits_renew_send(ngx_queue_data(ev, ngx_credits_renew_t, timer));
}
