/*
 * What comes back on a Postgres connection.
 *
 * libpq reads as much as it likes, not until EAGAIN: all events are level
 * triggered, and nothing here may use ngx_handle_read_event() and the like.
 *
 * A query's transaction ends with its own sync: its outcome is known when the
 * sync is answered, not when its result is here.
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>

#include <openssl/ssl.h>

#include "ngx_credits_pg_conn.h"


static ngx_uint_t ngx_credits_pg_consume(PGconn *pgconn);
static ngx_uint_t ngx_credits_pg_tls_pending(PGconn *pgconn);
static PGresult *ngx_credits_pg_next_result(PGconn *pgconn);

static ngx_int_t ngx_credits_pg_prepare_results(ngx_credits_pg_conn_t *conn);
static void ngx_credits_pg_prepare_failed(ngx_credits_pg_conn_t *conn,
    PGresult *result);
static ngx_int_t ngx_credits_pg_results(ngx_credits_pg_conn_t *conn);
static void ngx_credits_pg_finish(ngx_credits_pg_conn_t *conn);

static const char *ngx_credits_pg_sqlstate(const PGresult *result);
static ngx_uint_t ngx_credits_pg_is_error(const PGresult *result);
static ngx_uint_t ngx_credits_pg_is_over(const PGresult *result);
static ngx_uint_t ngx_credits_pg_is_stale(const PGresult *result);


void
ngx_credits_pg_io(ngx_credits_pg_conn_t *conn)
{
    u_char      buf[NGX_CREDITS_PG_LINE];
    ngx_int_t   rc;
    ngx_str_t   error;
    ngx_uint_t  alive;

    ngx_str_null(&error);

    alive = ngx_credits_pg_consume(conn->pgconn);

    if (!alive) {

        /* libpq would say it again, and more, with every query that is lost */

        error = ngx_credits_pg_one_line(buf, PQerrorMessage(conn->pgconn));
    }

    /* before it died it may have answered */

    if (conn->state == NGX_CREDITS_PG_PREPARING) {
        rc = ngx_credits_pg_prepare_results(conn);

    } else {
        rc = ngx_credits_pg_results(conn);
    }

    if (conn->state != NGX_CREDITS_PG_PREPARING
        && conn->state != NGX_CREDITS_PG_UP)
    {
        return;
    }

    if (!alive || rc != NGX_OK || PQstatus(conn->pgconn) == CONNECTION_BAD) {
        ngx_credits_pg_drop(conn, "", alive ? PQerrorMessage(conn->pgconn)
                                            : (char *) error.data);
        return;
    }

    ngx_credits_pg_flush(conn);
}


/*
 * A libpq without its fix of this reads a TLS record of up to 16k into what
 * room it has, 8k or more; the rest waits inside OpenSSL, where the event loop
 * cannot see it.
 */
static ngx_uint_t
ngx_credits_pg_consume(PGconn *pgconn)
{
    do {
        if (!PQconsumeInput(pgconn)) {
            return 0;
        }

    } while (ngx_credits_pg_tls_pending(pgconn));

    return 1;
}


static ngx_uint_t
ngx_credits_pg_tls_pending(PGconn *pgconn)
{
    SSL  *ssl;

    ssl = PQsslStruct(pgconn, "OpenSSL");

    return ssl != NULL && SSL_pending(ssl) > 0;
}


/*
 * PQflush() that cannot write all reads what there is, lest both sides wait
 * for each other; no event tells of what it has read.
 */
void
ngx_credits_pg_flush(ngx_credits_pg_conn_t *conn)
{
    int           unsent;
    ngx_int_t     rc;
    ngx_event_t  *rev, *wev;

    unsent = PQflush(conn->pgconn);

    if (unsent == -1 || PQsocket(conn->pgconn) == -1) {
        ngx_credits_pg_break(conn);
        return;
    }

    rev = conn->connection->read;
    wev = conn->connection->write;
    rc = NGX_OK;

    if (unsent && !wev->active) {
        rc = ngx_add_event(wev, NGX_WRITE_EVENT, NGX_LEVEL_EVENT);

    } else if (!unsent && wev->active) {
        rc = ngx_del_event(wev, NGX_WRITE_EVENT, 0);
    }

    if (rc != NGX_OK) {
        ngx_credits_pg_break(conn);
        return;
    }

    if ((!PQisBusy(conn->pgconn)
         && (conn->in_flight || conn->state == NGX_CREDITS_PG_PREPARING))
        || ngx_credits_pg_tls_pending(conn->pgconn))
    {
        ngx_post_event(rev, &ngx_posted_events);
    }
}


/*
 * NULL: none yet.  The results of a command end with a NULL, a sync has none
 * after it; a second NULL says that libpq expects nothing more.
 */
static PGresult *
ngx_credits_pg_next_result(PGconn *pgconn)
{
    PGresult    *result;
    ngx_uint_t   i;

    for (i = 0; i < 2; i++) {

        if (PQisBusy(pgconn)) {
            return NULL;
        }

        result = PQgetResult(pgconn);
        if (result) {
            return result;
        }
    }

    return NULL;
}


/* NGX_ERROR: libpq has given the connection up, or does not make sense */
static ngx_int_t
ngx_credits_pg_prepare_results(ngx_credits_pg_conn_t *conn)
{
    PGresult  *result;

    for ( ;; ) {
        result = ngx_credits_pg_next_result(conn->pgconn);

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
            ngx_credits_pg_prepared(conn);
            return NGX_OK;

        default:

            if (*ngx_credits_pg_sqlstate(result) == '\0') {
                PQclear(result);
                return NGX_ERROR;
            }

            ngx_credits_pg_prepare_failed(conn, result);
            PQclear(result);
            return NGX_OK;
        }
    }
}


static void
ngx_credits_pg_prepare_failed(ngx_credits_pg_conn_t *conn, PGresult *result)
{
    u_char             buf[NGX_CREDITS_PG_LINE];
    const char        *sqlstate, *name, *hint;
    ngx_credits_pg_t  *pg;

    pg = conn->pg;
    name = (conn->prepared < pg->nstatements)
           ? pg->statements[conn->prepared].name : "";

    /* 42: no such function, or not for this role; 3F: no such schema */

    sqlstate = ngx_credits_pg_sqlstate(result);
    hint = (ngx_strncmp(sqlstate, "42", 2) == 0
            || ngx_strncmp(sqlstate, "3F", 2) == 0)
           ? ": is the ledger of this version installed in this database, "
             "and may this role use it?"
           : "";

    ngx_snprintf(buf, NGX_CREDITS_PG_LINE, "statement \"%s\": %s%s%Z", name,
                 ngx_credits_pg_message(result), hint);
    buf[NGX_CREDITS_PG_LINE - 1] = '\0';

    ngx_credits_pg_drop(conn, sqlstate, (char *) buf);
}


/* NGX_ERROR: as above */
static ngx_int_t
ngx_credits_pg_results(ngx_credits_pg_conn_t *conn)
{
    PGresult  *result;

    while (conn->state == NGX_CREDITS_PG_UP) {

        result = ngx_credits_pg_next_result(conn->pgconn);
        if (result == NULL) {
            return NGX_OK;
        }

        if (PQresultStatus(result) == PGRES_PIPELINE_SYNC
            && conn->result != NULL)
        {
            PQclear(result);
            ngx_credits_pg_finish(conn);
            continue;
        }

        if (conn->in_flight == 0
            || (ngx_credits_pg_is_error(result)
                && *ngx_credits_pg_sqlstate(result) == '\0'))
        {
            PQclear(result);
            return NGX_ERROR;
        }

        if (ngx_credits_pg_is_over(result)) {
            ngx_credits_pg_drop(conn, ngx_credits_pg_sqlstate(result),
                                ngx_credits_pg_message(result));
            PQclear(result);
            return NGX_OK;
        }

        /* a commit that fails says so after the result */

        PQclear(conn->result);
        conn->result = result;
    }

    return NGX_OK;
}


/* the first query in flight has been answered */
static void
ngx_credits_pg_finish(ngx_credits_pg_conn_t *conn)
{
    u_char                     buf[NGX_CREDITS_PG_LINE];
    PGresult                  *result;
    ngx_str_t                  error;
    ngx_uint_t                 failed;
    const char                *sqlstate;
    ngx_queue_t               *q;
    ngx_credits_query_t       *query;
    ngx_credits_pg_outcome_e   outcome;

    q = ngx_queue_head(&conn->queries);
    ngx_queue_remove(q);
    query = ngx_queue_data(q, ngx_credits_query_t, queue);

    result = conn->result;
    conn->result = NULL;
    conn->in_flight--;

    /* not ngx_add_timer() alone: it is lazy by up to 300 ms */

    ngx_del_timer(&conn->timer);

    if (conn->in_flight) {
        ngx_add_timer(&conn->timer, conn->pg->conf->timeout);
    }

    failed = ngx_credits_pg_is_error(result);
    sqlstate = "";
    ngx_str_null(&error);

    if (!failed) {
        outcome = NGX_CREDITS_PG_OK;

    } else {
        sqlstate = ngx_credits_pg_sqlstate(result);
        error = ngx_credits_pg_one_line(buf, ngx_credits_pg_message(result));

        outcome = ngx_credits_pg_is_stale(result) ? NGX_CREDITS_PG_LOST
                                                  : NGX_CREDITS_PG_ERROR;
    }

    ngx_post_event(&conn->pg->wakeup, &ngx_posted_events);

    query->done(query, outcome, failed ? NULL : result, sqlstate, &error);

    /*
     * Statements that are gone come back with a new connection, and so does
     * the primary when this server has become a replica.
     */

    if (conn->state == NGX_CREDITS_PG_UP
        && (outcome == NGX_CREDITS_PG_LOST
            || ngx_strcmp(sqlstate, "25006") == 0))
    {
        ngx_credits_pg_drop(conn, sqlstate, ngx_credits_pg_message(result));
    }

    PQclear(result);
}


static const char *
ngx_credits_pg_sqlstate(const PGresult *result)
{
    const char  *sqlstate;

    sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);

    return sqlstate ? sqlstate : "";
}


/* the server's detail and context are left out: they quote rows */
const char *
ngx_credits_pg_message(const PGresult *result)
{
    const char  *message;

    message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

    return message ? message : PQresultErrorMessage(result);
}


static ngx_uint_t
ngx_credits_pg_is_error(const PGresult *result)
{
    return PQresultStatus(result) != PGRES_TUPLES_OK
           && PQresultStatus(result) != PGRES_COMMAND_OK;
}


/* the session has ended: no sync will follow */
static ngx_uint_t
ngx_credits_pg_is_over(const PGresult *result)
{
    const char  *severity, *sqlstate;

    if (!ngx_credits_pg_is_error(result)) {
        return 0;
    }

    sqlstate = ngx_credits_pg_sqlstate(result);
    severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);

    return severity == NULL
           || ngx_strcmp(severity, "ERROR") != 0
           || ngx_strncmp(sqlstate, "08", 2) == 0
           || ngx_strncmp(sqlstate, "57P", 3) == 0;
}


/*
 * The statement was prepared by a session that is another one behind a pooler
 * now, or for a function that has since been replaced.
 */
static ngx_uint_t
ngx_credits_pg_is_stale(const PGresult *result)
{
    const char  *sqlstate, *where;

    sqlstate = ngx_credits_pg_sqlstate(result);

    if (ngx_strcmp(sqlstate, "26000") == 0) {
        return 1;
    }

    where = PQresultErrorField(result, PG_DIAG_SOURCE_FUNCTION);

    return ngx_strcmp(sqlstate, "0A000") == 0
           && where != NULL
           && ngx_strcmp(where, "RevalidateCachedQuery") == 0;
}


ngx_str_t
ngx_credits_pg_one_line(u_char *buf, const char *text)
{
    u_char     *p, *last;
    ngx_str_t   line;

    p = buf;
    last = buf + NGX_CREDITS_PG_LINE - sizeof("; ");

    if (*text == '\0') {
        text = "no reason was given";
    }

    for ( /* void */ ; *text && p < last; text++) {

        if (*text != '\n') {
            *p++ = ((u_char) *text < ' ') ? ' ' : *text;
            continue;
        }

        /* libpq's guesses are on lines that begin with a tab */

        while (text[1] == '\t') {
            text += 1 + strcspn(text + 1, "\n");

            if (*text == '\0') {
                text--;
                break;
            }
        }

        if (text[1] != '\0') {
            p = ngx_cpymem(p, "; ", 2);
        }
    }

    *p = '\0';

    line.data = buf;
    line.len = p - buf;

    return line;
}
