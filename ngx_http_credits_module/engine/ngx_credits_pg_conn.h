/*
 * A connection of the pool: its life, and the queries in flight on it.
 *
 * A connection's state is the list it is on, and only
 * ngx_credits_pg_conn_move() moves it.
 */

#ifndef NGX_CREDITS_PG_CONN_H
#define NGX_CREDITS_PG_CONN_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>

#include "ngx_credits_pg_conf.h"
#include "ngx_credits_pg_query.h"


typedef enum {
    NGX_CREDITS_PG_DOWN = 0,    /* waits for its timer to try again */
    NGX_CREDITS_PG_CONNECTING,
    NGX_CREDITS_PG_PREPARING,
    NGX_CREDITS_PG_UP,
    NGX_CREDITS_PG_BROKEN,      /* waits for the end of the owner's call */
    NGX_CREDITS_PG_STATES
} ngx_credits_pg_state_e;


/* what the connections of a pool share */
typedef struct {
    const ngx_credits_pg_conf_t               *conf;
    const ngx_credits_pg_statement_t *const   *statements;
    ngx_uint_t                                 nstatements;
    ngx_log_t                                 *log;
    ngx_queue_t                                lists[NGX_CREDITS_PG_STATES];

    /*
     * Posted when a connection has come up, has lost queries, or is broken,
     * and when a query has ended.
     */
    ngx_event_t                                wakeup;
} ngx_credits_pg_pool_t;


typedef struct {
    ngx_queue_t                       queue;        /* in pool->lists[state] */
    ngx_credits_pg_state_e            state;
    ngx_credits_pg_pool_t            *pool;
    ngx_uint_t                        number;

    PGconn                           *pgconn;       /* NULL while down */
    ngx_connection_t                 *connection;   /* NULL if detached */

    /* of connecting, of a query in flight, or of the back-off */
    ngx_event_t                       timer;
    ngx_connection_t                  anchor;       /* the timer's data */

    ngx_queue_t                       queries;      /* in flight, in order */
    ngx_uint_t                        in_flight;
    PGresult                         *result;       /* of the first of them */

    ngx_uint_t                        prepared;     /* statements */
    ngx_uint_t                        first_host;   /* of the next attempt */
    ngx_msec_t                        backoff;
    ngx_msec_t                        up_since;
    ngx_uint_t                        logged;       /* states it failed in */
} ngx_credits_pg_conn_t;


void ngx_credits_pg_conn_init(ngx_credits_pg_conn_t *conn,
    ngx_credits_pg_pool_t *pool, ngx_uint_t number);

/* starts connecting; what fails is tried again after a while */
void ngx_credits_pg_conn_start(ngx_credits_pg_conn_t *conn);

/*
 * Only while up.  NGX_ERROR: the query was not sent, another connection may
 * do it; this one is marked as broken: no `done` runs before this returns.
 */
ngx_int_t ngx_credits_pg_conn_send(ngx_credits_pg_conn_t *conn,
    ngx_credits_pg_query_t *query);

/* ends the queries in flight as LOST and arms the back-off */
void ngx_credits_pg_conn_drop(ngx_credits_pg_conn_t *conn,
    const char *sqlstate, const char *reason);

/* moves the queries in flight to the caller's list instead */
void ngx_credits_pg_conn_close(ngx_credits_pg_conn_t *conn,
    ngx_queue_t *lost);

/* ends the queries of a list as LOST */
void ngx_credits_pg_conn_lose(ngx_queue_t *lost, const char *sqlstate,
    ngx_str_t *error);

#endif /* NGX_CREDITS_PG_CONN_H */
