/*
 * A worker's pool of Postgres connections: queries go to the least busy one.
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>

#include "ngx_credits_pg.h"
#include "ngx_credits_pg_conn.h"


struct ngx_credits_pg_s {
    ngx_credits_pg_pool_t             pool;     /* what connections share */

    void                            (*ready)(void *data);
    void                             *data;

    ngx_credits_pg_conn_t             conns[1];
};


static void ngx_credits_pg_wakeup_handler(ngx_event_t *ev);
static ngx_credits_pg_conn_t *ngx_credits_pg_pick(ngx_credits_pg_t *pg);


ngx_credits_pg_t *
ngx_credits_pg_create(ngx_cycle_t *cycle, const ngx_credits_pg_conf_t *conf,
    const ngx_credits_pg_statement_t *const *statements,
    ngx_uint_t nstatements, void (*ready)(void *data), void *data)
{
    ngx_uint_t              i;
    ngx_credits_pg_t       *pg;
    ngx_credits_pg_pool_t  *pool;

    pg = ngx_calloc(offsetof(ngx_credits_pg_t, conns)
                    + conf->connections * sizeof(ngx_credits_pg_conn_t),
                    cycle->log);
    if (pg == NULL) {
        return NULL;
    }

    pg->ready = ready;
    pg->data = data;

    pool = &pg->pool;

    pool->conf = conf;
    pool->statements = statements;
    pool->nstatements = nstatements;
    pool->log = cycle->log;

    pool->wakeup.handler = ngx_credits_pg_wakeup_handler;
    pool->wakeup.data = pg;
    pool->wakeup.log = pool->log;

    for (i = 0; i < NGX_CREDITS_PG_STATES; i++) {
        ngx_queue_init(&pool->lists[i]);
    }

    for (i = 0; i < conf->connections; i++) {
        ngx_credits_pg_conn_init(&pg->conns[i], pool, i);
    }

    for (i = 0; i < conf->connections; i++) {
        ngx_credits_pg_conn_start(&pg->conns[i]);
    }

    return pg;
}


ngx_int_t
ngx_credits_pg_send(ngx_credits_pg_t *pg, ngx_credits_pg_query_t *query)
{
    ngx_credits_pg_conn_t  *conn;

    do {
        conn = ngx_credits_pg_pick(pg);

        if (conn == NULL) {
            return NGX_DECLINED;
        }

    } while (ngx_credits_pg_conn_send(conn, query) != NGX_OK);

    return NGX_OK;
}


ngx_uint_t
ngx_credits_pg_up(ngx_credits_pg_t *pg)
{
    ngx_uint_t  i, n;

    n = 0;

    for (i = 0; i < pg->pool.conf->connections; i++) {
        n += (pg->conns[i].state == NGX_CREDITS_PG_UP);
    }

    return n;
}


void
ngx_credits_pg_destroy(ngx_credits_pg_t *pg)
{
    ngx_str_t    error = ngx_string("the connection was closed");
    ngx_uint_t   i;
    ngx_queue_t  lost;

    ngx_queue_init(&lost);

    for (i = 0; i < pg->pool.conf->connections; i++) {
        ngx_credits_pg_conn_close(&pg->conns[i], &lost);
    }

    ngx_credits_pg_conn_lose(&lost, "", &error);

    if (pg->pool.wakeup.posted) {
        ngx_delete_posted_event(&pg->pool.wakeup);
    }

    ngx_free(pg);
}


/* runs outside of any call of the owner's: the owner may send from here */

static void
ngx_credits_pg_wakeup_handler(ngx_event_t *ev)
{
    ngx_queue_t            *broken;
    ngx_credits_pg_t       *pg;
    ngx_credits_pg_conn_t  *conn;

    pg = ev->data;
    broken = &pg->pool.lists[NGX_CREDITS_PG_BROKEN];

    while (!ngx_queue_empty(broken)) {
        conn = ngx_queue_data(ngx_queue_head(broken), ngx_credits_pg_conn_t,
                              queue);

        ngx_credits_pg_conn_drop(conn, "", PQerrorMessage(conn->pgconn));
    }

    pg->ready(pg->data);
}


static ngx_credits_pg_conn_t *
ngx_credits_pg_pick(ngx_credits_pg_t *pg)
{
    ngx_queue_t            *q, *up;
    ngx_credits_pg_conn_t  *conn, *best;

    best = NULL;
    up = &pg->pool.lists[NGX_CREDITS_PG_UP];

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
