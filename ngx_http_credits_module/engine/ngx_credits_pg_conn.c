/*
 * The life of a Postgres connection: connecting, preparing, loss, back-off.
 *
 * libpq owns the socket.  We lend its number to nginx between two calls of
 * PQconnectPoll(), each of which may close it and open another one with the
 * same number.
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>

#include <openssl/err.h>

#include "ngx_credits_pg_conn.h"


#define NGX_CREDITS_PG_BACKOFF_MIN  100
#define NGX_CREDITS_PG_BACKOFF_MAX  5000


static PGconn *ngx_credits_pg_start(ngx_credits_pg_conn_t *conn);
static char *ngx_credits_pg_rotate(const char *list, ngx_uint_t n,
    ngx_log_t *log);
static void ngx_credits_pg_notice(void *data, const PGresult *result);
static void ngx_credits_pg_poll(ngx_credits_pg_conn_t *conn);
static void ngx_credits_pg_prepare(ngx_credits_pg_conn_t *conn);

static ngx_int_t ngx_credits_pg_attach(ngx_credits_pg_conn_t *conn,
    ngx_int_t event);
static void ngx_credits_pg_detach(ngx_credits_pg_conn_t *conn);
static void ngx_credits_pg_event_handler(ngx_event_t *ev);
static void ngx_credits_pg_timer_handler(ngx_event_t *ev);

static void ngx_credits_pg_log_failure(ngx_credits_pg_conn_t *conn,
    ngx_str_t *error, ngx_msec_t delay);
static ngx_msec_t ngx_credits_pg_backoff(ngx_credits_pg_conn_t *conn);


void
ngx_credits_pg_init(ngx_credits_pg_conn_t *conn, ngx_credits_pg_t *pg,
    ngx_uint_t number)
{
    conn->pg = pg;
    conn->number = number;
    conn->backoff = NGX_CREDITS_PG_BACKOFF_MIN;

    /* debug builds log the fd of the connection that owns a timer */

    conn->anchor.fd = (ngx_socket_t) -1;
    conn->anchor.data = conn;

    conn->timer.handler = ngx_credits_pg_timer_handler;
    conn->timer.data = &conn->anchor;
    conn->timer.log = pg->log;

    ngx_queue_init(&conn->queries);
    ngx_queue_init(&conn->queue);
    ngx_credits_pg_move(conn, NGX_CREDITS_PG_DOWN);
}


void
ngx_credits_pg_move(ngx_credits_pg_conn_t *conn, ngx_credits_pg_state_e state)
{
    ngx_queue_remove(&conn->queue);
    ngx_queue_insert_tail(&conn->pg->lists[state], &conn->queue);

    conn->state = state;

    /* a worker that quits waits for queries, not for anything else of ours */

    conn->timer.cancelable = (state != NGX_CREDITS_PG_UP);
}


void
ngx_credits_pg_connect(ngx_credits_pg_conn_t *conn)
{
    ngx_credits_pg_move(conn, NGX_CREDITS_PG_CONNECTING);

    conn->pgconn = ngx_credits_pg_start(conn);

    if (conn->pgconn == NULL) {
        ngx_credits_pg_drop(conn, "", "no memory");
        return;
    }

    PQsetNoticeReceiver(conn->pgconn, ngx_credits_pg_notice, conn->pg);

    if (PQstatus(conn->pgconn) == CONNECTION_BAD
        || ngx_credits_pg_attach(conn, NGX_WRITE_EVENT) != NGX_OK)
    {
        ngx_credits_pg_drop(conn, "", PQerrorMessage(conn->pgconn));
        return;
    }

    ngx_add_timer(&conn->timer, conn->pg->conf->timeout);
}


/*
 * libpq tries the hosts in turn, but leaves it to us to give up on one that
 * does not answer at all: then the next attempt begins with the host after it.
 */
static PGconn *
ngx_credits_pg_start(ngx_credits_pg_conn_t *conn)
{
    char                         *rotated[3];
    PGconn                       *pgconn;
    ngx_log_t                    *log;
    ngx_uint_t                    i, n, count;
    const char                  **values, *keyword;
    const ngx_credits_pg_conf_t  *conf;

    log = conn->pg->log;
    conf = conn->pg->conf;
    pgconn = NULL;
    n = 0;

    for (count = 0; conf->keywords[count]; count++) { /* void */ }

    values = ngx_alloc((count + 1) * sizeof(char *), log);
    if (values == NULL) {
        return NULL;
    }

    ngx_memcpy(values, conf->values, (count + 1) * sizeof(char *));

    for (i = 0; conn->first_host && i < count; i++) {
        keyword = conf->keywords[i];

        if (ngx_strcmp(keyword, "host") != 0
            && ngx_strcmp(keyword, "hostaddr") != 0
            && ngx_strcmp(keyword, "port") != 0)
        {
            continue;
        }

        rotated[n] = ngx_credits_pg_rotate(values[i], conn->first_host, log);
        if (rotated[n] == NULL) {
            goto done;
        }

        values[i] = rotated[n++];
    }

    pgconn = PQconnectStartParams(conf->keywords, values, 0);

done:

    while (n) {
        ngx_free(rotated[--n]);
    }

    ngx_free(values);

    return pgconn;
}


/* the list, beginning with its n-th entry and going round */
static char *
ngx_credits_pg_rotate(const char *list, ngx_uint_t n, ngx_log_t *log)
{
    char        *rotated;
    ngx_uint_t   count;
    const char  *p;

    count = 1;

    for (p = list; *p; p++) {
        count += (*p == ',');
    }

    p = list;

    for (n %= count; n; n--) {
        p = ngx_strchr(p, ',') + 1;
    }

    rotated = ngx_alloc(ngx_strlen(list) + 2, log);
    if (rotated == NULL) {
        return NULL;
    }

    if (p == list) {
        ngx_sprintf((u_char *) rotated, "%s%Z", list);

    } else {
        ngx_sprintf((u_char *) rotated, "%s,%*s%Z",
                    p, (size_t) (p - list - 1), list);
    }

    return rotated;
}


static void
ngx_credits_pg_notice(void *data, const PGresult *result)
{
#if (NGX_DEBUG)
    ngx_credits_pg_t  *pg = data;

    ngx_log_debug1(NGX_LOG_DEBUG_CORE, pg->log, 0, "credits: Postgres: %s",
                   ngx_credits_pg_message(result));
#endif
}


static void
ngx_credits_pg_poll(ngx_credits_pg_conn_t *conn)
{
    ngx_int_t                  event;
    PostgresPollingStatusType  status;

    ngx_credits_pg_detach(conn);

    status = PQconnectPoll(conn->pgconn);

    /* nginx would report what TLS to a host that failed has left behind */

    ERR_clear_error();

    if (status == PGRES_POLLING_FAILED) {
        ngx_credits_pg_drop(conn, "", PQerrorMessage(conn->pgconn));
        return;
    }

    event = (status == PGRES_POLLING_WRITING) ? NGX_WRITE_EVENT
                                              : NGX_READ_EVENT;

    if (ngx_credits_pg_attach(conn, event) != NGX_OK) {
        ngx_credits_pg_drop(conn, "", "nginx has no connection left");
        return;
    }

    if (status == PGRES_POLLING_OK) {
        ngx_credits_pg_prepare(conn);
    }
}


static void
ngx_credits_pg_prepare(ngx_credits_pg_conn_t *conn)
{
    PGconn                            *pgconn;
    ngx_uint_t                         i;
    const ngx_credits_pg_statement_t  *st;

    pgconn = conn->pgconn;
    st = conn->pg->statements;

    conn->prepared = 0;
    ngx_credits_pg_move(conn, NGX_CREDITS_PG_PREPARING);

    if (PQsetnonblocking(pgconn, 1) != 0 || !PQenterPipelineMode(pgconn)) {
        goto failed;
    }

    for (i = 0; i < conn->pg->nstatements; i++) {
        if (!PQsendPrepare(pgconn, st[i].name, st[i].sql, st[i].nparams,
                           NULL))
        {
            goto failed;
        }
    }

    if (!PQpipelineSync(pgconn)) {
        goto failed;
    }

    ngx_credits_pg_flush(conn);

    return;

failed:

    ngx_credits_pg_drop(conn, "", PQerrorMessage(pgconn));
}


void
ngx_credits_pg_prepared(ngx_credits_pg_conn_t *conn)
{
    ngx_uint_t  level;

    ngx_del_timer(&conn->timer);
    ngx_credits_pg_move(conn, NGX_CREDITS_PG_UP);

    conn->first_host = 0;
    conn->up_since = ngx_current_msec;

    level = conn->logged ? NGX_LOG_NOTICE : NGX_LOG_INFO;
    conn->logged = 0;

    ngx_log_error(level, conn->pg->log, 0,
                  "credits: Postgres connection %ui is up: "
                  "host \"%s\", port %s",
                  conn->number, PQhost(conn->pgconn), PQport(conn->pgconn));

    ngx_post_event(&conn->pg->wakeup, &ngx_posted_events);
}


static ngx_int_t
ngx_credits_pg_attach(ngx_credits_pg_conn_t *conn, ngx_int_t event)
{
    ngx_connection_t  *c;

    c = ngx_get_connection(PQsocket(conn->pgconn), conn->pg->log);
    if (c == NULL) {
        return NGX_ERROR;
    }

    /* the socket is libpq's: ngx_close_connection() must leave it open */

    c->shared = 1;
    c->data = conn;

    c->read->handler = ngx_credits_pg_event_handler;
    c->write->handler = ngx_credits_pg_event_handler;
    c->read->log = c->log;
    c->write->log = c->log;

    conn->connection = c;

    return ngx_add_event(event == NGX_READ_EVENT ? c->read : c->write, event,
                         NGX_LEVEL_EVENT);
}


static void
ngx_credits_pg_detach(ngx_credits_pg_conn_t *conn)
{
    ngx_uint_t         flags;
    ngx_connection_t  *c;

    c = conn->connection;

    if (c == NULL) {
        return;
    }

    conn->connection = NULL;

    /* libpq closes a socket that has failed, and the kernel forgets it */

    flags = (PQsocket(conn->pgconn) == -1) ? NGX_CLOSE_EVENT : 0;

    if (ngx_del_conn) {
        if (c->read->active || c->write->active) {
            ngx_del_conn(c, flags);
        }

    } else {
        if (c->read->active) {
            ngx_del_event(c->read, NGX_READ_EVENT, flags);
        }

        if (c->write->active) {
            ngx_del_event(c->write, NGX_WRITE_EVENT, flags);
        }
    }

    ngx_close_connection(c);
}


static void
ngx_credits_pg_event_handler(ngx_event_t *ev)
{
    ngx_connection_t       *c;
    ngx_credits_pg_conn_t  *conn;

    c = ev->data;
    conn = c->data;

    if (c->close) {
        ngx_credits_pg_drop(conn, "", "worker_shutdown_timeout has passed");

    } else if (conn->state == NGX_CREDITS_PG_CONNECTING) {
        ngx_credits_pg_poll(conn);

    } else {
        ngx_credits_pg_io(conn);
    }
}


static void
ngx_credits_pg_timer_handler(ngx_event_t *ev)
{
    u_char                  buf[NGX_CREDITS_PG_LINE];
    ngx_connection_t       *anchor;
    ngx_credits_pg_conn_t  *conn;

    anchor = ev->data;
    conn = anchor->data;

    if (conn->state == NGX_CREDITS_PG_DOWN) {
        ngx_credits_pg_connect(conn);
        return;
    }

    if (conn->state != NGX_CREDITS_PG_UP) {
        conn->first_host++;
    }

    ngx_snprintf(buf, NGX_CREDITS_PG_LINE, "no answer in %Mms%Z",
                 conn->pg->conf->timeout);

    ngx_credits_pg_drop(conn, "", (char *) buf);
}


void
ngx_credits_pg_break(ngx_credits_pg_conn_t *conn)
{
    ngx_credits_pg_detach(conn);

    if (conn->timer.timer_set) {
        ngx_del_timer(&conn->timer);
    }

    ngx_credits_pg_move(conn, NGX_CREDITS_PG_BROKEN);

    ngx_post_event(&conn->pg->wakeup, &ngx_posted_events);
}


void
ngx_credits_pg_drop(ngx_credits_pg_conn_t *conn, const char *sqlstate,
    const char *reason)
{
    u_char       buf[NGX_CREDITS_PG_LINE];
    ngx_str_t    error;
    ngx_msec_t   delay;
    ngx_queue_t  lost;

    /* the reason may be the connection's own */

    error = ngx_credits_pg_one_line(buf, reason);

    delay = ngx_credits_pg_backoff(conn);
    ngx_credits_pg_log_failure(conn, &error, delay);

    ngx_queue_init(&lost);
    ngx_credits_pg_close(conn, &lost);

    ngx_credits_pg_move(conn, NGX_CREDITS_PG_DOWN);
    ngx_add_timer(&conn->timer, delay);

    if (!ngx_queue_empty(&lost)) {
        ngx_post_event(&conn->pg->wakeup, &ngx_posted_events);
        ngx_credits_pg_lose(&lost, sqlstate, &error);
    }
}


/* once for each thing that goes wrong, until the connection is up again */
static void
ngx_credits_pg_log_failure(ngx_credits_pg_conn_t *conn, ngx_str_t *error,
    ngx_msec_t delay)
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

    ngx_log_error(NGX_LOG_ERR, conn->pg->log, 0,
                  "credits: Postgres connection %ui (host \"%s\", port %s) "
                  "%s: %V; retrying in %Mms",
                  conn->number, host ? host : "", port ? port : "", what,
                  error, delay);
}


/* doubles, and begins anew after a connection that has lasted */
static ngx_msec_t
ngx_credits_pg_backoff(ngx_credits_pg_conn_t *conn)
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
ngx_credits_pg_close(ngx_credits_pg_conn_t *conn, ngx_queue_t *lost)
{
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
        ngx_credits_pg_detach(conn);
        PQfinish(conn->pgconn);
        conn->pgconn = NULL;
    }

    /* nginx would report what a failed TLS connection has left behind */

    ERR_clear_error();
}
