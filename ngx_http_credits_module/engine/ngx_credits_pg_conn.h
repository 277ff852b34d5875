/*
 * Private to ngx_credits_pg*.c: the pool and its connections.
 *
 * A connection's state is the list it is on, and only ngx_credits_pg_move()
 * moves it.
 */

#ifndef NGX_CREDITS_PG_CONN_H
#define NGX_CREDITS_PG_CONN_H

#include "ngx_credits_pg.h"


typedef enum {
    NGX_CREDITS_PG_DOWN = 0,    /* waits for its timer to try again */
    NGX_CREDITS_PG_CONNECTING,
    NGX_CREDITS_PG_PREPARING,
    NGX_CREDITS_PG_UP,
    NGX_CREDITS_PG_BROKEN,      /* waits for the end of the owner's call */
    NGX_CREDITS_PG_STATES
} ngx_credits_pg_state_e;


typedef struct {
    ngx_queue_t                       queue;        /* in pg->lists[state] */
    ngx_credits_pg_state_e            state;
    ngx_credits_pg_t                 *pg;
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


struct ngx_credits_pg_s {
    const ngx_credits_pg_conf_t      *conf;
    const ngx_credits_pg_statement_t *statements;
    ngx_uint_t                        nstatements;

    void                            (*ready)(void *data);
    void                             *data;

    ngx_event_t                       wakeup;       /* posted */
    ngx_log_t                        *log;

    ngx_queue_t                       lists[NGX_CREDITS_PG_STATES];
    ngx_credits_pg_conn_t             conns[1];
};


/*
 * The life of a connection.  break() is for calls that come from the owner: no
 * `done` runs before they return.  drop() ends the queries in flight as LOST
 * and arms the back-off; close() gives them to the caller instead.
 */
void ngx_credits_pg_init(ngx_credits_pg_conn_t *conn, ngx_credits_pg_t *pg,
    ngx_uint_t number);
void ngx_credits_pg_move(ngx_credits_pg_conn_t *conn,
    ngx_credits_pg_state_e state);
void ngx_credits_pg_connect(ngx_credits_pg_conn_t *conn);
void ngx_credits_pg_break(ngx_credits_pg_conn_t *conn);
void ngx_credits_pg_drop(ngx_credits_pg_conn_t *conn, const char *sqlstate,
    const char *reason);
void ngx_credits_pg_close(ngx_credits_pg_conn_t *conn, ngx_queue_t *lost);

/* every statement is there, the connection is up */
void ngx_credits_pg_prepared(ngx_credits_pg_conn_t *conn);

/* reads and acts on what arrives while preparing or up; sends what is left */
void ngx_credits_pg_io(ngx_credits_pg_conn_t *conn);
void ngx_credits_pg_flush(ngx_credits_pg_conn_t *conn);

/* ends the queries of a list */
void ngx_credits_pg_lose(ngx_queue_t *lost, const char *sqlstate,
    ngx_str_t *error);


#define NGX_CREDITS_PG_LINE  1024

const char *ngx_credits_pg_message(const PGresult *result);

/* in buf, cut at NGX_CREDITS_PG_LINE bytes with the final zero */
ngx_str_t ngx_credits_pg_one_line(u_char *buf, const char *text);

#endif /* NGX_CREDITS_PG_CONN_H */
