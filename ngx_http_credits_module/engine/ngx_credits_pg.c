/*
 * A worker's pool of Postgres connections: queries go to the least busy one.
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>

#include "ngx_credits_pg_conn.h"


static void ngx_credits_pg_wakeup_handler(ngx_event_t *ev);
static ngx_credits_pg_conn_t *ngx_credits_pg_pick(ngx_credits_pg_t *pg);


ngx_credits_pg_t *
ngx_credits_pg_create(ngx_cycle_t *cycle, const ngx_credits_pg_conf_t *conf,
    const ngx_credits_pg_statement_t *statements, ngx_uint_t nstatements,
    void (*ready)(void *data), void *data)
{
    ngx_uint_t         i;
    ngx_credits_pg_t  *pg;

    pg = ngx_calloc(offsetof(ngx_credits_pg_t, conns)
                    + conf->connections * sizeof(ngx_credits_pg_conn_t),
                    cycle->log);
    if (pg == NULL) {
        return NULL;
    }

    pg->conf = conf;
    pg->statements = statements;
    pg->nstatements = nstatements;
    pg->ready = ready;
    pg->data = data;
    pg->log = cycle->log;

    pg->wakeup.handler = ngx_credits_pg_wakeup_handler;
    pg->wakeup.data = pg;
    pg->wakeup.log = pg->log;

    for (i = 0; i < NGX_CREDITS_PG_STATES; i++) {
        ngx_queue_init(&pg->lists[i]);
    }

    for (i = 0; i < conf->connections; i++) {
        ngx_credits_pg_init(&pg->conns[i], pg, i);
    }

    for (i = 0; i < conf->connections; i++) {
        ngx_credits_pg_connect(&pg->conns[i]);
    }

    return pg;
}


ngx_int_t
ngx_credits_pg_send(ngx_credits_pg_t *pg, ngx_credits_query_t *query)
{
    ngx_credits_pg_conn_t             *conn;
    const ngx_credits_pg_statement_t  *st;

    st = query->statement;

    for ( ;; ) {
        conn = ngx_credits_pg_pick(pg);

        if (conn == NULL) {
            return NGX_DECLINED;
        }

        if (PQsendQueryPrepared(conn->pgconn, st->name, st->nparams,
                                query->params, NULL, NULL, 0)
            && PQpipelineSync(conn->pgconn))
        {
            break;
        }

        /* without its sync nothing is done: another connection may do it */

        ngx_credits_pg_break(conn);
    }

    if (conn->in_flight == 0) {
        ngx_add_timer(&conn->timer, pg->conf->timeout);
    }

    ngx_queue_insert_tail(&conn->queries, &query->queue);
    conn->in_flight++;

    ngx_credits_pg_flush(conn);

    return NGX_OK;
}


ngx_uint_t
ngx_credits_pg_up(ngx_credits_pg_t *pg)
{
    ngx_uint_t  i, n;

    n = 0;

    for (i = 0; i < pg->conf->connections; i++) {
        n += (pg->conns[i].state == NGX_CREDITS_PG_UP);
    }

    return n;
}


/* not to be called from `done` or `ready` */
void
ngx_credits_pg_destroy(ngx_credits_pg_t *pg)
{
    ngx_str_t    error = ngx_string("the connection was closed");
    ngx_uint_t   i;
    ngx_queue_t  lost;

    ngx_queue_init(&lost);

    for (i = 0; i < pg->conf->connections; i++) {
        ngx_credits_pg_close(&pg->conns[i], &lost);
        ngx_credits_pg_move(&pg->conns[i], NGX_CREDITS_PG_DOWN);
    }

    ngx_credits_pg_lose(&lost, "", &error);

    if (pg->wakeup.posted) {
        ngx_delete_posted_event(&pg->wakeup);
    }

    ngx_free(pg);
}


/* runs outside of any call of the owner's: it may send from here */
static void
ngx_credits_pg_wakeup_handler(ngx_event_t *ev)
{
    ngx_queue_t            *broken;
    ngx_credits_pg_t       *pg;
    ngx_credits_pg_conn_t  *conn;

    pg = ev->data;
    broken = &pg->lists[NGX_CREDITS_PG_BROKEN];

    while (!ngx_queue_empty(broken)) {
        conn = ngx_queue_data(ngx_queue_head(broken), ngx_credits_pg_conn_t,
                              queue);

        ngx_credits_pg_drop(conn, "", PQerrorMessage(conn->pgconn));
    }

    pg->ready(pg->data);
}


static ngx_credits_pg_conn_t *
ngx_credits_pg_pick(ngx_credits_pg_t *pg)
{
    ngx_queue_t            *q, *up;
    ngx_credits_pg_conn_t  *conn, *best;

    best = NULL;
    up = &pg->lists[NGX_CREDITS_PG_UP];

    for (q = ngx_queue_head(up);
         q != ngx_queue_sentinel(up);
         q = ngx_queue_next(q))
    {
        conn = ngx_queue_data(q, ngx_credits_pg_conn_t, queue);

        if (best == NULL || conn->in_flight < best->in_flight) {
            best = conn;
        }
    }

    return best;
}


void
ngx_credits_pg_lose(ngx_queue_t *lost, const char *sqlstate, ngx_str_t *error)
{
    ngx_queue_t          *q;
    ngx_credits_query_t  *query;

    while (!ngx_queue_empty(lost)) {
        q = ngx_queue_head(lost);
        ngx_queue_remove(q);

        query = ngx_queue_data(q, ngx_credits_query_t, queue);
        query->done(query, NGX_CREDITS_PG_LOST, NULL, sqlstate, error);
    }
}
