/*
 * The life of a Postgres connection: connecting, preparing, queries, loss,
 * back-off.
 *
 * A query's transaction ends with its own sync: its outcome is known when the
 * sync is answered, not when its result is here.
 */

#include "ngx_credits_pg_conn.h"
#include "ngx_credits_pg_hosts.h"
#include "ngx_credits_pg_socket.h"
#include "ngx_credits_pg_wire.h"

#include <openssl/err.h>


#define NGX_CREDITS_PG_BACKOFF_MIN  100
#define NGX_CREDITS_PG_BACKOFF_MAX  5000


static void ngx_credits_pg_conn_move(ngx_credits_pg_conn_t *conn,
    ngx_credits_pg_state_e state);
static void ngx_credits_pg_conn_notice(void *data, const PGresult *result);
static void ngx_credits_pg_conn_poll(ngx_credits_pg_conn_t *conn);
static ngx_int_t ngx_credits_pg_conn_attach(ngx_credits_pg_conn_t *conn,
    ngx_int_t event);
static void ngx_credits_pg_conn_detach(ngx_credits_pg_conn_t *conn);

static void ngx_credits_pg_conn_event_handler(ngx_event_t *ev);
static void ngx_credits_pg_conn_timer_handler(ngx_event_t *ev);
static void ngx_credits_pg_conn_read(ngx_credits_pg_conn_t *conn);
static void ngx_credits_pg_conn_flush(ngx_credits_pg_conn_t *conn);

static ngx_int_t ngx_credits_pg_conn_prepare_results(
    ngx_credits_pg_conn_t *conn);
static void ngx_credits_pg_conn_prepare_failed(ngx_credits_pg_conn_t *conn,
    PGresult *result);
static void ngx_credits_pg_conn_prepared(ngx_credits_pg_conn_t *conn);
static ngx_int_t ngx_credits_pg_conn_results(ngx_credits_pg_conn_t *conn);
static void ngx_credits_pg_conn_answered(ngx_credits_pg_conn_t *conn);
static ngx_credits_pg_query_t *ngx_credits_pg_conn_shift(
    ngx_credits_pg_conn_t *conn);

static void ngx_credits_pg_conn_mark_broken(ngx_credits_pg_conn_t *conn);
static void ngx_credits_pg_conn_log_failure(ngx_credits_pg_conn_t *conn,
    ngx_str_t *error, ngx_msec_t delay);
static ngx_msec_t ngx_credits_pg_conn_backoff(ngx_credits_pg_conn_t *conn);


#if (NGX_DEBUG)

static const char  *ngx_credits_pg_conn_states[] = {
    "down", "connecting", "preparing", "up", "broken"
};

#endif


void
ngx_credits_pg_conn_init(ngx_credits_pg_conn_t *conn,
    ngx_credits_pg_pool_t *pool, ngx_uint_t number)
{
    conn->pool = pool;
    conn->number = number;
    conn->backoff = NGX_CREDITS_PG_BACKOFF_MIN;

    /* debug builds log the fd of the connection that owns a timer */

    conn->anchor.fd = (ngx_socket_t) -1;
    conn->anchor.data = conn;

    conn->timer.handler = ngx_credits_pg_conn_timer_handler;
    conn->timer.data = &conn->anchor;
    conn->timer.log = pool->log;

    ngx_queue_init(&conn->queries);
    ngx_queue_init(&conn->queue);
    ngx_credits_pg_conn_move(conn, NGX_CREDITS_PG_DOWN);
}


static void
ngx_credits_pg_conn_move(ngx_credits_pg_conn_t *conn,
    ngx_credits_pg_state_e state)
{
    ngx_log_debug4(NGX_LOG_DEBUG_EVENT, conn->pool->log, 0,
                   "credits pg: connection %ui: %s -> %s, %ui in flight",
                   conn->number, ngx_credits_pg_conn_states[conn->state],
                   ngx_credits_pg_conn_states[state], conn->in_flight);

    ngx_queue_remove(&conn->queue);
    ngx_queue_insert_tail(&conn->pool->lists[state], &conn->queue);

    conn->state = state;

    /* a worker that quits waits for queries, not for anything else of ours */

    conn->timer.cancelable = (state != NGX_CREDITS_PG_UP);
}


void
ngx_credits_pg_conn_start(ngx_credits_pg_conn_t *conn)
{
    ngx_credits_pg_pool_t  *pool;

    pool = conn->pool;

    ngx_credits_pg_conn_move(conn, NGX_CREDITS_PG_CONNECTING);

    conn->pgconn = ngx_credits_pg_hosts_start(pool->conf, conn->first_host,
                                              pool->log);
    if (conn->pgconn == NULL) {
        ngx_credits_pg_conn_drop(conn, "", "no memory");
        return;
    }

    PQsetNoticeReceiver(conn->pgconn, ngx_credits_pg_conn_notice, pool);

    if (PQstatus(conn->pgconn) == CONNECTION_BAD) {
        ngx_credits_pg_conn_drop(conn, "", PQerrorMessage(conn->pgconn));
        return;
    }

    if (ngx_credits_pg_conn_attach(conn, NGX_WRITE_EVENT) == NGX_OK) {
        ngx_add_timer(&conn->timer, pool->conf->timeout);
    }
}


static void
ngx_credits_pg_conn_notice(void *data, const PGresult *result)
{
#if (NGX_DEBUG)
    ngx_credits_pg_pool_t  *pool = data;

    ngx_log_debug1(NGX_LOG_DEBUG_EVENT, pool->log, 0, "credits pg: %s",
                   ngx_credits_pg_wire_message(result));
#endif
}


static void
ngx_credits_pg_conn_poll(ngx_credits_pg_conn_t *conn)
{
    ngx_int_t                  event;
    PostgresPollingStatusType  status;

    ngx_credits_pg_conn_detach(conn);

    status = PQconnectPoll(conn->pgconn);

    /* nginx would report what TLS to a host that failed has left behind */

    ERR_clear_error();

    if (status == PGRES_POLLING_FAILED) {
        ngx_credits_pg_conn_drop(conn, "", PQerrorMessage(conn->pgconn));
        return;
    }

    event = (status == PGRES_POLLING_WRITING) ? NGX_WRITE_EVENT
                                              : NGX_READ_EVENT;

    if (ngx_credits_pg_conn_attach(conn, event) != NGX_OK
        || status != PGRES_POLLING_OK)
    {
        return;
    }

    conn->prepared = 0;
    ngx_credits_pg_conn_move(conn, NGX_CREDITS_PG_PREPARING);

    if (ngx_credits_pg_wire_prepare(conn->pgconn, conn->pool->statements,
                                    conn->pool->nstatements)
        != NGX_OK)
    {
        ngx_credits_pg_conn_drop(conn, "", PQerrorMessage(conn->pgconn));
        return;
    }

    ngx_credits_pg_conn_flush(conn);
}


/* NGX_ERROR: the connection was dropped */

static ngx_int_t
ngx_credits_pg_conn_attach(ngx_credits_pg_conn_t *conn, ngx_int_t event)
{
    conn->connection = ngx_credits_pg_socket_attach(conn->pgconn, event,
                                            ngx_credits_pg_conn_event_handler,
                                            conn, conn->pool->log);
    if (conn->connection == NULL) {
        ngx_credits_pg_conn_drop(conn, "", "nginx has no connection left");
        return NGX_ERROR;
    }

    return NGX_OK;
}


static void
ngx_credits_pg_conn_detach(ngx_credits_pg_conn_t *conn)
{
    ngx_credits_pg_socket_detach(conn->pgconn, conn->connection);
    conn->connection = NULL;
}


static void
ngx_credits_pg_conn_event_handler(ngx_event_t *ev)
{
    ngx_connection_t       *c;
    ngx_credits_pg_conn_t  *conn;

    c = ev->data;
    conn = c->data;

    if (c->close) {
        ngx_credits_pg_conn_drop(conn, "",
                                 "worker_shutdown_timeout has passed");

    } else if (conn->state == NGX_CREDITS_PG_CONNECTING) {
        ngx_credits_pg_conn_poll(conn);

    } else {
        ngx_credits_pg_conn_read(conn);
    }
}


static void
ngx_credits_pg_conn_timer_handler(ngx_event_t *ev)
{
    u_char                  buf[NGX_CREDITS_PG_LINE];
    ngx_connection_t       *anchor;
    ngx_credits_pg_conn_t  *conn;

    anchor = ev->data;
    conn = anchor->data;

    if (conn->state == NGX_CREDITS_PG_DOWN) {
        ngx_credits_pg_conn_start(conn);
        return;
    }

    if (conn->state != NGX_CREDITS_PG_UP) {
        conn->first_host++;
    }

    ngx_snprintf(buf, NGX_CREDITS_PG_LINE, "no answer in %Mms%Z",
                 conn->pool->conf->timeout);

    ngx_credits_pg_conn_drop(conn, "", (char *) buf);
}


/* while preparing or up */

static void
ngx_credits_pg_conn_read(ngx_credits_pg_conn_t *conn)
{
    u_char      buf[NGX_CREDITS_PG_LINE];
    ngx_int_t   rc;
    ngx_str_t   error;
    ngx_uint_t  alive;

    ngx_str_null(&error);

    alive = (ngx_credits_pg_wire_consume(conn->pgconn) == NGX_OK);

    if (!alive) {

        /* libpq would say it again, and more, with every query that is lost */

        error = ngx_credits_pg_wire_one_line(buf,
                                             PQerrorMessage(conn->pgconn));
    }

    /* before the server died it may have answered */

    if (conn->state == NGX_CREDITS_PG_PREPARING) {
        rc = ngx_credits_pg_conn_prepare_results(conn);

    } else {
        rc = ngx_credits_pg_conn_results(conn);
    }

    if (conn->state != NGX_CREDITS_PG_PREPARING
        && conn->state != NGX_CREDITS_PG_UP)
    {
        return;
    }

    if (!alive || rc != NGX_OK || PQstatus(conn->pgconn) == CONNECTION_BAD) {
        ngx_credits_pg_conn_drop(conn, "",
                                 alive ? PQerrorMessage(conn->pgconn)
                                       : (char *) error.data);
        return;
    }

    ngx_credits_pg_conn_flush(conn);
}


static void
ngx_credits_pg_conn_flush(ngx_credits_pg_conn_t *conn)
{
    ngx_int_t   rc;
    ngx_uint_t  expected;

    rc = ngx_credits_pg_wire_flush(conn->pgconn);

    if (rc == NGX_ERROR
        || ngx_credits_pg_socket_unsent(conn->connection, rc == NGX_AGAIN)
           != NGX_OK)
    {
        ngx_credits_pg_conn_mark_broken(conn);
        return;
    }

    expected = conn->in_flight || conn->state == NGX_CREDITS_PG_PREPARING;

    if ((expected && !PQisBusy(conn->pgconn))
        || ngx_credits_pg_wire_tls_pending(conn->pgconn))
    {
        ngx_post_event(conn->connection->read, &ngx_posted_events);
    }
}


/* NGX_ERROR: libpq has given the connection up, or does not make sense */

static ngx_int_t
ngx_credits_pg_conn_prepare_results(ngx_credits_pg_conn_t *conn)
{
    PGresult  *result;

    for ( ;; ) {
        result = ngx_credits_pg_wire_next_result(conn->pgconn);

        if (result == NULL) {
            return NGX_OK;
        }

        switch (PQresultStatus(result)) {

        case PGRES_COMMAND_OK:
            conn->prepared++;
            PQclear(result);
            break;

        case PGRES_PIPELINE_SYNC:
            PQclear(result);
            ngx_credits_pg_conn_prepared(conn);
            return NGX_OK;

        default:

            if (*ngx_credits_pg_wire_sqlstate(result) == '\0') {
                PQclear(result);
                return NGX_ERROR;
            }

            ngx_credits_pg_conn_prepare_failed(conn, result);
            PQclear(result);
            return NGX_OK;
        }
    }
}


static void
ngx_credits_pg_conn_prepare_failed(ngx_credits_pg_conn_t *conn,
    PGresult *result)
{
    u_char                  buf[NGX_CREDITS_PG_LINE];
    const char             *sqlstate, *name, *hint;
    ngx_credits_pg_pool_t  *pool;

    pool = conn->pool;
    name = (conn->prepared < pool->nstatements)
           ? pool->statements[conn->prepared]->name : "";

    /* 42: no such function, or not for this role; 3F: no such schema */

    sqlstate = ngx_credits_pg_wire_sqlstate(result);
    hint = (ngx_strncmp(sqlstate, "42", 2) == 0
            || ngx_strncmp(sqlstate, "3F", 2) == 0)
           ? ": is the ledger of this version installed in this database, "
             "and may this role use it?"
           : "";

    ngx_snprintf(buf, NGX_CREDITS_PG_LINE, "statement \"%s\": %s%s%Z", name,
                 ngx_credits_pg_wire_message(result), hint);
    buf[NGX_CREDITS_PG_LINE - 1] = '\0';

    ngx_credits_pg_conn_drop(conn, sqlstate, (char *) buf);
}


static void
ngx_credits_pg_conn_prepared(ngx_credits_pg_conn_t *conn)
{
    ngx_uint_t  level;

    ngx_del_timer(&conn->timer);
    ngx_credits_pg_conn_move(conn, NGX_CREDITS_PG_UP);

    conn->first_host = 0;
    conn->up_since = ngx_current_msec;

    level = conn->logged ? NGX_LOG_NOTICE : NGX_LOG_INFO;
    conn->logged = 0;

    ngx_log_error(level, conn->pool->log, 0,
                  "credits: Postgres connection %ui is up: "
                  "host \"%s\", port %s",
                  conn->number, PQhost(conn->pgconn), PQport(conn->pgconn));

    ngx_post_event(&conn->pool->wakeup, &ngx_posted_events);
}


ngx_int_t
ngx_credits_pg_conn_send(ngx_credits_pg_conn_t *conn,
    ngx_credits_pg_query_t *query)
{
    if (ngx_credits_pg_wire_send(conn->pgconn, query) != NGX_OK) {
        ngx_credits_pg_conn_mark_broken(conn);
        return NGX_ERROR;
    }

    if (conn->in_flight == 0) {
        ngx_add_timer(&conn->timer, conn->pool->conf->timeout);
    }

    ngx_queue_insert_tail(&conn->queries, &query->queue);
    conn->in_flight++;

    ngx_log_debug3(NGX_LOG_DEBUG_EVENT, conn->pool->log, 0,
                   "credits pg: connection %ui: %s sent, %ui in flight",
                   conn->number, query->statement->name, conn->in_flight);

    ngx_credits_pg_conn_flush(conn);

    return NGX_OK;
}


/* NGX_ERROR: as in prepare_results() */

static ngx_int_t
ngx_credits_pg_conn_results(ngx_credits_pg_conn_t *conn)
{
    PGresult  *result;

    while (conn->state == NGX_CREDITS_PG_UP) {

        result = ngx_credits_pg_wire_next_result(conn->pgconn);
        if (result == NULL) {
            return NGX_OK;
        }

        if (PQresultStatus(result) == PGRES_PIPELINE_SYNC
            && conn->result != NULL)
        {
            PQclear(result);
            ngx_credits_pg_conn_answered(conn);
            continue;
        }

        if (conn->in_flight == 0
            || (ngx_credits_pg_wire_is_error(result)
                && *ngx_credits_pg_wire_sqlstate(result) == '\0'))
        {
            PQclear(result);
            return NGX_ERROR;
        }

        if (ngx_credits_pg_wire_is_over(result)) {
            ngx_credits_pg_conn_drop(conn,
                                     ngx_credits_pg_wire_sqlstate(result),
                                     ngx_credits_pg_wire_message(result));
            PQclear(result);
            return NGX_OK;
        }

        /* a commit that fails says so after the result */

        PQclear(conn->result);
        conn->result = result;
    }

    return NGX_OK;
}


/* the result of the first query in flight is complete */

static void
ngx_credits_pg_conn_answered(ngx_credits_pg_conn_t *conn)
{
    u_char                     buf[NGX_CREDITS_PG_LINE];
    PGresult                  *result;
    ngx_str_t                  error;
    const char                *sqlstate;
    ngx_credits_pg_query_t    *query;
    ngx_credits_pg_outcome_e   outcome;

    result = conn->result;
    conn->result = NULL;

    query = ngx_credits_pg_conn_shift(conn);

    outcome = NGX_CREDITS_PG_OK;
    sqlstate = "";
    ngx_str_null(&error);

    if (ngx_credits_pg_wire_is_error(result)) {
        sqlstate = ngx_credits_pg_wire_sqlstate(result);
        error = ngx_credits_pg_wire_one_line(buf,
                                         ngx_credits_pg_wire_message(result));

        outcome = ngx_credits_pg_wire_is_stale(result) ? NGX_CREDITS_PG_LOST
                                                       : NGX_CREDITS_PG_ERROR;
    }

    ngx_post_event(&conn->pool->wakeup, &ngx_posted_events);

    query->done(query, outcome,
                outcome == NGX_CREDITS_PG_OK ? result : NULL, sqlstate,
                &error);

    /*
     * Statements that are gone come back with a new connection, and so does
     * the primary when this server has become a replica.
     */

    if (conn->state == NGX_CREDITS_PG_UP
        && (outcome == NGX_CREDITS_PG_LOST
            || ngx_strcmp(sqlstate, "25006") == 0))
    {
        ngx_credits_pg_conn_drop(conn, sqlstate,
                                 ngx_credits_pg_wire_message(result));
    }

    PQclear(result);
}


/* takes the first query off the list, and times the next one */

static ngx_credits_pg_query_t *
ngx_credits_pg_conn_shift(ngx_credits_pg_conn_t *conn)
{
    ngx_queue_t  *q;

    q = ngx_queue_head(&conn->queries);
    ngx_queue_remove(q);
    conn->in_flight--;

    /* ngx_add_timer() alone would leave a timer that is off by up to 300 ms */

    ngx_del_timer(&conn->timer);

    if (conn->in_flight) {
        ngx_add_timer(&conn->timer, conn->pool->conf->timeout);
    }

    return ngx_queue_data(q, ngx_credits_pg_query_t, queue);
}


static void
ngx_credits_pg_conn_mark_broken(ngx_credits_pg_conn_t *conn)
{
    ngx_credits_pg_conn_detach(conn);

    if (conn->timer.timer_set) {
        ngx_del_timer(&conn->timer);
    }

    ngx_credits_pg_conn_move(conn, NGX_CREDITS_PG_BROKEN);

    ngx_post_event(&conn->pool->wakeup, &ngx_posted_events);
}


void
ngx_credits_pg_conn_drop(ngx_credits_pg_conn_t *conn, const char *sqlstate,
    const char *reason)
{
    u_char       buf[NGX_CREDITS_PG_LINE];
    ngx_str_t    error;
    ngx_msec_t   delay;
    ngx_queue_t  lost;

    /* the reason may be the connection's own */

    error = ngx_credits_pg_wire_one_line(buf, reason);

    delay = ngx_credits_pg_conn_backoff(conn);
    ngx_credits_pg_conn_log_failure(conn, &error, delay);

    ngx_queue_init(&lost);
    ngx_credits_pg_conn_close(conn, &lost);

    ngx_add_timer(&conn->timer, delay);

    if (!ngx_queue_empty(&lost)) {
        ngx_post_event(&conn->pool->wakeup, &ngx_posted_events);
        ngx_credits_pg_conn_lose(&lost, sqlstate, &error);
    }
}


/* once for each thing that goes wrong, until the connection is up again */

static void
ngx_credits_pg_conn_log_failure(ngx_credits_pg_conn_t *conn,
    ngx_str_t *error, ngx_msec_t delay)
{
    char                   *host, *port;
    const char             *what;
    ngx_credits_pg_state_e  state;

    state = conn->state;

    switch (state) {

    case NGX_CREDITS_PG_CONNECTING:
        what = "could not be made";
        break;

    case NGX_CREDITS_PG_PREPARING:
        what = "could not be prepared";
        break;

    default:
        state = NGX_CREDITS_PG_UP;
        what = "was lost";
    }

    if (conn->logged & (1 << state)) {
        return;
    }

    conn->logged |= 1 << state;

    host = conn->pgconn ? PQhost(conn->pgconn) : NULL;
    port = conn->pgconn ? PQport(conn->pgconn) : NULL;

    ngx_log_error(NGX_LOG_ERR, conn->pool->log, 0,
                  "credits: Postgres connection %ui (host \"%s\", port %s) "
                  "%s: %V; retrying in %Mms",
                  conn->number, host ? host : "", port ? port : "", what,
                  error, delay);
}


/* doubles, and begins anew after a connection that has lasted */

static ngx_msec_t
ngx_credits_pg_conn_backoff(ngx_credits_pg_conn_t *conn)
{
    ngx_msec_t  delay;

    if (conn->state == NGX_CREDITS_PG_UP
        && ngx_current_msec - conn->up_since >= NGX_CREDITS_PG_BACKOFF_MAX)
    {
        conn->backoff = NGX_CREDITS_PG_BACKOFF_MIN;
    }

    /* +-25%, so that workers do not come back all at once */

    delay = conn->backoff - conn->backoff / 4
            + ngx_random() % (conn->backoff / 2 + 1);

    conn->backoff = ngx_min(conn->backoff * 2, NGX_CREDITS_PG_BACKOFF_MAX);

    return delay;
}


void
ngx_credits_pg_conn_close(ngx_credits_pg_conn_t *conn, ngx_queue_t *lost)
{
    ngx_credits_pg_conn_move(conn, NGX_CREDITS_PG_DOWN);

    if (conn->timer.timer_set) {
        ngx_del_timer(&conn->timer);
    }

    if (!ngx_queue_empty(&conn->queries)) {
        ngx_queue_add(lost, &conn->queries);
        ngx_queue_init(&conn->queries);
    }

    conn->in_flight = 0;

    PQclear(conn->result);
    conn->result = NULL;

    if (conn->pgconn) {
        ngx_credits_pg_conn_detach(conn);
        PQfinish(conn->pgconn);
        conn->pgconn = NULL;
    }

    /* nginx would report what a failed TLS connection has left behind */

    ERR_clear_error();
}


void
ngx_credits_pg_conn_lose(ngx_queue_t *lost, const char *sqlstate,
    ngx_str_t *error)
{
    ngx_queue_t             *q;
    ngx_credits_pg_query_t  *query;

    while (!ngx_queue_empty(lost)) {
        q = ngx_queue_head(lost);
        ngx_queue_remove(q);

        query = ngx_queue_data(q, ngx_credits_pg_query_t, queue);
        query->done(query, NGX_CREDITS_PG_LOST, NULL, sqlstate, error);
    }
}
